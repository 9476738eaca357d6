package exec_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// The statements that TestAlterRandom gives, in any order and stopped at any time. A field x has
// one of two types, so that what is left of one would be a value of the other.
var alters = []string{
	"ADD FIELD x int DEFAULT 7", "ADD FIELD x string DEFAULT 'q'", "DROP FIELD x", "DROP FIELD x, ADD INDEX s", "ADD FIELD x int DEFAULT 7 INDEX, DROP INDEX n",
	"ADD INDEX n", "DROP INDEX n", "ADD INDEX (n, s)", "DROP INDEX (n, s)", "ADD UNIQUE s", "DROP UNIQUE s", "DROP INDEX s", "ADD UNIQUE n",
	"ADD CHECK (n >= 0)", "ADD CHECK (n > -5)", "DROP CHECK (n >= 0)", "DROP CHECK (n > -5)", "CHANGE FIELD s string? LENIENT", "CHANGE FIELD n int DEFAULT 3", "CHANGE FIELD n int?", "CHANGE FIELD n int", "CHANGE FIELD s string",
	"RENAME FIELD n TO m", "RENAME FIELD m TO n", "RENAME FIELD s TO r", "RENAME FIELD r TO s", "RENAME FIELD x TO y", "DROP ALIAS x",
	"ADD FIELD x int DEFAULT n - n + 7 INDEX", "ADD FIELD code string UNIQUE DEFAULT uuid()", "DROP FIELD code",
}

// altering is the run of TestAlterRandom.
type altering struct{ changing }

// write changes documents with the numbers from first on, and gives what they are in the end.
func (a *altering) write(first int) map[int]int {
	e, truth := open(a.t, a.url), map[int]int{}
	for i := 0; a.goesOn(); i++ {
		id, n := first+rand.IntN(600), rand.IntN(50)-8
		text := fmt.Sprintf("PUT A { id: %d, n: %d, s: 's%d' }", id, n, id)
		_, known := truth[id]
		switch op := rand.IntN(6); {
		case op == 0:
			text, n = fmt.Sprintf("DELETE A %d SKIP MISSING", id), -100
		case op < 4 && known:
			text = fmt.Sprintf("UPDATE A %d SET n = %d", id, n)
		}
		if _, err := try(e, text); err != nil {
			a.allowed(err, text)
			continue
		}
		if truth[id] = n; n == -100 {
			delete(truth, id)
		}
	}
	return truth
}

// look asks that no row is found by a value which it does not have, and that no value of x is one of a field before it.
func (a *altering) look() {
	e := open(a.t, a.url)
	for a.goesOn() {
		n := int64(rand.IntN(50) - 8)
		r, err := try(e, "FIND A WHERE n = $n RETURN n", map[string]any{"n": n})
		if err != nil {
			a.allowed(err, "FIND")
		}
		for _, row := range r.rows {
			if row[0] != n {
				a.t.Errorf("n = %d found %v", n, row)
			}
		}
		r, err = try(e, "FIND A RETURN DISTINCT x")
		if err != nil {
			a.allowed(err, "FIND x")
		}
		for _, row := range r.rows {
			if row[0] != int64(7) && row[0] != "q" {
				a.t.Errorf("x is %v", row)
			}
		}
		a.looks.Add(1)
	}
}

// A model is changed by two programs at once, stopped between any two steps, beside writers and a reader with catalogs
// of their own. In the end every document has what was written, every index agrees, and nothing is left of what was dropped.
func TestAlterRandom(t *testing.T) {
	t.Parallel()
	a := &altering{changing{texts: alters, codes: []lang.Code{
		lang.CodeCheckFailed, lang.CodeUnique, lang.CodeStale, lang.CodeNotAllowed, lang.CodeModelChanged, lang.CodeBadModel,
		lang.CodeUnknownName, lang.CodeUnknownField, lang.CodeDuplicateField, lang.CodeCancelled,
	}}}
	e := a.begin(t, "MODEL A { id int KEY, n int INDEX, s string }", "{ id: i, n: i % 40, s: 's' + string(i) }")
	truths := a.run(a.write, a.look)

	// What is unfinished is carried on by whoever comes, or taken back where documents do not fit it.
	if _, err := try(e, "VERIFY A REPAIR"); err != nil {
		a.allowed(err, "VERIFY A REPAIR")
		must(t, e, "VERIFY A REPAIR")
	}
	for _, field := range []string{"x", "y", "code"} {
		_, _ = try(e, "ALTER MODEL A DROP FIELD "+field)
	}
	require.Empty(t, must(t, e, "VERIFY A").rows)
	for _, truth := range truths {
		for id, n := range truth {
			r := must(t, e, "GET A $id SKIP MISSING RETURN n, s", map[string]any{"id": int64(id)})
			require.Equal(t, [][]any{{int64(n), fmt.Sprintf("s%d", id)}}, r.rows, "%d", id)
		}
	}
	require.EqualValues(t, 2500+len(truths[0])+len(truths[1]), number(t, e, "COUNT A"))
	require.Subset(t, []string{"id", "n", "s"}, hashFields(e))
}
