package exec

import (
	"context"
	"strings"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

// RoundTrips counts round trips.
type RoundTrips = conn.RoundTrips

// Counting returns a context that counts the round trips of the calls made with it.
func Counting(ctx context.Context) (context.Context, *RoundTrips) {
	n := &RoundTrips{}
	return conn.Watched(ctx, n), n
}

// Kind returns the first word of the last statement; "" if the text has none.
func (x *Call) Kind() string {
	i := x.Last()
	if i < 0 {
		return ""
	}
	p, err := x.runner.c.Plan(i, x.runner.s.e.db.Conn.Can())
	if err != nil {
		return ""
	}
	return p.Kind
}

// Models returns the models that the text uses, in byte order.
func (x *Call) Models() []string {
	var out []string
	for _, m := range x.runner.c.Prog.Uses {
		out = append(out, m.Name)
	}
	return out
}

// Plan returns the EXPLAIN output of each statement that has a plan. Literals are shown as ?, because a cached plan may be that
// of another text with the same shape.
func (x *Call) Plan() []string {
	c, out := x.runner.c, []string(nil)
	text, ok := parser.Blanked(c.Source.Text)
	if !ok {
		return nil
	}
	src := lang.NewSource("", text)
	for i, st := range c.Prog.Stmts {
		if st == nil {
			continue
		}
		switch st.(type) {
		case *ir.Define, *ir.Drop, *ir.DefineProcedure, *ir.DropProcedure, *ir.Show, *ir.Explain:
			continue
		}
		if p, err := c.Plan(i, x.runner.s.e.db.Conn.Can()); err == nil {
			out = append(out, strings.ReplaceAll(strings.Join(planner.Explain(p, src, nil), "\n"), string(parser.Pad), ""))
		}
	}
	return out
}
