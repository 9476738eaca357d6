package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/internal/testredis"
)

// parade are statements of clients that begin partitions while others change and drop the model, and lose its register.
type parade struct {
	t       *testing.T
	e       *exec.Engine // of who reads; each client has its own
	r       *rule
	seed    uint64
	random  *rand.Rand
	next    int
	halls   int
	steady  bool         // nothing is deleted
	acked   atomic.Int64 // documents
	counted *int
}

// text returns a statement and the number of documents that it makes.
func (p *parade) text() (string, int64) {
	doc := func() string {
		p.next++
		return fmt.Sprintf("{ hall: 'h%d', id: %d, n: 1 }", p.random.IntN(p.halls), p.next)
	}
	switch k := p.random.IntN(12); {
	case k < 4:
		return "CREATE Seat " + doc(), 1
	case k < 6:
		return "CREATE Seat [" + doc() + ", " + doc() + ", " + doc() + "]", 3
	case k < 7:
		p.next++
		return fmt.Sprintf("ATOMIC PARTITION 'h%d' < CREATE Tier { hall: 'h%[1]d', id: %[2]d }; CREATE Seat { hall: 'h%[1]d', id: %[2]d, n: 1 } >", p.random.IntN(p.halls), p.next), 1
	case k < 8:
		return "MODEL Seat { id int KEY, hall string, n int INDEX, m int DEFAULT 1 } PARTITION BY hall", 0
	case k < 9:
		return "MODEL Seat { id int KEY, hall string, n int INDEX } PARTITION BY hall", 0
	case p.steady:
		return "COUNT Seat", 0
	case k < 10:
		return fmt.Sprintf("DELETE Seat { hall: 'h%d', id: %d }", p.random.IntN(p.halls), 1+p.random.IntN(p.next+1)), 0
	case k < 11:
		return "DROP MODEL Seat ALL; MODEL Seat { id int KEY, hall string, n int INDEX } PARTITION BY hall", 0
	}
	return "", 0
}

// run is what a client does.
func (p *parade) run(ctx context.Context, e *exec.Engine, texts []string, makes []int64) {
	for i, text := range texts {
		if text == "" {
			require.NoError(p.t, p.e.Client().Unlink(ctx, "{shop}:rql:begun:Seat").Err())
			continue
		}
		before := p.acked.Load()
		out, err := tryCtx(ctx, e, text)
		if err != nil {
			continue
		}
		if p.acked.Add(makes[i]); text == "COUNT Seat" && out.rows[0][0].(int64) < before {
			p.t.Errorf("seed %d: %d were counted, and %d had been made", p.seed, out.rows[0][0], before)
		}
	}
}

// dropping reports whether a statement was refused because the model is being dropped.
func dropping(t *testing.T, err error) bool {
	if err == nil {
		return false
	}
	require.Contains(t, err.Error(), "is being dropped")
	return true
}

// wrong compares the statements that read from the partitions in the register with one that reads the lists of all buckets.
func (p *parade) wrong() string {
	with := conn.Watched(ctx, p.r)
	shown, err := tryCtx(with, p.e, "SHOW PARTITIONS Seat")
	if err != nil {
		return "" // it was dropped
	}
	want := int64(0)
	for _, row := range shown.rows {
		want += row[1].(int64)
	}
	count, err := tryCtx(with, p.e, "COUNT Seat")
	if dropping(p.t, err) {
		return ""
	}
	if *p.counted++; count.rows[0][0] != want {
		return fmt.Sprintf("seed %d: COUNT gives %v of %d documents", p.seed, count.rows[0][0], want)
	}
	for _, find := range []string{"FIND Seat WHERE n = 1 RETURN id", "FIND Seat ORDER BY n LIMIT 1000"}[p.next%2:][:1] {
		found, err := tryCtx(with, p.e, find)
		if dropping(p.t, err) {
			return ""
		}
		if int64(len(found.rows)) != want {
			return fmt.Sprintf("seed %d: %s gives %d of %d documents", p.seed, find, len(found.rows), want)
		}
	}
	return ""
}

// Whatever the order in which clients work, and wherever they are killed, statements over all partitions miss no document. Without one of the rules
// they do.
func TestBegunHistories(t *testing.T) {
	testredis.OneByOne(t)
	run := func(t *testing.T, r *rule, n int) (wrong string) {
		url, _ := testredis.Start(t)
		var es [4]*exec.Engine
		for i := range es {
			es[i] = open(t, url+"?ns={shop}&buckets=2")
		}
		e := es[3]
		_, err := tryCtx(conn.Watched(ctx, r), e, "MODEL Tier { id int KEY, hall string } PARTITION BY hall")
		require.NoError(t, err)
		killed, counted := 0, 0
		for seed := range uint64(n) {
			_, err := tryCtx(conn.Watched(ctx, r), e, "MODEL Seat { id int KEY, hall string, n int INDEX } PARTITION BY hall")
			require.NoError(t, err)
			p := &parade{t: t, e: e, r: r, seed: seed, random: rand.New(rand.NewPCG(seed, 2)), halls: 3 + 27*int(seed%3/2), steady: seed%4 == 0, counted: &counted}
			var clients []func(ctx context.Context)
			for _, e := range es[:3] {
				var texts []string
				var makes []int64
				for range 2 + p.random.IntN(3) {
					text, made := p.text()
					texts, makes = append(texts, text), append(makes, made)
				}
				clients = append(clients, func(ctx context.Context) { p.run(ctx, e, texts, makes) })
			}
			var k int
			if wrong, k = interleaved(p.random, r, clients, p.wrong); wrong != "" {
				return wrong
			}
			killed += k
			if r == nil && seed%10 == 9 {
				_, _ = try(e, "VERIFY Seat REPAIR")
			}
			_, _ = tryCtx(conn.Watched(ctx, r), e, "DROP MODEL Seat ALL")
			if r == nil {
				for _, name := range names(t, e) {
					require.NotContains(t, name, "begun:Seat")
				}
			}
		}
		if r == nil {
			require.Greater(t, killed, n/4)
			require.Greater(t, counted, 5*n)
		}
		return ""
	}
	require.Empty(t, run(t, nil, 50))
	for name, r := range map[string]*rule{
		"a partition begins unasked": {pattern: regexp.MustCompile(`if bg\[2\] and`), other: `if false and`},
		"it is not entered":          {pattern: regexp.MustCompile(`n = n \+ redis\.call\('ZADD', k, 'NX', n \+ 1, ARGV\[i\]\)`), other: ``},
		"a full one is not told":     {pattern: regexp.MustCompile(`if n > most then break end`), other: `if n > 3 then break end`},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := run(t, r, 400)
			require.Positive(t, r.met.Load(), "the rule is in no script")
			require.NotEmpty(t, wrong)
		})
	}
}
