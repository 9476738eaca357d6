package eval

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// world is a schema: User { id string KEY, age int?, home Address?, work Address, team ref<Team>? }, Address { city
// string, geo Geo? }, Geo { lat float? }, Team { id int KEY, name string, at Address }.
type world struct {
	schema     *ir.Schema
	user, team *ir.Model
}

func field(name string, t lang.Type) *ir.Field { return &ir.Field{Name: name, Type: t} }

func embedded(name string, m *ir.Model, null bool) *ir.Field {
	return &ir.Field{Name: name, Type: lang.Type{Kind: lang.KEmbedded, Model: m.Name, Null: null}, Emb: m}
}

func model(name string, fields ...*ir.Field) *ir.Model {
	m := &ir.Model{Name: name, Fields: fields, Key: fields[0]}
	for _, f := range fields {
		before := len(m.Columns)
		flatten(m, "", f, f, nil)
		f.Columns = m.Columns[before:]
	}
	return m
}

func flatten(m *ir.Model, prefix string, top, f *ir.Field, parent *ir.Column) {
	c := &ir.Column{Name: prefix + f.Name, Type: f.Type, Slot: len(m.Columns), Field: top, Leaf: f, Parent: parent}
	if f.Emb == nil {
		m.Columns = append(m.Columns, c)
		return
	}
	if f.Type.Null {
		c.Presence, c.Type = true, lang.TypeBool
		m.Columns = append(m.Columns, c)
		parent = c
	}
	for _, in := range f.Emb.Fields {
		flatten(m, prefix+f.Name+".", top, in, parent)
	}
}

func newWorld() world {
	geo := model("Geo", field("lat", lang.TypeFloat.OrNull()))
	addr := model("Address", field("city", lang.TypeString), embedded("geo", geo, true))
	team := model("Team", field("id", lang.TypeInt), field("name", lang.TypeString), embedded("at", addr, false))
	user := model("User", field("id", lang.TypeString), field("age", lang.TypeInt.OrNull()), embedded("home", addr, true),
		embedded("work", addr, false), field("team", lang.Type{Kind: lang.KRef, Model: "Team", Elem: &lang.TypeInt, Null: true}))
	return world{ir.NewSchema(geo, addr, team, user), user, team}
}

func rowOf(m *ir.Model) ir.Base { return ir.Base{T: lang.Type{Kind: lang.KRow, Model: m.Name}} }

func (w world) row() ir.Expr { return &ir.Row{Base: rowOf(w.user)} }

func (w world) col(x ir.Expr, m *ir.Model, path string) *ir.Col { return leaf(x, m.Column(path)) }

func (w world) deref() *ir.Deref {
	return &ir.Deref{Base: rowOf(w.team), X: w.col(w.row(), w.user, "team"), Target: w.team}
}

func (w world) emb(x ir.Expr, m *ir.Model, path string) *ir.Emb {
	e := &ir.Emb{Base: ir.Base{T: lang.Type{Kind: lang.KEmbedded}}, X: x, Prefix: path}
	fields := m.Fields
	for _, f := range fields {
		if f.Name == path {
			e.Of = f
		}
	}
	if path == "home.geo" {
		e.Of = m.Field("home").Emb.Field("geo")
	}
	if c := m.Column(path); c != nil && c.Presence {
		e.Pres = c
	}
	return e
}

func paths(cols []*ir.Col) []string {
	out := []string{}
	for _, c := range cols {
		out = append(out, ir.LeafPath(c))
	}
	return out
}

func TestLeaves(t *testing.T) {
	w := newWorld()
	isNull := func(x ir.Expr) ir.Expr { return &ir.IsNull{X: x} }
	for _, c := range []struct {
		name string
		x    ir.Expr
		want []string
	}{
		{"column", w.col(w.row(), w.user, "age"), []string{"age"}},
		{"old", w.col(&ir.Old{Base: rowOf(w.user)}, w.user, "age"), []string{"OLD:age"}},
		{"ref", w.col(w.deref(), w.team, "name"), []string{"team>name"}},
		{"optional value", w.emb(w.row(), w.user, "home"), []string{"home", "home.city", "home.geo", "home.geo.lat"}},
		{"value inside", w.emb(w.row(), w.user, "home.geo"), []string{"home.geo", "home.geo.lat"}},
		{"value always there", w.emb(w.row(), w.user, "work"), []string{"id", "work.city", "work.geo", "work.geo.lat"}},
		{"row", w.row(), []string{"id", "age", "home", "home.city", "home.geo", "home.geo.lat", "work.city", "work.geo", "work.geo.lat", "team"}},
		{"row of a ref", w.deref(), []string{"team>id", "team>name", "team>at.city", "team>at.geo", "team>at.geo.lat"}},
		{"null of a ref's row", isNull(w.deref()), []string{"team>id"}},
		{"null of a value", isNull(w.emb(w.row(), w.user, "home")), []string{"home"}},
		{"null of a value always there", isNull(w.emb(w.deref(), w.team, "at")), []string{"team>id"}},
		{"key", &ir.Key{X: w.row()}, []string{"id"}},
		{"key of a ref", &ir.Key{X: w.col(w.row(), w.user, "team")}, []string{"team"}},
		{"of a name", w.col(&ir.Var{Base: rowOf(w.user), V: &ir.Variable{}}, w.user, "age"), []string{}},
		{"nothing", nil, []string{}},
	} {
		require.Equal(t, c.want, paths(Leaves(w.schema, c.x)), c.name)
	}
	both := Leaves(w.schema, rel(lang.OpEq, int64(1), int64(2)), w.col(w.row(), w.user, "age"), w.col(w.row(), w.user, "age"))
	require.Equal(t, []string{"age"}, paths(both))
}

// on computes an expression over leaves given by path.
func (w world) on(t *testing.T, x ir.Expr, leaves map[string]any) any {
	t.Helper()
	cols := Leaves(w.schema, x)
	e := &Env{Row: make([]any, len(cols))}
	for i, c := range cols {
		e.Row[i] = leaves[ir.LeafPath(c)]
	}
	return compute(t, x, NewLayout(w.schema, cols), e)
}

func TestDocuments(t *testing.T) {
	w := newWorld()
	full := map[string]any{"id": "u1", "age": int64(3), "home": true, "home.city": "Oslo", "home.geo": true, "home.geo.lat": 59.9,
		"work.city": "Bergen", "team": int64(7), "team>id": int64(7), "team>name": "core", "team>at.city": "Rome", "OLD:id": "u1", "OLD:age": int64(2)}
	oslo := map[string]any{"city": "Oslo", "geo": map[string]any{"lat": 59.9}}
	bergen := map[string]any{"city": "Bergen", "geo": nil}
	core := map[string]any{"id": int64(7), "name": "core", "at": map[string]any{"city": "Rome", "geo": nil}}
	require.Equal(t, map[string]any{"id": "u1", "age": int64(3), "home": oslo, "work": bergen, "team": int64(7)}, w.on(t, w.row(), full))
	require.Equal(t, oslo, w.on(t, w.emb(w.row(), w.user, "home"), full))
	require.Equal(t, oslo["geo"], w.on(t, w.emb(w.row(), w.user, "home.geo"), full))
	require.Equal(t, bergen, w.on(t, w.emb(w.row(), w.user, "work"), full))
	require.Equal(t, core, w.on(t, w.deref(), full))
	require.Equal(t, core["at"], w.on(t, w.emb(w.deref(), w.team, "at"), full))
	require.Equal(t, "core", w.on(t, w.col(w.deref(), w.team, "name"), full))
	require.Equal(t, int64(2), w.on(t, w.col(&ir.Old{Base: rowOf(w.user)}, w.user, "age"), full))
	require.Equal(t, int64(7), w.on(t, &ir.Key{X: w.deref()}, full))
	require.Equal(t, int64(7), w.on(t, &ir.Key{X: w.col(w.row(), w.user, "team")}, full))

	dangling := map[string]any{"id": "u1", "team": int64(7)}
	for _, x := range []ir.Expr{w.deref(), w.emb(w.deref(), w.team, "at"), w.emb(w.row(), w.user, "home"), w.col(w.deref(), w.team, "name"), &ir.Old{Base: rowOf(w.user)}} {
		require.Nil(t, w.on(t, x, dangling))
		require.Equal(t, true, w.on(t, &ir.IsNull{X: x}, dangling))
	}
	for _, x := range []ir.Expr{w.row(), w.emb(w.row(), w.user, "work")} {
		require.NotNil(t, w.on(t, x, dangling))
		require.Equal(t, false, w.on(t, &ir.IsNull{X: x}, dangling))
	}
}

func TestNames(t *testing.T) {
	w := newWorld()
	doc := map[string]any{"id": "u1", "age": int64(3), "home": map[string]any{"city": "Oslo", "geo": nil}, "work": nil, "team": int64(7)}
	v := &ir.Var{Base: rowOf(w.user), V: &ir.Variable{ID: 1}}
	layout := Layout{Schema: w.schema}
	env := &Env{Vars: []any{nil, doc}, Deref: func(m *ir.Model, key any) (map[string]any, error) {
		if m.Name == "Team" && key == int64(7) {
			return map[string]any{"name": "core"}, nil
		}
		return nil, nil
	}}
	get := func(x ir.Expr) any { return compute(t, x, layout, env) }
	require.Equal(t, doc, get(v))
	require.Equal(t, "Oslo", get(w.col(v, w.user, "home.city")))
	require.Equal(t, true, get(w.col(v, w.user, "home")))
	require.Nil(t, get(w.col(v, w.user, "home.geo")))
	require.Nil(t, get(w.col(v, w.user, "work.city")))
	require.Equal(t, doc["home"], get(w.emb(v, w.user, "home")))
	require.Equal(t, "u1", get(&ir.Key{X: v}))
	ref := &ir.Deref{Base: rowOf(w.team), X: w.col(v, w.user, "team"), Target: w.team}
	require.Equal(t, "core", get(w.col(ref, w.team, "name")))

	docs := &ir.Var{Base: ir.Base{T: lang.ListOf(rowOf(w.user).T)}, V: &ir.Variable{ID: 2}}
	env.Vars = append(env.Vars, []any{doc, nil, doc})
	elem := &ir.Elem{Base: rowOf(w.user)}
	ages := &ir.Pluck{Base: ir.Base{T: lang.ListOf(lang.TypeInt.OrNull())}, X: docs, Body: w.col(elem, w.user, "age")}
	require.Equal(t, []any{int64(3), nil, int64(3)}, get(ages))
	require.Equal(t, int64(6), get(call("sum", lang.TypeInt, ages)))
	require.Nil(t, get(&ir.Var{V: &ir.Variable{ID: 9}}))
}

func TestElements(t *testing.T) {
	list := val([]any{int64(1), int64(2)})
	at := func(x ir.Expr, i any) ir.Expr { return &ir.At{X: x, I: val(i)} }
	for i, want := range map[int64]any{0: int64(1), -1: int64(2), 2: nil, -3: nil} {
		require.Equal(t, want, of(t, at(list, i)))
	}
	m := val(map[string]any{"a": []any{map[string]any{"b": "x"}}})
	require.Equal(t, "x", of(t, &ir.Member{X: at(at(m, "a"), int64(0)), Name: "b"}))
	require.Nil(t, of(t, &ir.Member{X: at(m, "z"), Name: "b"}))
	require.Nil(t, of(t, at(val("abc"), int64(0))))
	obj := &ir.Object{Names: []string{"a", "b"}, Items: []ir.Expr{&ir.List{Items: []ir.Expr{list, val(nil)}}, val("x")}}
	require.Equal(t, map[string]any{"a": []any{[]any{int64(1), int64(2)}, nil}, "b": "x"}, of(t, obj))
}

func TestGivenValues(t *testing.T) {
	enum := lang.Type{Kind: lang.KEnum, Values: []string{"a", "b"}}
	lit := func(v any, typ lang.Type) ir.Expr {
		return &ir.Const{Base: ir.Base{T: typ, Sp: lang.Span{Start: 1, End: 2}}, Value: v, Ord: 0}
	}
	for _, c := range []struct {
		raw  any
		t    lang.Type
		want any
	}{
		{int64(5), lang.TypeInt, int64(5)}, {int64(5), lang.TypeFloat, 5.0}, {"1970-01-01", lang.TypeDateTime, lang.DateTime(0)}, {"b", enum, "b"},
		{"1m", lang.TypeDuration, lang.Duration(60_000)}, {"x", lang.TypeBytes, lang.Bytes("x")}, {nil, lang.TypeInt.OrNull(), nil},
	} {
		env := &Env{Consts: []any{c.raw}}
		f, err := Compile(lit("old", c.t), Layout{})
		require.NoError(t, err)
		for range 2 { // the second time from what was converted
			v, err := f(env)
			require.NoError(t, err)
			require.Equal(t, c.want, v)
		}
		require.Equal(t, "old", compute(t, lit("old", c.t), Layout{}, &Env{}))
		param := &ir.Param{Base: ir.Base{T: c.t}, Index: 1}
		require.Equal(t, c.want, compute(t, param, Layout{}, &Env{Params: []any{nil, c.raw}}))
	}
	f, err := Compile(lit("a", enum), Layout{})
	require.NoError(t, err)
	_, err = f(&Env{Consts: []any{"c"}, Query: true})
	var fault *Fault
	require.ErrorAs(t, err, &fault)
	require.Equal(t, Fault{lang.CodeBadConversion, lang.Span{Start: 1, End: 2}, "'c' is not one of enum('a', 'b')"}, *fault)
}

func TestSlotsOfTheRunningStatement(t *testing.T) {
	env := &Env{Keys: []any{"k"}, Aggs: []any{nil, int64(2)}, Outs: []any{1.5}}
	require.Equal(t, "k", compute(t, &ir.GroupKey{}, Layout{}, env))
	require.Equal(t, int64(2), compute(t, &ir.AggRef{I: 1}, Layout{}, env))
	require.Equal(t, 1.5, compute(t, &ir.Output{}, Layout{}, env))
}

func TestConversions(t *testing.T) {
	w := newWorld()
	conv := func(x ir.Expr, to lang.Type) ir.Expr { return &ir.Convert{Base: ir.Base{T: to}, X: x} }
	require.Equal(t, 2.0, of(t, conv(val(int64(2)), lang.TypeFloat)))
	require.Nil(t, of(t, conv(typed(nil, lang.TypeInt.OrNull()), lang.TypeFloat)))
	require.Equal(t, []any{int64(5)}, of(t, conv(val([]any{lang.DateTime(5)}), lang.TypeJSON)))
	obj := typed(map[string]any{"city": "Oslo", "geo": nil}, lang.Type{Kind: lang.KRecord, Cols: []lang.Col{{Name: "city", Type: lang.TypeString}, {Name: "geo", Type: lang.TypeNull}}})
	got := compute(t, conv(obj, lang.Type{Kind: lang.KEmbedded, Model: "Address"}), Layout{Schema: w.schema}, &Env{})
	require.Equal(t, map[string]any{"city": "Oslo", "geo": nil}, got)
	requireFault(t, lang.CodeNullValue, conv(val([]any{nil}), lang.ListOf(lang.TypeInt)))
}

func TestMissingLeafIsFoundWhenCompiled(t *testing.T) {
	w := newWorld()
	for _, x := range []ir.Expr{w.col(w.row(), w.user, "age"), w.row(), w.emb(w.row(), w.user, "home"), rel(lang.OpEq, int64(1), int64(1))} {
		_, err := Compile(x, Layout{Schema: w.schema})
		if _, ok := x.(*ir.Binary); ok {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, "not in the row's layout")
	}
}
