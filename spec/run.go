package spec

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

//go:embed suites
var suites embed.FS

// Scripts reads the conformance scripts of one kind: parse, check, plan or run.
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

// String returns the totals in one line.
func (t *Tally) String() string {
	out := fmt.Sprintf("%d blocks ran", t.Ran)
	for _, reason := range slices.Sorted(maps.Keys(t.Skipped)) {
		out += fmt.Sprintf(", %d skipped: %s", t.Skipped[reason], reason)
	}
	return out
}

// Run runs every case of suites/run and suites/plan on a backend, except for
// the scripts whose paths are given.
func Run(t *testing.T, b Backend, but ...string) *Tally {
	t.Helper()
	tally := &Tally{}
	for _, depth := range []string{"run", "plan"} {
		scripts, err := Scripts(depth)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range scripts {
			if slices.Contains(but, s.Path) {
				continue
			}
			t.Run(strings.TrimPrefix(strings.TrimSuffix(s.Path, ".rqlt"), "suites/"), func(t *testing.T) {
				RunScript(t, s, b, tally)
			})
		}
	}
	out := ""
	if len(but) > 0 {
		out = fmt.Sprintf(", %d scripts left out", len(but))
	}
	t.Logf("%s: %s%s", b.Name(), tally, out)
	return tally
}

// RunScript runs the cases of one script.
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

// run runs one case and returns the differences.
func (s *Script) run(ctx context.Context, c *Case, b Backend, tally *Tally) []error {
	if reason := c.unfit(b); reason != "" {
		tally.skip(reason, len(c.Blocks))
		return nil
	}
	at := func(line int, err error) error { return fmt.Errorf("%s:%d: %w", s.Path, line, err) }
	var errs []error
	err := s.each(ctx, c, b, func(blk *Block, o outcome) {
		if o.skipped != "" {
			tally.skip(o.skipped, 1)
			return
		}
		tally.Ran++
		if err := blk.compareAll(o); err != nil {
			errs = append(errs, at(blk.Line, err))
		}
	})
	if err != nil {
		errs = append(errs, at(c.Line, err))
	}
	if err := b.Finish(ctx); err != nil {
		errs = append(errs, at(c.Line, err))
	}
	return errs
}

// outcome is the result of a block.
type outcome struct {
	results []Result
	err     error
	text    []string // the plan or the state, if requested
	skipped string   // why the block, or its text, was left out; "" if it was not
}

// each runs the blocks of a case one after the other on an empty database.
func (s *Script) each(ctx context.Context, c *Case, b Backend, done func(*Block, outcome)) error {
	if err := b.Reset(ctx); err != nil {
		return err
	}
	for _, given := range []string{s.Given, c.Given} {
		if given == "" {
			continue
		}
		if _, err := b.Exec(ctx, given, nil); err != nil {
			return fmt.Errorf("# given: %w", err)
		}
	}
	cursor := ""
	for _, blk := range c.Blocks {
		o := blk.exec(ctx, c, b, cursor)
		done(blk, o)
		cursor = ""
		if o.err == nil && len(o.results) > 0 {
			cursor = o.results[len(o.results)-1].Cursor
		}
	}
	return nil
}

// unfit says why a case cannot run on a backend; "" if it can.
func (c *Case) unfit(b Backend) string {
	if len(c.Only) > 0 && !slices.Contains(c.Only, b.Name()) {
		return "only " + strings.Join(c.Only, ", ")
	}
	for _, what := range c.Needs {
		if !b.Has(what) {
			return "needs " + what
		}
	}
	if _, ok := b.(Commander); !ok && slices.ContainsFunc(c.Blocks, func(blk *Block) bool { return blk.Raw != nil }) {
		return "no plain commands"
	}
	if !b.Has("hash") && slices.ContainsFunc(c.Blocks, ofHashes) {
		return "commands of hashes"
	}
	return ""
}

// ofHashes reports plain commands that write documents as hashes.
func ofHashes(b *Block) bool {
	return slices.ContainsFunc(b.Raw, func(args []string) bool { return strings.HasPrefix(args[0], "H") })
}

// exec runs one block. cursor is the cursor of the block before it.
func (blk *Block) exec(ctx context.Context, c *Case, b Backend, cursor string) (o outcome) {
	kind := blk.Expect.TextKind
	// A plan depends on how documents are stored; a case with needs is
	// explained on a backend that has them.
	others := kind == "plan" && !b.Has("plan") && len(c.Needs) == 0
	if kind == "plan" && b.Name() == "judge" {
		return outcome{skipped: "no plans"}
	}
	if blk.Advance > 0 {
		if err := b.Advance(ctx, blk.Advance); err != nil {
			return outcome{err: err}
		}
	}
	for _, args := range blk.Raw {
		if err := b.(Commander).Command(ctx, args); err != nil {
			return outcome{err: fmt.Errorf("# raw %q: %w", args, err)}
		}
	}
	params := blk.Params
	if blk.CursorAs != "" {
		if cursor == "" {
			return outcome{err: errors.New("# cursor: the block before left none")}
		}
		params = map[string]any{blk.CursorAs: cursor}
		maps.Copy(params, blk.Params)
	}
	o.results, o.err = b.Exec(ctx, blk.Text, params)
	switch {
	case o.err != nil:
	case others: // what PROFILE executed is applied
		return outcome{results: o.results, skipped: "no plans"}
	case kind == "plan":
		o.text = planText(o.results)
	case kind == "state":
		var err error
		o.text, err = b.State(ctx)
		if errors.Is(err, ErrUnsupported) {
			return outcome{results: o.results, skipped: "no state"}
		}
		sort.Strings(o.text)
		o.err = err
	}
	return o
}

// compareAll is compare, and also compares expected text.
func (blk *Block) compareAll(o outcome) error {
	if err := blk.compare(o.results, o.err); err != nil {
		return err
	}
	switch blk.Expect.TextKind {
	case "plan", "state":
		return compareText(blk.Expect.Text, o.text)
	case "types", "print":
		return fmt.Errorf("%s belongs in suites/check or suites/parse", blk.Expect.TextKind)
	}
	return nil
}

// planText returns the lines of an EXPLAIN: its single column, up to the script
// of a block, whose text is not part of the language, or to the estimate.
func planText(results []Result) []string {
	var out []string
	for _, row := range results[len(results)-1].Rows {
		for _, line := range strings.Split(strings.TrimRight(fmt.Sprint(row[0]), "\n"), "\n") {
			if notKnown.MatchString(line) {
				continue
			}
			if line == "estimate:" {
				return out
			}
			out = append(out, varies.ReplaceAllString(strings.TrimRight(line, " ▇"), "…"))
			if strings.TrimSpace(line) == "script:" {
				return out
			}
		}
	}
	return out
}

// The output of PROFILE differs from run to run: times and their bars, bytes, and whether the
// server had a script cached.
var (
	varies   = regexp.MustCompile(`(?:at most )?\d+\.\d+ ms|\d+ bytes sent|\d+ received$`)
	notKnown = regexp.MustCompile(`^ +and \d+ round trips? more, because`)
)

func compareText(want, got []string) error {
	if slices.Equal(want, got) {
		return nil
	}
	return fmt.Errorf("expected\n%s\ngot\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
}
