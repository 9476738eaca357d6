package exec_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// converting is the run of TestConvertRandom: v is a number or its text, whatever it is at the moment.
type converting struct{ changing }

// either gives a statement for v as a number, and if it is none, for v as a string.
func (c *converting) either(e *exec.Engine, format string, v int) (result, error) {
	r, err := try(e, fmt.Sprintf(format, fmt.Sprint(v)))
	var mistakes *exec.CheckError
	if errors.As(err, &mistakes) && mistakes.Diags[0].Code == lang.CodeTypeMismatch {
		r, err = try(e, fmt.Sprintf(format, fmt.Sprintf("'%d'", v)))
	}
	return r, err
}

// write changes documents with the numbers from first on, and gives what they are in the end.
func (c *converting) write(first int) map[int]int {
	e, truth := open(c.t, c.url), map[int]int{}
	for c.goesOn() {
		id, v := first+rand.IntN(300), rand.IntN(100)
		text := fmt.Sprintf("PUT A { id: %d, v: %%s, w: 'x' }", id)
		_, known := truth[id]
		switch op := rand.IntN(6); {
		case op == 0:
			if _, err := try(e, fmt.Sprintf("DELETE A %d SKIP MISSING", id)); err != nil {
				c.t.Errorf("DELETE: %v", err)
			}
			delete(truth, id)
			continue
		case op == 1 && known:
			text = fmt.Sprintf("ATOMIC < UPDATE A %d SET v = %%s; UPDATE A %d SET w = 'y' >", id, id)
		case op < 4 && known:
			text = fmt.Sprintf("UPDATE A %d SET v = %%s", id)
		}
		if _, err := c.either(e, text, v); err != nil {
			c.allowed(err, text)
			continue
		}
		truth[id] = v
	}
	return truth
}

// look asks that who is found by v has it.
func (c *converting) look() {
	e := open(c.t, c.url)
	for c.goesOn() {
		v := rand.IntN(100)
		r, err := c.either(e, "FIND A WHERE v = %s RETURN string(v), id", v)
		if err != nil {
			c.allowed(err, "FIND")
			continue
		}
		for _, row := range r.rows {
			if row[0] != fmt.Sprint(v) {
				c.t.Errorf("v = %d found %v", v, row)
			}
		}
		c.looks.Add(1)
	}
}

// A field is stored in another form by two programs at once, stopped between any two steps, beside writers and a reader with catalogs of
// their own. No document is ever found by a value that it has not, and in the end each has what was written, once.
func TestConvertRandom(t *testing.T) {
	t.Parallel()
	c := &converting{changing{
		texts: []string{"CHANGE FIELD v string", "CHANGE FIELD v int", "CHANGE FIELD v int64, ADD INDEX w", "DROP INDEX w", "CHANGE FIELD v string, DROP INDEX w"},
		codes: []lang.Code{lang.CodeStale, lang.CodeNotAllowed, lang.CodeCancelled, lang.CodeTypeMismatch, lang.CodeBadModel, lang.CodeUnknownName},
	}}
	e := c.begin(t, "MODEL A { id int KEY, v int INDEX, w string }", "{ id: i, v: i % 100, w: 'x' }")
	truths := c.run(c.write, c.look)

	must(t, e, "VERIFY A REPAIR") // which carries on what is unfinished
	require.Empty(t, must(t, e, "VERIFY A").rows)
	require.Len(t, hashFields(e), 3)
	for _, truth := range truths {
		for id, v := range truth {
			r := must(t, e, "GET A $id SKIP MISSING RETURN string(v)", map[string]any{"id": int64(id)})
			require.Equal(t, [][]any{{fmt.Sprint(v)}}, r.rows, "%d", id)
		}
	}
	require.EqualValues(t, 2500+len(truths[0])+len(truths[1]), number(t, e, "COUNT A"))
	require.EqualValues(t, 2500, number(t, e, "COUNT A WHERE id >= 10000"))
}
