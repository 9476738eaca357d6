package exec

import (
	"context"
	"encoding/json"
	"fmt"

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

// Keep makes a run keep on the server how far it is, and go on from there. Each
// script that changes documents asks whether the run is still the one that may
// write, and keeps the place behind it in the same moment as it writes: a run
// that was killed anywhere goes on where it was, and changes nothing twice.
//
// A statement that changes the catalog is kept behind it, so one may be found
// carried out that is not kept: the caller asks the catalog before it goes on.
type Keep struct {
	Key   string // a hash; its field fence must hold Fence, or nothing is written and the code is migration-lost
	Fence int64
	Field string               // of the hash, which the place is kept in; Field:let holds the names
	From  Place                // where the run begins
	Now   lang.DateTime        // now() of all its statements
	Names string               // what LET bound before, as it is kept
	Types map[string]lang.Type // of these names
}

// Place is how far a run is: see Keep.
type Place = script.Place

// ParsePlace reads a place as it is kept.
func ParsePlace(s string) (Place, bool) { return script.ParsePlace(s) }

// maxNames is how many bytes the values of names may have that a run keeps.
const maxNames = 64 << 10

// keptName is a name and the text of its value.
type keptName struct {
	Name string
	Text *string // nil: null
}

// compiled compiles a text, from where the run begins.
func (s *Session) compiled(ctx context.Context, src *lang.Source, args map[string]any) (*compile.Text, error) {
	k := s.o.Keep
	if k == nil {
		return s.e.cache.Text(ctx, src, args, s.options())
	}
	var names []keptName
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

// keeping runs every statement from the place on where the run begins.
func (r *runner) keeping(ctx context.Context, k *Keep) error {
	r.guard = &script.Guard{Key: k.Key, Fence: k.Fence, Field: k.Field, Place: k.From}
	for i := k.From.Statement; i < len(r.c.Prog.Stmts); i++ {
		if i > k.From.Statement {
			r.guard.Place = Place{Statement: i}
		}
		err := r.one(ctx, i, nil)
		if err == nil {
			err = r.keep(ctx, i)
		}
		if err != nil {
			return r.place(err, i)
		}
	}
	return nil
}

// keep keeps the place behind statement i, unless its script has.
func (r *runner) keep(ctx context.Context, i int) error {
	switch st := r.c.Prog.Stmts[i].(type) {
	case *ir.Let:
		names, err := r.s.names()
		if err != nil {
			return err
		}
		if len(names) > maxNames {
			return fail.Errorf(lang.CodeTooLarge, st.Sp, "the names of a migration have %d bytes, and %d can be kept", len(names), maxNames).
				WithHint("use the query where its rows are needed")
		}
		r.guard.Names = names
	case *ir.Define, *ir.Drop, *ir.DefineProcedure, *ir.DropProcedure:
	default:
		p, err := r.c.Plan(i, r.s.e.db.Conn.Can())
		if err != nil {
			return err //nolint:wrapcheck // it was planned before
		}
		if step, ok := p.Step.(*planner.BlockStep); !ok || !step.Stepped() || !step.Query.ByNames() {
			return nil
		}
	}
	b := script.New(r.s.e.db.Conn.Keys.Never(), nil)
	b.Guard = r.guard
	_, err := r.s.e.db.Conn.Run(ctx, lua.Checkpoint(), b)
	r.guard.Names = ""
	return err
}

// names are the names of the session and their values, as they are kept.
func (s *scope) names() (string, error) {
	var list []keptName
	for name, v := range s.vars {
		n := keptName{Name: name}
		if v.v != nil {
			text, err := codec.Text(v.v, v.t)
			if err != nil {
				return "", fmt.Errorf("keep the name %s: %w", name, err)
			}
			n.Text = &text
		}
		list = append(list, n)
	}
	b, err := json.Marshal(list)
	return string(b), err //nolint:wrapcheck // strings can be written
}

// Can is what the server can do.
func (e *Engine) Can() planner.Caps { return e.db.Conn.Can() }

// Migrations is the name of the hash of migrations.
func (e *Engine) Migrations() string { return e.db.Conn.Keys.Migrations() }

// Kept reads a hash of places.
func (e *Engine) Kept(ctx context.Context, key string) (map[string]string, error) {
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

// Record writes fields of a hash of places, by pairs of field and value, where ""
// removes the field; fence becomes the hash's own. The code is migration-lost if a
// later run has the hash.
func (e *Engine) Record(ctx context.Context, key string, fence int64, pairs ...string) error {
	argv := make([]any, 0, len(pairs)+1)
	argv = append(argv, fence)
	for _, p := range pairs {
		argv = append(argv, p)
	}
	_, err := e.db.Conn.Run(ctx, lua.Record(), script.New(e.db.Conn.Keys.Never(), []string{key}, argv...))
	return err
}
