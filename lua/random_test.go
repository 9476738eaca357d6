package lua

import (
	"math"
	"math/rand"
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

var (
	ints    = lang.ListOf(lang.TypeInt)
	floats  = lang.ListOf(lang.TypeFloat)
	words   = lang.ListOf(lang.TypeString)
	counts  = lang.MapOf(lang.TypeInt)
	colours = lang.Type{Kind: lang.KEnum, Values: []string{"red", "green", "blue"}}
)

// testModel has a column of every type, and of most a nullable one.
func testModel() (*ir.Schema, *ir.Model) {
	geo := &ir.Model{Name: "Geo"}
	geo.Fields = []*ir.Field{{Name: "lat", Type: lang.TypeFloat}, {Name: "name", Type: lang.TypeString.OrNull(), Pos: 1}}
	address := &ir.Model{Name: "Address"}
	geoType := lang.Type{Kind: lang.KEmbedded, Model: "Geo", Cols: []lang.Col{{Name: "lat", Type: lang.TypeFloat}, {Name: "name", Type: lang.TypeString.OrNull()}}}
	address.Fields = []*ir.Field{{Name: "street", Type: lang.TypeString}, {Name: "geo", Type: geoType, Emb: geo, Pos: 1}}
	addressType := lang.Type{Kind: lang.KEmbedded, Model: "Address", Cols: []lang.Col{{Name: "street", Type: lang.TypeString}, {Name: "geo", Type: geoType}}}
	m := &ir.Model{Name: "Doc"}
	add := func(name string, t lang.Type) {
		f := &ir.Field{Name: name, Type: t, Pos: len(m.Fields)}
		c := &ir.Column{Name: name, Type: t, Slot: len(m.Columns), Field: f, Leaf: f}
		f.Columns = []*ir.Column{c}
		m.Fields, m.Columns = append(m.Fields, f), append(m.Columns, c)
	}
	add("id", lang.TypeString)
	for i, t := range []lang.Type{lang.TypeInt, lang.TypeFloat, lang.TypeString, lang.TypeBool, lang.TypeDateTime, lang.TypeDuration,
		lang.TypeBytes, colours, ints, words, counts, lang.TypeJSON, lang.TypeInt64, floats} {
		add("a"+strconv.Itoa(i), t)
		add("n"+strconv.Itoa(i), t.OrNull())
	}
	home := &ir.Field{Name: "home", Type: addressType.OrNull(), Emb: address, Pos: len(m.Fields)}
	m.Fields = append(m.Fields, home)
	leaf := func(name string, t lang.Type, presence bool) {
		c := &ir.Column{Name: name, Type: t, Slot: len(m.Columns), Field: home, Presence: presence}
		if !presence {
			c.Parent = home.Columns[0]
		}
		home.Columns, m.Columns = append(home.Columns, c), append(m.Columns, c)
	}
	leaf("home", lang.TypeBool.OrNull(), true)
	leaf("home.street", lang.TypeString.OrNull(), false)
	leaf("home.geo.lat", lang.TypeFloat.OrNull(), false)
	leaf("home.geo.name", lang.TypeString.OrNull(), false)
	m.Key = m.Fields[0]
	return ir.NewSchema(m, geo, address), m
}

// dice makes random values and typed expressions.
type dice struct {
	*rand.Rand
	m *ir.Model
}

func pick[T any](d *dice, xs ...T) T { return xs[d.Intn(len(xs))] }

func (d *dice) value(t lang.Type) any {
	if t.Null && d.Intn(3) == 0 {
		return nil
	}
	switch t.Kind {
	case lang.KInt:
		return pick(d, int64(0), 1, -1, 2, 3, -7, 10, 60, 1000, lang.MaxInt, -lang.MaxInt, int64(d.Intn(100)), 1<<52, 94906267)
	case lang.KInt64:
		return pick(d, int64(0), 5, -5, math.MaxInt64, math.MinInt64, 1<<60, -1000000000000000, 9999999999, 10000000000)
	case lang.KFloat:
		return pick(d, 0.0, 0.5, -0.5, 1, 2.5, -2.5, 1e14, 1e16, 0.1, 1e308, -1e308, 5e-324, 1.005, -3, 123456.789, float64(d.Intn(50)))
	case lang.KString:
		return pick(d, "", "a", "b", "ab", "abc", "é", "aé😀b", " x\t", "10", "-3", "1.5", "1e400", "+7", "AbC", "ÄÖ", "a\x00b", "a\x01", "2024-02-29", "2024-02-29T12:30:15.123+02:00",
			"1h30m", "2w5ms", "0001-01-01", "9999-12-31T23:59:60", "2023-02-29", "zz", "99999999999999999999", "\xe2\x80\xa8", "-1d", "1m1h", "1.5e3", "%", "_")
	case lang.KBool:
		return pick(d, true, false)
	case lang.KDateTime:
		return pick(d, lang.DateTime(0), codec.MinDateTime, codec.MaxDateTime, 1709209815123, -1, lang.DateTime(d.Int63n(4e12)-2e12), 951782400000, 4107542399999)
	case lang.KDuration:
		return pick(d, lang.Duration(0), 1, -1, 3600000, 86400000, -90061001, 604800000, lang.MaxInt, lang.Duration(d.Intn(1e6)))
	case lang.KBytes:
		return pick(d, lang.Bytes(""), "a", "\x00\xff", "ab", "é")
	case lang.KEnum:
		return pick(d, t.Values...)
	case lang.KList:
		out := []any{}
		for n := d.Intn(4); n > 0; n-- {
			out = append(out, d.value(*t.Elem))
		}
		return out
	case lang.KMap:
		out := map[string]any{}
		for n := d.Intn(4); n > 0; n-- {
			out[pick(d, "a", "b", "c", "n", "é", "")] = d.value(*t.Elem)
		}
		return out
	}
	return d.json(3)
}

func (d *dice) json(depth int) any {
	n := 8
	if depth == 0 {
		n = 6
	}
	switch d.Intn(n) {
	case 0:
		return nil
	case 1:
		return d.value(lang.TypeInt)
	case 2:
		return pick(d, 0.5, -1.25, 1e300)
	case 3:
		return d.value(lang.TypeString)
	case 4:
		return d.value(lang.TypeBool)
	case 5:
		return pick[any](d, int64(math.MaxInt64), int64(7), "x")
	case 6:
		out := []any{}
		for n := d.Intn(4); n > 0; n-- {
			out = append(out, d.json(depth-1))
		}
		return out
	}
	out := map[string]any{}
	for n := d.Intn(4); n > 0; n-- {
		out[pick(d, "a", "b", "c")] = d.json(depth - 1)
	}
	return out
}

func (d *dice) row() []any {
	row := make([]any, len(d.m.Columns))
	for i, c := range d.m.Columns {
		row[i] = d.value(c.Type)
		if c.Presence {
			row[i] = pick[any](d, true, nil)
		}
		if c.Parent != nil && row[c.Parent.Slot] == nil {
			row[i] = nil
		} else if c.Parent != nil && c.Name != "home.geo.name" {
			row[i] = d.value(c.Type.NotNull())
		}
	}
	return row
}

func base(t lang.Type) ir.Base { return ir.Base{T: t} }

// leaf is a constant or a column of a type.
func (d *dice) leaf(t lang.Type) ir.Expr {
	var cols []*ir.Column
	for _, c := range d.m.Columns {
		if c.Type.Same(t) && !c.Presence {
			cols = append(cols, c)
		}
	}
	if len(cols) == 0 || d.Intn(3) == 0 {
		if t.Kind != lang.KJSON {
			t = t.NotNull()
		}
		return &ir.Const{Base: base(t), Value: d.value(t), Ord: -1}
	}
	c := pick(d, cols...)
	return &ir.Col{Base: base(c.Type), X: &ir.Row{Base: base(lang.Type{Kind: lang.KRow, Model: "Doc"})}, Col: c}
}

func (d *dice) bin(t lang.Type, op lang.Op, l, r ir.Expr) ir.Expr {
	return &ir.Binary{Base: base(t), Op: op, L: l, R: r}
}

func (d *dice) call(t lang.Type, fn string, args ...ir.Expr) ir.Expr {
	return &ir.Call{Base: base(t.OrNull()), Fn: fn, Args: args}
}

// common are the expressions that every type has.
func (d *dice) common(t lang.Type, n int) ir.Expr {
	switch d.Intn(3) {
	case 0:
		return d.call(t, "coalesce", d.expr(t, n), d.expr(t, n), d.leaf(t))
	case 1:
		return d.call(t, "when", d.expr(lang.TypeBool, n), d.expr(t, n), d.expr(lang.TypeBool, n), d.expr(t, n), d.leaf(t))
	}
	return d.leaf(t)
}

func (d *dice) expr(t lang.Type, n int) ir.Expr {
	if n == 0 {
		return d.leaf(t)
	}
	n--
	if d.Intn(8) == 0 {
		return d.common(t, n)
	}
	i, f, s := lang.TypeInt, lang.TypeFloat, lang.TypeString
	switch t.Kind {
	case lang.KInt:
		return d.intExpr(n)
	case lang.KFloat:
		return d.floatExpr(n)
	case lang.KString:
		return d.stringExpr(n)
	case lang.KBytes:
		if d.Intn(2) == 0 {
			return d.bytesExpr(n)
		}
	case lang.KBool:
		return d.boolExpr(n)
	case lang.KDateTime:
		switch d.Intn(5) {
		case 0:
			return d.bin(t, lang.OpAdd, d.expr(t, n), d.expr(lang.TypeDuration, n))
		case 1:
			return d.bin(t, lang.OpSub, d.expr(t, n), d.expr(lang.TypeDuration, n))
		case 2:
			return d.call(t, "datetime", d.expr(pick(d, s, i, lang.TypeJSON), n))
		case 3:
			unit := pick(d, "year", "month", "day", "hour", "minute", "second")
			return d.call(t, "date_trunc", &ir.Const{Base: base(s), Value: unit, Ord: -1}, d.expr(t, n))
		}
		format := &ir.Const{Base: base(s), Value: pick(d, "YYYY-MM-DD", "DD.MM.YYYY HH:mm:ss.SSS", "MM", "YYYY q", "YYYYMMDDTHHmmZ"), Ord: -1}
		return d.call(t, "datetime", d.expr(s, n), format)
	case lang.KDuration:
		switch d.Intn(6) {
		case 0:
			return d.bin(t, lang.OpSub, d.expr(lang.TypeDateTime, n), d.expr(lang.TypeDateTime, n))
		case 1:
			return d.bin(t, pick(d, lang.OpAdd, lang.OpSub), d.expr(t, n), d.expr(t, n))
		case 2:
			return d.bin(t, pick(d, lang.OpMul, lang.OpDiv), d.expr(t, n), d.expr(pick(d, i, f), n))
		case 3:
			return d.call(t, "duration", d.expr(pick(d, s, i, lang.TypeJSON), n))
		case 4:
			return &ir.Unary{Base: base(t), Op: lang.OpSub, X: d.expr(t, n)}
		}
		return d.call(t, "abs", d.expr(t, n))
	case lang.KInt64:
		switch d.Intn(3) {
		case 0:
			return &ir.Unary{Base: base(t), Op: lang.OpSub, X: d.expr(t, n)}
		case 1:
			return d.call(t, "int64", d.expr(pick(d, i, f, s, lang.TypeBool, lang.TypeJSON), n))
		}
		return d.bin(t, pick(d, lang.OpAdd, lang.OpSub), d.expr(t, n), d.expr(t, n))
	case lang.KList:
		switch d.Intn(4) {
		case 0:
			return &ir.List{Base: base(t), Items: []ir.Expr{d.expr(*t.Elem, n), d.expr(*t.Elem, n)}}
		case 1:
			return d.call(t, "collect", d.expr(t, n))
		case 2:
			e := t.Elem.OrNull()
			body := d.bin(e, lang.OpAdd, &ir.Elem{Base: base(e)}, d.expr(*t.Elem, n))
			return &ir.Pluck{Base: base(t), X: d.expr(t, n), Body: body}
		}
		return d.bin(t, lang.OpAdd, d.expr(t, n), d.expr(t, n))
	case lang.KMap:
		return d.leaf(t)
	case lang.KJSON:
		return d.jsonExpr(n)
	}
	return d.leaf(t)
}

func (d *dice) intExpr(n int) ir.Expr {
	i := lang.TypeInt
	switch d.Intn(16) {
	case 0:
		return &ir.Unary{Base: base(i), Op: lang.OpSub, X: d.expr(i, n)}
	case 1:
		return d.call(i, "len", d.expr(pick(d, lang.TypeString, lang.TypeBytes, ints, words, counts), n))
	case 2:
		return d.call(i, "int", d.expr(pick(d, lang.TypeString, lang.TypeBool, lang.TypeJSON, lang.TypeFloat, lang.TypeInt64), n))
	case 3:
		return d.call(i, pick(d, "round", "floor", "ceil"), d.expr(lang.TypeFloat, n))
	case 4:
		return d.call(i, pick(d, "abs", "floor"), d.expr(i, n))
	case 5:
		return d.call(i, pick(d, "min", "max"), d.expr(i, n), d.leaf(i), d.leaf(i))
	case 6:
		return d.call(i, pick(d, "year", "month", "day", "hour", "minute", "second", "weekday"), d.expr(lang.TypeDateTime, n))
	case 7:
		return d.call(i, pick(d, "sum", "min", "max"), d.expr(ints, n))
	case 8:
		return d.call(i, "count", d.expr(pick(d, ints, words), n))
	case 9:
		return &ir.At{Base: base(i.OrNull()), X: d.expr(ints, n), I: d.expr(i, n)}
	case 10:
		return &ir.At{Base: base(i.OrNull()), X: d.expr(counts, n), I: d.expr(lang.TypeString, n)}
	case 11:
		return d.call(i, "round", d.expr(i, n), d.leaf(i))
	}
	return d.bin(i, pick(d, lang.OpAdd, lang.OpSub, lang.OpMul, lang.OpFloorDiv, lang.OpMod, lang.OpPow), d.expr(i, n), d.expr(i, n))
}

func (d *dice) floatExpr(n int) ir.Expr {
	f := lang.TypeFloat
	switch d.Intn(10) {
	case 0:
		return &ir.Unary{Base: base(f), Op: lang.OpSub, X: d.expr(f, n)}
	case 1:
		return d.call(f, "sqrt", d.expr(f, n))
	case 2:
		return d.call(f, "float", d.expr(pick(d, lang.TypeString, lang.TypeInt, lang.TypeJSON, lang.TypeInt64), n))
	case 3:
		return d.call(f, "round", d.expr(f, n), d.leaf(lang.TypeInt))
	case 4:
		return d.call(f, "avg", d.expr(pick(d, ints, floats), n))
	case 5:
		return d.bin(f, lang.OpDiv, d.expr(lang.TypeDuration, n), d.expr(lang.TypeDuration, n))
	case 6:
		return d.call(f, pick(d, "sum", "min", "max"), d.expr(floats, n))
	case 7:
		return &ir.Convert{Base: base(f.OrNull()), X: d.expr(lang.TypeInt, n)}
	}
	return d.bin(f, pick(d, lang.OpAdd, lang.OpSub, lang.OpMul, lang.OpDiv, lang.OpFloorDiv, lang.OpMod), d.expr(f, n), d.expr(f, n))
}

func (d *dice) bytesExpr(n int) ir.Expr {
	b := lang.TypeBytes
	switch d.Intn(5) {
	case 0:
		return d.call(b, "substr", d.expr(b, n), d.leaf(lang.TypeInt))
	case 1:
		return d.call(b, "substr", d.expr(b, n), d.leaf(lang.TypeInt), d.leaf(lang.TypeInt))
	case 2:
		return d.call(b, "replace", d.expr(b, n), d.leaf(b), d.leaf(b))
	case 3:
		return d.bin(b, lang.OpMul, d.expr(b, n), d.expr(lang.TypeInt, n))
	}
	return d.bin(b, lang.OpAdd, d.expr(b, n), d.expr(b, n))
}

func (d *dice) stringExpr(n int) ir.Expr {
	s := lang.TypeString
	switch d.Intn(9) {
	case 0:
		return d.call(s, pick(d, "lower", "upper", "trim"), d.expr(s, n))
	case 1:
		return d.call(s, "substr", d.expr(s, n), d.leaf(lang.TypeInt))
	case 2:
		return d.call(s, "substr", d.expr(s, n), d.leaf(lang.TypeInt), d.leaf(lang.TypeInt))
	case 3:
		return d.call(s, "replace", d.expr(s, n), d.leaf(s), d.leaf(s))
	case 4:
		from := pick(d, lang.TypeInt, lang.TypeFloat, lang.TypeBool, lang.TypeDateTime, lang.TypeDuration, lang.TypeJSON, lang.TypeBytes, lang.TypeInt64, colours)
		return d.call(s, "string", d.expr(from, n))
	case 5:
		return d.bin(s, lang.OpMul, d.expr(s, n), d.expr(lang.TypeInt, n))
	case 6:
		return &ir.At{Base: base(s.OrNull()), X: d.expr(words, n), I: d.expr(lang.TypeInt, n)}
	case 7:
		return d.call(s, pick(d, "min", "max"), d.expr(words, n))
	}
	return d.bin(s, lang.OpAdd, d.expr(s, n), d.expr(s, n))
}

func (d *dice) boolExpr(n int) ir.Expr {
	b, s := lang.TypeBool, lang.TypeString
	ordered := pick(d, lang.TypeInt, lang.TypeFloat, s, lang.TypeDateTime, lang.TypeDuration, lang.TypeBytes, lang.TypeInt64, colours)
	any := pick(d, ordered, b, ints, words, counts, lang.TypeJSON)
	switch d.Intn(10) {
	case 0:
		return &ir.Unary{Base: base(b), Op: lang.OpNot, X: d.expr(b, n)}
	case 1, 2:
		return d.bin(b, pick(d, lang.OpAnd, lang.OpOr), d.expr(b, n), d.expr(b, n))
	case 3:
		return d.bin(b, lang.OpEq, d.expr(any, n), d.expr(any, n))
	case 4, 5:
		right := d.expr(ordered, n)
		if ordered.Kind == lang.KDuration || ordered.Kind == lang.KBytes {
			right = d.leaf(ordered) // beside null, Go does not compute the right side
		}
		return d.bin(b, pick(d, lang.OpLt, lang.OpLe, lang.OpGt, lang.OpGe), d.expr(ordered, n), right)
	case 6:
		if d.Intn(3) == 0 {
			return &ir.IsNull{Base: base(b), X: d.embedded()}
		}
		return &ir.IsNull{Base: base(b), X: d.expr(any, n)}
	case 7:
		return &ir.In{Base: base(b), X: d.expr(any, n), Items: []ir.Expr{d.leaf(any), d.leaf(any), d.leaf(any)}}
	case 8:
		switch d.Intn(4) {
		case 0:
			return d.bin(b, lang.OpContains, d.expr(counts, n), d.leaf(s))
		case 1:
			return &ir.In{Base: base(b), X: d.expr(lang.TypeInt, n), List: d.expr(ints, n)}
		case 2:
			return d.bin(b, lang.OpContains, d.expr(words, n), d.leaf(s))
		}
		return d.bin(b, pick(d, lang.OpContains, lang.OpStarts, lang.OpEnds), d.expr(s, n), d.leaf(s))
	}
	pattern := &ir.Const{Base: base(s), Value: pick(d, "a%", "_", "%b", "a_c", "%", "", `\%`), Ord: -1}
	if d.Intn(2) == 0 {
		pattern.Value = pick(d, "a+.?", "[^a]*", "(a|b|é)*", `\d+`, `.*[A-Z].{1,2}`)
		return d.bin(b, lang.OpMatches, d.expr(s, n), pattern)
	}
	return d.bin(b, lang.OpLike, d.expr(s, n), pattern)
}

// embedded is a whole embedded value of the document.
func (d *dice) embedded() ir.Expr {
	home := d.m.Field("home")
	row := &ir.Row{Base: base(lang.Type{Kind: lang.KRow, Model: "Doc"})}
	if d.Intn(2) == 0 {
		return &ir.Emb{Base: base(home.Type), X: row, Prefix: "home", Of: home, Pres: d.m.Column("home")}
	}
	geo := home.Emb.Field("geo")
	return &ir.Emb{Base: base(geo.Type.OrNull()), X: row, Prefix: "home.geo", Of: geo}
}

func (d *dice) jsonExpr(n int) ir.Expr {
	j := lang.TypeJSON
	switch d.Intn(6) {
	case 0:
		return &ir.Member{Base: base(j), X: d.expr(j, n), Name: pick(d, "a", "b")}
	case 1:
		return &ir.At{Base: base(j), X: d.expr(j, n), I: d.expr(pick(d, lang.TypeInt, lang.TypeString), n)}
	case 2:
		return &ir.Object{Base: base(j), Names: []string{"a", "z"}, Items: []ir.Expr{d.expr(j, n), d.expr(j, n)}}
	case 3:
		return &ir.List{Base: base(j), Items: []ir.Expr{d.expr(j, n), d.expr(j, n)}}
	}
	if d.Intn(4) == 0 {
		return &ir.Convert{Base: base(j), X: d.embedded()}
	}
	from := pick(d, lang.TypeInt, lang.TypeString, lang.TypeBool, ints, words, counts, lang.TypeDateTime, lang.TypeBytes, lang.TypeInt64, lang.ListOf(lang.TypeJSON))
	if from.Kind == lang.KList && from.Elem.Kind == lang.KJSON {
		return &ir.Convert{Base: base(j), X: &ir.List{Base: base(from), Items: []ir.Expr{d.expr(j, n), d.expr(lang.TypeJSON, n)}}}
	}
	return &ir.Convert{Base: base(j), X: d.expr(from, n)}
}
