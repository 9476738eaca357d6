package run

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
)

// Shared is the state shared by jobs whose first round trips are sent together.
type Shared struct {
	// Ordered says that a job may depend on an earlier one. Each script is then sent with its text where it is first used;
	// otherwise one that the server does not know would run after those that follow it.
	Ordered bool
	texts   map[*lua.Script]bool
	checks  map[versionOf]*redis.StringSliceCmd
	last    []redis.Cmder
	row     document.Row // of reads by key: the rows of one job are given before those of the next
	names   strings.Builder
	parking parking
}

// checked returns the version check of a model, which is sent after the commands of all jobs.
func (s *Shared) checked(ctx context.Context, db *Database, p *planner.Plan, m *ir.Model) *redis.StringSliceCmd {
	of := versionOf{m, db.Conn.Keys.Prefix}
	check := s.checks[of]
	if check == nil {
		check = db.check(ctx, p, m)
		if s.checks == nil {
			s.checks = map[versionOf]*redis.StringSliceCmd{}
		}
		s.checks[of] = check
		s.last = append(s.last, check)
	}
	return check
}

// versionOf is a model whose version is checked, in a database or one of its buckets.
type versionOf struct {
	model  *ir.Model
	prefix string // of the keys
}

// doc returns the name of a document, which shares memory with those of other jobs.
func (s *Shared) doc(k keyspace.Keys, m *ir.Model, id string) string {
	if n := len(k.Prefix) + len(m.Prefix) + len(k.Cell) + len(id) + len(m.Suffix); s.names.Cap()-s.names.Len() < n {
		s.names.Reset() // what was given of it stays as it is
		s.names.Grow(max(n, namesRoom))
	}
	return k.WriteDoc(&s.names, m, id)
}

// namesRoom is how many bytes of names share memory.
const namesRoom = 1 << 10

// Cmds returns the commands to send after those of all jobs: they check, once per model and bucket, that the catalog is still the one for
// which the plans were made.
func (s *Shared) Cmds() []redis.Cmder { return s.last }
