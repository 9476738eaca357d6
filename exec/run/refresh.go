package run

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// A read of a model with REFRESH ON READ raises the ends of the documents that it gives out by PEXPIRE … GT, which
// never lowers an end and leaves a document without one alone. That needs no other write: what is entered of an end is a
// lower bound. A server that refuses it, a replica or one that lets this user only read, gives the rows all the same.

const (
	// sweepReads is the number of refreshing reads of an engine per sweep of expired documents.
	sweepReads = 64
	// sweptByRead is the number of documents that such a sweep examines.
	sweptByRead = 100
)

// refresher raises the ends of the documents that a read returns.
type refresher struct {
	j    *task
	ctx  context.Context
	op   *planner.Refresh
	cmds []redis.Cmder
	last *ir.Model        // that something is refreshed of
	ids  map[int][]string // of documents that keep others alive, by what of op they are; nil: none
}

// refreshing prepares the rows of a read for what it refreshes.
func (j *task) refreshing(ctx context.Context) {
	if !j.p.RefreshesLater() {
		return
	}
	r := &refresher{j: j, ctx: ctx, op: planner.Op[planner.Refresh](j.p.Local)}
	j.Rows.Given, j.Rows.Finally = r.add, r.flush
}

// add collects a document, and raises the ends of those collected when there are many.
func (r *refresher) add(of int, key any) {
	id, ok := keyspace.Text(key)
	switch {
	case !ok:
	case r.op.Of[of].Keeps != nil:
		if r.ids == nil {
			r.ids = map[int][]string{}
		}
		r.ids[of] = append(r.ids[of], id)
	default:
		r.last = r.op.Of[of].Model
		r.cmds = r.j.refresh(r.ctx, r.cmds, r.last, id)
	}
	if len(r.cmds) >= plan.StepRows || len(r.ids[of]) >= plan.StepRows {
		r.flush()
	}
}

// flush raises the ends of the documents collected.
func (r *refresher) flush() {
	for of, ids := range r.ids {
		if err := r.j.keep(r.ctx, r.op.Of[of].Model, r.op.Of[of].Keeps, ids); err != nil {
			r.j.NotRefreshed(err)
		}
	}
	if r.ids = nil; len(r.cmds) == 0 {
		return
	}
	cmds := r.cmds
	r.cmds = nil
	if err := r.j.db.Conn.Pipeline(r.ctx, cmds); err != nil {
		r.j.NotRefreshed(err)
		return
	}
	r.j.refreshed(r.ctx, r.last, cmds)
}

// refresh adds the commands that raise the end of a document, and before it those of its collections.
func (j *task) refresh(ctx context.Context, cmds []redis.Cmder, m *ir.Model, id string) []redis.Cmder {
	keys, ttl := j.db.Conn.Keys, int64(m.TTL)
	for _, f := range m.Collections() {
		cmds = append(cmds, redis.NewIntCmd(ctx, "pexpire", keys.Collection(m, f, id), ttl+lua.CollectionGrace, "gt"))
	}
	return append(cmds, redis.NewIntCmd(ctx, "pexpire", keys.Doc(m, id), ttl, "gt"))
}

// refreshed reads the replies.
func (j *task) refreshed(ctx context.Context, m *ir.Model, cmds []redis.Cmder) {
	for _, c := range cmds {
		if err := c.Err(); err != nil {
			j.NotRefreshed(err)
			return
		}
	}
	if m != nil && j.db.refreshes.Add(1)%sweepReads == 0 {
		_, _ = j.db.sweep(ctx, m, sweptByRead) // what it leaves is cleared away by another
	}
}

// NotRefreshed warns that ends were not raised.
func (j *task) NotRefreshed(err error) {
	j.Rows.Warn(rows.Warning{Code: lang.CodeNotRefreshed, Text: "the server did not raise the ends of the documents that were read: " + conn.ServerError(err, false, "").Message})
}
