package lang

// Stmt is a statement as written.
type Stmt interface {
	Node
	stmtNode()
}

// Ident is a name of a model, a field or a variable.
type Ident struct {
	Name string
	Sp   Span
}

// Span returns the position of the name.
func (i Ident) Span() Span { return i.Sp }

// Path is a dotted name: home.city.
type Path []Ident

// Span covers the complete path.
func (p Path) Span() Span {
	if len(p) == 0 {
		return Span{}
	}
	return p[0].Sp.To(p[len(p)-1].Sp)
}

// String joins the names with dots.
func (p Path) String() string {
	s := ""
	for i, id := range p {
		if i > 0 {
			s += "."
		}
		s += id.Name
	}
	return s
}

// File is a parsed source: its statements in order. A statement that did not
// parse is a BadStmt, so the rest can still be checked.
type File struct {
	Source *Source
	Stmts  []Stmt
	Diags  Diags // lexical and syntax errors
	// Params lists each $name that the caller supplies once, in order of first
	// use. Those inside a PROCEDURE are its own and are not listed.
	Params []string
	// Optional has the parameters that are written $name?; nil if there are none.
	Optional map[string]bool
}

type (
	// Item is one returned or grouped item: * or expr [AS name].
	Item struct {
		Sp   Span
		Star bool
		X    Expr
		As   Ident // Name "" when not given
	}
	// Returns is the list after RETURN.
	Returns struct {
		Sp       Span
		Distinct bool
		Items    []Item
	}
	// Order is one term of ORDER BY.
	Order struct {
		X    Expr
		Desc bool
	}
	// Target selects documents: exactly one of Where, All, Key.
	Target struct {
		Sp          Span
		Where       Expr
		OrderBy     []Order
		Limit       Expr
		All         bool
		Key         Expr // an operand, or a List with Paren
		SkipMissing bool
	}
	// Set is one item after SET: place op value, or place.operation(args) AS name.
	Set struct {
		Sp    Span
		Place Expr   // Name, Member or Index chain; for an operation its Method node
		Op    string // "=", "+=", … ; "" for an operation
		Value Expr
		As    Ident
	}
	// Life is TTL x or, with At, TTL AT x: how long documents live, or until when.
	Life struct {
		Sp Span
		At bool
		X  Expr
	}
	// Conflict is ON CONFLICT SKIP | GET | SET …, and of IMPORT PUT too.
	Conflict struct {
		Sp     Span
		Action string // "SKIP", "GET", "SET"
		Sets   []Set
	}
)

type (
	// BadStmt takes the place of a statement that did not parse; File.Diags has
	// the reason.
	BadStmt struct{ Sp Span }

	GetStmt struct {
		Sp          Span
		Model       Ident
		Key         Expr
		SkipMissing bool
		Fetch       []Fetch
		Return      *Returns
	}
	FindStmt struct {
		Sp      Span
		Model   Ident
		Near    *Near // NEAREST; nil without
		Stale   bool
		Where   Expr
		GroupBy []Item
		Having  Expr
		Fetch   []Fetch
		Return  *Returns
		OrderBy []Order
		Limit   Expr
		Offset  Expr
		After   Expr
	}
	CountStmt struct {
		Sp    Span
		Model Ident
		Where Expr
	}
	// ExistsStmt has Where or Key.
	ExistsStmt struct {
		Sp    Span
		Model Ident
		Where Expr
		Key   Expr
	}
	CreateStmt struct {
		Sp       Span
		Model    Ident
		Doc      Expr
		Life     *Life
		Conflict *Conflict
		Return   *Returns
	}
	PutStmt struct {
		Sp     Span
		Model  Ident
		Doc    Expr
		Life   *Life
		Return *Returns
		// Restore: RESTORE, which has no RETURN.
		Restore bool
	}
	UpdateStmt struct {
		Sp     Span
		Model  Ident
		Target Target
		Sets   []Set
		Return *Returns
	}
	DeleteStmt struct {
		Sp     Span
		Model  Ident
		Target Target
		Return *Returns
	}
	CopyStmt struct {
		Sp          Span
		Model       Ident
		Key         Expr
		SkipMissing bool
		Times       Expr
		Life        *Life
		Sets        []Set
		Return      *Returns
	}
	// ExpireStmt has After or At.
	ExpireStmt struct {
		Sp     Span
		Model  Ident
		Target Target
		After  Expr
		At     Expr
	}
	PersistStmt struct {
		Sp     Span
		Model  Ident
		Target Target
	}
	CallStmt struct {
		Sp   Span
		Name Ident
		Args []Expr
	}
	// LetStmt names the value of an expression or of a statement: exactly one
	// of X and Stmt is set. Stmt is a query, a write, a CallStmt or an AtomicStmt.
	LetStmt struct {
		Sp   Span
		Name Ident
		X    Expr
		Stmt Stmt
	}
	// ExplainStmt is EXPLAIN, or PROFILE (EXPLAIN ANALYZE).
	ExplainStmt struct {
		Sp      Span
		Profile bool
		Stmt    Stmt
	}
	AtomicStmt struct {
		Sp   Span
		Part Expr // PARTITION, or nil
		Key  Expr // idempotency key, or nil
		For  Expr
		Body []Stmt
	}
	IfStmt struct {
		Sp   Span
		Cond Expr
		Then []Stmt
		Else []Stmt // ELSE IF is an IfStmt alone in Else
	}
	// ForStmt iterates over Query or X.
	ForStmt struct {
		Sp    Span
		Var   Ident
		X     Expr
		Query Stmt
		Body  []Stmt
	}
	// ReturnStmt is RETURN as a statement of a block.
	ReturnStmt struct {
		Sp    Span
		Items *Returns
	}
	EnsureStmt struct {
		Sp     Span
		Cond   Expr
		Else   Expr
		Code   string // CODE; "" without
		CodeSp Span
	}
	ImportStmt struct {
		Sp       Span
		Files    []Expr // strings and parameters
		Model    Ident
		As       *Object
		Conflict *Conflict // SKIP, PUT or SET
		Rejects  *Rejects
		With     []With
	}
	// Rejects is ON ERROR SKIP TO 'file' LIMIT n: the records that cannot be imported are written to the file, at most n.
	Rejects struct {
		Sp    Span
		File  Expr // a string or a parameter
		Limit Expr // nil: MaxRejects
	}
	// With is an option of WITH (…).
	With struct {
		Name  Ident
		Value Expr
	}
	ExportStmt struct {
		Sp   Span
		Find *FindStmt
		File Expr // a string or a parameter
		With []With
	}
	DownStmt struct{ Sp Span }

	ProcedureStmt struct {
		Sp     Span
		Name   Ident
		Params []ProcParam
		Body   *AtomicStmt
	}
	ModelStmt struct {
		Sp      Span
		Name    Ident
		Extends Ident // Name "" when not given
		Fields  []*FieldDecl
		Rules   []*RuleDecl
		Options []*OptionDecl
	}
	AlterStmt struct {
		Sp      Span
		Model   Ident
		Actions []*AlterAction
		Mode    AlterMode
	}
	// DropStmt is DROP MODEL | PROCEDURE name [ALL].
	DropStmt struct {
		Sp   Span
		What string // "MODEL" or "PROCEDURE"
		Name Ident
		All  bool
	}
	VerifyStmt struct {
		Sp     Span
		Model  Ident
		Repair bool
		Refs   bool // REPAIR REFS
	}
	// AdoptStmt is ADOPT, or ADOPT 'pattern' AS name, with APPLY if Apply.
	AdoptStmt struct {
		Sp        Span
		Pattern   string
		PatternSp Span
		Name      Ident // without a name the patterns are listed
		Apply     bool
	}
	// ShowStmt is SHOW MODELS | PROCEDURES | STATS, with MEMORY if Memory | MODEL name | PROCEDURE name | PARTITIONS name.
	ShowStmt struct {
		Sp     Span
		What   string
		Memory bool
		Name   Ident
	}
)

// ProcParam is a parameter of a procedure.
type ProcParam struct {
	Name    Ident
	Type    *TypeExpr
	Default Expr
}

// TypeExpr is a type as written: name<of or n>(args)?.
type TypeExpr struct {
	Sp   Span
	Name string
	Of   *TypeExpr
	N    int   // the number of vector<N>; 0 when absent
	Part Ident // author of refs<Post.author>
	Form Ident // key of ref<Author, key>
	Args []Expr
	Null bool
}

// Span returns the position of the type.
func (t *TypeExpr) Span() Span { return t.Sp }

// FieldDecl is one field of a model as written.
type FieldDecl struct {
	Sp          Span
	Name        Ident
	Type        *TypeExpr
	Key         bool
	Unique      bool
	Index       bool
	Lenient     bool
	Revision    bool
	EmptyIsNull bool
	CascadeTTL  bool
	OnDelete    string // "", "RESTRICT", "CASCADE", "SET NULL"
	Default     Expr
	Check       Expr
}

// Fetch is one path of FETCH. Of, for a backlink, has the clauses in parentheses after it: WHERE, FETCH, RETURN, ORDER BY, LIMIT
// and OFFSET, without a model; otherwise nil.
type Fetch struct {
	Path Path
	Of   *FindStmt
}

// RuleDecl is INDEX (…), UNIQUE (…) or CHECK (…) of a model.
type RuleDecl struct {
	Sp    Span
	Kind  string // "INDEX", "UNIQUE", "CHECK"
	Paths []Path
	Check Expr
	// Global: UNIQUE (…) GLOBAL, which holds over all partitions.
	Global bool
}

// Span returns the position of the rule.
func (r *RuleDecl) Span() Span { return r.Sp }

// OptionDecl is one option after a model's body.
type OptionDecl struct {
	Sp      Span
	Kind    string // "TTL", "STORED", "INDEXED", "KEYS", "WRITERS", "PARTITION"
	TTL     Expr
	Refresh string // "", "READ", "WRITE"
	Word    string // HASH, JSON, NATIVE, SEARCH, RQL, ANY, or the KEYS pattern
	Field   Ident  // of PARTITION BY
}

// AlterMode is what ALTER MODEL does with its actions.
type AlterMode string

// The words at the end of ALTER MODEL.
const (
	AlterApply  AlterMode = ""
	AlterDryRun AlterMode = "DRY RUN" // report what would be done
	AlterUndo   AlterMode = "UNDO"    // revert what is not complete
)

// AlterAction is one action of ALTER MODEL.
type AlterAction struct {
	Sp Span
	// Kind is "ADD FIELD", "ADD INDEX", "ADD UNIQUE", "ADD CHECK", "DROP FIELD", "DROP INDEX", "DROP UNIQUE", "DROP CHECK",
	// "DROP TTL", "DROP ALIAS", "RENAME FIELD", "RENAME" (the model), "CHANGE FIELD" or "SET".
	Kind   string
	Field  *FieldDecl
	Name   Ident
	To     Ident
	Paths  []Path
	Check  Expr
	Using  Expr
	Option *OptionDecl
	Global bool // of ADD UNIQUE and DROP UNIQUE: UNIQUE (…) GLOBAL
}

func (s *BadStmt) Span() Span       { return s.Sp }
func (s *GetStmt) Span() Span       { return s.Sp }
func (s *FindStmt) Span() Span      { return s.Sp }
func (s *CountStmt) Span() Span     { return s.Sp }
func (s *ExistsStmt) Span() Span    { return s.Sp }
func (s *CreateStmt) Span() Span    { return s.Sp }
func (s *PutStmt) Span() Span       { return s.Sp }
func (s *UpdateStmt) Span() Span    { return s.Sp }
func (s *DeleteStmt) Span() Span    { return s.Sp }
func (s *CopyStmt) Span() Span      { return s.Sp }
func (s *ExpireStmt) Span() Span    { return s.Sp }
func (s *PersistStmt) Span() Span   { return s.Sp }
func (s *CallStmt) Span() Span      { return s.Sp }
func (s *LetStmt) Span() Span       { return s.Sp }
func (s *ExplainStmt) Span() Span   { return s.Sp }
func (s *AtomicStmt) Span() Span    { return s.Sp }
func (s *IfStmt) Span() Span        { return s.Sp }
func (s *ForStmt) Span() Span       { return s.Sp }
func (s *ReturnStmt) Span() Span    { return s.Sp }
func (s *EnsureStmt) Span() Span    { return s.Sp }
func (s *ImportStmt) Span() Span    { return s.Sp }
func (s *ExportStmt) Span() Span    { return s.Sp }
func (s *DownStmt) Span() Span      { return s.Sp }
func (s *ProcedureStmt) Span() Span { return s.Sp }
func (s *ModelStmt) Span() Span     { return s.Sp }
func (s *AlterStmt) Span() Span     { return s.Sp }
func (s *DropStmt) Span() Span      { return s.Sp }
func (s *VerifyStmt) Span() Span    { return s.Sp }
func (s *AdoptStmt) Span() Span     { return s.Sp }
func (s *ShowStmt) Span() Span      { return s.Sp }

func (*BadStmt) stmtNode()       {}
func (*GetStmt) stmtNode()       {}
func (*FindStmt) stmtNode()      {}
func (*CountStmt) stmtNode()     {}
func (*ExistsStmt) stmtNode()    {}
func (*CreateStmt) stmtNode()    {}
func (*PutStmt) stmtNode()       {}
func (*UpdateStmt) stmtNode()    {}
func (*DeleteStmt) stmtNode()    {}
func (*CopyStmt) stmtNode()      {}
func (*ExpireStmt) stmtNode()    {}
func (*PersistStmt) stmtNode()   {}
func (*CallStmt) stmtNode()      {}
func (*LetStmt) stmtNode()       {}
func (*ExplainStmt) stmtNode()   {}
func (*AtomicStmt) stmtNode()    {}
func (*IfStmt) stmtNode()        {}
func (*ForStmt) stmtNode()       {}
func (*ReturnStmt) stmtNode()    {}
func (*EnsureStmt) stmtNode()    {}
func (*ImportStmt) stmtNode()    {}
func (*ExportStmt) stmtNode()    {}
func (*DownStmt) stmtNode()      {}
func (*ProcedureStmt) stmtNode() {}
func (*ModelStmt) stmtNode()     {}
func (*AlterStmt) stmtNode()     {}
func (*DropStmt) stmtNode()      {}
func (*VerifyStmt) stmtNode()    {}
func (*AdoptStmt) stmtNode()     {}
func (*ShowStmt) stmtNode()      {}

// Near is NEAREST K Field TO To; Field is empty if it is omitted.
type Near struct {
	Sp    Span
	K     Expr
	Field Path
	To    Expr
}
