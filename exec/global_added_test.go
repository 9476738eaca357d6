package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

const (
	addSeats  = `ALTER MODEL Seat ADD UNIQUE (code) GLOBAL`
	dropSeats = `ALTER MODEL Seat DROP UNIQUE (code) GLOBAL`
)

// adding is a history in which one client adds a UNIQUE GLOBAL to a model with documents, and may drop it, while others write.
type adding struct {
	t      *testing.T
	es     []*exec.Engine // of the clients; the last is of who reads
	r      *rule
	seed   uint64
	random *rand.Rand
	whole  int // how often it was looked at a complete definition
}

// definition returns the stored definition, and whether it is complete and has the UNIQUE.
func (a *adding) definition() (text string, unique bool) {
	text = a.es[len(a.es)-1].Client().HGet(ctx, "{shop}:rql:catalog", "m:Seat").Val()
	return text, strings.Contains(text, "GLOBAL") && !strings.Contains(text, `"was"`) && !strings.Contains(text, `"building"`)
}

// wrong says whether two documents have one value although the definition with the UNIQUE is complete.
func (a *adding) wrong() string {
	if _, unique := a.definition(); !unique {
		return ""
	}
	a.whole++
	found, err := tryCtx(conn.Watched(ctx, a.r), a.es[len(a.es)-1], "FIND Seat WHERE code IS NOT NULL RETURN code")
	require.NoError(a.t, err)
	seen := map[any]bool{}
	for _, row := range found.rows {
		if seen[row[0]] {
			return fmt.Sprintf("seed %d: two documents have the code %s", a.seed, row[0])
		}
		seen[row[0]] = true
	}
	return ""
}

// clients returns one that adds the UNIQUE, and others that write.
func (a *adding) clients() (out []func(ctx context.Context)) {
	code := func() string { return string(rune('a' + a.random.IntN(4))) }
	key := func() string { return fmt.Sprintf("{ hall: '%c', id: %d }", 'p'+a.random.IntN(3), a.random.IntN(3)) }
	for i, e := range a.es[:len(a.es)-1] {
		texts := []string{addSeats, dropSeats, addSeats}[:1+2*a.random.IntN(2)]
		if i > 0 {
			texts = nil
			for range 1 + a.random.IntN(4) {
				k := key()
				texts = append(texts, []string{
					"PUT Seat " + strings.Replace(k, "}", ", code: '"+code()+"' }", 1),
					"UPDATE Seat " + k + " SKIP MISSING SET code = '" + code() + "'",
					"UPDATE Seat " + k + " SKIP MISSING SET n += 1",
					"DELETE Seat " + k + " SKIP MISSING",
				}[a.random.IntN(4)])
			}
		}
		out = append(out, func(ctx context.Context) {
			for _, text := range texts {
				_, err := tryCtx(ctx, e, text)
				x, is := err.(*exec.Error)
				if is && x.Code == lang.CodeCancelled || i == 0 && err != nil {
					break // it was killed, or two documents had one value
				}
				if is && x.Code != lang.CodeUnique {
					a.t.Errorf("seed %d, %s: %v", a.seed, text, err)
				}
			}
		})
	}
	return out
}

// run returns what is wrong, or "", and how many clients were killed.
func (a *adding) run() (wrong string, killed int) {
	e := a.es[len(a.es)-1]
	with := conn.Watched(ctx, a.r)
	_, err := tryCtx(with, e, "MODEL Seat { id int KEY, hall string, code string?, n int DEFAULT 0 } PARTITION BY hall")
	require.NoError(a.t, err)
	for i := range 2 + a.random.IntN(3) {
		code := rune('a' + i)
		if a.random.IntN(8) == 0 {
			code = 'a'
		}
		_, err := tryCtx(with, e, fmt.Sprintf("CREATE Seat { hall: '%c', id: %d, code: '%c' }", 'p'+a.random.IntN(3), i, code))
		require.NoError(a.t, err)
	}
	wrong, killed = interleaved(a.random, a.r, a.clients(), a.wrong)
	if _, unique := a.definition(); wrong == "" && !unique {
		if _, err = tryCtx(with, e, addSeats); err != nil {
			require.Contains(a.t, err.Error(), "has the same code as", "seed %d", a.seed)
			text, _ := a.definition()
			require.NotContains(a.t, text, "GLOBAL", "seed %d", a.seed)
			for _, name := range names(a.t, e) {
				require.NotContains(a.t, name, "rql:uq", "seed %d", a.seed)
			}
		}
		wrong = a.wrong()
	}
	if a.r == nil {
		if killed > 0 {
			must(a.t, e, "VERIFY Seat REPAIR")
		}
		require.Empty(a.t, must(a.t, e, "VERIFY Seat").rows, "seed %d", a.seed)
	}
	_, err = tryCtx(with, e, "DROP MODEL Seat ALL")
	require.NoError(a.t, err)
	for _, name := range names(a.t, e) {
		require.NotContains(a.t, name, "rql:uq", "seed %d", a.seed)
	}
	return wrong, killed
}

// Whatever the order in which clients work, and wherever they are killed, no two documents have one value of a UNIQUE GLOBAL when a client has
// added it to documents. If documents are not claimed, two have one.
func TestGlobalAdded(t *testing.T) {
	testredis.OneByOne(t)
	run := func(t *testing.T, r *rule, n int) string {
		url, _ := testredis.Start(t)
		var es []*exec.Engine
		for range 4 {
			es = append(es, open(t, url+"?ns={shop}&buckets=2"))
		}
		killed, whole := 0, 0
		for seed := range uint64(n) {
			a := &adding{t: t, es: es, r: r, seed: seed, random: rand.New(rand.NewPCG(seed, 4))}
			wrong, k := a.run()
			if wrong != "" {
				return wrong
			}
			killed, whole = killed+k, whole+a.whole
		}
		if r == nil {
			require.Greater(t, killed, n/4)
			require.Greater(t, whole, n)
		}
		return ""
	}
	require.Empty(t, run(t, nil, 60))
	r := &rule{pattern: regexp.MustCompile(`if ask\[1\] then`), other: `if false then`}
	require.NotEmpty(t, run(t, r, 200))
	require.Positive(t, r.met.Load(), "the rule is in no script")
}
