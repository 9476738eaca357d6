package lsp

import (
	"context"
	"strings"

	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// binding is where a name is bound: by LET, FOR or as the parameter of a procedure.
type binding struct {
	name lang.Ident
	of   lang.Span // the text that binds it
	top  bool      // by a LET outside of blocks
}

// bound is the binding of a name that counts at a place: the last one before it, and of those in blocks only of the same statement.
func (f *file) bound(name string, at int) (found *binding) {
	for _, st := range f.tree.Stmts {
		within := st.Span().Start <= at && at <= st.Span().End
		lang.Walk(st, func(n lang.Node) bool {
			top := n == lang.Node(st)
			take := func(id lang.Ident, of lang.Span) {
				if id.Name == name && id.Sp.Start <= at && (within || top) {
					found = &binding{id, of, top}
				}
			}
			switch x := n.(type) {
			case *lang.LetStmt:
				take(x.Name, x.Sp)
			case *lang.ForStmt:
				end := x.Sp.End
				if len(x.Body) > 0 {
					end = x.Body[0].Span().Start
				}
				top = false
				take(x.Var, lang.Span{Start: x.Sp.Start, End: end})
			case *lang.ProcedureStmt:
				top = false
				for _, p := range x.Params {
					take(p.Name, x.Name.Sp)
				}
			}
			return true
		})
	}
	return found
}

// bindingText is what binds a name, and its type where a LET outside of blocks does.
func (s *server) bindingText(f *file, b *binding, schema *ir.Schema) string {
	text := "```rql\n" + strings.TrimSpace(f.src.Slice(b.of)) + "\n```"
	if t := s.typeOf(f, b, schema); t.Kind != lang.KUnknown {
		text += "\n" + t.String()
	}
	return text
}

// typeOf is the type of a name that a LET outside of blocks binds; unknown for any other.
func (s *server) typeOf(f *file, b *binding, schema *ir.Schema) lang.Type {
	if !b.top {
		return lang.TypeUnknown
	}
	var text strings.Builder // what is declared is in the schema
	for _, st := range f.tree.Stmts {
		if let, is := st.(*lang.LetStmt); is && let.Sp.Start <= b.of.Start {
			text.WriteString(f.src.Slice(let.Sp) + ";\n")
		}
	}
	prog, _, err := compile.Check(context.Background(), lang.NewSource("", text.String()), nil, check.Options{NoParams: true, Program: true}, schema)
	if err != nil || prog == nil {
		return lang.TypeUnknown
	}
	for _, v := range prog.TopVars {
		if v.Name == b.name.Name {
			return v.Type
		}
	}
	return lang.TypeUnknown
}
