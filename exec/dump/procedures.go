package dump

import (
	"context"
	"errors"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// procedures writes them, each behind those that it calls. One that no longer fits the models, or calls one that was dropped, cannot be
// declared: it is written as a comment.
func (d *dumper) procedures(ctx context.Context) error {
	seen := map[string]bool{}
	var add func(p *ir.Procedure) error
	add = func(p *ir.Procedure) error {
		if p == nil || seen[p.Decl.Name.Name] {
			return nil
		}
		seen[p.Decl.Name.Name] = true
		for _, name := range calls(p.Decl) {
			if err := add(d.schema.Procedure(name)); err != nil {
				return err
			}
		}
		if err := d.s.Check(ctx, lang.NewSource("", p.Def), nil); err != nil {
			if bad := (*lang.CheckError)(nil); !errors.As(err, &bad) {
				return err
			}
			d.print("\n-- broken: " + strings.ReplaceAll(p.Def, "\n", "\n-- ") + ";\n")
			d.n.Broken = append(d.n.Broken, p.Decl.Name.Name)
			return nil
		}
		d.print("\n" + p.Def + ";\n")
		d.n.Procedures++
		return nil
	}
	for _, name := range d.schema.Procedures() {
		if err := add(d.schema.Procedure(name)); err != nil {
			return err
		}
	}
	return nil
}

// calls names the procedures that one calls.
func calls(p *lang.ProcedureStmt) (names []string) {
	lang.Walk(p, func(n lang.Node) bool {
		if c, ok := n.(*lang.CallStmt); ok {
			names = append(names, c.Name.Name)
		}
		return true
	})
	return names
}
