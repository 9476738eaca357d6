package planner

import "github.com/rql-lang/rql/lang/ir"

// Caps is what a server can do, found by trying.
type Caps struct {
	Shebang bool // scripts may start with #!lua and flags
	EvalRO  bool // EVALSHA_RO
	// Declared: a script may touch just the keys that are sent as KEYS.
	Declared bool
	Locking  bool // scripts that say allow-key-locking stop only those that name the same keys
	JSON     bool // JSON.SET and its kin
	Search   bool // FT.SEARCH and its kin
	// SearchInScript: a script may call FT.SEARCH, which a server of one shard allows.
	SearchInScript bool
	// SearchFirst: Search is asked wherever it can serve, though RQL's own indexes may be quicker.
	SearchFirst bool
	SearchNever bool // as if the server had none, for figures
	NoRefresh   bool // blocks that read raise no ends, for the server refuses it
}

func (c Caps) searchable(m *ir.Model) bool {
	return c.Search && !c.SearchNever && m.Search != nil && !m.Search.Building
}

// inScript reports a model whose documents a script may look for by Search.
func (c Caps) inScript(m *ir.Model) bool { return c.searchable(m) && c.SearchInScript }
