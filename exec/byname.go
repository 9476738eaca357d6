package exec

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// nameScan finds the documents of a model by their names, where other programs
// write them too: one SCAN after another, each of a bounded number of keys.
type nameScan struct {
	*conn.Scan
	c     *conn.Conn
	m     *ir.Model
	seen  map[string]bool // SCAN may name a key twice
	other func(key, what string)
}

func (e *Engine) names(m *ir.Model) *nameScan {
	return &nameScan{Scan: e.conn.ScanKeys(e.conn.Keys.Pattern(m)), c: e.conn, m: m, seen: map[string]bool{}}
}

// next gives the keys of the documents that one more SCAN finds, perhaps none.
// What is not a document is left out, and told to other.
func (n *nameScan) next(ctx context.Context) ([]string, error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, err
	}
	keys, err := n.Page(ctx)
	if err != nil {
		return nil, err
	}
	types := make([]redis.Cmder, len(keys))
	for i, k := range keys {
		types[i] = redis.NewStatusCmd(ctx, "type", k)
	}
	if len(types) > 0 {
		if err := n.c.Pipeline(ctx, types); err != nil {
			return nil, err
		}
	}
	var out []string
	for i, k := range keys {
		if n.seen[k] {
			continue
		}
		n.seen[k] = true
		if kind, _ := types[i].(*redis.StatusCmd).Result(); kind != n.kind() {
			n.tell(k, "the key holds another kind of value: "+kind)
			continue
		}
		id := n.c.Keys.IDOf(n.m, k)
		if t := n.m.Key.Type; t.Kind != lang.KString {
			if _, err := codec.Parse(id, t); err != nil {
				n.tell(k, "the key is no "+t.String())
				continue
			}
		}
		if id == "" || len(id) > lang.MaxIndexed {
			n.tell(k, "the key is empty or too long")
			continue
		}
		out = append(out, id)
	}
	return out, nil
}

func (n *nameScan) tell(key, what string) {
	if n.other != nil {
		n.other(key, what)
	}
}

// kind is what TYPE says of a document.
func (n *nameScan) kind() string {
	if n.m.JSON {
		return "ReJSON-RL"
	}
	return "hash"
}

// some goes on until a SCAN finds something, or all keys were looked at.
func (n *nameScan) some(ctx context.Context) ([]string, error) {
	for {
		ids, err := n.next(ctx)
		if err != nil || len(ids) > 0 || n.Done {
			return ids, err
		}
	}
}

// blockByNames runs a step of a changing statement for each SCAN that finds
// something, and at least once, for the script asks whether the plan is still right.
func (j *job) blockByNames(ctx context.Context, step *planner.BlockStep) error {
	n := j.e.names(step.Query.Model)
	for !n.Done {
		ids, err := n.some(ctx)
		if err != nil {
			return j.partly(err, 0)
		}
		rows := len(ids)
		for at := 0; at == 0 || at < len(ids); {
			part := ids[at:min(at+rows, len(ids))]
			j.e.sendNames(&j.bound, step.Query.Model, part)
			j.bound.Set(plan.RunArm, "1")
			r, err := j.e.conn.Run(ctx, step.Script, &j.bound.Args)
			if less := fail.Smaller(err, len(part)); less > 0 {
				rows = less
				continue
			}
			if err != nil {
				return j.partly(err, len(part))
			}
			j.prof.did(step.Script, r.List(5))
			if err := j.take(r); err != nil {
				return err
			}
			at += max(len(part), 1)
			if next := r.List(4); len(next) == 2 { // it stopped before the one with this number
				at += atoi(script.Reply(next).Str(0)) - 1 - len(part)
			}
		}
	}
	return nil
}

// byName runs one step of a read over the names that were found, finding more where these are through.
func (s *scanner) byName() error {
	if s.arm == "" {
		ids, err := s.names.some(s.ctx)
		if err != nil {
			return err
		}
		s.j.e.sendNames(&s.j.bound, s.step.Query.Model, ids)
	}
	s.request()
	r, err := s.j.e.conn.Run(s.ctx, s.step.Script, &s.j.bound.Args)
	if err != nil {
		return err
	}
	s.arm = ""
	return s.receive(r)
}
