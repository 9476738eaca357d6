package ir

import "github.com/rql-lang/rql/lang"

// Program is a checked file.
type Program struct {
	Source *lang.Source
	Stmts  []Stmt
	Params []string // parameters in order of first use; the target of Param.Index
	// Optional has the parameters that may be absent; nil if there are none.
	Optional map[string]bool
	Vars     int // number of variables
	// TopVars are the names bound outside ATOMIC, those of earlier inputs of the session first.
	TopVars []*Variable
	Schema  *Schema  // after the last statement: see Head.Schema
	Uses    []*Model // every stored model that a statement uses (including through refs and embedding), in byte order of name
}

// Stmt is a checked statement.
type Stmt interface {
	Info() *Head
	irStmt()
}

// Head has the fields common to all statements.
type Head struct {
	Sp   lang.Span
	Ord  int      // index among the top-level statements of its program
	Pre  []*Let   // subqueries in its expressions, to be run before it, in order; each is used as a Var
	Uses []*Model // models that this statement uses
	// Procs are the procedures whose bodies are part of this statement.
	Procs []*Procedure
	// Schema is the schema for planning a top-level statement: later statements of its program may change models.
	Schema *Schema
	// Pins say in which partition the statement works. Those of the statements of an ATOMIC are its own.
	Pins []Pin
	// Over is the model in whose partitions the statement works, in each by itself: those that Pins name, or all if there are no
	// pins. nil: it works in one partition, or uses no model that has any.
	Over *Model
	// Left is what was left out of the text, here and in statements inside, because an optional parameter is absent.
	Left []LeftOut
}

// LeftOut is a comparison of WHERE, or the operand of LIMIT, OFFSET or AFTER, that is left out.
type LeftOut struct{ Clause, Text string }

// String returns the part as written.
func (l LeftOut) String() string {
	if l.Clause == "WHERE" {
		return l.Text
	}
	return l.Clause + " " + l.Text
}

// Info returns the head.
func (h *Head) Info() *Head { return h }
func (*Head) irStmt()       {}

// BlockKey is KEY k FOR d of an ATOMIC: the block runs once for the key, and a repetition returns the recorded result.
type BlockKey struct {
	Key  Expr // string, closed
	For  Expr // duration, closed
	Body lang.Span
	In   *Procedure // the procedure whose text contains Body; nil for the program's text
}

// Target selects the documents of a statement.
type Target struct {
	Key         Expr // the key, or a list of keys if Many is set
	Many        bool
	SkipMissing bool
	All         bool
	Where       Expr
	Order       []Order
	Limit       Expr // nil: no limit
}

// Doc is a document given to CREATE or PUT. Either Fields (one per model field, nil = absent) or Value (a parameter or variable
// that is an object, or a list of objects if Many is set).
type Doc struct {
	Sp     lang.Span
	Fields []Expr // by Field.Pos; converted to the field's type
	Value  Expr   // Param or Var of KObject/KRow/KRecord; converted by the model when bound
}

// Nearest is NEAREST k field TO vector: of the rows that match WHERE, the K nearest, nearest first.
type Nearest struct {
	Sp  lang.Span
	K   Expr // int, closed
	Col *Column
	To  Expr // vector of Col's length, closed
}

// Distance returns the distance of a row of model m: a float, null if the vector is null.
func (n *Nearest) Distance(m *Model) Expr {
	row := &Row{Base: Base{T: lang.Type{Kind: lang.KRow, Model: m.Name}, Sp: n.Sp}}
	col := &Col{Base: Base{T: n.Col.Type, Sp: n.Sp}, X: row, Col: n.Col}
	t := lang.TypeFloat
	t.Null = n.Col.Type.Null || n.To.Type().Null
	return &Call{Base: Base{T: t, Sp: n.Sp}, Fn: "distance", Args: []Expr{col, n.To}}
}

// Life says how long a new document lives.
type Life struct {
	X    Expr // a duration or, with At, a datetime; null: no expiration
	At   bool
	Each bool // X is a list, with one element for each document of the statement
}

// Projection is what a statement returns of documents: its RETURN, or all fields of the model.
type Projection struct {
	Items     []Item // empty for a change that returns no rows
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
		// Keys, with Over, are the keys of all documents, for each of which the pin has its partition. In each partition, Key is then
		// a name for the list of those of its documents.
		Keys Expr
		Skip bool
		Projection
		// Refreshes are the documents whose expiration the read extends.
		Refreshes []Refresh
	}
	Find struct {
		Head
		Model   *Model
		Stale   bool     // an index that may lack documents suffices
		Near    *Nearest // NEAREST, or nil
		Where   Expr     // nil: all
		Grouped bool     // GROUP BY, or aggregates without it (then Group is empty and there is exactly one row)
		Group   []Item
		Aggs    []Agg
		Having  Expr
		// Each is set if the key of Group is a list, and a document is in the group of each of its elements.
		Each bool
		Projection
		Distinct bool
		Order    []Order
		Limit    Expr
		Offset   Expr
		After    Expr // string or null
		// Paging is the position of the first operand of LIMIT, OFFSET and AFTER in the text, even if it is left out; 0 without.
		Paging int
		// Refreshes are the documents whose expiration the read extends: those of returned rows, after LIMIT.
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
		Put      bool  // PUT and RESTORE: replace
		Restore  bool  // RESTORE: a REVISION may be given, no other document is read, no rows are returned
		Life     *Life // nil: the model's TTL
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
		// WithModel says that the model is dropped too. Nothing else refers to it, so refs need not be checked.
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
	// Expire changes the expiration of documents. With End nil it is PERSIST, which removes it.
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
		// Changed is set if the value is how many documents the block has
		// changed so far; X and Stmt are then nil. Listed is set if the value of
		// a CALL is the list of the row that it gave. Both are of a batch.
		Changed, Listed bool
		// Of is set if the value is the keys of an [Away]: those of documents of this model, or in its refs, MaxAway at most.
		Of *Model
		// Required is the name of the non-null CALL parameter that the variable
		// is; "" for other variables.
		Required string
		In       *lang.Within // of a parameter: the position of X if it is in another text than the program's
	}
	Ensure struct {
		Head
		Cond Expr
		Else Expr   // string; nil
		Code string // code of the error, for programs; "" if there is none
		Text string // source text of the condition
	}
	// Print is PRINT. It is evaluated as LET is, without the server.
	Print struct {
		Head
		Items []Item
	}
	Atomic struct {
		Head
		Body []Stmt
		// Items, from its RETURN statements, are the columns of its result row;
		// nil if it has none. Scalar is set if RETURN has one item without AS:
		// the result is that value itself.
		Result lang.Type
		Key    *BlockKey // KEY … FOR …, or nil
	}
	// Invoke is CALL. At the top level its body is a block. Inside ATOMIC it is part of the enclosing block, with its own scope
	// for names, and RETURN ends only the body. Pre binds the arguments that are known before the statement is sent. Spans in
	// Body are positions in Proc.Source.
	Invoke struct {
		Head
		Proc   *Procedure
		Params []*Let // in order: each parameter's Var, and in X the argument
		Binds  []*Let // those of Params that are bound at the position of the call
		Body   []Stmt
		Result lang.Type
		Key    *BlockKey
	}
	// DefineProcedure is PROCEDURE. Was is the one in the catalog (nil: new). Proc is Was if there is nothing to do.
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
	// Define is MODEL, and ALTER MODEL if Alter is set. Was is the model in the catalog (nil: new). Changes describes the
	// differences; if Was is set and Changes is empty, there is nothing to do.
	Define struct {
		Head
		Model      *Model
		Was        *Model
		Changes    []string
		NewIndexes []*Index // to be filled from existing documents
		NewUniques []*Index
		NewFields  []*Field // with a constant DEFAULT to be backfilled
		NewChecks  []string // to be checked on existing documents
		Older      bool     // an earlier definition was given: Model is Was
		Later      []string // models with backlinks of Model that the same text declares further down
		Intended   bool     // an earlier definition is treated like any other
		Alter      *lang.AlterStmt
		Added      *Model      // of ALTER: with what it adds, and the rules that existing documents must obey; equal to Model if nothing is removed
		Dropped    []*Field    // fields of Was that ALTER removes from the documents
		Converted  []*Field    // fields of Was whose values are converted: Added has the new ones as Hidden, in this order
		Renamed    [][2]string // fields that ALTER renames: the name before, and the one after
		Moved      *Moved      // of ALTER … RENAME TO; nil for any other
		Empty      *lang.Diag  // the error if there are documents; nil: they do not matter
		Enters     bool        // all documents are entered anew
		Works      []*Work     // of ALTER … DRY RUN, which changes nothing: what each action would do
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
		Refs   bool // dangling refs are removed if ON DELETE SET NULL allows it
	}
	Adopt struct {
		Head
		Pattern string // of names, with the key's field in braces
		Name    string // of the model; "" lists the patterns
		Apply   bool
	}
	Show struct {
		Head
		What   string // "MODELS", "MODEL", "PROCEDURES", "PROCEDURE", "PARTITIONS", "STATS", "JOBS"
		Memory bool   // STATS includes the memory of documents
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
		Files []Expr // strings and lists of strings
		With  lang.FileOptions
		// As maps source columns to fields; nil means by name. X is an expression over the source's columns, which are Member of
		// a Var (In) of KRecord.
		As       []ImportCol
		In       *Variable
		Conflict string // "", "SKIP", "PUT" or "SET"
		Sets     []Assign
		Rejects  *Rejects
	}
	// Rejects is ON ERROR: the file of records that cannot be imported, and their number at most.
	Rejects struct {
		File  Expr
		Limit Expr // nil: lang.MaxRejects
	}
	// Export writes the rows of Find to a file.
	Export struct {
		Head
		Find Stmt
		File Expr
		With lang.FileOptions
	}
	// ImportCol sets field Field to expression X over In.
	ImportCol struct {
		Field *Field
		X     Expr
	}
)
