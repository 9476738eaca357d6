package lang

import "strings"

// Kind is the outermost part of a type.
type Kind uint8

const (
	KUnknown  Kind = iota // after an error; compatible with everything
	KNull                 // the type of NULL and of a parameter given as nil
	KBool                 //
	KInt                  // ±MaxInt
	KInt64                // exact 64 bits
	KFloat                //
	KString               //
	KBytes                //
	KEnum                 // Values
	KDateTime             //
	KDuration             //
	KList                 // Elem
	KMap                  // Elem; keys are strings
	KEmbedded             // Model, by value
	KRef                  // Model; Elem is the type of its key
	KJSON                 //
	KRow                  // a document of Model, with its key
	KRecord               // an object or a projected row: Cols
	KObject               // a parameter given as a map or struct; becomes a document or map where it is used
	KGeo                  //
	KText                 //
	KVector               // N, Metric
	KSet                  // Elem
	KPQueue               // Elem
	KRefs                 // Model; Values has the name of its ref: of a field that is not stored

	kinds // number of kinds
)

// Repr is the representation of the values of a kind: as a Go value, in a
// script, in the text of a field and in an index. Kinds with the same Repr
// share the code for all of these and differ only in their descriptors.
type Repr uint8

const (
	// ReprNone: it has no values of its own.
	ReprNone Repr = iota
	// ReprBool: a bool; 1 or 0 in a field.
	ReprBool
	// ReprInt: an integer within ±MaxInt, and a number in a script; decimal in
	// a field.
	ReprInt
	// ReprLong: a 64-bit integer, and its decimal text in a script and in a
	// field.
	ReprLong
	// ReprFloat: a float64, and a number in a script.
	ReprFloat
	// ReprString: a string of valid UTF-8, the same everywhere.
	ReprString
	// ReprBytes: any bytes, the same everywhere.
	ReprBytes
	// ReprGeo: a longitude and a latitude, as text.
	ReprGeo
	// ReprVector: float32 numbers, little-endian.
	ReprVector
	// ReprJSON: a Go slice or map or a json value, a table in a script, JSON
	// text in a field.
	ReprJSON
	// ReprCollection: stored under a key of its own.
	ReprCollection

	reprs // number of representations
)

// Ordering says how the values of a kind are ordered.
type Ordering uint8

const (
	// Unordered values can only be compared for equality.
	Unordered Ordering = iota
	// Sortable values have an order for ORDER BY and in an index, but < and >
	// do not accept them.
	Sortable
	// Ordered values have an order everywhere.
	Ordered
)

// KindInfo describes a kind. The checker, the planner, the codec, completion,
// did-you-mean and the random programs read it; the code that operates on
// values of a kind or a Repr is in lang/codec, lang/eval, lua and spec/judge,
// each of which has a test that no kind is missing there.
type KindInfo struct {
	Name string // as it is written in a MODEL and in messages
	Repr Repr
	// Bare: its name is the complete type.
	Bare bool
	// Brackets: its name begins the type, and the brackets after it complete
	// it.
	Brackets bool
	// Aliases are its names in other languages. Write is what to write instead if that is not the name.
	Aliases []string
	Write   string
	// Variants are the forms in which other programs write it, as written in
	// its brackets.
	Variants []string
	// InJSON is the variant that its values have in a document stored as JSON.
	InJSON string

	Order Ordering
	// Key: it can be the type of a KEY.
	Key bool
	// Member: a set or pqueue can hold it.
	Member bool
	// Number: its values are plain numbers for + - * /.
	Number bool
	// Arithmetic: an arithmetic operator accepts it.
	Arithmetic bool
	// Negative: unary minus accepts it.
	Negative bool
	// Sum: sum() accepts it. Mean is the kind of the result of avg(); KUnknown
	// if avg() does not accept it.
	Sum  bool
	Mean Kind
	// Numeric: in a document stored as JSON, and for Search, its values are numbers.
	Numeric bool

	// Literal: a string compared with it, or assigned to it, is parsed as one;
	// Reads is the phrase for a message about an invalid string, and Sample
	// shows the notation in a hint.
	Literal bool
	Reads   string
	Sample  string
	// Casts are the functions that convert a value of this kind; MayCast those
	// that may fail for some values.
	Casts, MayCast []string

	// Low and High bound the numbers of a ReprInt, Range names the bounds in a
	// message, and Make returns the value for a number; nil if that is the
	// int64 itself.
	Low, High int64
	Range     string
	Make      func(int64) any
	// Zero returns the DEFAULT that is proposed for a new field of the type; nil: none.
	Zero func(Type) Expr
}

// Info returns the descriptor of the kind.
func (k Kind) Info() *KindInfo { return &kindTable[k] }

// Repr returns the representation of values of the type; for a ref, that of its key.
func (t Type) Repr() Repr {
	if t.Kind == KRef {
		return t.Scalar().Kind.Info().Repr
	}
	return kindTable[t.Kind].Repr
}

// Single reports whether the type is scalar: neither JSON nor a collection.
func (t Type) Single() bool {
	r := t.Repr()
	return r != ReprNone && r < ReprJSON
}

// Value returns the value of a ReprInt kind for the number n.
func (k *KindInfo) Value(n int64) any {
	if k.Make == nil {
		return n
	}
	return k.Make(n)
}

// Holds reports whether a number is within the bounds of a ReprInt kind.
func (k *KindInfo) Holds(n int64) bool { return n >= k.Low && n <= k.High }

// Cast reports whether a function converts values of the kind, and whether it may fail for some.
func (k *KindInfo) Cast(fn string) (ok, mayFail bool) {
	for _, c := range k.Casts {
		if c == fn {
			return true, false
		}
	}
	for _, c := range k.MayCast {
		if c == fn {
			return true, true
		}
	}
	return false, false
}

// Kinds lists the kinds that have a name in a MODEL, in the order of the
// reference.
func Kinds() []Kind {
	return []Kind{KString, KInt, KInt64, KFloat, KBool, KDateTime, KDuration, KBytes, KEnum, KList, KMap, KSet, KPQueue, KRef, KRefs, KJSON, KGeo, KText, KVector}
}

// TypeNames lists their names, for completion and did-you-mean.
func TypeNames() []string {
	list := Kinds()
	out := make([]string, len(list))
	for i, k := range list {
		out[i] = k.Info().Name
	}
	return out
}

// NamesType reports whether a name in a MODEL is that of a type, and not one of a model.
func NamesType(name string) bool {
	_, is := FindKind(name)
	return is && name == strings.ToLower(name)
}

// FindKind returns the kind with a name in a MODEL, in any case.
func FindKind(name string) (Kind, bool) {
	for _, k := range Kinds() {
		if strings.EqualFold(kindTable[k].Name, name) {
			return k, true
		}
	}
	return KUnknown, false
}

// KindByAlias returns the alias that matches another language's type name, and
// what to write for it; "" for none.
func KindByAlias(name string) string {
	name = strings.ToLower(name)
	for _, k := range Kinds() {
		info := k.Info()
		for _, a := range info.Aliases {
			switch {
			case a != name:
			case info.Write != "":
				return info.Write
			default:
				return info.Name
			}
		}
	}
	return ""
}
