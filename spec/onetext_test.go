package spec

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// oneText runs the blocks of a case as one text, from the first up to one that needs more than its text. Consecutive writes share round
// trips then, as in a script, and the results must be those of one block after the other.
type oneText struct {
	b                       Backend
	texts, blocks, unjoined int
}

// joins reports whether a block needs only its text, and is expected to succeed.
func joins(blk *Block) bool {
	return len(blk.Params) == 0 && blk.CursorAs == "" && blk.Advance == 0 && len(blk.Raw) == 0 && blk.Expect.Error == nil && blk.Expect.TextKind == "" && len(blk.Pins) == 0
}

func (o *oneText) run(ctx context.Context, s *Script, c *Case) error {
	n := 0
	for n < len(c.Blocks) && joins(c.Blocks[n]) {
		n++
	}
	if n < 2 || c.unfit(o.b) != "" {
		return nil
	}
	if err := o.b.Reset(ctx); err != nil {
		return err
	}
	err := errors.Join(o.compare(ctx, []string{s.Given, c.Given}, c.Blocks[:n]), o.b.Finish(ctx))
	if err != nil {
		return fmt.Errorf("%s:%d: as one text: %w", s.Path, c.Line, err)
	}
	return nil
}

// compare runs what is given and the blocks, and compares the results of each block.
func (o *oneText) compare(ctx context.Context, given []string, blocks []*Block) error {
	all := &strings.Builder{}
	at := 0
	for _, text := range given {
		at += add(all, text)
	}
	ends := make([]int, len(blocks))
	for i, blk := range blocks {
		ends[i] = at + add(all, blk.Text)
		at = ends[i]
	}
	results, err := o.b.Exec(ctx, all.String(), nil)
	var one *Error
	var many Errors
	if errors.As(err, &one) && one.Stmt < 0 || errors.As(err, &many) { // the names of LET are of one text, for example
		o.unjoined++
		return nil
	}
	if err != nil {
		return err
	}
	if len(results) != at {
		return fmt.Errorf("%d results of %d statements", len(results), at)
	}
	o.texts++
	o.blocks += len(blocks)
	from := ends[0] - statements(blocks[0].Text)
	for i, blk := range blocks {
		if err := blk.compare(results[from:ends[i]], nil); err != nil {
			return fmt.Errorf("line %d: %w", blk.Line, err)
		}
		from = ends[i]
	}
	return nil
}

// add appends a text, and returns how many statements it has.
func add(all *strings.Builder, text string) int {
	all.WriteString(text + "\n;\n")
	return statements(text)
}

func statements(text string) int { return len(parser.Parse(lang.NewSource("", text)).Stmts) }

// The blocks of a case give the same results as one text, in which writes are chained.
func TestAsOneText(t *testing.T) {
	o := &oneText{b: startRedis(t)}
	scripts, err := Scripts("run")
	require.NoError(t, err)
	for _, s := range scripts {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(s.Path, "suites/run/"), ".rqlt"), func(t *testing.T) {
			for _, c := range s.Cases {
				if err := o.run(t.Context(), s, c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	t.Logf("%d texts of %d blocks; the blocks of %d cases are no one text", o.texts, o.blocks, o.unjoined)
	require.Greater(t, o.texts, 10*o.unjoined)
}
