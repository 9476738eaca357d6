package lang

// Node is a node of the syntax tree, with its position in a source.
type Node interface{ Span() Span }

// Expr is an expression as written.
type Expr interface {
	Node
	exprNode()
}

// Op names an operator by its text.
type Op string

const (
	OpOr       Op = "OR"
	OpAnd      Op = "AND"
	OpNot      Op = "NOT"
	OpEq       Op = "="
	OpNe       Op = "!="
	OpLt       Op = "<"
	OpLe       Op = "<="
	OpGt       Op = ">"
	OpGe       Op = ">="
	OpIn       Op = "IN"
	OpContains Op = "CONTAINS"
	OpStarts   Op = "STARTS WITH"
	OpEnds     Op = "ENDS WITH"
	OpLike     Op = "LIKE"
	OpMatches  Op = "MATCHES"
	OpSearch   Op = "SEARCH"
	OpAdd      Op = "+"
	OpSub      Op = "-"
	OpMul      Op = "*"
	OpDiv      Op = "/"
	OpFloorDiv Op = "//"
	OpMod      Op = "%"
	OpPow      Op = "**"
)

// Compares reports whether the operator compares two values.
func (o Op) Compares() bool {
	switch o {
	case OpEq, OpNe, OpLt, OpLe, OpGt, OpGe, OpIn, OpContains, OpStarts, OpEnds, OpLike, OpMatches, OpSearch:
		return true
	}
	return false
}

type (
	// Literal is a number, duration, string, TRUE, FALSE or NULL.
	Literal struct {
		Sp    Span
		Value any // int64, float64, Duration, string, bool or nil
		Ord   int // ordinal among the literal tokens of its source, from 0; -1 for TRUE, FALSE, NULL
		// Unit is m, km, mi or ft if one follows the number, which is then a
		// distance; else "".
		Unit string
	}
	// Param is $name, or $name? if Optional is set.
	Param struct {
		Sp       Span
		Name     string
		Optional bool
	}
	// Name is a bare word, or @word, used as an operand.
	Name struct {
		Sp   Span
		Name string
	}
	// Member is X.Name.
	Member struct {
		Sp     Span // of the complete node
		X      Expr
		Name   string
		NameSp Span
	}
	// Index is X[I].
	Index struct {
		Sp   Span
		X, I Expr
	}
	// Call is a function call: name(args). Star is set for count(*), which
	// parses so that the checker can suggest what to write instead. Where is the condition of count(posts WHERE …) and
	// EXISTS (posts WHERE …).
	Call struct {
		Sp       Span
		Name     string // as written; functions are case-insensitive
		NameSp   Span
		Distinct bool
		Star     bool
		Args     []Expr
		Where    Expr
	}
	// Method is X.name(args): a field operation of SET.
	Method struct {
		Sp     Span
		X      Expr
		Name   string
		NameSp Span
		Args   []Expr
	}
	// Unary is NOT x or -x.
	Unary struct {
		Sp Span
		Op Op // OpNot or OpSub
		X  Expr
	}
	// Binary is l op r; Not is set for the negated word operators (NOT IN …).
	Binary struct {
		Sp   Span
		Op   Op
		OpSp Span
		Not  bool
		L, R Expr
	}
	// Between is x [NOT] BETWEEN lo AND hi.
	Between struct {
		Sp        Span
		Not       bool
		X, Lo, Hi Expr
	}
	// IsNull is x IS [NOT] NULL.
	IsNull struct {
		Sp  Span
		Not bool
		X   Expr
	}
	// List is [a, b] or, if Paren is set, (a, b) after IN or as a key.
	List struct {
		Sp    Span
		Items []Expr
		Paren bool
	}
	// Object is { name: value, … }.
	Object struct {
		Sp      Span
		Entries []Entry
	}
	// Subquery is a query in parentheses: FindStmt, GetStmt, CountStmt or ExistsStmt.
	Subquery struct {
		Sp    Span
		Query Stmt
	}
)

// Entry is one member of an Object.
type Entry struct {
	Name   string
	NameSp Span
	Value  Expr
}

func (x *Literal) Span() Span  { return x.Sp }
func (x *Param) Span() Span    { return x.Sp }
func (x *Name) Span() Span     { return x.Sp }
func (x *Member) Span() Span   { return x.Sp }
func (x *Index) Span() Span    { return x.Sp }
func (x *Call) Span() Span     { return x.Sp }
func (x *Method) Span() Span   { return x.Sp }
func (x *Unary) Span() Span    { return x.Sp }
func (x *Binary) Span() Span   { return x.Sp }
func (x *Between) Span() Span  { return x.Sp }
func (x *IsNull) Span() Span   { return x.Sp }
func (x *List) Span() Span     { return x.Sp }
func (x *Object) Span() Span   { return x.Sp }
func (x *Subquery) Span() Span { return x.Sp }

func (*Literal) exprNode()  {}
func (*Param) exprNode()    {}
func (*Name) exprNode()     {}
func (*Member) exprNode()   {}
func (*Index) exprNode()    {}
func (*Call) exprNode()     {}
func (*Method) exprNode()   {}
func (*Unary) exprNode()    {}
func (*Binary) exprNode()   {}
func (*Between) exprNode()  {}
func (*IsNull) exprNode()   {}
func (*List) exprNode()     {}
func (*Object) exprNode()   {}
func (*Subquery) exprNode() {}
