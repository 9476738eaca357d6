package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// stored converts a block to a procedure with the same parameters and calls it,
// alone or within another block; or adds a key to the block and sends it twice.
func (g *gen) stored(block string) string {
	if g.chance(3) {
		once := strings.Replace(block, "ATOMIC <", fmt.Sprintf("ATOMIC KEY '%d' FOR 1h <", g.n(1000)), 1)
		return once + "\n" + once
	}
	var params, args []string
	for name, v := range g.params {
		t := typeName(v)
		if t == "" || !strings.Contains(block, "$"+name) {
			continue
		}
		params, args = append(params, name+" "+t), append(args, "$"+name)
	}
	if len(NewStep(block, g.params).missing(args)) > 0 {
		return block // a value whose type cannot be inferred
	}
	slices.Sort(params)
	slices.Sort(args)
	call := "CALL proc(" + strings.Join(args, ", ") + ")"
	text := "PROCEDURE proc(" + strings.Join(params, ", ") + ") " + block + "\n"
	if g.chance(2) {
		return text + call
	}
	m := pick(g, g.all...)
	if !strings.Contains(block, "RETURN a") && !strings.Contains(block, ";\n  RETURN ") {
		return text + fmt.Sprintf("ATOMIC <\n  %s;\n  LET after = COUNT %s;\n  %s;\n  RETURN after\n>", call, m.name, call)
	}
	return text + fmt.Sprintf("ATOMIC <\n  LET r = %s;\n  LET after = COUNT %s;\n  LET again = %s;\n  RETURN r, after, again\n>", call, m.name, call)
}

// missing lists the parameters of a step that args does not name.
func (s Step) missing(args []string) []string {
	var out []string
	for name := range s.Params {
		if !slices.Contains(args, "$"+name) {
			out = append(out, name)
		}
	}
	return out
}

// typeName is the type of a value if it can be inferred, or "".
func typeName(v any) string {
	switch v := v.(type) {
	case int64:
		return "int"
	case string:
		return "string"
	case bool:
		return "bool"
	case float64:
		return "float"
	case lang.Bytes:
		return "bytes"
	case lang.Integer:
		return v.Kind().Info().Name
	}
	return ""
}
