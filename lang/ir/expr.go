package ir

import "github.com/rql-lang/rql/lang"

// Expr is a typed expression.
type Expr interface {
	Type() lang.Type
	Span() lang.Span
	irExpr()
}

// Base carries what every expression has.
type Base struct {
	T  lang.Type
	Sp lang.Span
}

// Type returns the static type.
func (b *Base) Type() lang.Type { return b.T }

// Span returns where the expression stands in its source.
func (b *Base) Span() lang.Span { return b.Sp }
func (*Base) irExpr()           {}

type (
	// Const is a literal, already converted to T (a string next to a datetime
	// is a DateTime, 1 in a float place is a float64). Ord is the ordinal of its literal token
	// (lang.Literal.Ord) while the same plan serves other literals in that place: Raw is the token's own value,
	// and Convert(value, T) makes Value from it. Ord is -1 for a value that belongs to the statement's shape.
	Const struct {
		Base
		Value any
		Raw   any
		Ord   int
	}
	// Param is $name, converted to T when it is bound.
	Param struct {
		Base
		Name  string
		Index int // place in Program.Params
	}
	// Var reads a LET, FOR or AS name.
	Var struct {
		Base
		V *Variable
	}
	// Row is the current document of the statement (type KRow): in CREATE and
	// PUT the new one, in UPDATE the one being changed (after the SET items so far).
	Row struct{ Base }
	// Old is the document before the statement's changes (KRow, or null in CREATE).
	Old struct{ Base }
	// Elem is the current element inside Pluck.Body.
	Elem struct{ Base }
	// Deref is the document a ref points to; null when the ref is null or dangles.
	Deref struct {
		Base
		X      Expr // of KRef
		Target *Model
	}
	// Col is a leaf of a document; null when the document is null.
	Col struct {
		Base
		X   Expr // of KRow: Row, Old, Var, Deref, Elem
		Col *Column
	}
	// Emb is a whole embedded value of a document, by the path of its field ("home", "home.geo").
	Emb struct {
		Base
		X      Expr // of KRow
		Prefix string
		Of     *Field  // the field of type KEmbedded
		Pres   *Column // its presence column; nil when it is not optional
	}
	// Member is X.Name of an embedded value that is not a document's own (a list element), of a KRecord, or of a json.
	Member struct {
		Base
		X    Expr
		Name string
	}
	// At is X[I]: of a list (0-based, negative from the end), a map, or a json. Past the end: null.
	At struct {
		Base
		X, I Expr
	}
	// Pluck is the list of Body for each element of the list X: `xs.amount`.
	Pluck struct {
		Base
		X    Expr
		Body Expr // over Elem
	}
	// Unary: OpNot, OpSub.
	Unary struct {
		Base
		Op lang.Op
		X  Expr
	}
	// Binary is a typed operation of the tables in the reference: OpAnd … OpPow but OpIn and OpNe, NOT LIKE and
	// the like, which are OpNot around their positive form. BETWEEN is two comparisons under OpAnd. OpContains of T IN list is In.
	// For OpLike, OpMatches and OpSearch R is closed.
	Binary struct {
		Base
		Op   lang.Op
		L, R Expr
	}
	// IsNull is X IS NULL.
	IsNull struct {
		Base
		X Expr
	}
	// In is X IN (Items…), or X IN List when List is set (a list-typed expression).
	In struct {
		Base
		X     Expr
		Items []Expr
		List  Expr
	}
	// List is a list literal.
	List struct {
		Base
		Items []Expr
	}
	// Object is an object literal: KRecord, or where it is used as such a KMap, KEmbedded or KJSON.
	// For KEmbedded every field of the model is there (defaults filled in, absent optional ones as null Const).
	Object struct {
		Base
		Names []string
		Items []Expr
	}
	// Convert turns X into T where the language does it silently: int → float, anything → json,
	// KRecord → map or embedded. No-op for most backends; never fails but for null.
	Convert struct {
		Base
		X Expr
	}
	// Call is a function of the reference but the aggregates over groups; Fn in lower case. The aggregates of
	// one list argument are here as "sum", "avg", "min", "max", "count", "collect" with a list typed Args[0].
	Call struct {
		Base
		Fn   string
		Args []Expr
	}
	// Key is key(x): of a document or (as the value itself) a ref.
	Key struct {
		Base
		X Expr
	}
	// GroupKey is the value of Find.Group[I] (after GROUP BY).
	GroupKey struct {
		Base
		I int
	}
	// AggRef is the value of Find.Aggs[I].
	AggRef struct {
		Base
		I int
	}
	// Output is the value of the returned item I (in ORDER BY).
	Output struct {
		Base
		I int
	}
)

// Variable is a LET, FOR or AS name.
type Variable struct {
	ID   int // unique in its program
	Name string
	Type lang.Type
	Top  bool // bound outside ATOMIC: its value travels as an argument
	// Given is the closed value, a parameter without a type of its own, that the name stands for;
	// with Each it stands for one element of it after the other. What is taken from it gets the type
	// of its place from the value as it was given.
	Given Expr
	Each  bool
	// Long says that the name stands for an integer beyond the range of int, or for
	// a list or an element of a list with one, that is written or given.
	Long bool
}

// Item is a named expression: a returned column or a group key.
type Item struct {
	Name string
	X    Expr
	Text string // the source text, or "" for an item made from *
}

// Order is one term of ORDER BY.
type Order struct {
	X    Expr
	Desc bool
}

// Agg is one aggregate over the rows of a group.
type Agg struct {
	Fn       string // count, sum, avg, min, max, collect, percentile
	X        Expr   // nil for count()
	Distinct bool
	P        Expr // of percentile, closed
	T        lang.Type
	Sp       lang.Span
}

// Assign is one SET item.
type Assign struct {
	Sp    lang.Span
	Place Place
	Op    string    // "=", "+=", "-=", "*=", "/=", "//=", "%=", "**=", or the lower-case name of an operation
	Value Expr      // of an assignment; the operation's implied right side has the place's type rules
	Args  []Expr    // of an operation, converted to what it takes
	As    *Variable // what the operation took out
}

// Place is what a SET item changes: a leaf, a whole embedded value, or something inside a leaf (Steps).
type Place struct {
	Sp     lang.Span
	Col    *Column // the leaf; nil when a whole embedded value is assigned
	Emb    *Field  // the embedded field assigned as a whole, with its Prefix
	Prefix string
	Steps  []Expr    // list index, map key, or Const string for a member of an embedded value inside a list
	T      lang.Type // type of the place itself
	// Creates lists the presence columns, outermost first, of the optional embedded values that a write through this place brings into being.
	Creates []*Column
}
