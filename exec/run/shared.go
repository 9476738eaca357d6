package run

import (
	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// Shared is the state shared by jobs whose first round trips are sent together.
type Shared struct {
	// Ordered: a job may depend on an earlier one. Each script is then sent with its text where it is used first:
	// otherwise one that the server did not know would run after those behind it.
	Ordered bool
	texts   map[*lua.Script]bool
	checks  map[*ir.Model]*redis.SliceCmd
	last    []redis.Cmder
}

// Cmds returns the commands to send after those of all jobs: they check, once per model, that the catalog is still the
// one that the plans were made for.
func (s *Shared) Cmds() []redis.Cmder { return s.last }
