package lang

import (
	"slices"
	"sync"
)

// FieldArg is the type of an argument of a field operation.
type FieldArg uint8

const (
	// ArgElem is a value of the element type.
	ArgElem FieldArg = iota
	// ArgElemOrNull is an ArgElem that may be null.
	ArgElemOrNull
	// ArgElems is a value of the element type, or a list of these.
	ArgElems
	// ArgList is a list of elements.
	ArgList
	// ArgSame is a value of the field's type.
	ArgSame
	// ArgInt is an int.
	ArgInt
	// ArgFloat is a float.
	ArgFloat
	// ArgString is a string.
	ArgString
)

// FieldOut is what a field operation removes, which AS can name.
type FieldOut uint8

const (
	// OutNothing: nothing that AS could name.
	OutNothing FieldOut = iota
	// OutElem: an element, or null.
	OutElem
	// OutElems: an element or null without arguments, a list of elements with one.
	OutElems
	// OutEntry: { key, value } of a map, or null.
	OutEntry
)

// FieldOp describes an operation of SET on a field of some kind: place.name(args). The checker, did-you-mean, completion, the
// random programs and the language reference use this table; the implementations are in lua and spec/judge, each of which has a
// test that no operation is missing there.
type FieldOp struct {
	On    Kind
	Name  string
	Calls []string // its forms, the one with all arguments last
	Doc   string   // one line
	// Args are its arguments. If Max is -1, the last one may be repeated.
	Args     []FieldArg
	Min, Max int
	Out      FieldOut
	// Runs is the operation that implements it; "" means itself.
	Runs string
}

// Usage shows how the operation is called, for a hint.
func (o *FieldOp) Usage() string { return o.Calls[len(o.Calls)-1] }

// Arg returns the type of argument i for a field of type t. many says that the given value is a list.
func (o *FieldOp) Arg(i int, t Type, many bool) Type {
	switch o.Args[min(i, len(o.Args)-1)] {
	case ArgElemOrNull:
		return t.Elem.OrNull()
	case ArgElems:
		if many {
			return ListOf(*t.Elem)
		}
	case ArgList:
		return ListOf(*t.Elem)
	case ArgSame:
		return t.NotNull()
	case ArgInt:
		return TypeInt
	case ArgFloat:
		return TypeFloat
	case ArgString:
		return TypeString
	}
	return *t.Elem
}

// Removes returns the type of what the operation removes from a field of type t, given the number of arguments; unknown if it
// removes nothing.
func (o *FieldOp) Removes(t Type, args int) Type {
	switch {
	case o.Out == OutEntry:
		return Type{Kind: KRecord, Null: true, Cols: []Col{{Name: "key", Type: TypeString}, {Name: "value", Type: *t.Elem}}}
	case o.Out == OutElems && args > 0:
		return ListOf(*t.Elem)
	case o.Out != OutNothing:
		return t.Elem.OrNull()
	}
	return TypeUnknown
}

var fieldOps = sync.OnceValue(fieldOpRows)

// FieldOps returns every operation, grouped by kind, in the order of the reference. The caller may modify the list.
func FieldOps() []FieldOp { return slices.Clone(fieldOps()) }

// FindFieldOp returns the operation of a kind with a name in lower case; nil if there is none.
func FindFieldOp(on Kind, name string) *FieldOp {
	rows := fieldOps()
	for i := range rows {
		if rows[i].On == on && rows[i].Name == name {
			return &rows[i]
		}
	}
	return nil
}

// FieldOpNames returns the operations of a kind, for completion and did-you-mean; nil if there are none.
func FieldOpNames(on Kind) (out []string) {
	for _, o := range fieldOps() {
		if o.On == on {
			out = append(out, o.Name)
		}
	}
	return out
}

func fieldOpRows() []FieldOp {
	calls := func(cs ...string) []string { return cs }
	args := func(as ...FieldArg) []FieldArg { return as }
	return []FieldOp{
		{On: KList, Name: "append", Calls: calls("append(x)"), Args: args(ArgElem), Min: 1, Max: 1, Doc: "adds x at the end"},
		{On: KList, Name: "extend", Calls: calls("extend(list)"), Args: args(ArgSame), Min: 1, Max: 1, Doc: "adds the elements of a list at the end"},
		{On: KList, Name: "prepend", Calls: calls("prepend(x)"), Args: args(ArgElem), Min: 1, Max: 1, Doc: "adds x at the beginning"},
		{On: KList, Name: "insert", Calls: calls("insert(i, x)"), Args: args(ArgInt, ArgElem), Min: 2, Max: 2, Doc: "adds x before element i; past the end, at the end"},
		{On: KList, Name: "pop", Calls: calls("pop()", "pop(i)"), Args: args(ArgInt), Max: 1, Out: OutElem, Doc: "removes the last element, or element i; null if there is none"},
		{On: KList, Name: "remove", Calls: calls("remove(x)"), Args: args(ArgElem), Min: 1, Max: 1, Doc: "removes the first element that equals x, if there is one"},
		{On: KList, Name: "remove_range", Calls: calls("remove_range(from, to)"), Args: args(ArgInt, ArgInt), Min: 2, Max: 2, Doc: "removes the elements from `from` up to, not including, `to`"},
		{On: KList, Name: "clear", Calls: calls("clear()"), Doc: "removes all elements"},

		{On: KMap, Name: "update", Calls: calls("update({ … })"), Args: args(ArgSame), Min: 1, Max: 1, Doc: "sets the keys of another map"},
		{On: KMap, Name: "pop", Calls: calls("pop(key)", "pop(key, default)"), Args: args(ArgString, ArgElemOrNull), Min: 1, Max: 2, Out: OutElem, Doc: "removes a key and its value; null, or the default, if there is none"},
		{On: KMap, Name: "popitem", Calls: calls("popitem()"), Out: OutEntry, Doc: "removes the greatest key, as `{ key, value }`"},
		{On: KMap, Name: "clear", Calls: calls("clear()"), Doc: "removes all keys"},

		{On: KSet, Name: "add", Calls: calls("add(x, y, …)"), Args: args(ArgElems), Min: 1, Max: -1, Doc: "adds members; each argument may be a list"},
		{On: KSet, Name: "remove", Calls: calls("remove(x, y, …)"), Args: args(ArgElems), Min: 1, Max: -1, Doc: "removes members; each argument may be a list"},
		{On: KSet, Name: "union", Calls: calls("union(list)"), Args: args(ArgList), Min: 1, Max: 1, Runs: "add", Doc: "adds the elements of a list"},
		{On: KSet, Name: "intersect", Calls: calls("intersect(list)"), Args: args(ArgList), Min: 1, Max: 1, Doc: "keeps only members that are in a list"},
		{On: KSet, Name: "difference", Calls: calls("difference(list)"), Args: args(ArgList), Min: 1, Max: 1, Runs: "remove", Doc: "removes the elements of a list"},
		{On: KSet, Name: "pop", Calls: calls("pop()"), Out: OutElem, Doc: "removes an unspecified member; null if the set is empty"},
		{On: KSet, Name: "clear", Calls: calls("clear()"), Doc: "removes all members"},

		{On: KPQueue, Name: "push", Calls: calls("push(x, priority)"), Args: args(ArgElem, ArgFloat), Min: 2, Max: 2, Doc: "adds x, or gives it another priority"},
		{On: KPQueue, Name: "pop", Calls: calls("pop()", "pop(n)"), Args: args(ArgInt), Max: 1, Out: OutElems, Doc: "removes the value with the least priority, or a list of up to n; null if the queue is empty"},
		{On: KPQueue, Name: "remove", Calls: calls("remove(x, y, …)"), Args: args(ArgElems), Min: 1, Max: -1, Doc: "removes values; each argument may be a list"},
		{On: KPQueue, Name: "clear", Calls: calls("clear()"), Doc: "removes all values"},
	}
}
