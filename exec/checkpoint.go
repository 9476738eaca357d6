package exec

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
)

// Checkpoint makes a run save its position on the server, and resume from a saved position. Each script that changes documents
// first checks that its run still holds the fencing token, and saves the new position in the same script. So a run that was
// killed at any point resumes where it was, and changes nothing twice.
//
// The position after a statement that changes the catalog is saved by a separate command. Such a statement may therefore be
// applied but not yet recorded: the caller compares the catalog before it resumes.
type Checkpoint struct {
	Key   string // a hash; unless its field "fence" holds Fence, nothing is written and the code is migration-lost
	Fence int64
	Field string               // of the hash, for the position; Field:let holds the names, Field:Run… the positions in partitions
	Run   int64                // the fencing number of the run that began with the first statement, or with a corrected one
	From  Place                // where the run begins
	Now   lang.DateTime        // now() of all its statements
	Names string               // what LET bound earlier, as it was saved
	Types map[string]lang.Type // of these names
}

// Place is the position of a run: see Checkpoint.
type Place = script.Place

// ParsePlace parses a saved position.
func ParsePlace(s string) (Place, bool) { return script.ParsePlace(s) }

// maxNames limits the size of the saved names and their values, in bytes.
const maxNames = 64 << 10

// savedName is a name and the text of its value.
type savedName struct {
	Name string
	Text *string // nil: null
}

// compiled compiles a text from the position where the run begins.
func (s *Session) compiled(ctx context.Context, src *lang.Source, args map[string]any) (*compile.Text, error) {
	k := s.o.Checkpoint
	if k == nil {
		return s.e.cache.Text(ctx, src, args, s.options())
	}
	var names []savedName
	if k.Names != "" {
		if err := json.Unmarshal([]byte(k.Names), &names); err != nil {
			return nil, fail.Errorf(lang.CodeBadValue, lang.Span{}, "the field %s:let of %s does not hold the names of a run: %s", k.Field, k.Key, err)
		}
	}
	for _, n := range names {
		v := variable{t: k.Types[n.Name]}
		if n.Text != nil {
			var err error
			if v.v, err = codec.Parse(*n.Text, v.t); err != nil {
				return nil, fail.BadValue(k.Key, k.Field+":let", *n.Text)
			}
		}
		s.bind(n.Name, v)
	}
	return s.e.cache.From(ctx, src, args, s.options(), k.From.Statement)
}

// resume runs every statement from the saved position on.
func (r *runner) resume(ctx context.Context, k *Checkpoint) error {
	r.guard = &script.Guard{Key: k.Key, Fence: k.Fence, Field: k.Field, Apart: k.apart(), Begun: true, Place: k.From}
	fenced := false
	for i := k.From.Statement; i < len(r.c.Prog.Stmts); i++ {
		if i > k.From.Statement {
			r.guard.Place, r.guard.Begun = Place{Statement: i}, false
		}
		err := r.s.e.fenceBuckets(ctx, k, &fenced)
		if err == nil {
			err = r.one(ctx, i, nil)
		}
		if err == nil {
			err = r.checkpoint(ctx, i)
		}
		if err != nil {
			return r.place(err, i)
		}
	}
	return nil
}

// checkpoint saves the position after statement i, unless its script has already done so.
func (r *runner) checkpoint(ctx context.Context, i int) error {
	switch st := r.c.Prog.Stmts[i].(type) {
	case *ir.Let:
		names, err := r.s.names()
		if err != nil {
			return err
		}
		if len(names) > maxNames {
			return fail.Errorf(lang.CodeTooLarge, st.Sp, "the names of a migration have %d bytes, and at most %d can be saved", len(names), maxNames).
				WithHint("use the query where its rows are needed")
		}
		r.guard.Names = names
	case *ir.Define, *ir.Drop, *ir.DefineProcedure, *ir.DropProcedure:
	default:
		p, err := r.c.Plan(i, r.s.e.db.Conn.Can())
		if err != nil {
			return err //nolint:wrapcheck // it was planned before
		}
		step, ok := p.Step.(*planner.BlockStep)
		apart := p.Over != nil || len(p.Pins) > 0 && r.s.e.db.Conn.Keys.Buckets() > 1 // see run.apart
		if !ok || !apart && (!step.Stepped() || !step.Query.ByNames()) {
			return nil
		}
	}
	b := script.New(r.s.e.db.Conn.Keys.Never(), nil)
	b.Guard = r.guard
	_, err := r.s.e.db.Conn.Run(ctx, lua.Checkpoint(), b)
	r.guard.Names = ""
	return err
}

// names encodes the names of the session and their values for saving.
func (s *scope) names() (string, error) {
	var list []savedName
	for name, v := range s.vars {
		n := savedName{Name: name}
		if v.v != nil {
			text, err := codec.Text(v.v, v.t)
			if err != nil {
				return "", fmt.Errorf("save the name %s: %w", name, err)
			}
			n.Text = &text
		}
		list = append(list, n)
	}
	b, err := json.Marshal(list)
	return string(b), err //nolint:wrapcheck // strings can be written
}

// Can returns the capabilities of the server.
func (e *Engine) Can() planner.Caps { return e.db.Conn.Can() }

// Migrations returns the key of the hash of migrations.
func (e *Engine) Migrations() string { return e.db.Conn.Keys.Migrations() }

// Checkpoints reads a hash of positions.
func (e *Engine) Checkpoints(ctx context.Context, key string) (map[string]string, error) {
	cmd := redis.NewMapStringStringCmd(ctx, "hgetall", key)
	if err := e.db.Conn.Process(ctx, cmd); err != nil {
		return nil, conn.ServerError(err, false, key)
	}
	return cmd.Val(), nil
}

// Reload reads the catalog, which another process may have changed.
func (e *Engine) Reload(ctx context.Context) error {
	_, err := e.db.Catalog.Reload(ctx)
	return err
}

// Record writes fields of a hash of positions, given as pairs of field and value; "" removes the field. It also sets the hash's
// fencing token. The code is migration-lost if the hash has a greater one.
func (e *Engine) Record(ctx context.Context, key string, fence int64, pairs ...string) error {
	_, err := e.db.Conn.Run(ctx, lua.Record(), record(e.db.Conn, key, fence, pairs))
	return err
}

func record(c *conn.Conn, key string, fence int64, pairs []string) *script.Args {
	argv := make([]any, 0, len(pairs)+1)
	argv = append(argv, fence)
	for _, p := range pairs {
		argv = append(argv, p)
	}
	return script.New(c.Keys.Never(), []string{key}, argv...)
}

// Replicated does what Record does, waits for a moment, and returns how many replicas have that and all that was written before: of the nodes
// that have a bucket, it is that with the fewest.
func (e *Engine) Replicated(ctx context.Context, key string, fence int64, n int, moment time.Duration, pairs ...string) (int64, error) {
	least, err := replicated(ctx, e.db.Conn, key, fence, n, moment, pairs)
	if err != nil || !e.partitioned() {
		return least, err
	}
	asked := map[string]bool{e.db.Conn.Node(ctx): true}
	err = e.db.Conn.EachBucket(func(list []*conn.Conn) error {
		for _, b := range list {
			node := b.Node(ctx)
			if asked[node] {
				continue
			}
			asked[node] = true
			have, err := replicated(ctx, b, b.Keys.Migrations(), fence, n, moment, nil)
			if err != nil {
				return err
			}
			least = min(least, have)
		}
		return nil
	})
	return least, err
}

// replicated is Replicated at the node that has the keys of a connection.
func replicated(ctx context.Context, c *conn.Conn, key string, fence int64, n int, moment time.Duration, pairs []string) (int64, error) {
	b := record(c, key, fence, pairs)
	write, wait := c.Command(ctx, lua.Record(), b, false), redis.NewIntCmd(ctx, "wait", n, moment.Milliseconds())
	err := c.Batch(ctx, []redis.Cmder{write, wait}, false) // WAIT is about the writes of its connection
	if err == nil {
		err = write.Err()
	}
	if _, err := c.Received(ctx, lua.Record(), b, write, err); err != nil {
		return 0, err
	}
	if err := wait.Err(); err != nil {
		return 0, conn.ServerError(err, false, key)
	}
	return wait.Val(), nil
}
