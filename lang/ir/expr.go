package ir

import "github.com/rql-lang/rql/lang"

// Expr is a typed expression.
type Expr interface {
	Type() lang.Type
	Span() lang.Span
	irExpr()
}

// Base has the fields common to all expressions.
type Base struct {
	T  lang.Type
	Sp lang.Span
}

// Type returns the static type.
func (b *Base) Type() lang.Type { return b.T }

// Span returns the position of the expression in its source.
func (b *Base) Span() lang.Span { return b.Sp }
func (*Base) irExpr()           {}

type (
	// Const is a literal, already converted to T (a string compared with a
	// datetime is a DateTime, 1 where a float is needed is a float64). Ord is
	// the ordinal of its literal token (lang.Literal.Ord) if the same plan also
	// serves other literals in that position: Raw is the token's own value, and
	// Convert(value, T) gives Value. Ord is -1 for a value that is part of the
	// statement's shape.
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
		Index int // index in Program.Params
		// Null says that the value is null: T is then the type of the place.
		Null bool
	}
	// Var reads a LET, FOR or AS name.
	Var struct {
		Base
		V *Variable
	}
	// Row is the current document of the statement (type KRow): in CREATE and PUT the new one, in UPDATE the one being changed
	// (with the SET items applied so far).
	Row struct{ Base }
	// Old is the document before the statement's changes (KRow, or null in CREATE).
	Old struct{ Base }
	// Elem is the current element inside Pluck.Body.
	Elem struct{ Base }
	// Deref is the document a ref points to; null if the ref is null or
	// dangling.
	Deref struct {
		Base
		X      Expr // of KRef
		Target *Model
		Far    bool // it is elsewhere than the document that refers to it: see lang.Type.Far
	}
	// Away is a condition on documents elsewhere: Cond, which reads them. In says the same of refs to them, or of the key of the document
	// to which they refer, by keys that are read before the statement runs. Plans have In in its place.
	Away struct {
		Base
		Cond, In Expr
	}
	// Referrers is what a query over a backlink gives of documents elsewhere than the document to which they refer, whose key is Key, a
	// leaf. Col is the query, whose Coll has Apart; it is null if the key is.
	Referrers struct {
		Base
		Key Expr
		Col *Column
	}
	// Col is a leaf of a document; null if the document is null.
	Col struct {
		Base
		X   Expr // of KRow: Row, Old, Var, Deref, Elem
		Col *Column
	}
	// Emb is a complete embedded value of a document, by the path of its field
	// ("home", "home.geo").
	Emb struct {
		Base
		X      Expr // of KRow
		Prefix string
		Of     *Field  // the field of type KEmbedded
		Pres   *Column // its presence column; nil if it is not optional
	}
	// Member is X.Name of an embedded value that is not part of a document (a
	// list element), of a KRecord, or of a json.
	Member struct {
		Base
		X    Expr
		Name string
	}
	// At is X[I], for a list (0-based, negative from the end), a map, or a json. It is null if there is no such element.
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
	// Unary is OpNot or OpSub.
	Unary struct {
		Base
		Op lang.Op
		X  Expr
	}
	// Binary is a typed operation of the tables in the reference: OpAnd … OpPow
	// except OpIn and OpNe, NOT LIKE and similar, which are OpNot around their
	// positive form. BETWEEN is two comparisons under OpAnd. OpContains of T IN
	// list is In. For OpLike, OpMatches and OpSearch, R is closed.
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
	// In is X IN (Items…), or X IN List if List is set (a list-typed
	// expression).
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
	// Object is an object literal: KRecord, or KMap, KEmbedded or KJSON if it
	// is used as one. A KEmbedded has every field of the model (defaults filled
	// in, absent optional ones as null Const).
	Object struct {
		Base
		Names []string
		Items []Expr
	}
	// Convert converts X to T where the language does so implicitly: int →
	// float, anything → json, KRecord → map or embedded. No-op for most
	// backends; it fails only for null.
	Convert struct {
		Base
		X Expr
	}
	// Call is a function of the reference other than aggregates over groups; Fn
	// is in lower case. The aggregates of one list argument are included as
	// "sum", "avg", "min", "max", "count", "collect" with a list-typed Args[0].
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
	// FullKey is the full key of a document of a model in partitions: see JoinKey. It is closed.
	FullKey struct {
		Base
		Part, Key Expr
	}
	// KeyParts is the partition and the key in the full key X, as a record of these two fields of Model. It is closed.
	KeyParts struct {
		Base
		X     Expr
		Model *Model
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
	Top  bool // bound outside ATOMIC: its value is passed as an argument
	// Given is the closed value that the name stands for, if that is a parameter without a type of its own. If Each is set, the
	// name stands for each of its elements in turn. A part of it is converted from the given value to the type required where it
	// is used.
	Given Expr
	Each  bool
	// Long says that the name stands for an integer literal or parameter beyond the range of int, for a list that contains one,
	// or for an element of such a list.
	Long bool
	// Within is set if the value is a list of full keys of documents of this model: in a partition, it is that of the keys of those in it.
	Within *Model
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
	Value Expr      // of an assignment; the operand of an operation has the type that the operation requires
	Args  []Expr    // of an operation, converted to its parameter types
	As    *Variable // bound to the value that the operation removed
}

// Place is the target of a SET item: a leaf, a complete embedded value, or
// something inside a leaf (Steps).
type Place struct {
	Sp     lang.Span
	Col    *Column // the leaf; nil if a complete embedded value is assigned
	Emb    *Field  // the embedded field assigned completely, with its Prefix
	Prefix string
	Steps  []Expr    // list index, map key, or Const string for a member of an embedded value inside a list
	T      lang.Type // type of the place itself
	// Creates lists the presence columns, outermost first, of the optional
	// embedded values that a write to this place creates.
	Creates []*Column
}

// MaxAway is the maximum number of documents whose keys are read for a condition on documents elsewhere.
const MaxAway = 1000

// ReadsAway reports whether x reads a document elsewhere, through a far ref or a backlink, other than in an [Away].
func ReadsAway(x Expr) bool {
	found := false
	Walk(x, func(x Expr) bool {
		switch x := x.(type) {
		case *Deref:
			found = found || x.Far
		case *Referrers:
			found = true
		}
		return !found
	})
	return found
}
