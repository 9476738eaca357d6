package spec

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sort"
	"strings"
	"testing"
)

//go:embed suites
var suites embed.FS

// Scripts reads the conformance scripts of one depth: parse, check, plan or run.
func Scripts(depth string) ([]*Script, error) {
	var out []*Script
	err := fs.WalkDir(suites, "suites/"+depth, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !strings.HasSuffix(path, ".rqlt") {
			return fmt.Errorf("%s is no .rqlt file", path)
		}
		text, err := suites.ReadFile(path)
		if err != nil {
			return err
		}
		s, err := ReadScript(path, string(text))
		out = append(out, s)
		return err
	})
	return out, err
}

// Tally counts the blocks that ran and, by reason, those that did not.
type Tally struct {
	Ran     int
	Skipped map[string]int
}

func (t *Tally) skip(reason string, n int) {
	if t.Skipped == nil {
		t.Skipped = map[string]int{}
	}
	t.Skipped[reason] += n
}

// String gives the totals in one line.
func (t *Tally) String() string {
	out := fmt.Sprintf("%d blocks ran", t.Ran)
	for _, reason := range slices.Sorted(maps.Keys(t.Skipped)) {
		out += fmt.Sprintf(", %d skipped: %s", t.Skipped[reason], reason)
	}
	return out
}

// Run carries out every case of suites/run and suites/plan on a backend.
func Run(t *testing.T, b Backend) *Tally {
	t.Helper()
	tally := &Tally{}
	for _, depth := range []string{"run", "plan"} {
		scripts, err := Scripts(depth)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range scripts {
			t.Run(strings.TrimPrefix(strings.TrimSuffix(s.Path, ".rqlt"), "suites/"), func(t *testing.T) {
				RunScript(t, s, b, tally)
			})
		}
	}
	t.Logf("%s: %s", b.Name(), tally)
	return tally
}

// RunScript carries out the cases of one script.
func RunScript(t *testing.T, s *Script, b Backend, tally *Tally) {
	t.Helper()
	for _, c := range s.Cases {
		t.Run(c.Name, func(t *testing.T) {
			for _, err := range s.run(t.Context(), c, b, tally) {
				t.Error(err)
			}
		})
	}
}

// run carries out one case and gives what was wrong.
func (s *Script) run(ctx context.Context, c *Case, b Backend, tally *Tally) []error {
	if reason := c.unfit(b); reason != "" {
		tally.skip(reason, len(c.Blocks))
		return nil
	}
	at := func(line int, err error) error { return fmt.Errorf("%s:%d: %w", s.Path, line, err) }
	if err := b.Reset(ctx); err != nil {
		return []error{at(c.Line, err)}
	}
	for _, given := range []string{s.Given, c.Given} {
		if given == "" {
			continue
		}
		if _, err := b.Exec(ctx, given, nil); err != nil {
			return []error{at(c.Line, fmt.Errorf("# given: %w", err))}
		}
	}
	var errs []error
	cursor := ""
	for _, blk := range c.Blocks {
		next, err := blk.run(ctx, b, cursor, tally)
		if err != nil {
			errs = append(errs, at(blk.Line, err))
		}
		cursor = next
	}
	if err := b.Finish(ctx); err != nil {
		errs = append(errs, at(c.Line, err))
	}
	return errs
}

// unfit says why a case does not run on a backend; "" if it does.
func (c *Case) unfit(b Backend) string {
	if len(c.Only) > 0 && !slices.Contains(c.Only, b.Name()) {
		return "only " + strings.Join(c.Only, ", ")
	}
	for _, what := range c.Needs {
		if !b.Has(what) {
			return "needs " + what
		}
	}
	return ""
}

// run carries out one block and gives the cursor that it left.
func (blk *Block) run(ctx context.Context, b Backend, cursor string, tally *Tally) (string, error) {
	kind := blk.Expect.TextKind
	if kind == "plan" && !b.Has("plan") {
		tally.skip("no plans", 1)
		return "", nil
	}
	if blk.Clock > 0 {
		if err := b.Advance(blk.Clock); errors.Is(err, ErrUnsupported) {
			tally.skip("no clock", 1)
			return "", nil
		} else if err != nil {
			return "", err
		}
	}
	params := blk.Params
	if blk.CursorAs != "" {
		if cursor == "" {
			return "", errors.New("# cursor: the block before left no cursor")
		}
		params = maps.Clone(params)
		if params == nil {
			params = map[string]any{}
		}
		params[blk.CursorAs] = cursor
	}
	results, err := b.Exec(ctx, blk.Text, params)
	tally.Ran++
	if bad := blk.compare(results, err); bad != nil {
		return "", bad
	}
	if err == nil && len(results) > 0 {
		cursor = results[len(results)-1].Cursor
	}
	switch kind {
	case "state":
		got, err := b.State(ctx)
		if errors.Is(err, ErrUnsupported) {
			tally.skip("no state", 1)
			return cursor, nil
		}
		if err != nil {
			return cursor, err
		}
		sort.Strings(got)
		return cursor, compareText(blk.Expect.Text, got)
	case "plan":
		return cursor, compareText(blk.Expect.Text, planText(results))
	case "types", "print":
		return cursor, fmt.Errorf("%s belongs in suites/check or suites/parse", kind)
	}
	return cursor, nil
}

// planText gives the lines of an EXPLAIN: those of its one column.
func planText(results []Result) []string {
	var out []string
	for _, row := range results[len(results)-1].Rows {
		for _, line := range strings.Split(strings.TrimRight(fmt.Sprint(row[0]), "\n"), "\n") {
			out = append(out, strings.TrimRight(line, " "))
		}
	}
	return out
}

func compareText(want, got []string) error {
	if slices.Equal(want, got) {
		return nil
	}
	return fmt.Errorf("expected\n%s\ngot\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
}
