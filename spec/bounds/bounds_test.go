// Package bounds_test asks that any text of 1 MiB is answered in a second and
// 150 MiB, by parser, checker and planner together, whatever stands in it.
package bounds_test

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/bench/rig"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	_ "github.com/rql-lang/rql/mem"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

var all = flag.Bool("all", false, "measure every text, which takes minutes, and print each; else as many as 15 s allow, in random order")

// The goal, and what a machine that does other things meanwhile is allowed.
const (
	goalTime   = time.Second
	goalMemory = 64 << 20  // what the collector is told to keep to
	peakMemory = 160 << 20 // what is in use between two collections, at most
	slack      = 5
)

func TestAnyText(t *testing.T) {
	if raceEnabled {
		t.Skip("times mean nothing here")
	}
	file := parser.Parse(lang.NewSource("", schemaText))
	base, ds := check.Check(t.Context(), file, nil, check.Options{})
	require.NoError(t, ds.Err())
	type one struct {
		text  text
		parts int
	}
	var list []one
	for _, x := range texts() {
		for _, n := range x.variants() {
			list = append(list, one{x, n})
		}
	}
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	until := time.Now().Add(15 * time.Second)
	for _, x := range list {
		if !*all && time.Now().After(until) {
			return
		}
		took, peak := measure(t, x.text.make(x.parts), base.Schema)
		if took > goalTime { // something else may have run
			took, _ = measure(t, x.text.make(x.parts), base.Schema)
		}
		if *all {
			t.Logf("%s × %d: %v, %d MiB", x.text.name, x.parts, took.Round(time.Millisecond), peak>>20)
		}
		if took > slack*goalTime || peak > peakMemory {
			t.Errorf("%s × %d takes %v and %d MiB", x.text.name, x.parts, took, peak>>20)
		}
	}
}

// measure carries one text through everything before a server, and gives the time and the most memory in use meanwhile. The time is
// that of the clock or, where it is less because the machine does other things too, the CPU time of this process.
func measure(t *testing.T, whole string, schema *ir.Schema) (time.Duration, uint64) {
	debug.FreeOSMemory()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(before.Sys-before.HeapReleased) + goalMemory))
	done, peak := make(chan bool), make(chan uint64)
	go func() {
		top := before.HeapInuse
		for {
			select {
			case <-done:
				peak <- top - before.HeapInuse
				return
			case <-time.After(5 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				top = max(top, m.HeapInuse)
			}
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	start, cpu := time.Now(), rig.CPU()
	answer(ctx, whole, schema)
	took := time.Since(start)
	if cpu = rig.CPU() - cpu; cpu > 0 {
		took = min(took, cpu)
	}
	close(done)
	return took, <-peak
}

func answer(ctx context.Context, whole string, schema *ir.Schema) {
	parser.Shape(whole, nil)
	file := parser.Parse(lang.NewSource("", whole))
	prog, ds := check.Check(ctx, file, schema, check.Options{NoParams: true, Program: true})
	_ = file.Diags.Render(file.Source) + ds.Render(file.Source)
	if prog == nil || len(file.Diags) > 0 {
		return
	}
	for _, st := range prog.Stmts { // as a run does: one after the other
		if _, err := planner.Build(st, prog, planner.Caps{}); err != nil || ctx.Err() != nil {
			return
		}
	}
}

// TestCancelled: a call whose context ends while its text is checked ends too.
func TestCancelled(t *testing.T) {
	db, err := rql.Open(t.Context(), "mem://")
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(t.Context(), schemaText, nil)
	require.NoError(t, err)
	for _, x := range texts() {
		switch x.name {
		case "where in", "return stars", "models embed wide", "many nested lists 95", "block statements ensure":
		default:
			continue
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		start := time.Now()
		_, err := db.Exec(ctx, x.make(lang.MaxFields/2), nil)
		var failed *rql.Error
		require.True(t, errors.As(err, &failed), "%s: %v", x.name, err)
		require.Equal(t, lang.CodeCancelled, failed.Code, x.name)
		require.Less(t, time.Since(start), slack*goalTime, x.name)
	}
}

// TestStopsChecking: the checker asks its context while it works.
func TestStopsChecking(t *testing.T) {
	for _, x := range texts() {
		if x.name != "let list" {
			continue
		}
		ctx := &dying{Context: t.Context(), left: 10}
		prog, ds := check.Check(ctx, parser.Parse(lang.NewSource("", x.make(60_000))), nil, check.Options{})
		require.Nil(t, prog)
		require.Empty(t, ds)
		require.Less(t, ctx.asked, 20)
	}
}

// dying is a context that ends when it has been asked a number of times.
type dying struct {
	context.Context
	left, asked int
}

func (d *dying) Err() error {
	d.asked++
	if d.left--; d.left < 0 {
		return context.Canceled
	}
	return nil
}
