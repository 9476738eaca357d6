package run

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
)

// For a model with REFRESH ON READ and CASCADE TTL, a read extends expirations with a script, which is sent together with the
// read if that is a GET. The script may run twice, because it never shortens an expiration.

// mostReplans is how often a read replans its extension of expirations while other clients change the models.
const mostReplans = 3

// kept is a script in flight that extends the expiration of documents of a model, and of those to which their fields with CASCADE
// TTL refer.
type kept struct {
	j      *task
	db     *Database // of the partition of the documents
	model  *ir.Model
	p      *planner.Plan
	script *lua.Script
	bound  bind.Call
	ids    []string
	cmd    *redis.Cmd
}

// keeping returns the command that extends the expiration of the documents with these keys.
func (j *task) keeping(ctx context.Context, db *Database, m *ir.Model, p *planner.Plan, ids []string) (*kept, error) {
	k := &kept{j: j, db: db, model: m, p: p, script: p.Step.(*planner.BlockStep).Script, ids: ids}
	if err := db.Binder.Bind(&k.bound, p, k.script, &eval.Env{}, db.Catalog.Schema()); err != nil {
		return nil, err
	}
	db.Binder.SendNames(&k.bound, m, ids)
	k.bound.Words[0], k.bound.Words[1] = script.Sum(db.Conn.Caps, k.script)
	k.cmd = redis.NewCmd(ctx, k.bound.Words...)
	return k, nil
}

// done reads the reply. If there are more referenced documents than one script can handle, it tries again with fewer at a time.
func (k *kept) done(ctx context.Context, err error) error {
	r, err := k.db.Conn.Received(ctx, k.script, &k.bound.Args, k.cmd, err)
	switch {
	case err == fail.ErrStale:
		return k.again(ctx)
	case fail.Smaller(err, len(k.ids)) > 0 || err == nil && len(r.List(2)) > 0 && len(k.ids) > 1:
		half := len(k.ids) / 2
		if err := k.j.keep(ctx, k.db, k.model, k.p, k.ids[:half]); err != nil {
			return err
		}
		return k.j.keep(ctx, k.db, k.model, k.p, k.ids[half:])
	case err == nil:
		k.j.warnings(r.List(2))
	}
	return err
}

// again extends the expirations according to the current definitions of the models.
func (k *kept) again(ctx context.Context) error {
	if _, err := k.db.Catalog.Reload(ctx); err != nil {
		return err
	}
	schema := k.db.Catalog.Schema()
	m := schema.Model(k.model.Name)
	if k.j.replans++; m == nil || k.j.replans > mostReplans {
		return nil
	}
	p, err := planner.NewRefresh(schema, m)
	if err != nil || p == nil {
		return err
	}
	return k.j.keep(ctx, k.db, m, p, k.ids)
}

// keep extends the expiration of the documents with these keys, and of those to which their fields with CASCADE TTL refer.
func (j *task) keep(ctx context.Context, db *Database, m *ir.Model, p *planner.Plan, ids []string) error {
	k, err := j.keeping(ctx, db, m, p, ids)
	if err != nil {
		return err
	}
	return k.done(ctx, db.Conn.Process(ctx, k.cmd))
}
