package lua

import (
	"sort"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Decode is the Lua expression that turns stored hash text (a Lua string, or
// false or nil when the field is absent) into the typed value. Text that is
// not of the type, and absence where t is not nullable, end in
// badvalue(column, text).
func Decode(t lang.Type, text, column string, p *Pieces) string {
	args := []string{text, Quote(column)}
	if t.Null {
		args = append(args, "true")
	}
	switch s := t.Scalar(); s.Kind {
	case lang.KInt, lang.KDuration:
		return p.call("d_int", args...)
	case lang.KInt64:
		return p.call("d_long", args...)
	case lang.KDateTime:
		return p.call("d_time", args...)
	case lang.KFloat:
		return p.call("d_float", args...)
	case lang.KBool:
		return p.call("d_bool", args...)
	case lang.KBytes:
		return p.call("d_bytes", args...)
	case lang.KGeo:
		return p.call("d_geo", args...)
	case lang.KVector:
		return p.call("d_vec", args[0], args[1], truth(t.Null), strconv.Itoa(t.N))
	case lang.KString:
		if t.Kind == lang.KEnum {
			return p.call("d_enum", text, Quote(column), truth(t.Null), p.table(setOf(t.Values)))
		}
		return p.call("d_str", args...)
	}
	return p.call("d_json", text, Quote(column), truth(t.Null), p.shape(t))
}

func truth(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// setOf is a Lua table that holds true under each name.
func setOf(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = "[" + Quote(n) + "]=true"
	}
	sort.Strings(q)
	return "{" + strings.Join(q, ", ") + "}"
}

// Encode is the Lua expression for the stored text of a typed value that is not null.
func Encode(t lang.Type, text string, p *Pieces) string {
	switch t.Scalar().Kind {
	case lang.KInt, lang.KDuration, lang.KDateTime:
		p.Use("fmt")
		return "fmt('%d'," + text + ")"
	case lang.KFloat:
		return p.call("f_text", text)
	case lang.KBool:
		return "(" + text + " and '1' or '0')"
	case lang.KString, lang.KBytes, lang.KInt64, lang.KGeo, lang.KVector:
		return text
	}
	return p.call("j_text", text, p.shape(t))
}

// Reply is the Lua expression for what a reply array holds for a typed value:
// its text as Encode writes it, or false for null.
func Reply(t lang.Type, text string, p *Pieces) string {
	switch t.Scalar().Kind {
	case lang.KString, lang.KBytes, lang.KInt64, lang.KGeo, lang.KVector:
		return "(" + text + " or false)"
	case lang.KInt, lang.KDuration, lang.KDateTime:
		return p.call("r_int", text)
	case lang.KFloat:
		return p.call("r_float", text)
	case lang.KBool:
		return p.call("r_bool", text)
	}
	return p.call("r_json", text, p.shape(t))
}

// Member is the Lua expression for the order-preserving component of a typed,
// maybe null value in an index entry.
func Member(t lang.Type, text string, p *Pieces) string {
	return p.call(memberPiece(t), text)
}

// Members is the Lua expression for the distinct components of a list in a
// list index, as an array: of null and of the empty list one that says so.
func Members(t lang.Type, text string, p *Pieces) string {
	f := memberPiece(*t.Elem)
	p.Use(f)
	return p.call("m_list", text, f)
}

func memberPiece(t lang.Type) string {
	switch t.Scalar().Kind {
	case lang.KInt, lang.KDuration, lang.KDateTime:
		return "m_int"
	case lang.KFloat:
		return "m_float"
	case lang.KBool:
		return "m_bool"
	case lang.KInt64:
		return "m_long"
	case lang.KGeo:
		return "m_geo"
	}
	return "m_str"
}

// Arg is the Lua expression for the typed, maybe null value that AppendArg
// wrote as the argument that text gives.
func Arg(t lang.Type, text string, p *Pieces) string {
	switch t.Scalar().Kind {
	case lang.KInt, lang.KDuration, lang.KDateTime, lang.KFloat:
		return p.call("tonum", text) // '' is no number: null
	case lang.KInt64:
		return p.call("a_long", text)
	case lang.KBool:
		return p.call("a_bool", text)
	case lang.KString, lang.KBytes, lang.KGeo, lang.KVector:
		return p.call("a_str", text)
	case lang.KNull:
		return "nil"
	}
	return p.call("a_json", text, p.shape(t))
}
