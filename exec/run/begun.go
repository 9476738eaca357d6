package run

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// The register of a model whose partitions lie in buckets has the partitions that may have documents, so that a statement over all of them
// need not ask each bucket. A script that would make the first document of a partition asks for it to be entered, and is sent again.

// begunPage is how many partitions are entered at once.
const begunPage = 2000

// beginnings are partitions that this program has entered in the register of a model.
type beginnings struct {
	m    *ir.Model
	node string // that has the register
	mu   sync.Mutex
	has  map[string]bool
	full bool // documents may be made in any partition
}

// registerSize is how many partitions a register has that is not full. Where there are more, they are listed bucket by bucket.
func (db *Database) registerSize() int { return min(knownEach*db.Conn.Keys.Buckets(), wideScatter) }

// Registers reports whether there is a register of the partitions of a model.
func (db *Database) Registers(m *ir.Model) bool { return m.Celled() && db.Conn.Keys.Buckets() > 1 }

// Begin enters partitions in the registers of the models of a script, by their names in the list of partitions.
func (db *Database) Begin(ctx context.Context, s *lua.Script, names []any) error {
	for _, m := range s.Models {
		var list []string
		for i := range names {
			if name := script.Reply(names).Str(i); m.Celled() && strings.HasPrefix(name, m.StoredName()+"@") {
				list = append(list, name)
			}
		}
		if list == nil {
			continue
		}
		if _, err := db.enroll(ctx, m, list, false); err != nil {
			return err
		}
	}
	return nil
}

// enroll enters partitions in the register of a model. all says that these are all that have documents. It reports whether the register is
// full. If the model has another version, the error is fail.ErrStale.
func (db *Database) enroll(ctx context.Context, m *ir.Model, names []string, all bool) (full bool, err error) {
	home := db.Conn.Home()
	for first := true; first || len(names) > 0; first = false {
		now := names[:min(len(names), begunPage)]
		names = names[len(now):]
		mark := ""
		if all && len(names) == 0 {
			mark = "all"
		}
		args := script.New(home.Keys.Never(), []string{home.Keys.Catalog(), home.Keys.Begun(m)}, m.Name, bind.Version(db.Catalog.Schema(), m), db.registerSize(), mark)
		for _, name := range now {
			args.Words = append(args.Words, name)
		}
		cmd := redis.NewCmd(ctx, args.Send(home.Caps, lua.Begin(), false)...) // it may be done again, so it is sent like a read
		r, err := home.Received(ctx, lua.Begin(), args, cmd, home.Process(ctx, cmd))
		if err != nil {
			return false, err
		}
		full = r.Int(1) == 1
	}
	return full, nil
}

// Enroll completes the register of a model that was just defined, in all buckets: no script of an earlier version can make a document any more.
func (db *Database) Enroll(ctx context.Context, m *ir.Model) error {
	if !db.Registers(m) {
		return nil
	}
	names, err := db.listedNames(ctx, m)
	if err == nil {
		_, err = db.enroll(ctx, m, names, true)
	}
	return err
}

// compared is the register of a model beside the lists of all buckets.
type compared struct {
	names  []string // in the register
	whole  bool     // it is complete, so that it is used
	listed int      // how many partitions have documents
	lacks  []string // those of them that it lacks although it is complete and not full
}

// compareRegister compares the register of a model with the lists of all buckets, which are read before.
func (db *Database) compareRegister(ctx context.Context, m *ir.Model) (*compared, error) {
	list, err := db.listedNames(ctx, m)
	if err != nil {
		return nil, err
	}
	r := &compared{listed: len(list)}
	if r.names, err = db.register(ctx, m); err != nil {
		return nil, err
	}
	if r.whole = len(r.names) > 0 && r.names[0] == ""; !r.whole || len(r.names) > db.registerSize() {
		return r, nil
	}
	has := make(map[string]bool, len(r.names))
	for _, name := range r.names {
		has[name] = true
	}
	r.lacks = slices.DeleteFunc(list, func(name string) bool { return has[name] })
	return r, nil
}

// Lacks returns the partitions that have documents and are missing in the register of a model, by their names; with mend they are entered.
func (db *Database) Lacks(ctx context.Context, m *ir.Model, mend bool) ([]string, error) {
	if !db.Registers(m) {
		return nil, nil
	}
	r, err := db.compareRegister(ctx, m)
	if err == nil && mend && len(r.lacks) > 0 {
		_, err = db.enroll(ctx, m, r.lacks, false)
	}
	if err != nil {
		return nil, err
	}
	return r.lacks, nil
}

// register reads the register of a model.
func (db *Database) register(ctx context.Context, m *ir.Model) ([]string, error) {
	home := db.Conn.Home()
	cmd := redis.NewStringSliceCmd(ctx, "zrange", home.Keys.Begun(m), 0, -1)
	if err := home.Process(ctx, cmd); err != nil {
		return nil, conn.ServerError(err, false, home.Keys.Begun(m))
	}
	return cmd.Val(), nil
}

// listedNames returns the partitions of a model that have documents, by their names in the list of partitions.
func (db *Database) listedNames(ctx context.Context, m *ir.Model) (names []string, err error) {
	err = db.Conn.Parts(ctx, m, func(texts []string) error {
		for _, text := range texts {
			names = append(names, m.StoredName()+ir.Cell(text))
		}
		return nil
	})
	return names, err
}

// announce enters the partitions in which documents are to be made in the register, those of a statement at once, and tells the scripts.
func (s *scatter) announce(waves []*wave) error {
	m, db := s.j.p.Over.Model, s.j.db
	if !db.Registers(m) {
		return nil
	}
	b := db.beginningsOf(s.ctx, m)
	b.mu.Lock()
	var names []string
	for _, u := range s.units {
		if name := m.StoredName() + u.db.Conn.Keys.Cell; !b.full && !b.has[name] {
			names = append(names, name)
		}
	}
	b.mu.Unlock()
	if len(names) > 0 {
		full, err := db.enroll(s.ctx, m, names, false)
		if err != nil {
			return err
		}
		b.mu.Lock()
		if b.full = full; full {
			b.has = nil
		} else {
			for _, name := range names {
				b.has[name] = true
			}
		}
		b.mu.Unlock()
	}
	for _, w := range waves {
		for _, sub := range w.jobs {
			sub.bound.Set(plan.RunBegun, "1")
		}
	}
	return nil
}

// beginningsOf returns those of this version of a model, at the node that has its register now.
func (db *Database) beginningsOf(ctx context.Context, m *ir.Model) *beginnings {
	node := db.home(ctx)
	if b, ok := db.begun.Load(m.StoredName()); ok && b.(*beginnings).m == m && b.(*beginnings).node == node {
		return b.(*beginnings)
	}
	b := &beginnings{m: m, node: node, has: map[string]bool{}}
	db.begun.Store(m.StoredName(), b)
	return b
}
