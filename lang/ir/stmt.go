package ir

import "github.com/rql-lang/rql/lang"

// Program is a checked file.
type Program struct {
	Source *lang.Source
	Stmts  []Stmt
	Params []string // parameters in order of first use; the target of Param.Index
	Vars   int      // number of variables
	// TopVars are the names bound outside ATOMIC, those of earlier inputs of the session first.
	TopVars []*Variable
	Schema  *Schema  // after the last statement: see Head.Schema
	Uses    []*Model // every stored model a statement touches (including through refs and embedding), in byte order of name
}

// Stmt is a checked statement.
type Stmt interface {
	Info() *Head
	irStmt()
}

// Head has the fields common to all statements.
type Head struct {
	Sp   lang.Span
	Ord  int      // ordinal among the top-level statements of its program
	Pre  []*Let   // subqueries in its expressions, to be run before it, in order; each is used as a Var
	Uses []*Model // models this statement touches
	// Procs are the procedures whose bodies are part of this statement.
	Procs []*Procedure
	// Schema is the one that a top-level statement is planned with: later statements of its program may change models.
	Schema *Schema
}

// Info returns the head.
func (h *Head) Info() *Head { return h }
func (*Head) irStmt()       {}

// BlockKey is KEY k FOR d of an ATOMIC: the block runs once for the key, and a
// repetition returns the recorded result.
type BlockKey struct {
	Key  Expr // string, closed
	For  Expr // duration, closed
	Body lang.Span
	In   *Procedure // the procedure whose text contains Body; nil: the program's
}

// Target selects the documents of a statement.
type Target struct {
	Key         Expr // the key, or a list of keys if Many is set
	Many        bool
	SkipMissing bool
	All         bool
	Where       Expr
	Order       []Order
	Limit       Expr // nil: all
}

// Doc is a document given to CREATE or PUT. Either Fields (one per model field,
// nil = absent) or Value (a parameter or variable that is an object, or a list
// of objects if Many is set).
type Doc struct {
	Sp     lang.Span
	Fields []Expr // by Field.Pos; converted to the field's type
	Value  Expr   // Param or Var of KObject/KRow/KRecord; converted by the model when bound
}

// Nearest is NEAREST k field TO vector: the K nearest of the rows that match
// WHERE, nearest first.
type Nearest struct {
	Sp  lang.Span
	K   Expr // int, closed
	Col *Column
	To  Expr // vector of Col's length, closed
}

// Distance is the distance of a row of model m: a float, null if the vector is
// null.
func (n *Nearest) Distance(m *Model) Expr {
	row := &Row{Base: Base{T: lang.Type{Kind: lang.KRow, Model: m.Name}, Sp: n.Sp}}
	col := &Col{Base: Base{T: n.Col.Type, Sp: n.Sp}, X: row, Col: n.Col}
	t := lang.TypeFloat
	t.Null = n.Col.Type.Null || n.To.Type().Null
	return &Call{Base: Base{T: t, Sp: n.Sp}, Fn: "distance", Args: []Expr{col, n.To}}
}

// Life says how long a document lives that comes into being.
type Life struct {
	X    Expr // duration, or with At datetime; null: without an end
	At   bool
	Each bool // X is a list, with one for each document of the statement
}

// Projection is what a statement returns of documents: its RETURN, or all fields of the model.
type Projection struct {
	Items     []Item // empty: a change that returns no rows
	AllFields bool   // Items are all fields of the model (no RETURN, no FETCH)
}

// Projected is implemented by the statements that return documents, or values of documents.
type Projected interface {
	Stmt
	Returned() *Projection
}

// Returned implements Projected.
func (p *Projection) Returned() *Projection { return p }

type (
	Get struct {
		Head
		Model *Model
		Key   Expr
		Many  bool // Key is a list, and the result a list of rows
		Skip  bool
		Projection
		// Refreshes are the documents whose ends it raises.
		Refreshes []Refresh
	}
	Find struct {
		Head
		Model   *Model
		Stale   bool     // an index that may lack documents is enough
		Near    *Nearest // NEAREST; nil without
		Where   Expr     // nil: all
		Grouped bool     // GROUP BY, or aggregates without it (then Group is empty and there is exactly one row)
		Group   []Item
		Aggs    []Agg
		Having  Expr
		Projection
		Distinct bool
		Order    []Order
		Limit    Expr
		Offset   Expr
		After    Expr // string or null
		// Refreshes are the documents whose ends it raises: those given out, after LIMIT.
		Refreshes []Refresh
	}
	Count struct {
		Head
		Model *Model
		Where Expr
	}
	Exists struct {
		Head
		Model *Model
		Where Expr
		Key   Expr // one key
	}
	Create struct {
		Head
		Model    *Model
		Docs     []Doc
		Many     bool   // a list was given
		Conflict string // "", "SKIP", "GET", "SET"
		Sets     []Assign
		Put      bool  // PUT: replace
		Life     *Life // nil: the model's
		Projection
	}
	Update struct {
		Head
		Model  *Model
		Target Target
		Sets   []Assign
		Projection
	}
	Delete struct {
		Head
		Model  *Model
		Target Target
		Projection
		// WithModel: the model goes too, and nothing else refers to it, so nobody is asked for refs.
		WithModel bool
	}
	Copy struct {
		Head
		Model *Model
		Key   Expr
		Many  bool
		Skip  bool
		Times Expr // nil: once
		Life  *Life
		Sets  []Assign
		Projection
	}
	// Expire gives documents another end; with End nil it is PERSIST, and they have none.
	Expire struct {
		Head
		Model  *Model
		Target Target
		End    *Life
	}
	// Let binds Var to X or to the value of Stmt (Get, Find, Count, Exists, Create, Update, Delete, Copy, Atomic).
	Let struct {
		Head
		Var  *Variable
		X    Expr
		Stmt Stmt
		// Pluck is set if the value of a FIND with one returned item is the
		// list of that item.
		Pluck bool
		// Required is the name of the non-null CALL parameter that the variable
		// is; "" for other variables.
		Required string
		In       *lang.Within // of a parameter: the position of X if it belongs to a text other than the program's
	}
	Ensure struct {
		Head
		Cond Expr
		Else Expr   // string; nil
		Code string // what programs tell it by; "" without
		Text string // source text of the condition
	}
	Atomic struct {
		Head
		Body []Stmt
		// Items, from its RETURN statements, are the columns of its result row;
		// nil if it has none. Scalar is set if RETURN has one item without AS:
		// the result is that value itself.
		Result lang.Type
		Key    *BlockKey // KEY … FOR …; nil without
	}
	// Invoke is CALL. At the top level its body is a block; inside ATOMIC it is
	// part of the enclosing block, with its own scope for names, and RETURN
	// ends only the body. Pre binds the arguments that are known before the
	// statement is sent. Spans in Body are of Proc.Source.
	Invoke struct {
		Head
		Proc   *Procedure
		Params []*Let // in order: each parameter's Var, and in X the argument
		Binds  []*Let // those of Params that are bound at the position of the call
		Body   []Stmt
		Result lang.Type
		Key    *BlockKey
	}
	// DefineProcedure is PROCEDURE. Was is the one in the catalog (nil: new);
	// Proc is Was if there is nothing to do.
	DefineProcedure struct {
		Head
		Proc *Procedure
		Was  *Procedure
	}
	// DropProcedure is DROP PROCEDURE.
	DropProcedure struct {
		Head
		Proc *Procedure
	}
	If struct {
		Head
		Cond Expr
		Then []Stmt
		Else []Stmt
	}
	For struct {
		Head
		Var  *Variable
		X    Expr // a list, or
		Stmt Stmt // a Find or Get
		Body []Stmt
	}
	Return struct {
		Head
		Items  []Item
		Scalar bool // one item without AS: the result is that value itself
	}
	// Define is MODEL, and ALTER MODEL with Alter set. Was is the model in the
	// catalog (nil: new); Changes lists the differences, in words; a Was
	// without Changes means there is nothing to do.
	Define struct {
		Head
		Model      *Model
		Was        *Model
		Changes    []string
		NewIndexes []*Index // to be filled from existing documents
		NewUniques []*Index
		NewFields  []*Field // with a constant DEFAULT to be backfilled
		NewChecks  []string // that existing documents are tested for
		Older      bool     // an earlier definition was given: Model is Was
		Intended   bool     // an earlier definition would be one like any other
		Alter      *lang.AlterStmt
		Added      *Model      // of ALTER: with what it adds, and what documents must obey for it; Model where nothing goes
		Dropped    []*Field    // of Was, that ALTER removes from the documents
		Converted  []*Field    // of Was, whose values get another form: Added has the new ones as Hidden, in this order
		Renamed    [][2]string // fields that ALTER calls otherwise: the name before, and the one after
	}
	Drop struct {
		Head
		Model *Model
		All   bool
	}
	Verify struct {
		Head
		Model  *Model
		Repair bool
		Refs   bool // refs that name no document are taken out where ON DELETE SET NULL allows it
	}
	Adopt struct {
		Head
		Pattern string // of names, with the key's field in braces
		Name    string // of the model; "" lists the patterns
		Apply   bool
	}
	Show struct {
		Head
		What   string // "MODELS", "MODEL", "PROCEDURES", "PROCEDURE", "STATS"
		Memory bool   // STATS say how many bytes the documents take
		Model  *Model
		Proc   *Procedure
	}
	Explain struct {
		Head
		Stmt Stmt
		// Profile runs the statement too, and reports what it did.
		Profile bool
	}
	Import struct {
		Head
		Model *Model
		File  string
		// Cols maps source columns to fields; nil means by name. X is an
		// expression over the source's columns, which are Member of a Var (In)
		// of KRecord.
		As   []ImportCol
		In   *Variable
		Skip bool
	}
	// Export writes the rows of Find into a file.
	Export struct {
		Head
		Find Stmt
		File string
	}
	// ImportCol gives field Field from expression X over In.
	ImportCol struct {
		Field *Field
		X     Expr
	}
)
