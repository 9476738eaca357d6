package exec_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// converting is one run of TestConvertRandom: v is a number or its text, whatever it is at the moment.
type converting struct {
	t                          *testing.T
	url                        string
	until                      time.Time
	made, stopped, back, looks atomic.Int64
}

// either gives a statement for v as a number, and if it is none, for v as a string.
func (c *converting) either(e *exec.Engine, format string, v int) (result, error) {
	r, err := try(e, fmt.Sprintf(format, fmt.Sprint(v)))
	var mistakes *exec.CheckError
	if errors.As(err, &mistakes) && mistakes.Diags[0].Code == lang.CodeTypeMismatch {
		r, err = try(e, fmt.Sprintf(format, fmt.Sprintf("'%d'", v)))
	}
	return r, err
}

// allowed are the errors of who was not fast enough.
func (c *converting) allowed(err error, text string) {
	var x *exec.Error
	var mistakes *exec.CheckError
	var code lang.Code
	if errors.As(err, &x) {
		code = x.Code
	} else if errors.As(err, &mistakes) {
		code = mistakes.Diags[0].Code
	}
	switch code {
	case lang.CodeStale, lang.CodeNotAllowed, lang.CodeCancelled, lang.CodeTypeMismatch, lang.CodeBadModel, lang.CodeUnknownName:
	default:
		c.t.Errorf("%s: %v", text, err)
	}
}

// write changes documents with the numbers from first on, and gives what they are in the end.
func (c *converting) write(first int) map[int]int {
	e, truth := open(c.t, c.url), map[int]int{}
	for time.Now().Before(c.until) {
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

// change converts v there and back, and is stopped before most of it is done.
func (c *converting) change() {
	texts := []string{"CHANGE FIELD v string", "CHANGE FIELD v int", "CHANGE FIELD v int64, ADD INDEX w", "DROP INDEX w", "CHANGE FIELD v string, DROP INDEX w"}
	for time.Now().Before(c.until) {
		e := open(c.t, c.url)
		text := "ALTER MODEL A " + texts[rand.IntN(len(texts))]
		for range 1 + rand.IntN(5) {
			ctx, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(60_000))*time.Microsecond)
			_, err := tryCtx(ctx, e, text)
			stopped := ctx.Err() != nil
			cancel()
			switch {
			case stopped:
				c.stopped.Add(1)
				continue
			case err == nil:
				c.made.Add(1)
			default:
				c.allowed(err, text)
			}
			break
		}
		if rand.IntN(5) == 0 {
			if _, err := try(e, text+" UNDO"); err == nil {
				c.back.Add(1)
			} else {
				c.allowed(err, text)
			}
		}
	}
}

// look asks that who is found by v has it.
func (c *converting) look() {
	e := open(c.t, c.url)
	for time.Now().Before(c.until) {
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
	url, _ := testredis.Start(t)
	c := &converting{t: t, url: url}
	e := open(t, url)
	must(t, e, "MODEL A { id int KEY, v int INDEX, w string }")
	for i := range 2500 { // documents that nobody writes: so many that a walk takes several steps
		must(t, e, fmt.Sprintf("CREATE A { id: %d, v: %d, w: 'x' }", 10_000+i, i%100))
	}
	c.until = time.Now().Add(*alterFor)
	var wg sync.WaitGroup
	truths := make([]map[int]int, 2)
	for i := range truths {
		wg.Go(func() { truths[i] = c.write(1000 * i) })
		wg.Go(c.change)
	}
	wg.Go(c.look)
	wg.Wait()
	t.Logf("%d changes made, %d stopped, %d taken back, %d looks", c.made.Load(), c.stopped.Load(), c.back.Load(), c.looks.Load())
	require.NotZero(t, c.made.Load())
	require.NotZero(t, c.stopped.Load())

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
