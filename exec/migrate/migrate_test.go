package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	rql "github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/migrate"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
	_ "github.com/rql-lang/rql/mem"
)

// children is set in the processes that a test kills: the URL of the database.
const children = "RQL_MIGRATE_CHILD"

func TestMain(m *testing.M) {
	if url := os.Getenv(children); url != "" {
		e, err := rql.Open(context.Background(), url, rql.Options{})
		if err == nil {
			files := shop
			if e.Namespace() != "" {
				files = tenants
			}
			_, err = runner(nil, e, files, migrate.Options{}).Up(context.Background())
		}
		if err != nil {
			println(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// shop uses every kind of statement that a migration may have.
var shop = map[string]string{
	"0001_items.rql": `-- items
		MODEL Item { id int KEY, n int INDEX, kind string };
		CREATE Item [` + items(400) + `];
		UPDATE Item ALL SET n = n * 3 + 1;
		DOWN;
		DELETE Item ALL; DROP MODEL Item;`,
	"0002_kinds.rql": `MODEL Total { id string KEY, n int };
		LET before = COUNT Item WHERE n > 600;
		UPDATE Item WHERE n > 600 SET kind = 'large', n -= 600;
		PROCEDURE bump(k string) ATOMIC < UPDATE Total $k SET n += 1 >;
		CREATE Total { id: 'large', n: before };
		ALTER MODEL Item ADD FIELD shelf string DEFAULT 'a';
		CALL bump('large');
		ATOMIC < UPDATE Total 'large' SET n += 10; UPDATE Item 1 SET shelf = 'b' >;
		UPDATE Item ALL SET n = n * 2 + 1;
		DELETE Item WHERE n > 1100;
		DOWN;
		DELETE Total ALL; DROP PROCEDURE bump; DROP MODEL Total; ALTER MODEL Item DROP FIELD shelf;`,
}

// tenants writes in partitions: in one, in all of them, and in all buckets.
var tenants = map[string]string{
	"0001_orders.rql": `
		MODEL Order { id int KEY, tenant string, n int INDEX, kind string } PARTITION BY tenant;
		MODEL Event { id int KEY, n int INDEX } PARTITION BY id;
		CREATE Order [` + orders(1200) + `];
		CREATE Event [` + strings.ReplaceAll(items(60), ", kind: 'small'", "") + `];
		UPDATE Order ALL SET n = n * 3 + 1;`,
	"0002_kinds.rql": `
		UPDATE Event ALL SET n = n * 3 + 1;
		UPDATE Order WHERE n > 600 SET kind = 'large', n -= 600;
		UPDATE Order WHERE tenant = 't3' SET n = n * 2 + 1;
		ATOMIC PARTITION 't4' < UPDATE Order 57 SET n += 1; UPDATE Order 117 SET n += 1 >;
		CREATE Order { tenant: 'new', id: 1, n: 0, kind: 'small' };
		UPDATE Order { tenant: 'new', id: 1 } SET n += 1;
		UPDATE Event 7 SET n += 1;
		DELETE Order WHERE n > 1100;`,
}

// orders are documents of seven tenants. One of them has most.
func orders(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("{ tenant: 't%d', id: %d, n: %d, kind: 'small' }", max(0, i%60-53), i, i))
	}
	return strings.Join(list, ", ")
}

func items(n int) string {
	var list []string
	for i := range n {
		list = append(list, "{ id: "+strconv.Itoa(i)+", n: "+strconv.Itoa(i)+", kind: 'small' }")
	}
	return strings.Join(list, ", ")
}

func set(t *testing.T, files map[string]string) *migrate.Set {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	s, err := migrate.Load(context.Background(), fsys)
	if t == nil && err != nil {
		panic(err)
	} else if t != nil {
		require.NoError(t, err)
	}
	return s
}

func runner(t *testing.T, e *rql.Engine, files map[string]string, o migrate.Options) *migrate.Runner {
	return migrate.New(e, set(t, files), o)
}

func open(t *testing.T, url string) *rql.Engine {
	t.Helper()
	e, err := rql.Open(t.Context(), url, rql.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// state is every document of the shop, or of the tenants.
func state(t *testing.T, e *rql.Engine) (out []string) {
	t.Helper()
	text := "FIND Item RETURN id, n, kind, shelf ORDER BY id; FIND Total RETURN id, n; VERIFY Item"
	if e.Namespace() != "" {
		text = "FIND Order RETURN tenant, id, n, kind ORDER BY tenant, id; FIND Event RETURN id, n ORDER BY id; VERIFY Order; VERIFY Event"
	}
	require.NoError(t, e.Run(t.Context(), text, nil, func(r *rql.Rows) error {
		for r.Next() {
			out = append(out, fmt.Sprint(r.Values()...))
		}
		return r.Err()
	}))
	return out
}

func code(t *testing.T, err error, want lang.Code) {
	t.Helper()
	require.ErrorIs(t, err, want)
}

func states(t *testing.T, r *migrate.Runner) (out []string) {
	t.Helper()
	list, err := r.Status(t.Context())
	require.NoError(t, err)
	for _, s := range list {
		out = append(out, s.Version+" "+string(s.State))
	}
	return out
}

func TestUpAndDown(t *testing.T) {
	url, _ := testredis.Start(t)
	for _, url := range []string{"mem://", url} {
		e := open(t, url)
		r := runner(t, e, shop, migrate.Options{To: "1"})
		require.Equal(t, []string{"0001 pending", "0002 pending"}, states(t, r))
		done, err := r.Up(t.Context())
		require.NoError(t, err)
		require.Len(t, done, 1)
		require.Equal(t, []string{"0001 done", "0002 pending"}, states(t, r))

		r = runner(t, e, shop, migrate.Options{})
		done, err = r.Up(t.Context())
		require.NoError(t, err)
		require.Len(t, done, 1)
		want := state(t, e)
		require.Len(t, want, 1+183+183)
		list, err := r.Verify(t.Context())
		require.NoError(t, err)
		require.Empty(t, list)

		done, err = r.Up(t.Context())
		require.NoError(t, err)
		require.Empty(t, done)

		done, err = r.Redo(t.Context())
		require.NoError(t, err)
		require.Len(t, done, 1)
		done, err = r.Down(t.Context(), 2)
		require.NoError(t, err)
		require.Len(t, done, 2)
		require.Empty(t, e.Schema().Names())
		require.Equal(t, []string{"0001 pending", "0002 pending"}, states(t, r))
		_, err = r.Up(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, state(t, e))
	}
}

// A holder that slept for longer than its lease writes nothing any more.
func TestFence(t *testing.T) {
	e := open(t, "mem://")
	files := map[string]string{"1_a.rql": "MODEL A { id int KEY, n int }; CREATE A { id: 1, n: 1 }; UPDATE A 1 SET n += 1; UPDATE A 1 SET n += 1"}
	other := runner(t, e, files, migrate.Options{})
	taken := false
	r := runner(t, e, files, migrate.Options{Each: func(_ *migrate.File, rows *rql.Rows) error {
		if rows.Kind == "UPDATE" && !taken {
			taken = true
			require.NoError(t, e.Record(t.Context(), e.Migrations(), 1000))
		}
		return nil
	}})
	_, err := r.Up(t.Context())
	code(t, err, lang.CodeMigrationLost)
	require.NoError(t, e.Run(t.Context(), "ENSURE (GET A 1).n = 2", nil, func(*rql.Rows) error { return nil }))
	_, err = other.Up(t.Context())
	code(t, err, lang.CodeMigrationLost) // the counter of locks is below
}

func TestFailedAndCorrected(t *testing.T) {
	e := open(t, "mem://")
	files := map[string]string{"1_a.rql": "MODEL A { id int KEY, n int }; CREATE A { id: 1, n: 1 }; UPDATE A 1 SET n += 1; UPDATE A 2 SET n = 0; UPDATE A 1 SET n += 10"}
	_, err := runner(t, e, files, migrate.Options{}).Up(t.Context())
	code(t, err, lang.CodeKeyNotFound)
	r := runner(t, e, files, migrate.Options{})
	list, err := r.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, migrate.Failed, list[0].State)
	require.Equal(t, 3, list[0].Statement)
	require.Contains(t, list[0].Error, "key-not-found")

	edited := map[string]string{"1_a.rql": strings.Replace(files["1_a.rql"], "n: 1 }", "n: 5 }", 1)}
	_, err = runner(t, e, edited, migrate.Options{}).Up(t.Context())
	code(t, err, lang.CodeMigrationEdited)

	files["1_a.rql"] = strings.Replace(files["1_a.rql"], "UPDATE A 2 SET n = 0", "UPDATE A 1 SET n *= 5 -- corrected\n", 1)
	_, err = runner(t, e, files, migrate.Options{}).Up(t.Context())
	require.NoError(t, err)
	require.NoError(t, e.Run(t.Context(), "ENSURE (GET A 1).n = 20", nil, func(*rql.Rows) error { return nil }))
}

func TestRefused(t *testing.T) {
	e := open(t, "mem://")
	files := map[string]string{"1_a.rql": "MODEL A { id int KEY, n int }", "3_c.rql": "CREATE A { id: 3, n: 3 }"}
	_, err := runner(t, e, files, migrate.Options{}).Up(t.Context())
	require.NoError(t, err)

	files["2_b.rql"] = "CREATE A { id: 2, n: 2 }"
	_, err = runner(t, e, files, migrate.Options{}).Up(t.Context())
	code(t, err, lang.CodeMigrationOrder)
	done, err := runner(t, e, files, migrate.Options{AllowOrder: true}).Up(t.Context())
	require.NoError(t, err)
	require.Len(t, done, 1)

	files["3_c.rql"] = "-- only a comment\ncreate A { id: 3, n: 3 };"
	_, err = runner(t, e, files, migrate.Options{}).Up(t.Context())
	require.NoError(t, err)
	files["3_c.rql"] = "CREATE A { id: 3, n: 4 }"
	_, err = runner(t, e, files, migrate.Options{}).Up(t.Context())
	code(t, err, lang.CodeMigrationEdited)
	require.NoError(t, runner(t, e, files, migrate.Options{}).Accept(t.Context(), "3"))
	_, err = runner(t, e, files, migrate.Options{}).Up(t.Context())
	require.NoError(t, err)

	_, err = runner(t, e, files, migrate.Options{}).Down(t.Context(), 1)
	code(t, err, lang.CodeNoDown)
	delete(files, "2_b.rql")
	_, err = runner(t, e, files, migrate.Options{}).Up(t.Context())
	code(t, err, lang.CodeMigrationMissing)
}

func TestBaseline(t *testing.T) {
	e := open(t, "mem://")
	require.NoError(t, e.Run(t.Context(), "MODEL A { id int KEY, n int }; CREATE A { id: 1, n: 1 }", nil, func(*rql.Rows) error { return nil }))
	files := map[string]string{"1_a.rql": "MODEL A { id int KEY, n int? }", "2_b.rql": "CREATE A { id: 2, n: 2 }"}
	code(t, runner(t, e, files, migrate.Options{}).Baseline(t.Context(), "1"), lang.CodeMigrationDrift)
	files["1_a.rql"] = "MODEL A { id int KEY, n int }"
	require.NoError(t, runner(t, e, files, migrate.Options{}).Baseline(t.Context(), "1"))
	done, err := runner(t, e, files, migrate.Options{}).Up(t.Context())
	require.NoError(t, err)
	require.Len(t, done, 1)
	require.NoError(t, e.Run(t.Context(), "MODEL B { id int KEY }", nil, func(*rql.Rows) error { return nil }))
	list, err := runner(t, e, files, migrate.Options{}).Verify(t.Context())
	require.NoError(t, err)
	require.Equal(t, []migrate.Difference{{Model: "B", What: "no migration makes it"}}, list)
}

// A second run waits for the first, and says for whom.
func TestTwoRuns(t *testing.T) {
	e := open(t, "mem://")
	files := map[string]string{"1_a.rql": "MODEL A { id int KEY, n int }; CREATE A { id: 1, n: 1 }"}
	var second error
	_, err := runner(t, e, files, migrate.Options{By: "ann", Each: func(*migrate.File, *rql.Rows) error {
		if second == nil {
			_, second = runner(t, e, files, migrate.Options{Wait: 50 * time.Millisecond}).Up(t.Context())
		}
		return nil
	}}).Up(t.Context())
	require.NoError(t, err)
	code(t, second, lang.CodeMigrationBusy)
	require.Contains(t, second.Error(), "ann")
}

func TestLoad(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  lang.Code
		text  string
	}{
		"no number":   {map[string]string{"users.rql": ""}, lang.CodeBadMigration, "users.rql"},
		"two alike":   {map[string]string{"01_a.rql": "", "1_b.rql": ""}, lang.CodeBadMigration, "same number"},
		"mistake":     {map[string]string{"1_a.rql": "MODEL A { id int KEY };\nFIND B"}, lang.CodeUnknownModel, "1_a.rql:2"},
		"later":       {map[string]string{"1_a.rql": "FIND A", "2_b.rql": "MODEL A { id int KEY }"}, lang.CodeUnknownModel, "1_a.rql"},
		"in down":     {map[string]string{"1_a.rql": "MODEL A { id int KEY };\nDOWN;\nDROP MODEL B"}, lang.CodeUnknownModel, "1_a.rql:3"},
		"INCLUDE":     {map[string]string{"1_a.rql": "INCLUDE 'a.rql'"}, lang.CodeNotAllowed, "INCLUDE"},
		"IMPORT":      {map[string]string{"1_a.rql": "MODEL A { id int KEY }; IMPORT 'a.csv' INTO A"}, lang.CodeNotAllowed, "IMPORT is not allowed in a migration"},
		"APPLY":       {map[string]string{"1_a.rql": "ADOPT; ADOPT 'user:{id}' AS U APPLY"}, lang.CodeNotAllowed, "ADOPT … APPLY"},
		"LET UPDATE":  {map[string]string{"1_a.rql": "MODEL A { id int KEY, n int }; LET x = UPDATE A ALL SET n = 1 RETURN n"}, lang.CodeNotAllowed, "LET"},
		"a parameter": {map[string]string{"1_a.rql": "MODEL A { id int KEY }; GET A $id"}, lang.CodeMissingParameter, "$id"},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for name, text := range tt.files {
				fsys[name] = &fstest.MapFile{Data: []byte(text)}
			}
			_, err := migrate.Load(t.Context(), fsys)
			code(t, err, tt.want)
			require.Contains(t, err.Error(), tt.text)
		})
	}
	s := set(t, map[string]string{
		"1_a.rql": "MODEL Zone { id string KEY }; MODEL A { id string KEY, z ref<Zone> INDEX ON DELETE RESTRICT }", "models.rql": "anything",
		"2_b.rql": "ALTER MODEL A ADD FIELD n int DEFAULT 1; PROCEDURE p() ATOMIC < FIND A > -- DOWN;\n; -- DOWN;",
	})
	require.Len(t, s.Files, 2)
	again := set(t, map[string]string{"1_a.rql": s.Models()})
	require.Equal(t, s.Models(), again.Models())
	require.Less(t, strings.Index(s.Models(), "MODEL Zone"), strings.Index(s.Models(), "MODEL A"))
	require.Contains(t, s.Models(), "n int DEFAULT 1")
}

func TestPlan(t *testing.T) {
	e := open(t, "mem://")
	_, err := runner(t, e, shop, migrate.Options{To: "1"}).Up(t.Context())
	require.NoError(t, err)
	list, err := runner(t, e, shop, migrate.Options{}).Plan(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 10)
	require.Equal(t, int64(200), list[2].Rows)
	require.Equal(t, int64(-1), list[9].Rows, "an earlier statement decides it")
	require.NotEmpty(t, list[2].Plan)
	for i, x := range list {
		require.Equal(t, i == 5, x.Bytes != nil, x.Text)
	}
	require.Equal(t, int64(400), list[5].Rows)
	require.Positive(t, *list[5].Bytes)
	require.Equal(t, []string{"0001 done", "0002 pending"}, states(t, runner(t, e, shop, migrate.Options{})))
}

// A statement that was corrected begins anew, though the wrong one had come far,
// and though the run that begins it ends before it has written anything.
func TestCorrectedInSteps(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	const docs = 2500
	files := map[string]string{"1_a.rql": "MODEL A { id int KEY, n int };" + inserts(docs) + "UPDATE A ALL SET n = 100 // (id - 2000)"}
	_, err := runner(t, e, files, migrate.Options{}).Up(t.Context())
	code(t, err, lang.CodeDivisionByZero)
	require.NotEmpty(t, s.Client.HGet(t.Context(), "rql:migrations", "1:at").Val())

	files["1_a.rql"] = strings.Replace(files["1_a.rql"], "100 // (id - 2000)", "7", 1)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = runner(t, e, files, migrate.Options{Begin: func(*migrate.File, bool, int) { cancel() }}).Up(ctx)
	code(t, err, lang.CodeCancelled)
	_, err = runner(t, e, files, migrate.Options{}).Up(t.Context())
	require.NoError(t, err)
	run(t, e, "ENSURE (COUNT A WHERE n = 7) = "+strconv.Itoa(docs))
}

func inserts(n int) string {
	var b strings.Builder
	for from := 0; from < n; from += 500 {
		b.WriteString("ATOMIC < FOR i IN range(" + strconv.Itoa(from) + ", " + strconv.Itoa(min(from+500, n)-1) + ") DO CREATE A { id: i, n: 0 } END >;")
	}
	return b.String()
}

func run(t *testing.T, e *rql.Engine, text string) {
	t.Helper()
	require.NoError(t, e.Run(t.Context(), text, nil, func(*rql.Rows) error { return nil }))
}

// What a killed run did to the catalog and did not keep is found by another
// process, which read the catalog before.
func TestCatalogOfBefore(t *testing.T) {
	s := testredis.Run(t)
	first, second := open(t, s.URL), open(t, s.URL)
	files := map[string]string{"1_a.rql": "MODEL A { id int KEY, n int }; CREATE A { id: 1, n: 1 }; ALTER MODEL A ADD FIELD m int DEFAULT 5; UPDATE A 1 SET n = m"}
	killed := errors.New("killed")
	_, err := runner(t, first, files, migrate.Options{Each: func(_ *migrate.File, rows *rql.Rows) error {
		if rows.Kind == "ALTER" {
			return killed
		}
		return nil
	}}).Up(t.Context())
	require.ErrorIs(t, err, killed)
	_, err = runner(t, second, files, migrate.Options{}).Up(t.Context())
	require.NoError(t, err)
	run(t, second, "ENSURE (GET A 1).n = 5")
}

// A MODEL with an earlier definition is no intention that is dropped silently.
func TestEarlierModel(t *testing.T) {
	e := open(t, "mem://")
	files := map[string]string{"1_a.rql": "MODEL A { id int KEY, n int DEFAULT 1 }", "2_b.rql": "MODEL A { id int KEY, n int DEFAULT 2 }", "3_c.rql": "MODEL A { id int KEY, n int DEFAULT 1 }; CREATE A { id: 1 }"}
	_, err := runner(t, e, files, migrate.Options{}).Up(t.Context())
	require.NoError(t, err)
	run(t, e, "ENSURE (GET A 1).n = 1")
}

// BenchmarkCheckpoint compares UPDATE ALL in a migration, whose steps save the position, with the same in a program, by the time of
// the server's scripts.
func BenchmarkCheckpoint(b *testing.B) {
	url, c := testredis.Start(b)
	e, err := rql.Open(b.Context(), url, rql.Options{})
	require.NoError(b, err)
	defer e.Close()
	none := func(*rql.Rows) error { return nil }
	require.NoError(b, e.Run(b.Context(), "MODEL A { id int KEY, n int };"+inserts(20_000), nil, none))
	scripts := func() (us float64) {
		for _, m := range regexp.MustCompile(`cmdstat_eval.*?usec=(\d+)`).FindAllStringSubmatch(c.Info(b.Context(), "commandstats").Val(), -1) {
			n, err := strconv.ParseFloat(m[1], 64)
			require.NoError(b, err)
			us += n
		}
		return us
	}
	least := func(b *testing.B, do func()) {
		most := math.Inf(1)
		for b.Loop() {
			before := scripts()
			do()
			most = min(most, scripts()-before)
		}
		b.ReportMetric(most/20_000, "server-us/document")
	}
	b.Run("program", func(b *testing.B) {
		least(b, func() { require.NoError(b, e.Run(b.Context(), "UPDATE A ALL SET n += 1", nil, none)) })
	})
	b.Run("migration", func(b *testing.B) {
		s, err := migrate.Load(b.Context(), fstest.MapFS{"1_a.rql": {Data: []byte("MODEL A { id int KEY, n int }; UPDATE A ALL SET n += 1")}})
		require.NoError(b, err)
		least(b, func() {
			require.NoError(b, c.Del(b.Context(), e.Migrations()).Err())
			_, err = migrate.New(e, s, migrate.Options{}).Up(b.Context())
			require.NoError(b, err)
		})
	})
}
