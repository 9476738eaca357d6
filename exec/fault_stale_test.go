package exec_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// another is a second engine on the same database.
func another(t testing.TB, e *exec.Engine) *exec.Engine {
	t.Helper()
	o, err := exec.Wrap(ctx, e.Client(), exec.Options{Namespace: e.Namespace()})
	require.NoError(t, err)
	return o
}

// grown is the model of the fixture with n more indexes.
func grown(n int) string {
	text := fixture[:strings.Index(fixture, "CREATE Team")]
	lines := []string{"INDEX (age, name)", "INDEX (score, age)", "INDEX (team, age)", "INDEX (team, name)", "INDEX (score, name)", "INDEX (email, age)", "INDEX (email, name)",
		"UNIQUE (email, name)", "UNIQUE (age, email)", "INDEX (name, team)", "INDEX (name, score)", "INDEX (age, score)", "INDEX (age, team)", "INDEX (score, team)", "INDEX (team, score)",
		"INDEX (name, age, score)", "INDEX (name, age, team)", "INDEX (age, name, score)", "INDEX (age, name, team)", "INDEX (team, age, name)", "INDEX (team, name, age)",
		"INDEX (email, score)", "INDEX (email, team)", "UNIQUE (name, email)", "UNIQUE (team, email)", "INDEX (score, email)", "INDEX (team, email)", "INDEX (name, email)", "INDEX (age, email)"}
	i := strings.LastIndex(text, "INDEX (name, age)")
	return text[:i] + strings.Join(append([]string{"INDEX (name, age)"}, lines[:n]...), "\n  ") + text[i+len("INDEX (name, age)"):]
}

// Another program adds an index between the planning and the running of each
// kind of statement: it is planned again, and the new index is kept.
func TestFaultStalePlan(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, fixture)
		other := another(t, e)
		all := append(append(append([]string{}, dataChanges...), reads...), deletes...)
		for i, text := range all {
			must(t, other, grown(i))
			_, _ = try(e, "EXPLAIN "+text) // planned against the catalog as it is
			must(t, e, "COUNT User")
			must(t, other, grown(i+1))
			must(t, e, text)
			sound(t, other)
			if i == len(dataChanges)+len(reads)-1 {
				must(t, other, "DELETE User ALL")
				must(t, other, fixture[strings.Index(fixture, "CREATE User"):])
			}
		}
	})
}

// during runs a text statement by statement and calls f behind the given one.
func during(e *exec.Engine, text string, after int, f func()) (last result, err error) {
	err = e.NewSession(exec.SessionOptions{}).Run(ctx, lang.NewSource("", text), nil, func(r *exec.Rows) error {
		last = result{}
		for r.Next() {
			last.rows = append(last.rows, append([]any(nil), r.Values()...))
		}
		last.affected = r.Affected()
		if r.Statement == after {
			f()
		}
		return r.Err()
	})
	return last, err
}

// What a script has done is not done again when the rest of it is planned again.
func TestFaultStaleInTheMiddle(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, fixture)
		must(t, e, "MODEL Old { id string KEY }")
		other := another(t, e)
		change := func(n int) func() { return func() { must(t, other, grown(n)) } }
		last, err := during(e, `MODEL New { id string KEY, n int };
			DROP MODEL Old;
			LET u = GET User 'u1';
			LET ids = FIND User WHERE age >= 20 RETURN id ORDER BY id;
			CREATE New { id: 'x', n: u.age };
			UPDATE User u.id SET age += 1 RETURN age;
			FIND User WHERE id IN ids RETURN name ORDER BY name DESC`, 4, change(1))
		require.NoError(t, err)
		require.Equal(t, [][]any{{"Bob"}, {"Ann"}}, last.rows)
		require.Equal(t, int64(31), number(t, e, "GET User 'u1' RETURN age"))
		require.Equal(t, int64(30), number(t, e, "GET New 'x' RETURN n"))
		require.Equal(t, int64(1), number(t, e, "COUNT New"))
		sound(t, e)

		text := "UPDATE User 'u1' SET age = 1;\nCOUNT New;\nUPDATE New 'x' SET n = 2"
		_, err = during(e, text, 1, func() { must(t, other, "DROP MODEL New ALL") })
		x := runError(t, err, text)
		want{code: lang.CodeUnknownModel, statement: 2, at: "New 'x'"}.matches(t, text, x)
		require.Equal(t, int64(1), number(t, e, "GET User 'u1' RETURN age"))

		must(t, other, "MODEL New { id string KEY, n int }; CREATE New { id: 'x', n: 7 }") // another version of the same definition
		must(t, e, "UPDATE New 'x' SET n += 1")
		require.Equal(t, int64(8), number(t, e, "GET New 'x' RETURN n"))

		require.NoError(t, e.Client().FlushAll(ctx).Err())
		must(t, e, fixture) // the models are not there any more, whatever was known of them
		sound(t, e)
	})
}

// A stream does not go on over a model that is another one now.
func TestFaultModelChangedDuringStream(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL N { id int KEY, n int }")
		fill(t, e, 2500)
		for i, text := range []string{"FIND N", "FIND N WHERE n % 2 = 0", "FIND N WHERE n >= 0 ORDER BY id"} {
			other := another(t, e)
			got, err := rowsUntil(e, ctx, text, 10, func() { must(t, other, fmt.Sprintf("MODEL N { id int KEY, n int, x%d int? }", i)) })
			x := runError(t, err, text)
			want{code: lang.CodeStale, hint: "again"}.matches(t, text, x)
			require.Less(t, got, 1250)
			must(t, other, "DROP MODEL N ALL; MODEL N { id int KEY, n int }")
			fill(t, e, 2500)
		}
	})
}

// A change of a model in the middle of a stepped UPDATE ends it between two steps; no entry is lost.
func TestFaultModelChangedDuringUpdate(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL N { id int KEY, n int }")
		fill(t, e, 5000)
		other := another(t, e)
		done := make(chan error)
		go func() {
			_, err := try(other, "MODEL N { id int KEY, n int INDEX }")
			done <- err
		}()
		total := int64(0)
		for i := 0; i < 3; i++ {
			r, err := try(e, "UPDATE N ALL SET n += 1")
			if err == nil {
				total += r.affected
				continue
			}
			x := runError(t, err, "UPDATE")
			require.Equal(t, lang.CodeStale, x.Code, err.Error())
			require.Equal(t, exec.OutcomePartial, x.Outcome)
			require.Positive(t, x.Done)
			total += x.Done
		}
		require.NoError(t, <-done)
		require.Equal(t, 5000*4999/2+total, number(t, e, "FIND N RETURN sum(n) AS s"))
		sound(t, e)
	})
}

// Programs that write while an index is filled keep it from the first moment on.
func TestFaultWritersDuringBackfill(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL N { id int KEY, n int }")
		fill(t, e, 4000)
		quit := make(chan struct{})
		var wg sync.WaitGroup
		for w := range 3 {
			o := another(t, e)
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := 0; ; i++ {
					select {
					case <-quit:
						return
					default:
					}
					id, key := map[string]any{"id": (i*7 + w*1333) % 4000}, 10000+w*100000+i
					var err error
					switch i % 4 {
					case 0:
						_, err = try(o, "UPDATE N $id SKIP MISSING SET n += 100000", id)
					case 1:
						_, err = try(o, "DELETE N $id", id)
					case 2:
						_, err = try(o, "CREATE N { id: $k, n: $k }", map[string]any{"k": key})
					case 3:
						_, err = try(o, "PUT N { id: $id, n: $k }", map[string]any{"id": id["id"], "k": key})
					}
					if err != nil {
						t.Errorf("writer: %v", err)
						return
					}
				}
			}()
		}
		texts := []string{"MODEL N { id int KEY, n int INDEX }", "MODEL N { id int KEY, n int INDEX, level int DEFAULT 3 INDEX }", "MODEL N { id int KEY, n int INDEX, level int DEFAULT 3 INDEX\n UNIQUE (n, id) }"}
		for _, text := range texts {
			must(t, another(t, e), text)
			time.Sleep(20 * time.Millisecond)
		}
		close(quit)
		wg.Wait()
		sound(t, e)
		require.Equal(t, number(t, e, "COUNT N"), number(t, e, "COUNT N WHERE n >= 0"))
		require.Equal(t, number(t, e, "COUNT N"), number(t, e, "COUNT N WHERE level = 3"))
	})
}

// Several programs state the same model at once: all of them find it as they stated it.
func TestFaultSameModelAtOnce(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		atOnce := func(text string) {
			t.Helper()
			var wg sync.WaitGroup
			errs := make([]error, 6)
			for i := range errs {
				o := another(t, e)
				wg.Add(1)
				go func() {
					defer wg.Done()
					_, errs[i] = try(o, text)
				}()
			}
			wg.Wait()
			for _, err := range errs {
				require.NoError(t, err, text)
			}
		}
		atOnce("MODEL N { id int KEY, n int }")
		fill(t, e, 3000)
		atOnce("MODEL N { id int KEY, n int INDEX }")
		atOnce("MODEL N { id int KEY, n int INDEX UNIQUE, level int DEFAULT 1 INDEX }")
		sound(t, e)
		require.Equal(t, int64(1), number(t, e, "COUNT N WHERE n = 77"))
		plan := fmt.Sprint(must(t, another(t, e), "EXPLAIN FIND N WHERE level = 1").rows)
		require.Contains(t, plan, "level")
		atOnce("MODEL M { id string KEY }; CREATE M { id: 'one' } ON CONFLICT SKIP; COUNT M")
		require.Equal(t, int64(1), number(t, e, "COUNT M"))
		sound(t, e)
	})
}

// A UNIQUE that the documents do not obey is refused and leaves no trace; one that was interrupted is carried on.
func TestFaultBackfillFails(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL N { id int KEY, n int, s string? }")
		fill(t, e, 3000)
		must(t, e, "UPDATE N 2999 SET n = 5; UPDATE N 7 SET s = 'x' * 2000")
		other := another(t, e)
		keys := e.Client().Keys(ctx, "rql:*").Val()
		for text, code := range map[string]lang.Code{"MODEL N { id int KEY, n int UNIQUE, s string? }": lang.CodeUnique, "MODEL N { id int KEY, n int, s string? INDEX }": lang.CodeIndexedTooLong, "MODEL N { id int KEY, n int CHECK n > 0, s string? }": lang.CodeCheckFailed} {
			for _, o := range []*exec.Engine{e, other} {
				x := failure(t, o, text)
				want{code: code, at: "MODEL"}.matches(t, text, x)
				require.ElementsMatch(t, keys, e.Client().Keys(ctx, "rql:*").Val())
				must(t, other, "UPDATE N 3 SET n = 3")
				sound(t, other)
			}
		}
		must(t, e, "UPDATE N 2999 SET n = 2999")
		c, cancel := context.WithCancel(ctx)
		steps := 0
		s := e.NewSession(exec.SessionOptions{Progress: func(exec.Progress) {
			if steps++; steps == 2 {
				cancel()
			}
		}})
		text := "MODEL N { id int KEY, n int UNIQUE INDEX, s string? }"
		err := s.Run(c, lang.NewSource("", text), nil, func(r *exec.Rows) error { return r.Err() })
		require.Equal(t, lang.CodeCancelled, runError(t, err, text).Code)
		must(t, other, "CREATE N { id: 4000, n: 4000 }")
		require.Equal(t, int64(3), number(t, other, "FIND N WHERE n = 3 RETURN id")) // no reader uses what is not filled
		require.Equal(t, lang.CodeUnique, failure(t, other, "CREATE N { id: 4001, n: 4000 }").Code)
		must(t, other, text)
		sound(t, e)
		require.Equal(t, lang.CodeUnique, failure(t, e, "CREATE N { id: 4001, n: 3 }").Code)
		// Interrupted, and then the documents do not obey: another program takes it back.
		must(t, e, "DROP MODEL N ALL; MODEL N { id int KEY, n int }")
		fill(t, e, 3000)
		must(t, e, "UPDATE N 2999 SET n = 5")
		c, cancel = context.WithCancel(ctx)
		steps = 0
		text = "MODEL N { id int KEY, n int UNIQUE }"
		err = e.NewSession(exec.SessionOptions{Progress: func(exec.Progress) {
			if steps++; steps == 2 {
				cancel()
			}
		}}).Run(c, lang.NewSource("", text), nil, func(r *exec.Rows) error { return r.Err() })
		require.Equal(t, lang.CodeCancelled, runError(t, err, text).Code)
		require.Equal(t, lang.CodeUnique, failure(t, another(t, e), text).Code)
		require.NotContains(t, e.Client().Keys(ctx, "rql:*").Val(), "rql:uq:N:n")
		must(t, e, "UPDATE N 2998 SET n = 5")
		sound(t, e)
	})
}
