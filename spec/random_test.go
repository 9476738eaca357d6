package spec

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/spec/gen"
)

var (
	randomFor  = flag.Duration("random", 2*time.Second, "how long the random test runs on each backend")
	randomFrom = flag.Uint64("from", 1, "the first seed of the random test")
	randomSeed = flag.Uint64("seed", 0, "the one seed to run, from a difference that was reported")
)

// TestRandomEmbedded and TestRandomRedis ask that random programs give on a
// server what they give on the judge.
func TestRandomEmbedded(t *testing.T) {
	b := embedded()
	random(t, b)
	require.NoError(t, b.Close())
}

// TestRandomEmbeddedJSON does so with documents stored as JSON: of all models, and of every other one.
func TestRandomEmbeddedJSON(t *testing.T) {
	for name, every := range map[string]int{"all": 1, "mixed": 2} {
		t.Run(name, func(t *testing.T) {
			b := embeddedJSON()
			b.cell.every = every
			random(t, b)
			require.NoError(t, b.Close())
		})
	}
}

// TestRandomPartitions runs random programs over models with PARTITION BY, with the general and with the flat form of scripts.
func TestRandomPartitions(t *testing.T) {
	flat := startRedis(t).(*engineBackend)
	flat.flat = true
	for name, b := range map[string]*engineBackend{"embedded": embedded().(*engineBackend), "json": embeddedJSON(), "redis": startRedis(t).(*engineBackend), "flat": flat} {
		t.Run(name, func(t *testing.T) {
			randomOf(t, b, gen.Parted)
			require.NoError(t, b.Close())
		})
	}
}

func TestRandomRedis(t *testing.T) { random(t, startRedis(t)) }

// TestFlat uses the flat form of scripts from the first run of a plan: conformance scripts and random programs have the same
// results as in the general form.
func TestFlat(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]*engineBackend{"redis": startRedis(t).(*engineBackend), "embedded": embeddedJSON()} {
		t.Run(name, func(t *testing.T) {
			b.flat = true
			but := threeOfFour(t)
			if name == "redis" {
				but = nil
			}
			require.NotZero(t, Run(t, b, but...).Ran)
			t.Run("random", func(t *testing.T) { random(t, b) })
			require.NoError(t, b.Close())
		})
	}
}

// TestSearchFirst asks Search wherever it can serve: for the conformance scripts,
// and for random programs.
func TestSearchFirst(t *testing.T) {
	onServers(t, func(t *testing.T, b *engineBackend) {
		if b.cell.index != "SEARCH" {
			return
		}
		b.first = true
		b.cases += 1000
		b.namespace = "{spec%d}" // so that partitions lie in several buckets
		require.NotZero(t, Run(t, b, leftOut(t, b)...).Ran)
		t.Run("random", func(t *testing.T) { random(t, b) })
		t.Run("partitions", func(t *testing.T) { randomOf(t, b, gen.Parted) })
	})
}

// steps is how many statements a random program has.
const steps = 30

func random(t *testing.T, b Backend) {
	t.Helper()
	randomOf(t, b, gen.New)
}

// randomOf runs programs of one generator.
func randomOf(t *testing.T, b Backend, program func(seed uint64, n int) *gen.Program) {
	t.Helper()
	if *randomSeed != 0 {
		require.NoError(t, difference(t, program(*randomSeed, steps), *randomSeed, b))
		return
	}
	start, good := time.Now(), 0
	seed := *randomFrom
	for ; time.Since(start) < *randomFor; seed++ {
		require.NoError(t, difference(t, program(seed, steps), seed, b), "run it again with -seed %d", seed)
		good += ran(program(seed, steps))
	}
	t.Logf("%d programs; %d statements did not fail", seed-*randomFrom, good)
}

// ran counts the statements of a program that do not fail on the judge.
func ran(p *gen.Program) int {
	b, n := Judge(), 0
	for _, o := range replay(b, p) {
		if o.err == nil {
			n++
		}
	}
	return n
}

// difference runs a program on the judge and on b, and when they differ gives
// the shortest program found that still does.
func difference(t *testing.T, p *gen.Program, seed uint64, b Backend) error {
	t.Helper()
	bad := differs(p, b)
	if bad == nil {
		return nil
	}
	for less := p; less != nil; less = smaller(p, b) {
		p = less
	}
	return fmt.Errorf("seed %d: %w\n%s", seed, differs(p, b), script(p))
}

// smaller takes one step, or one statement of a block, out of a program so that
// the backends still differ; nil when that cannot be done.
func smaller(p *gen.Program, b Backend) *gen.Program {
	for i := len(p.Steps) - 1; i >= 0; i-- {
		less := *p
		less.Steps = slices.Delete(slices.Clone(p.Steps), i, i+1)
		if differs(&less, b) != nil {
			return &less
		}
		if less := shorter(p, i, b); less != nil {
			return less
		}
	}
	return nil
}

// shorter takes one statement out of the block that step i is, so that the
// backends still differ; nil when that cannot be done.
func shorter(p *gen.Program, i int, b Backend) *gen.Program {
	lines := strings.Split(p.Steps[i].Text, "\n")
	for k := 1; k < len(lines)-1; k++ {
		less := *p
		less.Steps = slices.Clone(p.Steps)
		less.Steps[i] = gen.NewStep(strings.Join(slices.Delete(slices.Clone(lines), k, k+1), "\n"), p.Steps[i].Params)
		less.Steps[i].Advance = p.Steps[i].Advance
		if differs(&less, b) != nil {
			return &less
		}
	}
	return nil
}

// script writes a program as a case.
func script(p *gen.Program) string {
	out := "# given\n" + p.Models + "\n# test: difference\n"
	for _, s := range p.Steps {
		if len(s.Params) > 0 {
			out += "# params " + formatValue(s.Params) + "\n"
		}
		if s.Advance > 0 {
			out += fmt.Sprintf("# advance %dh\n", s.Advance/time.Hour)
		}
		out += s.Text + "\n----\n\n"
	}
	return out
}

// replay runs a program and gives what each step gave.
func replay(b Backend, p *gen.Program) []outcome {
	ctx := context.Background()
	if err := b.Reset(ctx); err != nil {
		return []outcome{{err: err}}
	}
	if _, err := b.Exec(ctx, p.Models, nil); err != nil {
		return []outcome{{err: err}}
	}
	var out []outcome
	for _, s := range p.Steps {
		var o outcome
		if s.Advance > 0 {
			if err := b.Advance(ctx, s.Advance); err != nil {
				return []outcome{{err: err}}
			}
		}
		o.results, o.err = b.Exec(ctx, s.Text, s.Params)
		out = append(out, o)
	}
	return out
}

// differs runs a program on the judge and on b and says where they differ.
func differs(p *gen.Program, b Backend) (err error) {
	ctx := context.Background()
	defer func() { err = errors.Join(err, b.Finish(ctx)) }()
	j := Judge()
	want, got := replay(j, p), replay(b, p)
	if len(want) != len(p.Steps) || len(got) != len(p.Steps) {
		return errors.Join(errors.New("the models are refused"), want[0].err, got[0].err)
	}
	for i, s := range p.Steps {
		if err := sameOutcome(s.Text, want[i], got[i]); err != nil {
			return fmt.Errorf("step %d, %s\n%w", i+1, s.Text, err)
		}
	}
	for i, name := range p.Names {
		all := outcome{}
		find := p.Finds[i]
		all.results, all.err = j.Exec(ctx, find, nil)
		here := outcome{}
		here.results, here.err = b.Exec(ctx, find, nil)
		if err := sameOutcome(find, all, here); err != nil {
			return fmt.Errorf("in the end, %s\n%w", find, err)
		}
		found, err := b.Exec(ctx, "VERIFY "+name, nil)
		if err != nil || len(found[0].Rows) > 0 {
			return fmt.Errorf("VERIFY %s: %w\n%v", name, err, found)
		}
	}
	return nil
}

// sameOutcome compares rows, counts and codes of errors.
func sameOutcome(text string, want, got outcome) error {
	if want.err != nil || got.err != nil {
		if want.err == nil || got.err == nil || !sameCodes(want.err, got.err) {
			return fmt.Errorf("the judge says %v,\nthe backend %v", want.err, got.err)
		}
		return nil
	}
	w, g := want.results[len(want.results)-1], got.results[len(got.results)-1]
	if w.Affected != g.Affected {
		return fmt.Errorf("affected %d on the judge, %d on the backend", w.Affected, g.Affected)
	}
	if len(w.Rows) == 0 && len(g.Rows) == 0 {
		return nil
	}
	e := Expect{NoRows: len(w.Rows) == 0}
	for _, row := range w.Rows {
		var r Row
		for i, v := range row {
			r = append(r, Cell{w.Columns[i], v})
		}
		e.Rows = append(e.Rows, r)
	}
	if err := e.compareRows(&g, !ordered(text)); err != nil {
		return fmt.Errorf("the judge says\n%s%w", formatRows(&w), err)
	}
	return nil
}

// sameCodes: a statement about several documents may fail at any of them first.
func sameCodes(want, got error) bool {
	w, g := failures(want), failures(got)
	if len(w) == 0 || len(g) == 0 {
		return false
	}
	codes := func(es []*Error) string {
		var out []string
		for _, e := range es {
			out = append(out, string(e.Code))
		}
		slices.Sort(out)
		return strings.Join(slices.Compact(out), " ")
	}
	return codes(w) == codes(g) || data(w[0].Code) && data(g[0].Code)
}

// data reports the codes of what can be wrong with documents and their values,
// of which one statement may meet several.
func data(c lang.Code) bool {
	switch c {
	case lang.CodeServer, lang.CodeStale, lang.CodeBadValue, lang.CodeCatalog, lang.CodeTypeMismatch:
		return false
	}
	return true
}
