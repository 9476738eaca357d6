package lua

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

func lit(t lang.Type, v any) ir.Expr { return &ir.Const{Base: base(t), Value: v, Ord: -1} }

func list(xs ...any) []any { return append([]any{}, xs...) }

// change runs SET items on a document that has only the columns in row, and
// gives column col afterwards, what was taken, and the failure.
func change(t *testing.T, s server, items []*ir.Assign, row map[string]any, col string) (got, taken any, failure string) {
	t.Helper()
	schema, m := testModel()
	p := NewRuntime(schema)
	sc := &argScope{slots: map[ir.Expr]*tree.Node{}, p: p, t: t, model: m}
	var b strings.Builder
	b.WriteString("local r,V_x={},nil\n")
	for _, c := range m.Columns {
		if v, ok := row[c.Name]; ok {
			b.WriteString(tree.Print(st("%s=%s", cell("r", c), sc.send(lit(c.Type, v), v, c.Type))))
		}
	}
	takenType := lang.TypeInt.OrNull()
	for _, a := range items {
		set, err := Assign(a, "r", sc, p)
		require.NoError(t, err)
		text, err := tree.Append(nil, set)
		require.NoError(t, err)
		b.Write(text)
		if a.As != nil {
			takenType = a.As.Type
		}
	}
	c := m.Column(col)
	read := cell("r", c)
	// The reply holds both: the column's text, and behind NUL what was taken out.
	b.WriteString("local x=" + text(Reply(c.Type, read, p)) + " local y=" + text(Reply(takenType, "V_x", p)) + " return (x or 'null')..'\\0'..(y or 'null')")
	out, fail := s.run(t, frame(p, false, b.String()), sc.args...)
	if fail != "" {
		return nil, nil, fail
	}
	x, y, _ := strings.Cut(out.(string), "\x00")
	return parsed(t, x, c.Type), parsed(t, y, takenType), ""
}

func parsed(t *testing.T, text string, ty lang.Type) any {
	t.Helper()
	if text == "null" {
		return nil
	}
	v, err := codec.Parse(text, ty)
	require.NoError(t, err)
	return v
}

// at builds a SET item of a place in a column of the test model.
func at(col, op string, steps []ir.Expr, value ir.Expr, args ...ir.Expr) *ir.Assign {
	_, m := testModel()
	c := m.Column(col)
	t := c.Type
	for range steps {
		t = *t.Elem
	}
	return &ir.Assign{Place: ir.Place{Col: c, T: t, Steps: steps}, Op: op, Value: value, Args: args}
}

func taking(a *ir.Assign, t lang.Type) *ir.Assign {
	a.As = &ir.Variable{ID: 1, Name: "x", Type: t.OrNull()}
	return a
}

func TestAssign(t *testing.T) {
	i, s, f := lang.TypeInt, lang.TypeString, lang.TypeFloat
	n := func(v int64) ir.Expr { return lit(i, v) }
	w := func(v string) ir.Expr { return lit(s, v) }
	five := list(int64(1), int64(2), int64(3), int64(2), int64(5))
	pair := map[string]any{"a": int64(1), "b": int64(2)}
	entry := lang.Type{Kind: lang.KRecord, Cols: []lang.Col{{Name: "key", Type: s}, {Name: "value", Type: i}}}
	cases := []struct {
		name  string
		item  *ir.Assign
		was   any
		want  any
		taken any
		fails string
	}{
		{"assign", at("n0", "=", nil, n(4)), nil, int64(4), nil, ""},
		{"assign null", at("n0", "=", nil, lit(i.OrNull(), nil)), int64(3), nil, nil, ""},
		{"add", at("a0", "+=", nil, n(4)), int64(3), int64(7), nil, ""},
		{"add to null", at("n0", "+=", nil, n(4)), nil, nil, nil, ""},
		{"subtract too much", at("a0", "-=", nil, n(lang.MaxInt)), int64(-1), nil, nil, "!overflow"},
		{"multiply a float by an int", at("a1", "*=", nil, &ir.Convert{Base: base(f), X: n(3)}), 1.5, 4.5, nil, ""},
		{"divide", at("a1", "/=", nil, lit(f, 0.0)), 1.5, nil, nil, "!division-by-zero"},
		{"floor, modulo", at("a0", "//=", nil, n(2)), int64(-7), int64(-4), nil, ""},
		{"modulo", at("a0", "%=", nil, n(2)), int64(-7), int64(1), nil, ""},
		{"power", at("a0", "**=", nil, n(3)), int64(-2), int64(-8), nil, ""},
		{"string add", at("a2", "+=", nil, w("b")), "a", "ab", nil, ""},
		{"string repeat", at("a2", "*=", nil, n(3)), "ab", "ababab", nil, ""},
		{"later", at("a4", "+=", nil, lit(lang.TypeDuration, lang.Duration(1))), codec.MaxDateTime, nil, nil, "!overflow"},
		{"list add", at("a8", "+=", nil, lit(ints, list(int64(9)))), five[:1], list(int64(1), int64(9)), nil, ""},
		{"element", at("a8", "=", []ir.Expr{n(-1)}, n(9)), five, list(int64(1), int64(2), int64(3), int64(2), int64(9)), nil, ""},
		{"element add", at("a8", "+=", []ir.Expr{n(0)}, n(9)), five[:2], list(int64(10), int64(2)), nil, ""},
		{"past the end", at("a8", "=", []ir.Expr{n(5)}, n(9)), five, nil, nil, "!index-out-of-range"},
		{"null index", at("a8", "=", []ir.Expr{lit(i.OrNull(), nil)}, n(9)), five, nil, nil, "!null-value"},
		{"key", at("n10", "=", []ir.Expr{w("k")}, n(9)), nil, map[string]any{"k": int64(9)}, nil, ""},
		{"key of others", at("a10", "-=", []ir.Expr{w("b")}, n(9)), pair, map[string]any{"a": int64(1), "b": int64(-7)}, nil, ""},
	}
	operations := []struct {
		name  string
		item  *ir.Assign
		was   any
		want  any
		taken any
		fails string
	}{
		{"append", at("n8", "append", nil, nil, n(1)), nil, list(int64(1)), nil, ""},
		{"prepend", at("a8", "prepend", nil, nil, n(0)), five[:2], list(int64(0), int64(1), int64(2)), nil, ""},
		{"extend", at("a8", "extend", nil, nil, lit(ints, list(int64(7), int64(8)))), five[:1], list(int64(1), int64(7), int64(8)), nil, ""},
		{"insert", at("a8", "insert", nil, nil, n(-1), n(9)), five[:2], list(int64(1), int64(9), int64(2)), nil, ""},
		{"insert past the end", at("a8", "insert", nil, nil, n(50), n(9)), five[:2], list(int64(1), int64(2), int64(9)), nil, ""},
		{"remove the first", at("a8", "remove", nil, nil, n(2)), five, list(int64(1), int64(3), int64(2), int64(5)), nil, ""},
		{"remove nothing", at("a8", "remove", nil, nil, n(77)), five[:2], list(int64(1), int64(2)), nil, ""},
		{"remove a range", at("a8", "remove_range", nil, nil, n(1), n(-1)), five, list(int64(1), int64(5)), nil, ""},
		{"remove an empty range", at("a8", "remove_range", nil, nil, n(3), n(1)), five, five, nil, ""},
		{"pop", taking(at("a8", "pop", nil, nil), i), five, five[:4], int64(5), ""},
		{"pop one", taking(at("a8", "pop", nil, nil, n(0)), i), five[:2], list(int64(2)), int64(1), ""},
		{"pop unnamed", at("a8", "pop", nil, nil), five[:2], list(int64(1)), nil, ""},
		{"pop of nothing", taking(at("a8", "pop", nil, nil), i), list(), list(), nil, ""},
		{"clear", at("a8", "clear", nil, nil), five, list(), nil, ""},
		{"map update", at("a10", "update", nil, nil, lit(counts, map[string]any{"b": int64(5), "c": int64(6)})), pair,
			map[string]any{"a": int64(1), "b": int64(5), "c": int64(6)}, nil, ""},
		{"map pop", taking(at("a10", "pop", nil, nil, w("b")), i), pair, map[string]any{"a": int64(1)}, int64(2), ""},
		{"map pop default", taking(at("a10", "pop", nil, nil, w("z"), n(8)), i), pair, pair, int64(8), ""},
		{"popitem", taking(at("a10", "popitem", nil, nil), entry), pair, map[string]any{"a": int64(1)}, map[string]any{"key": "b", "value": int64(2)}, ""},
		{"popitem of nothing", taking(at("a10", "popitem", nil, nil), entry), map[string]any{}, map[string]any{}, nil, ""},
		{"map clear", at("a10", "clear", nil, nil), pair, map[string]any{}, nil, ""},
	}
	for _, srv := range servers(t) {
		for _, c := range append(cases, operations...) {
			t.Run(srv.name+"/"+c.name, func(t *testing.T) {
				name := c.item.Place.Col.Name
				got, taken, fails := change(t, srv, []*ir.Assign{c.item}, map[string]any{name: c.was}, name)
				require.Equal(t, c.fails, fails)
				require.Equal(t, c.want, got)
				require.Equal(t, c.taken, taken)
			})
		}
	}
}

// TestAssignEmbedded: a whole embedded value sets its columns and its presence, null clears them.
func TestAssignEmbedded(t *testing.T) {
	schema, m := testModel()
	home := m.Field("home")
	whole := func(x ir.Expr) *ir.Assign {
		return &ir.Assign{Place: ir.Place{Emb: home, Prefix: "home", T: home.Type}, Op: "=", Value: x}
	}
	geo := home.Emb.Field("geo")
	point := lit(geo.Type, map[string]any{"lat": 2.5, "name": "n"})
	address := lit(home.Type.NotNull(), map[string]any{"street": "s", "geo": map[string]any{"lat": 1.5, "name": nil}})
	inner := &ir.Assign{Place: ir.Place{Emb: geo, Prefix: "home.geo", T: geo.Type, Creates: []*ir.Column{m.Column("home")}}, Op: "=", Value: point}
	leaf := &ir.Assign{Place: ir.Place{Col: m.Column("home.geo.name"), T: lang.TypeString.OrNull(), Creates: []*ir.Column{m.Column("home")}}, Op: "=", Value: lit(lang.TypeString, "x")}
	full := map[string]any{"home": true, "home.street": "old", "home.geo.lat": 9.0, "home.geo.name": "old"}
	cases := []struct {
		name string
		item *ir.Assign
		row  map[string]any
		want []any // home, street, lat, name
	}{
		{"value", whole(address), full, []any{true, "s", 1.5, nil}},
		{"null", whole(lit(home.Type, nil)), full, []any{nil, nil, nil, nil}},
		{"from null", whole(address), nil, []any{true, "s", 1.5, nil}},
		{"inner", inner, nil, []any{true, nil, 2.5, "n"}},
		{"leaf", leaf, nil, []any{true, nil, nil, "x"}},
	}
	_ = schema
	for _, srv := range servers(t) {
		for _, c := range cases {
			var got []any
			for _, col := range []string{"home", "home.street", "home.geo.lat", "home.geo.name"} {
				v, _, fails := change(t, srv, []*ir.Assign{c.item}, c.row, col)
				require.Empty(t, fails)
				got = append(got, v)
			}
			require.Equal(t, c.want, got, c.name)
		}
	}
}

// TestAssignOrder: items run left to right, and an old list stays as it was.
func TestAssignOrder(t *testing.T) {
	_, m := testModel()
	row := &ir.Row{Base: base(lang.Type{Kind: lang.KRow, Model: "Doc"})}
	col := func(name string) ir.Expr {
		return &ir.Col{Base: base(m.Column(name).Type), X: row, Col: m.Column(name)}
	}
	items := []*ir.Assign{
		at("n8", "=", nil, col("a8")),
		at("a8", "append", nil, nil, lit(lang.TypeInt, int64(3))),
		at("a8", "=", []ir.Expr{lit(lang.TypeInt, int64(0))}, &ir.Call{Base: base(lang.TypeInt), Fn: "len", Args: []ir.Expr{col("a8")}}),
	}
	for _, srv := range servers(t) {
		for name, want := range map[string]any{"n8": list(int64(7)), "a8": list(int64(2), int64(3))} {
			got, _, fails := change(t, srv, items, map[string]any{"a8": list(int64(7))}, name)
			require.Empty(t, fails)
			require.Equal(t, want, got)
		}
	}
}

// TestSound: nulls where a type allows none are refused.
func TestSound(t *testing.T) {
	for _, srv := range servers(t) {
		for value, want := range map[string]string{"{n=2,'a'}": "!null-value", "{n=1,'a'}": "", "nil": "", "{n=0}": ""} {
			p := NewRuntime(nil)
			check := tree.PrintExpr(Sound(words, "v", p))
			_, fails := srv.run(t, frame(p, true, "local v="+value+"\n"+check+"\nreturn '1'"))
			require.Equal(t, want, fails)
		}
	}
}
