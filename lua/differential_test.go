package lua

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// ask compiles x for a script, in which rows are chosen or shown where query is set, with its arguments.
func ask(t testing.TB, schema *ir.Schema, m *ir.Model, row []any, x ir.Expr, query, cond bool) (script string, args []string) {
	p := NewRuntime(schema)
	sc := &argScope{slots: map[ir.Expr]*tree.Node{}, p: p, t: t, model: m, loaded: len(row[0].(string)) > 1, chooses: query}
	cols := make([]string, len(m.Columns))
	for i, c := range m.Columns {
		sc.args = append(sc.args, "")
		arg := ex("A[%d]", i+1)
		if row[i] == nil {
			arg = tree.Bool(false)
		} else {
			s, err := codec.Text(row[i], c.Type)
			require.NoError(t, err)
			sc.args[i] = s
		}
		cols[i] = tree.Print(st("r[%d]=%s", i+1, Decode(c.Type.OrNull(), arg, c.Name, p)))
	}
	ir.Walk(x, func(x ir.Expr) bool {
		if b, ok := x.(*ir.Binary); ok && (b.Op == lang.OpLike || b.Op == lang.OpMatches) {
			pat, err := eval.CompilePattern(b.Op, b.R.(*ir.Const).Value.(string))
			require.NoError(t, err)
			sc.args = append(sc.args, pat.Table())
			sc.slots[b.R] = ex("A[%d]", len(sc.args))
		}
		return true
	})
	body := "local r={}\n" + strings.Join(cols, "\n") + "\nr.id=r[1]\n"
	if cond {
		cond, err := Cond(x, sc, p)
		require.NoError(t, err)
		body += "if " + text(cond) + " then return '1' end return '0'"
	} else {
		value, err := Expr(x, sc, p)
		require.NoError(t, err)
		body += "return " + text(Reply(x.Type(), value, p))
	}
	return frame(p, query, body), sc.args
}

// expect evaluates x in Go and gives what run gives.
func expect(t testing.TB, layout eval.Layout, row []any, x ir.Expr, query, cond bool) (any, string) {
	warn := map[string]int{}
	env := &eval.Env{Row: row, Query: query, Warn: func(c lang.Code, _ lang.Span, _ string) { warn[string(c)]++ }}
	var v any
	var err error
	if cond {
		f, cerr := eval.CompileCond(x, layout)
		require.NoError(t, cerr)
		var ok bool
		ok, err = f(env)
		v = ok
	} else {
		f, cerr := eval.Compile(x, layout)
		require.NoError(t, cerr)
		v, err = f(env)
	}
	var fault *eval.Fault
	if errors.As(err, &fault) {
		return nil, "!" + string(fault.Code)
	}
	require.NoError(t, err)
	text := ""
	for _, c := range faultCodes {
		if warn[c] > 0 {
			text += c + " " + strconv.Itoa(warn[c]) + ";"
		}
	}
	if v == nil {
		return nil, text
	}
	s, err := codec.Text(v, nullable(x.Type()))
	require.NoError(t, err)
	return s, text
}

// nullable lets elements of lists be null, which literals and collected values may.
func nullable(t lang.Type) lang.Type {
	if t.Elem != nil && t.Kind == lang.KList {
		e := t.Elem.OrNull()
		t.Elem = &e
	}
	return t
}

// TestRandom: random expressions over random documents give the same value
// and the same faults in Go and in every server's Lua. RQL_RANDOM says how
// many, 400 when it is not set.
func TestRandom(t *testing.T) {
	schema, m := testModel()
	layout := eval.ModelLayout(schema, m)
	all := servers(t)
	types := []lang.Type{lang.TypeInt, lang.TypeFloat, lang.TypeString, lang.TypeBool, lang.TypeBool, lang.TypeDateTime, lang.TypeDuration, ints, words, floats,
		lang.TypeJSON, lang.TypeInt64}
	count := 400
	if s := os.Getenv("RQL_RANDOM"); s != "" {
		var err error
		count, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	for n := range count {
		d := &dice{rand.New(rand.NewSource(int64(n))), m}
		ty := pick(d, types...)
		x := d.expr(ty, 1+d.Intn(4))
		row := d.row()
		cond := ty.Kind == lang.KBool && n%2 == 0
		for _, query := range []bool{true, false} {
			script, args := ask(t, schema, m, row, x, query, cond)
			want, warn := expect(t, layout, row, x, query, cond)
			for _, s := range all {
				got, faults := s.run(t, script, args...)
				where := fmt.Sprintf("%s seed %d query=%v %s\n%s\n%q", s.name, n, query, show(x), script, args)
				sameFaults(t, x, query, warn, faults, where)
				require.Equal(t, want, got, where)
			}
		}
	}
}

// sameFaults compares what was met. A predicate is unknown after its first fault, whatever else is asked of it.
func sameFaults(t *testing.T, x ir.Expr, query bool, want, got, where string) {
	conditions := false
	ir.Walk(x, func(x ir.Expr) bool { conditions = conditions || isCondition(x); return !conditions })
	if query && conditions {
		want, got = strconv.FormatBool(want != ""), strconv.FormatBool(got != "")
	}
	require.Equal(t, want, got, where)
}

// show prints an expression for a failing test.
func show(x ir.Expr) string {
	var kids []string
	for _, k := range ir.Children(x) {
		kids = append(kids, show(k))
	}
	name := strings.TrimPrefix(fmt.Sprintf("%T", x), "*ir.")
	switch x := x.(type) {
	case *ir.Const:
		return fmt.Sprintf("%#v", x.Value)
	case *ir.Col:
		return x.Col.Name
	case *ir.Binary:
		name = string(x.Op)
	case *ir.Call:
		name = x.Fn
	}
	return name + "(" + strings.Join(slices.Clip(kids), ", ") + ")"
}

// same compares a value and its faults in Go and on every server.
func (c *comparison) same(t *testing.T, row []any, x ir.Expr) {
	t.Helper()
	for _, query := range []bool{true, false} {
		script, args := ask(t, c.schema, c.model, row, x, query, false)
		want, warn := expect(t, c.layout, row, x, query, false)
		for _, s := range c.servers {
			got, faults := s.run(t, script, args...)
			sameFaults(t, x, query, warn, faults, s.name+" "+show(x))
			require.Equal(t, want, got, "%s %s", s.name, show(x))
		}
	}
}

type comparison struct {
	servers []server
	schema  *ir.Schema
	model   *ir.Model
	layout  eval.Layout
}

func compare(t *testing.T) *comparison {
	schema, m := testModel()
	return &comparison{servers(t), schema, m, eval.ModelLayout(schema, m)}
}

// TestDeep: long chains and deep nesting stay within every server's limits.
func TestDeep(t *testing.T) {
	c := compare(t)
	d := &dice{rand.New(rand.NewSource(1)), c.model}
	row := d.row()
	row[1] = int64(1)
	i, b := lang.TypeInt, lang.TypeBool
	col := func() ir.Expr {
		return &ir.Col{Base: base(i), X: &ir.Row{Base: base(lang.Type{Kind: lang.KRow, Model: "Doc"})}, Col: c.model.Columns[1]}
	}
	one := func() ir.Expr { return lit(i, int64(1)) }
	build := func(n int, first ir.Expr, f func(x ir.Expr) ir.Expr) ir.Expr {
		for range n {
			first = f(first)
		}
		return first
	}
	add := func(l, r ir.Expr) ir.Expr { return d.bin(i, lang.OpAdd, l, r) }
	eq := func() ir.Expr { return d.bin(b, lang.OpEq, col(), lit(i, int64(2))) }
	cases := map[string]ir.Expr{
		"left":  build(2000, col(), func(x ir.Expr) ir.Expr { return add(x, one()) }),
		"right": build(100, col(), func(x ir.Expr) ir.Expr { return add(one(), x) }),
		"or":    build(1500, eq(), func(x ir.Expr) ir.Expr { return d.bin(b, lang.OpOr, x, eq()) }),
		"and": build(100, d.bin(b, lang.OpEq, col(), one()), func(x ir.Expr) ir.Expr {
			return d.bin(b, lang.OpAnd, d.bin(b, lang.OpEq, col(), one()), x)
		}),
		"when": build(100, col(), func(x ir.Expr) ir.Expr { return d.call(i, "when", eq(), one(), x) }),
		"not":  build(99, eq(), func(x ir.Expr) ir.Expr { return &ir.Unary{Base: base(b), Op: lang.OpNot, X: x} }),
		"list": build(60, &ir.List{Base: base(ints), Items: []ir.Expr{col()}}, func(x ir.Expr) ir.Expr {
			return d.bin(ints, lang.OpAdd, &ir.List{Base: base(ints), Items: []ir.Expr{one(), col()}}, x)
		}),
	}
	in := &ir.In{Base: base(b), X: col()}
	for v := range int64(1000) {
		in.Items = append(in.Items, lit(i, -v))
	}
	cases["in"] = in
	cases["list of 2,000"] = &ir.Call{Base: base(i), Fn: "sum", Args: []ir.Expr{&ir.List{Base: base(ints), Items: slices.Repeat(in.Items, 2)}}}
	for name, x := range cases {
		t.Run(name, func(t *testing.T) { c.same(t, row, x) })
	}
}

// TestPower: powers of floats agree to 12 digits; the servers' libraries round the last ones differently.
func TestPower(t *testing.T) {
	c := compare(t)
	d := &dice{rand.New(rand.NewSource(1)), c.model}
	row := d.row()
	f := lang.TypeFloat
	for _, v := range [][2]float64{{2, 0.5}, {10, -3}, {1.5, 7}, {0, 0}, {0, -1}, {-8, 1.0 / 3}, {-2, 3}, {1e300, 2}, {1e-300, 2}, {9, 0.5}} {
		x := d.bin(f, lang.OpPow, lit(f, v[0]), lit(f, v[1]))
		want, warn := expect(t, c.layout, row, x, true, false)
		script, args := ask(t, c.schema, c.model, row, x, true, false)
		for _, s := range c.servers {
			got, faults := s.run(t, script, args...)
			require.Equal(t, warn, faults, "%s %v", s.name, v)
			if want == nil {
				require.Nil(t, got)
				continue
			}
			g, err := strconv.ParseFloat(got.(string), 64)
			require.NoError(t, err)
			w, err := strconv.ParseFloat(want.(string), 64)
			require.NoError(t, err)
			require.InDelta(t, w, g, 1e-12*max(w, -w), "%s %v", s.name, v)
		}
	}
}

// rowScope has a document that may be missing, and writes constants into the text.
type rowScope struct{ row *tree.Node }

func (s rowScope) Leaf(x ir.Expr) (*tree.Node, bool) {
	switch x.(type) {
	case *ir.Deref:
		return s.row, true
	case *ir.Param:
		return s.row, true
	}
	return nil, false
}

// TestMissingRow: whatever is read of a document that is not there is null,
// and a document that takes a call to be found is found once.
func TestMissingRow(t *testing.T) {
	schema, m := testModel()
	home := m.Field("home")
	missing := &ir.Deref{Base: base(lang.Type{Kind: lang.KRow, Model: "Doc", Null: true}), Target: m}
	emb := &ir.Emb{Base: base(home.Type.OrNull()), X: missing, Prefix: "home", Of: home, Pres: m.Column("home")}
	cases := []ir.Expr{
		&ir.Col{Base: base(lang.TypeInt.OrNull()), X: missing, Col: m.Columns[1]},
		&ir.Key{Base: base(lang.TypeString.OrNull()), X: missing},
		emb,
		&ir.Member{Base: base(lang.TypeString.OrNull()), X: emb, Name: "street"},
	}
	reads := []string{"7", "k", `{"geo":{"lat":1.5},"street":"s"}`, "s"}
	for _, s := range servers(t) {
		for i, x := range cases {
			p := NewRuntime(schema)
			value, err := Expr(x, rowScope{ex("doc()")}, p)
			require.NoError(t, err)
			body := "local calls=0 local row local function doc() calls=calls+1 return row end\nlocal a=" + text(Reply(x.Type(), value, p)) +
				" row={id='k',[2]=7,[" + strconv.Itoa(m.Column("home").Slot+1) + "]=true,[" + strconv.Itoa(m.Column("home.street").Slot+1) + "]='s',[" +
				strconv.Itoa(m.Column("home.geo.lat").Slot+1) + "]=1.5} local b=" + text(Reply(x.Type(), value, p)) + " return tostring(a)..' '..b..' '..calls"
			got, _ := s.run(t, frame(p, false, body))
			require.Equal(t, "false "+reads[i]+" 2", got, show(x))
		}
	}
}

// TestWholeRow: a document travels as JSON, there and back.
func TestWholeRow(t *testing.T) {
	schema, m := testModel()
	ty := lang.Type{Kind: lang.KRow, Model: "Doc", Null: true}
	doc := `{"a0":7,"a1":0.5,"a10":{"k":1},"a11":[null,{"x":null}],"a12":"9223372036854775807","a13":[],"a2":"s","a3":false,"a4":5,"a5":-6,` +
		`"a6":"/w==","a7":"red","a8":[1,2],"a9":["w"],"home":{"geo":{"lat":1.5},"street":"s"},"id":"k"}`
	for _, s := range servers(t) {
		for _, want := range []string{doc, strings.Replace(doc, `"home":{"geo":{"lat":1.5},"street":"s"},`, "", 1)} {
			p := NewRuntime(schema)
			body := "local r=" + text(Arg(ty, ex("A[1]"), p)) + " return r.id..r[" + strconv.Itoa(m.Columns[1].Slot+1) + "]..'\\n'..(" + text(Reply(ty, "r", p)) + ")"
			got, _ := s.run(t, frame(p, false, body), want)
			require.Equal(t, "k7\n"+want, got)
		}
	}
}

// TestInlineConstants: a constant that the scope does not send stands in the text.
func TestInlineConstants(t *testing.T) {
	cases := map[string]ir.Expr{
		"1":                  lit(lang.TypeBool, true),
		"-5":                 lit(lang.TypeInt, int64(-5)),
		"1e+300":             lit(lang.TypeFloat, 1e300),
		"-0.5":               &ir.Unary{Base: base(lang.TypeFloat), Op: lang.OpSub, X: lit(lang.TypeFloat, 0.5)},
		"it's\n\\ \x00é\xff": lit(lang.TypeBytes, lang.Bytes("it's\n\\ \x00é\xff")),
		"86400000":           lit(lang.TypeDuration, lang.Duration(86400000)),
	}
	for _, s := range servers(t) {
		for want, x := range cases {
			p := NewRuntime(nil)
			value, err := Expr(x, rowScope{}, p)
			require.NoError(t, err)
			got, _ := s.run(t, frame(p, false, "return "+text(Reply(x.Type(), value, p))))
			require.Equal(t, want, got)
		}
	}
	_, err := Expr(&ir.Param{Base: base(lang.TypeInt), Name: "x"}, argless{}, NewRuntime(nil))
	require.ErrorContains(t, err, "Param")
}

type argless struct{}

func (argless) Leaf(ir.Expr) (*tree.Node, bool) { return nil, false }
