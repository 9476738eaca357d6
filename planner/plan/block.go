package plan

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Block is a script that runs statements: those of an ATOMIC or of a procedure that is called, or a single changing statement.
type Block struct {
	Stmts []Stmt
	Uses  []*ir.Model
	Procs []*ir.Procedure
	Call  *Call        // the CALL whose body the statements are, or nil
	Key   *ir.BlockKey // of ATOMIC KEY
	// Atomic says that the statements are the body of an ATOMIC: only its RETURN returns rows, and what may fail is computed
	// where it is used, because a branch may skip it.
	Atomic bool
	// Step makes a single UPDATE or DELETE a bounded step over its query, which has one candidate with one scan.
	Step bool
	// Flat: the documents that it reads and changes are named by few keys that are known before the script is sent, and
	// these differ; its statements follow each other without branches.
	Flat bool
	// NoRefresh: reads do not extend expirations.
	NoRefresh bool
	Links     Links
}

// Links are the planned queries over backlinks, by the columns that hold their results.
type Links map[*ir.Column]Stmt

// Query returns the query of a changing statement that is not in a block; otherwise nil.
func (b *Block) Query() *Query {
	if b.Atomic || len(b.Stmts) != 1 {
		return nil
	}
	return QueryOf(b.Stmts[0])
}

// Return returns the first RETURN of the block itself, or nil. A RETURN in a procedure ends only the procedure's body.
func (b *Block) Return() *Return {
	var first *Return
	Walk(b.Stmts, func(st Stmt) bool {
		r, ok := st.(*Return)
		if ok && first == nil {
			first = r
		}
		_, call := st.(*Call)
		return !call
	})
	return first
}

// Stmt is a statement of a block: the checked statement, and what was decided about it.
type Stmt interface {
	Info() *ir.Head
	// Before returns the queries in the statement's expressions, which run before it.
	Before() []*Let
	inside() []Stmt
	explain(t *Text)
	affects(e *effects)
}

// Head is common to all statements of a block.
type Head struct{ Pre []*Let }

// Before implements Stmt.
func (h *Head) Before() []*Let { return h.Pre }

func (*Head) inside() []Stmt   { return nil }
func (*Head) explain(*Text)    {}
func (*Head) affects(*effects) {}

type (
	// Let binds a name to a value, or to the result of Stmt.
	Let struct {
		Head
		*ir.Let
		Stmt Stmt
	}
	// Ensure is ENSURE.
	Ensure struct {
		Head
		*ir.Ensure
	}
	// Return is RETURN.
	Return struct {
		Head
		*ir.Return
	}
	// If is IF.
	If struct {
		Head
		*ir.If
		Then, Else []Stmt
	}
	// For is FOR over a list, or over the rows of Stmt.
	For struct {
		Head
		*ir.For
		Stmt Stmt
		Body []Stmt
		Work int // of one iteration, without that of what its statements read and write
	}
	// Call is CALL: the body of a procedure, and the parameters that are bound at the call.
	Call struct {
		Head
		*ir.Invoke
		Binds []*Let
		Body  []Stmt
	}
	// Get is GET.
	Get struct {
		Head
		*ir.Get
		Known bool // its keys are known before the script is sent
	}
	// Find is FIND.
	Find struct {
		Head
		*ir.Find
		Query *Query
		Ops   []RowOp
	}
	// Count is COUNT. Covered is the scan whose number of entries is the result; nil: the documents are read.
	Count struct {
		Head
		*ir.Count
		Query   *Query
		Covered *Scan
	}
	// Exists is EXISTS. Query is nil if it is by key.
	Exists struct {
		Head
		*ir.Exists
		Query *Query
	}
	// Create is CREATE or PUT.
	Create struct {
		Head
		*ir.Create
		Sent bool // every value of its documents is known before the script is sent
	}
	// Copy is COPY.
	Copy struct {
		Head
		*ir.Copy
		Known bool // its keys are known before the script is sent
	}
	// Update is UPDATE. Query is nil if its documents are named by key.
	Update struct {
		Head
		*ir.Update
		Query *Query
		Known bool // its keys are known before the script is sent
	}
	// Expire is EXPIRE and PERSIST. Query is nil if its documents are named by key.
	Expire struct {
		Head
		*ir.Expire
		Query *Query
		Known bool // its keys are known before the script is sent
	}
	// Delete is DELETE. Query is nil if its documents are named by key.
	Delete struct {
		Head
		*ir.Delete
		Query *Query
		Known bool // its keys are known before the script is sent
	}
)

func (s *Let) inside() []Stmt { return some(s.Stmt) }
func (s *If) inside() []Stmt  { return append(s.Then[:len(s.Then):len(s.Then)], s.Else...) }
func (s *For) inside() []Stmt { return append(some(s.Stmt), s.Body...) }
func (s *Call) inside() []Stmt {
	return s.Body
}

func some(st Stmt) []Stmt {
	if st == nil {
		return nil
	}
	return []Stmt{st}
}

// Walk calls f for every statement, for the queries in its expressions before it and, while f returns true, for nested statements
// after it.
func Walk(body []Stmt, f func(Stmt) bool) {
	for _, st := range body {
		for _, l := range st.Before() {
			Walk([]Stmt{l}, f)
		}
		if f(st) {
			Walk(st.inside(), f)
		}
	}
}

// Checked returns the checked statement of a planned one that a flat block may have; nil for others.
func Checked(st Stmt) ir.Stmt {
	switch st := st.(type) {
	case *Let:
		return st.Let
	case *Get:
		return st.Get
	case *Ensure:
		return st.Ensure
	case *Return:
		return st.Return
	case *Update:
		return st.Update
	}
	return nil
}

// Changed returns the columns that SET items can change, and the REVISION, which every change increments.
func Changed(m *ir.Model, sets []ir.Assign) map[*ir.Column]bool {
	out := map[*ir.Column]bool{}
	if f := m.Revision(); f != nil {
		out[f.Columns[0]] = true
	}
	for i := range sets {
		pl := &sets[i].Place
		if pl.Col != nil {
			out[pl.Col] = true
		} else {
			for _, c := range m.Under(pl.Prefix) {
				out[c] = true
			}
		}
		for _, c := range pl.Creates {
			for _, x := range m.Under(c.Name) {
				out[x] = true
			}
		}
	}
	return out
}

// Read is a bounded, resumable script that reads the documents that match a
// query, with the leaves that the rest of the plan needs.
type Read struct {
	Query *Query
	Uses  []*ir.Model
	Outs  []*ir.Col // leaves over Row and Deref; the key column comes first
	Count bool      // only the number of matching documents
	// Covered, with Count, is the scan whose number of entries, less those of expired documents, is the result.
	Covered *Scan
	Groups  *Groups // the only thing that is read; nil: documents
	Links   Links
}

// Groups are the groups of the documents with equal values of the leading columns of an index, counted from its entries alone.
type Groups struct {
	Scan  *Scan
	Width int // number of those columns
}

// Insert is a CREATE that is not in a block and whose documents are known before it is sent: the client fills in defaults and
// evaluates CHECKs. Cols are the columns that are sent for each document.
type Insert struct {
	Model *ir.Model
	Docs  []ir.Doc
	Life  *ir.Life // nil: the model's TTL
	Cols  []*ir.Column
	Uses  []*ir.Model
	Span  lang.Span
	One   bool // there is exactly one document
}
