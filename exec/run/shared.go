package run

import (
	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// Shared is what jobs share whose first round trips travel together.
type Shared struct {
	// Ordered: what one job does may matter to a later one. Each script is then sent with its text where it comes
	// first: one that the server had lost would else run after those behind it.
	Ordered bool
	texts   map[*lua.Script]bool
	checks  map[*ir.Model]*redis.SliceCmd
	last    []redis.Cmder
}

// Cmds are the commands that stand behind those of all jobs: whether the catalog is still the one that their plans
// were made for is asked once for each model.
func (s *Shared) Cmds() []redis.Cmder { return s.last }
