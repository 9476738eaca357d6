package lang

import (
	"slices"
	"sync"
)

// FunctionKind says what a function is applied to.
type FunctionKind uint8

const (
	// Scalar functions take values.
	Scalar FunctionKind = iota
	// Aggregate functions take the rows of a group, or one list.
	Aggregate
	// ScalarOrAggregate are min and max: of one argument aggregates, of more scalar functions.
	ScalarOrAggregate
)

// Volatility says what the value of a function depends on.
type Volatility uint8

const (
	// Immutable functions depend on their arguments alone.
	Immutable Volatility = iota
	// Stable functions have a single value throughout a statement.
	Stable
	// Volatile functions may have a different value at each call.
	Volatile
)

// Function describes a function of the language. The checker, the planner,
// completion, did-you-mean, the random programs and the language reference use
// these tables; the implementations are in lang/eval, lua and spec/judge, each
// of which has a test that no function is missing there.
type Function struct {
	Name  string
	Kind  FunctionKind
	Group string // the row of the reference that lists it
	Calls []string
	Note  string // follows its calls in the reference
	// Min and Max are the number of arguments; a Max of -1 means any number.
	Min, Max int
	// Params and Result are its types if they are fixed: then the result is
	// null if an argument is. Without Params the checker has a special rule.
	Params []Type
	Result Type
	// Bytes says that it also accepts bytes instead of strings, and then
	// returns bytes.
	Bytes bool
	// Cast: it converts values of several kinds, whose descriptors say whether
	// the conversion may fail.
	Cast bool
	// Volatility says whether its value depends only on its arguments.
	Volatility Volatility
	// Nulls: it handles null arguments itself. Other functions of a null are
	// null.
	Nulls bool
	// Faults reports whether a call with this many arguments, the first of a
	// kind, may have a fault for values of the types that it accepts; nil: no
	// call does. For casts, see the descriptor of the kind.
	Faults func(first Kind, args int) bool
	// Errs: it may end in an error that is not a fault, which no condition
	// treats as unknown.
	Errs bool
}

// Usage shows how the function is called, for a hint.
func (f *Function) Usage() string { return f.Calls[len(f.Calls)-1] }

// IsAggregate reports whether a call with this many arguments is over a group
// or a list.
func (f *Function) IsAggregate(args int) bool {
	return f.Kind == Aggregate || f.Kind == ScalarOrAggregate && args <= 1
}

// MayFault reports whether a call with this many arguments, the first of a
// kind, may have a fault.
func (f *Function) MayFault(first Kind, args int) bool {
	if f.Cast {
		ok, mayFail := first.Info().Cast(f.Name)
		return args > 1 || mayFail || !ok
	}
	return f.Faults != nil && f.Faults(first, args)
}

// Functions lists every function, in the order of the reference. The list belongs to the caller.
func Functions() []Function { return slices.Clone(functionTable().rows) }

// FindFunction returns the function with a name in lower case; nil if there is
// none.
func FindFunction(name string) *Function { return functionTable().byName[name] }

// FunctionNames lists the names, for completion and did-you-mean.
func FunctionNames() []string {
	rows := functionTable().rows
	out := make([]string, len(rows))
	for i := range rows {
		out[i] = rows[i].Name
	}
	return out
}

type functions struct {
	rows   []Function
	byName map[string]*Function
}

var functionTable = sync.OnceValue(func() *functions {
	t := &functions{rows: functionRows(), byName: map[string]*Function{}}
	for i := range t.rows {
		t.byName[t.rows[i].Name] = &t.rows[i]
	}
	return t
})

// Groups of functions, as the reference names them.
const (
	groupText   = "text"
	groupNumber = "numbers"
	groupTime   = "time"
	groupPlace  = "places, vectors"
	groupSearch = "full text"
	groupChoice = "choice"
	groupDoc    = "documents"
	groupColl   = "collections"
	groupAtomic = "in ATOMIC"
	groupAgg    = "aggregates"
)

func functionRows() []Function {
	str, num, flt, at := TypeString, TypeInt, TypeFloat, TypeDateTime
	of := func(ts ...Type) []Type { return ts }
	calls := func(cs ...string) []string { return cs }
	always := func(Kind, int) bool { return true }
	ofJSON := func(first Kind, _ int) bool { return first == KJSON }
	toInt := func(first Kind, args int) bool { return args > 1 || first != KInt }
	rows := []Function{
		{Name: "len", Group: groupText, Calls: calls("len(s)"), Min: 1, Max: 1, Faults: ofJSON},
		{Name: "lower", Group: groupText, Calls: calls("lower(s)"), Min: 1, Max: 1, Params: of(str), Result: str},
		{Name: "upper", Group: groupText, Calls: calls("upper(s)"), Min: 1, Max: 1, Params: of(str), Result: str},
		{Name: "trim", Group: groupText, Calls: calls("trim(s)"), Min: 1, Max: 1, Params: of(str), Result: str},
		{Name: "substr", Group: groupText, Calls: calls("substr(s, from)", "substr(s, from, n)"), Min: 2, Max: 3, Params: of(str, num, num), Result: str, Bytes: true},
		{Name: "replace", Group: groupText, Calls: calls("replace(s, old, new)"), Min: 3, Max: 3, Params: of(str, str, str), Result: str, Bytes: true, Faults: always},
		{Name: "string", Group: groupText, Calls: calls("string(x)"), Min: 1, Max: 1, Cast: true},
		{Name: "hex", Group: groupText, Calls: calls("hex('00ff')"), Min: 1, Max: 1, Params: of(str), Result: TypeBytes, Faults: always},

		{Name: "abs", Group: groupNumber, Calls: calls("abs(x)"), Min: 1, Max: 1},
		{Name: "round", Group: groupNumber, Calls: calls("round(x)", "round(x, digits)"), Min: 1, Max: 2, Faults: toInt},
		{Name: "floor", Group: groupNumber, Calls: calls("floor(x)"), Min: 1, Max: 1, Faults: toInt},
		{Name: "ceil", Group: groupNumber, Calls: calls("ceil(x)"), Min: 1, Max: 1, Faults: toInt},
		{Name: "sqrt", Group: groupNumber, Calls: calls("sqrt(x)"), Min: 1, Max: 1, Params: of(flt), Result: flt, Faults: always},
		{Name: "int", Group: groupNumber, Calls: calls("int(x)"), Min: 1, Max: 1, Cast: true},
		{Name: "int64", Group: groupNumber, Calls: calls("int64(x)"), Min: 1, Max: 1, Cast: true},
		{Name: "float", Group: groupNumber, Calls: calls("float(x)"), Min: 1, Max: 1, Cast: true},
		{Name: "min", Kind: ScalarOrAggregate, Group: groupNumber, Calls: calls("min(a, b, …)"), Min: 1, Max: -1},
		{Name: "max", Kind: ScalarOrAggregate, Group: groupNumber, Calls: calls("max(a, b, …)"), Min: 1, Max: -1},

		{Name: "now", Group: groupTime, Calls: calls("now()"), Volatility: Stable},
		{Name: "datetime", Group: groupTime, Calls: calls("datetime(s)", "datetime(s, 'YYYY-MM-DD HH:mm:ss')"), Min: 1, Max: 2, Cast: true},
		{Name: "duration", Group: groupTime, Calls: calls("duration(s)"), Min: 1, Max: 1, Cast: true},
	}
	for _, part := range []string{"year", "month", "day", "hour", "minute", "second", "weekday"} {
		rows = append(rows, Function{Name: part, Group: groupTime, Calls: calls(part + "(t)"), Min: 1, Max: 1, Params: of(at), Result: num})
	}
	return append(rows, []Function{
		{Name: "date_trunc", Group: groupTime, Calls: calls("date_trunc('month', t)"), Min: 2, Max: 2, Faults: always},

		{Name: "point", Group: groupPlace, Calls: calls("point(lon, lat)"), Min: 2, Max: 2, Params: of(flt, flt), Result: TypeGeo, Faults: always},
		{Name: "lon", Group: groupPlace, Calls: calls("lon(p)"), Min: 1, Max: 1, Params: of(TypeGeo), Result: flt},
		{Name: "lat", Group: groupPlace, Calls: calls("lat(p)"), Min: 1, Max: 1, Params: of(TypeGeo), Result: flt},
		{Name: "distance", Group: groupPlace, Calls: calls("distance(a, b)", "distance()"), Note: "of a row of NEAREST", Max: 2},
		{Name: "score", Group: groupSearch, Calls: calls("score()"), Note: "of what SEARCH found", Nulls: true},
		{Name: "coalesce", Group: groupChoice, Calls: calls("coalesce(a, b, …)"), Min: 1, Max: -1, Nulls: true},
		{Name: "when", Group: groupChoice, Calls: calls("when(c1, v1, c2, v2, …, else)"), Min: 2, Max: -1, Nulls: true},
		{Name: "key", Group: groupDoc, Calls: calls("key(x)"), Note: "the key of a document or ref", Min: 1, Max: 1},
		{Name: "exists", Group: groupDoc, Calls: calls("EXISTS (posts)", "EXISTS (posts WHERE …)"), Note: "whether documents refer to it, by a backlink", Min: 1, Max: 1, Nulls: true},
		{Name: "uuid", Group: groupDoc, Calls: calls("uuid()"), Note: "a new version 7 UUID", Volatility: Volatile},
		{Name: "ttl", Group: groupDoc, Calls: calls("ttl()", "ttl(ref)"), Note: "the remaining lifetime of a document; null if it does not expire", Max: 1, Volatility: Volatile},
		{Name: "ends", Group: groupDoc, Calls: calls("ends()", "ends(ref)"), Note: "when a document expires; null if it does not", Max: 1, Volatility: Volatile},
		{Name: "peek", Group: groupColl, Calls: calls("peek(queue)"), Note: "what pop would take", Min: 1, Max: 1},
		{Name: "union", Group: groupColl, Calls: calls("union(a, b)"), Min: 2, Max: 2},
		{Name: "intersect", Group: groupColl, Calls: calls("intersect(a, b)"), Min: 2, Max: 2},
		{Name: "difference", Group: groupColl, Calls: calls("difference(a, b)"), Note: "of sets and lists", Min: 2, Max: 2},
		{Name: "range", Group: groupAtomic, Calls: calls("range(first, last)"), Note: "after FOR x IN: the ints from first to last", Min: 2, Max: 2, Faults: always},

		{Name: "count", Kind: Aggregate, Group: groupAgg, Calls: calls("count()", "count(x)", "count(DISTINCT x)"), Max: 1, Nulls: true},
		{Name: "sum", Kind: Aggregate, Group: groupAgg, Calls: calls("sum(x)"), Min: 1, Max: 1, Errs: true},
		{Name: "avg", Kind: Aggregate, Group: groupAgg, Calls: calls("avg(x)"), Min: 1, Max: 1, Errs: true},
		{Name: "collect", Kind: Aggregate, Group: groupAgg, Calls: calls("collect(x)"), Min: 1, Max: 1},
		{Name: "percentile", Kind: Aggregate, Group: groupAgg, Calls: calls("percentile(x, p)"), Min: 2, Max: 2, Errs: true},
	}...)
}
