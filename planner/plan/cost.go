package plan

import "github.com/rql-lang/rql/lang/ir"

// Limits of what is sent at once, and thresholds by which the planner, a script or the executor chooses.
const (
	// MaxBlock is the maximum number of documents that an ATOMIC, or a
	// statement that is one step, may load.
	MaxBlock = 10000
	// ChargesPerDocument is the number of index entries, iterations of FOR and
	// rechecked changed documents that a block may use for each document of its
	// budget.
	ChargesPerDocument = 10
	// StepRows is the number of documents that one step of a longer statement
	// examines.
	StepRows = 1000
	// UpkeepRows is that of a step that fills, converts or removes what a changed model needs: it writes to each, and nobody
	// waits for its rows, so it gives way sooner.
	UpkeepRows = 250
	// StepBytes is the approximate number of bytes of documents that one step
	// loads, and of its rows.
	StepBytes = 4 << 20
	// BlockBytes is the number of bytes of documents that a block may load.
	BlockBytes = 64 << 20

	// MaxCandidates is the number of candidates that a script compares at run
	// time.
	MaxCandidates = 6
	// MaxRanges is the maximum number of ranges of one scan, and of parts of an
	// OR covered by scans.
	MaxRanges = 1000
	// MaxUnion is the maximum number of scans in the union of an OR.
	MaxUnion = 40

	// FirstGroups is the number of groups of an index that the first step counts, StepGroups that of the following ones.
	FirstGroups = 100
	StepGroups  = 500
	// SkipEntries is the number of entries a group from which it is faster to skip from group to group than to read the entries,
	// StepEntries of them in a round trip.
	SkipEntries = 25
	StepEntries = 5000
	// AloneEntries is the number of entries a value from which it is faster to read a document of each value than the entries alone.
	AloneEntries = 6
	// SkipRows is the smallest OFFSET whose rows are counted by their entries.
	SkipRows = 100
	// StepParts is the number of partitions of a bucket in which a script counts or looks for the first entries of an index.
	StepParts = 1280

	// FusedRows is the limit up to which one script that finds and reads
	// documents is faster than finding keys first and reading them in a
	// pipeline.
	FusedRows = 100
	// AlsoEntries is how many entries are looked up in another index in the time in which a script reads a document.
	AlsoEntries = 4
	// FewEntries is the number of index entries up to which RQL's own script is
	// always used.
	FewEntries = 100
	// SearchKeys is the maximum number of keys in one reply of Search if RQL's
	// own indexes can be used instead: this many block a server for about 50
	// ms.
	SearchKeys = 40000
	// SearchPage is the number of documents that a search reads before it knows
	// their size.
	SearchPage = 100
	// SearchMost is the maximum number of documents in one reply.
	SearchMost = 10000
	// CountedFirst is the number of documents up to which they are counted to
	// compare a search with an index scan.
	CountedFirst = 2000

	// FewStmts is the number of single-document statements up to which no
	// command gets too many arguments.
	FewStmts = 100
)

// The cost of an index entry to a script, of a document to a search, including the work of the client, and of one that Search only sorts, measured
// relative to each other.
const (
	EntryCost  = 3.3
	ResultCost = 6
	SortedCost = 1
)

// Units of work, of about 100 ns each on an idle core (measured on Redis 7.0):
// see work in lua/scripts/run.lua. A step ends when it has done RestWork;
// exceeding StepWork, which takes a single expensive document, is an error, and
// so is exceeding BlockWork in a block, which is all or nothing.
const (
	RestWork  = 200_000
	StepWork  = 400_000
	BlockWork = 900_000
	// LoadWork is the cost of reading a document, ColumnWork that of each of
	// its columns.
	LoadWork   = 20
	ColumnWork = 2
	// WriteWork is the cost of writing a document, IndexWork that of each index
	// that changes with it.
	WriteWork = 15
	IndexWork = 25
	// FreeWork is the cost of an expression that is not worth counting.
	FreeWork = 12
)

// ExprWork returns the cost of evaluating an expression once over small values. Costs that grow with the values are counted where
// they arise.
func ExprWork(x ir.Expr) int {
	n := 0
	ir.Walk(x, func(ir.Expr) bool { n++; return true })
	return n
}
