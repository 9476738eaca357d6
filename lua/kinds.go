package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lua/tree"
)

// reprCode names the runtime functions for the values of a Repr.
type reprCode struct {
	encode func(text any, p *Runtime) *tree.Node // stored text of a value that is not null
	reply  string                                // text in a reply, or false; "": it is its own text
	member string                                // component in an index entry
	entry  func(text any, p *Runtime) *tree.Node // the same, from its stored text
	arg    string                                // value from an argument
	order  string                                // prefix of < <= > >=
	minus  string
	sum    string // of a list
	avg    string
	ops    map[lang.Op]string
}

// textual is the code for values that are their own text.
func textual(member, arg, order string) *reprCode {
	return &reprCode{
		encode: func(text any, _ *Runtime) *tree.Node { return tree.Arg(text) },
		member: member, arg: arg, order: order,
		entry: func(text any, p *Runtime) *tree.Node { return p.call(member, text) },
		ops:   map[lang.Op]string{lang.OpAdd: "s_add", lang.OpMul: "s_mul"},
	}
}

var reprCodes = map[lang.Repr]*reprCode{
	lang.ReprBool: {
		encode: func(text any, _ *Runtime) *tree.Node { return ex("%s and '1' or '0'", text) },
		reply:  "r_bool", member: "m_bool", arg: "a_bool", order: "b",
		entry: func(text any, _ *Runtime) *tree.Node { return ex("%s=='1' and 't' or 'f'", text) },
	},
	lang.ReprInt: {
		encode: func(text any, p *Runtime) *tree.Node { p.Use("fmt"); return ex("fmt('%d',%s)", text) },
		reply:  "r_int", member: "m_int", arg: "tonum", order: "n", minus: "neg", sum: "l_sum", avg: "l_avg",
		entry: func(text any, p *Runtime) *tree.Node { return p.call("m_digits", text) },
		ops: map[lang.Op]string{
			lang.OpAdd: "i_add", lang.OpSub: "i_sub", lang.OpMul: "i_mul",
			lang.OpFloorDiv: "i_div", lang.OpMod: "i_mod", lang.OpPow: "i_pow",
		},
	},
	lang.ReprLong: {
		encode: func(text any, _ *Runtime) *tree.Node { return tree.Arg(text) },
		member: "m_long", arg: "a_long", order: "L", minus: "L_neg", sum: "L_sum", avg: "l_avg",
		entry: func(text any, p *Runtime) *tree.Node { return p.call("m_long", text) },
		ops:   map[lang.Op]string{lang.OpAdd: "L_add", lang.OpSub: "L_sub"},
	},
	lang.ReprFloat: {
		encode: func(text any, p *Runtime) *tree.Node { return p.call("f_text", text) },
		reply:  "r_float", member: "m_float", arg: "tonum", order: "n", minus: "neg", sum: "l_fsum", avg: "l_favg",
		entry: func(text any, p *Runtime) *tree.Node { return p.call("m_float", p.call("f_num", text)) },
		ops: map[lang.Op]string{
			lang.OpAdd: "f_add", lang.OpSub: "f_sub", lang.OpMul: "f_mul", lang.OpDiv: "f_div",
			lang.OpFloorDiv: "f_idiv", lang.OpMod: "i_mod", lang.OpPow: "f_pow",
		},
	},
	lang.ReprString: textual("m_str", "a_str", "s"),
	lang.ReprBytes:  textual("m_str", "a_str", "s"),
	lang.ReprGeo:    textual("m_geo", "a_str", "n"),
	lang.ReprVector: textual("m_str", "a_str", "n"),
}

// codeOf is the code for the values of a type; nil for those that are kept as JSON.
func codeOf(t lang.Type) *reprCode { return reprCodes[t.Repr()] }

// kindCode names the runtime functions for the values of a kind of single values.
type kindCode struct {
	prefix string                                   // of the runtime functions of functions that take such a value first
	decode string                                   // typed value from stored text
	shape  func(t lang.Type, p *Runtime) *tree.Node // how the runtime functions for JSON know it: see Runtime.shape
	casts  map[string]string                        // by function: what converts it; "=" is the value itself
	ops    map[lang.Op]string                       // where they differ from those of its Repr
	avg    string                                   // likewise
}

// shaped is the shape of a kind that one letter tells.
func shaped(k string) func(lang.Type, *Runtime) *tree.Node {
	return func(_ lang.Type, p *Runtime) *tree.Node { return p.table(ex("{k=%s}", tree.Str(k))) }
}

var kindCodes = map[lang.Kind]kindCode{
	lang.KBool: {decode: "d_bool", shape: shaped("b"), casts: map[string]string{"string": "b_str", "int": "b_int", "int64": "b_long"}},
	lang.KInt: {prefix: "i_", decode: "d_int", shape: shaped("i"),
		casts: map[string]string{"string": "i_str", "int": "=", "int64": "L_of", "float": "=", "datetime": "i_time", "duration": "="}},
	lang.KInt64: {decode: "d_long", shape: shaped("L"), casts: map[string]string{"string": "=", "int": "L_int", "int64": "=", "float": "L_float"}},
	lang.KFloat: {prefix: "f_", decode: "d_float", shape: shaped("f"), casts: map[string]string{"string": "f_str", "int": "f_int", "int64": "f_long", "float": "="}},
	lang.KString: {prefix: "s_", decode: "d_str", shape: shaped("s"),
		casts: map[string]string{"string": "=", "int": "s_int", "int64": "s_long", "float": "s_float", "datetime": "s_time", "duration": "s_duration"}},
	lang.KText:  {decode: "d_str", shape: shaped("s"), casts: map[string]string{"string": "="}},
	lang.KEnum:  {decode: "d_enum", shape: enumShape, casts: map[string]string{"string": "="}},
	lang.KBytes: {prefix: "y_", decode: "d_bytes", shape: shaped("y"), casts: map[string]string{"string": "y_str"}},
	lang.KDateTime: {prefix: "t_", decode: "d_time", shape: shaped("t"),
		casts: map[string]string{"string": "t_str", "int": "=", "int64": "L_of", "float": "=", "datetime": "="},
		ops:   map[lang.Op]string{lang.OpAdd: "t_add", lang.OpSub: "t_sub"}},
	lang.KDuration: {decode: "d_int", shape: shaped("i"), avg: "l_davg",
		casts: map[string]string{"string": "d_str_of", "int": "=", "int64": "L_of", "float": "=", "duration": "="},
		ops:   map[lang.Op]string{lang.OpDiv: "d_div"}},
	lang.KGeo: {prefix: "g_", decode: "d_geo", casts: map[string]string{"string": "="}, shape: func(_ lang.Type, p *Runtime) *tree.Node {
		p.Use("g_read")
		return p.table(ex("{k='s', g=g_read}"))
	}},
	lang.KVector: {decode: "d_vec", shape: func(t lang.Type, p *Runtime) *tree.Node {
		p.Use("v_json", "v_list", "v_of")
		return p.table(ex("{k='v', n=%d, cos=%v, e={k='f'}, json=v_json, list=v_list, of=v_of}", t.N, t.Cosine()))
	}},
	lang.KJSON: {decode: "d_json", shape: shaped("j"),
		casts: map[string]string{"string": "j_str", "int": "j_int", "int64": "j_long", "float": "j_float", "datetime": "j_time", "duration": "j_duration"}},
}

func enumShape(t lang.Type, p *Runtime) *tree.Node {
	if len(t.Values) == 0 {
		return shaped("s")(t, p)
	}
	return p.table(ex("{k='s',v=%s}", setOf(t.Values)))
}

// keyed is the type of the key for a ref, else the type itself.
func keyed(t lang.Type) lang.Type {
	if t.Kind == lang.KRef {
		return t.Scalar()
	}
	return t
}

// deep reports the kinds whose equality looks inside.
func deep(t lang.Type) bool {
	switch t.Kind {
	case lang.KList, lang.KMap, lang.KEmbedded, lang.KJSON, lang.KRow, lang.KRecord, lang.KObject, lang.KUnknown:
		return true
	}
	return false
}
