package plan

import "github.com/rql-lang/rql/lang/ir"

// Bounds of what is sent at once, and thresholds by which the planner, a script
// or the executor chooses.
const (
	// MaxBlock is how many documents an ATOMIC, or a statement that is one step, may load.
	MaxBlock = 10000
	// ChargesPerDocument is how many index entries, rounds of FOR and changed
	// documents looked at again a block may use for each document of its budget.
	ChargesPerDocument = 10
	// StepRows is how many documents one step of a longer statement examines.
	StepRows = 1000
	// StepBytes is how many bytes of documents one step loads, and its rows have, roughly.
	StepBytes = 4 << 20
	// BlockBytes is how many bytes of documents a block may load.
	BlockBytes = 64 << 20

	// MaxCandidates is how many ways a script compares at run time.
	MaxCandidates = 6
	// MaxRanges is how many ranges one scan may have, and parts an OR that scans serve.
	MaxRanges = 1000
	// MaxUnion is how many scans the union of an OR may have.
	MaxUnion = 40

	// FusedRows is up to where one script that finds and reads is faster than
	// finding keys first and reading them in a pipeline.
	FusedRows = 100
	// FewEntries is up to how many entries of an index are always read by RQL's own script.
	FewEntries = 100
	// SearchKeys is how many keys Search is asked for in one reply, where RQL's own
	// indexes can do without: so many block a server for about 50 ms.
	SearchKeys = 40000
	// SearchPage is how many documents a search reads before it knows how large they are.
	SearchPage = 100
	// SearchWhole is how many documents are asked for in one reply at most.
	SearchWhole = 10000
	// CountedFirst is up to how many documents are counted to compare a search with a walk.
	CountedFirst = 2000

	// FewStmts is up to how many statements of one document each give no command many arguments.
	FewStmts = 100
)

// What an entry of an index costs a script, and a document a search, the work
// of the client included, measured against each other.
const (
	EntryCost  = 3.3
	ResultCost = 6
)

// Units of work, of about 100 ns each on a quiet core (measured on Redis 7.0): see work in
// lua/scripts/run.lua. A step ends when it has done RestWork; more than StepWork,
// which one document alone must then have asked for, is an error, and so is
// more than BlockWork in a block, which is all or nothing.
const (
	RestWork  = 200_000
	StepWork  = 400_000
	BlockWork = 900_000
	// LoadWork is that of reading a document, ColumnWork that of each of its columns.
	LoadWork   = 20
	ColumnWork = 2
	// WriteWork is that of writing a document, IndexWork that of each index that changes with it.
	WriteWork = 15
	IndexWork = 25
	// FreeWork is that of an expression that is not worth counting.
	FreeWork = 12
)

// ExprWork is the work of computing an expression once over small values: what
// grows with the values is counted where it is done.
func ExprWork(x ir.Expr) int {
	n := 0
	ir.Walk(x, func(ir.Expr) bool { n++; return true })
	return n
}
