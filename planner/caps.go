package planner

import "github.com/rql-lang/rql/lang/ir"

// Caps are the capabilities of a server, found by probing.
type Caps struct {
	Shebang bool // scripts may start with #!lua and flags
	EvalRO  bool // EVALSHA_RO
	// Declared: a script may access only the keys that are sent as KEYS.
	Declared bool
	Locking  bool // scripts with the flag allow-key-locking block only scripts that name the same keys
	JSON     bool // JSON.SET and related commands
	Search   bool // FT.SEARCH and related commands
	// SearchParts: one index of Search finds the documents of all partitions. On a cluster, where a node finds its own, each bucket has an index.
	SearchParts bool
	// SearchInScript: a script may call FT.SEARCH, which a server with a single shard allows.
	SearchInScript bool
	// SearchFirst: use Search wherever it can answer, even if RQL's own indexes may be faster.
	SearchFirst bool
	SearchNever bool // never use Search, for benchmarks
	FlatFirst   bool // use flat scripts from the first run of a plan, for tests: see FlatPlan
	NoRefresh   bool // read-only blocks do not extend expirations, because the server refuses that
}

func (c Caps) searchable(m *ir.Model) bool {
	return c.Search && !c.SearchNever && m.Search != nil && !m.Search.Building
}

// searchesApart reports whether each bucket of a model has a Search index of its own.
func (c Caps) searchesApart(m *ir.Model) bool { return m.Part != nil && !c.SearchParts }

// inScript reports whether a script may use Search to find the documents of a model.
func (c Caps) inScript(m *ir.Model) bool { return c.searchable(m) && c.SearchInScript }
