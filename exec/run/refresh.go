package run

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// A read of a model with REFRESH ON READ extends the expiration of the documents that it returns with PEXPIRE … GT, which never
// shortens an expiration and ignores a document without one. No other write is needed, because the listed expiration is a lower
// bound. If the server refuses it, as a replica or for a read-only user, the rows are returned nonetheless.

// sweepReads is the number of refreshing reads of an engine per sweep of expired documents.
const sweepReads = 64

// refresher extends the expiration of the documents that a read returns.
type refresher struct {
	j    *task
	ctx  context.Context
	op   *planner.Refresh
	cmds []redis.Cmder
	last *ir.Model           // the last model that the read refreshes
	ids  map[keptIn][]string // documents with fields with CASCADE TTL; nil if there are none
	in   func() *Database    // returns the partition of the row that is given; nil: that of j
}

// keptIn are documents of a partition of which one script extends the expiration.
type keptIn struct {
	of int // index in op.Of
	db *Database
}

// refreshing prepares the rows of a read to be refreshed.
func (j *task) refreshing(ctx context.Context) {
	if !j.p.RefreshesLater() {
		return
	}
	r := &refresher{j: j, ctx: ctx, op: planner.Op[planner.Refresh](j.p.Local)}
	j.Rows.Given, j.Rows.Finally = r.add, r.flush
}

// scatterRefreshes does the same for rows of several partitions.
func (j *task) scatterRefreshes(ctx context.Context) {
	if !j.p.RefreshesLater() {
		return
	}
	r := &refresher{j: j, ctx: ctx, op: planner.Op[planner.Refresh](j.p.Local)}
	r.in = j.inRow()
	j.Rows.Given, j.Rows.Finally = r.add, r.flush
}

// add collects a document, and flushes when there are many.
func (r *refresher) add(of int, key any) {
	at := keptIn{of, r.j.db}
	if r.in != nil {
		at.db = r.in()
	}
	var id string
	var ok bool
	at.db, id, ok = at.db.Holding(r.op.Of[of].Model, key)
	switch {
	case !ok:
	case r.op.Of[of].Keeps != nil:
		if r.ids == nil {
			r.ids = map[keptIn][]string{}
		}
		r.ids[at] = append(r.ids[at], id)
	default:
		r.last = r.op.Of[of].Model
		r.cmds = at.db.refresh(r.ctx, r.cmds, r.last, id)
	}
	if len(r.cmds) >= plan.StepRows || len(r.ids[at]) >= plan.StepRows {
		r.flush()
	}
}

// flush extends the expiration of the collected documents.
func (r *refresher) flush() {
	for at, ids := range r.ids {
		if err := r.j.keep(r.ctx, at.db, r.op.Of[at.of].Model, r.op.Of[at.of].Keeps, ids); err != nil {
			r.j.NotRefreshed(err)
		}
	}
	if r.ids = nil; len(r.cmds) == 0 {
		return
	}
	cmds := r.cmds
	r.cmds = nil
	if err := r.j.db.Conn.Scatter(r.ctx, cmds); err != nil {
		r.j.NotRefreshed(err)
		return
	}
	r.j.refreshed(r.ctx, r.last, cmds)
}

// refresh adds the commands that extend the expiration of a document, those for its collections first.
func (db *Database) refresh(ctx context.Context, cmds []redis.Cmder, m *ir.Model, id string) []redis.Cmder {
	keys, ttl := db.Conn.Keys, int64(m.TTL)
	for _, f := range m.Collections() {
		if !f.Ends() {
			continue
		}
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
		_, _ = j.db.sweep(ctx, m) // a later sweep removes the rest
	}
}

// NotRefreshed warns that expirations were not extended.
func (j *task) NotRefreshed(err error) {
	j.Rows.Warn(rows.Warning{Code: lang.CodeNotRefreshed, Text: "the server did not extend the expiration of the documents that were read: " + conn.ServerError(err, false, "").Message})
}
