package exec_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
)

// EXPIRE in steps whose program ends between two of them, or whose connection is cut within one, has given ends to whole steps of documents.
// The same statement again gives them to all; no REVISION is another.
func TestExpireKilled(t *testing.T) {
	t.Parallel()
	const documents, step = 2500, 1000
	s := testredis.Run(t)
	p := newProxy(t, s)
	e := open(t, s.URL)
	must(t, e, "MODEL S { id int KEY, n int INDEX, rev int REVISION }")
	for i := range 12 {
		steps, cut, text := i/4, i%2 == 1, "EXPIRE S WHERE n > 0 AFTER 1h"
		if i/2%2 == 1 {
			text = "EXPIRE S ALL AFTER 1h"
		}
		t.Run(fmt.Sprintf("%s, %d steps, cut: %v", text, steps, cut), func(t *testing.T) {
			must(t, e, "DELETE S ALL")
			var list []any
			for i := range documents {
				list = append(list, map[string]any{"id": i, "n": i + 1})
			}
			must(t, e, "CREATE S $l", map[string]any{"l": list})
			j := &jobbing{key: "rql:ttl:S"}
			j.most.Store(100)
			killed := hooked(t, p.URL, j)
			must(t, killed, "EXISTS S 0") // it knows the catalog
			if !cut {
				j.most.Store(int64(steps))
			} else if j.then = func() { p.set("cut", "\r\nrql:ttl:S\r\n") }; steps == 0 {
				j.then()
			} else {
				j.at = int64(steps)
			}
			_, err := try(killed, text)
			p.set("", "")
			x := runError(t, err, text)
			given := number(t, e, "COUNT S WHERE ttl() IS NOT NULL")
			if steps > 0 || cut {
				require.EqualValues(t, steps*step, x.Done, "%v", x)
			}
			switch {
			case cut:
				require.Equal(t, exec.OutcomeUnknown, x.Outcome)
				require.Contains(t, []int64{x.Done, min(documents, x.Done+step)}, given)
			case steps > 0:
				require.Equal(t, exec.OutcomePartial, x.Outcome)
				require.Equal(t, x.Done, given)
			default:
				require.Zero(t, given)
			}
			require.EqualValues(t, documents, must(t, e, text).affected)
			require.EqualValues(t, documents, number(t, e, "COUNT S WHERE ttl() > 50m AND ttl() <= 1h AND rev = 1"))
			sound(t, e)
		})
	}
}
