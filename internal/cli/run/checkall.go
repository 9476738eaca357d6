package run

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// CheckAll checks several scripts before the first of them runs, each against the server's catalog and what the scripts before it
// declare. Long scripts are not checked, because they run in parts.
func (r *Runner) CheckAll(ctx context.Context, scripts []*Script) error {
	var text strings.Builder
	starts := make([]int, len(scripts))
	params := map[string]any{}
	for i, s := range scripts {
		if s.Long() || text.Len()+len(s.whole.Text) > lang.MaxSource-2 {
			return nil
		}
		starts[i] = text.Len()
		text.WriteString(s.whole.Text + "\n;")
		maps.Copy(params, s.whole.params(r.Params))
	}
	all := NewSource("", ".", text.String())
	if all.File.Diags.Err() != nil {
		return nil // too long together, or an unclosed comment: each is checked when it runs
	}
	err := r.session.Check(ctx, all.Source, params)
	var check *exec.CheckError
	if !errors.As(err, &check) {
		return err
	}
	for i, s := range scripts { // the first one with an error
		if own := within(check.Diags, starts, i); len(own) > 0 {
			return &SourceError{Source: s.whole, Cause: lang.NewCheckError(s.whole.Source, own)}
		}
	}
	return nil
}

// within returns the errors of a script, with positions in the script.
func within(all lang.Diags, starts []int, i int) (own lang.Diags) {
	for _, d := range all {
		if d.Span.Start < starts[i] || i+1 < len(starts) && d.Span.Start >= starts[i+1] {
			continue
		}
		moved := *d
		moved.Span.Start -= starts[i]
		moved.Span.End -= starts[i]
		moved.Stmt = 0
		moved.Fix = nil
		own = append(own, &moved)
	}
	return own
}
