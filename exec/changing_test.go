package exec_test

import (
	"context"
	"errors"
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

var alterFor = flag.Duration("alter", 3*time.Second, "how long TestAlterRandom and TestConvertRandom change a model beside its writers")

// changing is one run in which two programs change a model by ALTER MODEL,
// stopped between any two steps, beside two writers and a reader, each with a
// catalog of its own.
type changing struct {
	t     *testing.T
	url   string
	until time.Time
	took  time.Duration // by a change that nobody stops
	texts []string      // behind ALTER MODEL A
	codes []lang.Code   // that a statement may fail with: of what does not fit, and of who was not fast enough

	made, stopped, back, looks atomic.Int64
}

// begin makes model A with 2,500 documents that nobody writes: so many that a walk takes several steps.
func (c *changing) begin(t *testing.T, model, document string) *exec.Engine {
	c.t = t
	c.url, _ = testredis.Start(t)
	e := open(t, c.url)
	must(t, e, model)
	must(t, e, "ATOMIC < FOR i IN range(10000, 12499) DO CREATE A "+document+" END >")
	start := time.Now()
	must(t, e, "ALTER MODEL A ADD FIELD z int DEFAULT 1; ALTER MODEL A DROP FIELD z")
	c.took = time.Since(start) / 2
	return e
}

// run does it all, and gives what each writer wrote.
func (c *changing) run(write func(first int) map[int]int, look func()) []map[int]int {
	c.until = time.Now().Add(*alterFor)
	var wg sync.WaitGroup
	truths := make([]map[int]int, 2)
	for i := range truths {
		wg.Go(func() { truths[i] = write(1000 * i) })
		wg.Go(c.change)
	}
	wg.Go(look)
	wg.Wait()
	c.t.Logf("%d changes made, %d stopped, %d taken back, %d looks", c.made.Load(), c.stopped.Load(), c.back.Load(), c.looks.Load())
	require.NotZero(c.t, c.made.Load())
	require.NotZero(c.t, c.stopped.Load())
	return truths
}

// goesOn reports whether there is time left, or no change was made or none stopped yet, which a busy machine may need more time for.
func (c *changing) goesOn() bool {
	left := time.Until(c.until)
	return left > 0 || left > -30*time.Second && (c.made.Load() == 0 || c.stopped.Load() == 0)
}

// allowed asks that a statement failed with one of the codes.
func (c *changing) allowed(err error, text string) {
	var x *exec.Error
	var mistakes *exec.CheckError
	var code lang.Code
	if errors.As(err, &x) {
		code = x.Code
	} else if errors.As(err, &mistakes) {
		code = mistakes.Diags[0].Code
	}
	if !slices.Contains(c.codes, code) {
		c.t.Errorf("%s: %v", text, err)
	}
}

// change gives statements, many of which are stopped before they end.
func (c *changing) change() {
	for c.goesOn() {
		e := open(c.t, c.url)
		text := "ALTER MODEL A " + c.texts[rand.IntN(len(c.texts))]
		for range 1 + rand.IntN(5) {
			ctx, cancel := context.WithTimeout(ctx, rand.N(4*c.took))
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

// hashFields are the hash fields that any document of A has.
func hashFields(e *exec.Engine) []string {
	all := map[string]bool{}
	for _, key := range e.Client().Keys(ctx, "A:*").Val() {
		for _, field := range e.Client().HKeys(ctx, key).Val() {
			all[field] = true
		}
	}
	return slices.Collect(maps.Keys(all))
}
