package run

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// gatherer reads the documents to which refs of many rows lead, before the projection of these rows needs them: those of all rows in a
// round trip.
type gatherer struct {
	j      *task
	ctx    context.Context
	op     *planner.Gather
	src    rows.Source
	in     func() *Database // the partition of the row in the environment
	named  func(m *ir.Model, key any) (map[string]any, error)
	rows   [][]any // that wait
	at     int     // of the next one
	ended  bool
	given  bool // a row was returned
	docs   map[gatheredKey]map[string]any
	found  map[foundKey]any // what backlinks lead to
	models map[string]*gatheredModel
}

// gatheredKey identifies a document among those of all partitions.
type gatheredKey struct{ model, cell, id string }

// gatheredModel reads documents of a model.
type gatheredModel struct {
	docs    *document.Reader
	compose eval.Fn // makes an object of a document's columns
}

// sought is a document that is being read.
type sought struct {
	key gatheredKey
	m   *ir.Model
	db  *Database
	cmd redis.Cmder
}

// gathering prepares the rows of a read to be given with the documents elsewhere.
func (j *task) gathering(ctx context.Context) {
	if j.p.Local == nil || planner.Op[planner.Gather](j.p.Local) == nil {
		return
	}
	j.Rows.Gathering = func(op *planner.Gather, src rows.Source) rows.Source {
		g := &gatherer{j: j, ctx: ctx, op: op, src: src, in: j.inRow(), named: j.Env.Deref}
		j.Env.Deref, j.Env.Referrers, j.Rows.Prime = g.doc, g.referring, g.fill
		return g.row
	}
}

// inRow returns a function that returns the partition of the row in the environment.
func (j *task) inRow() func() *Database {
	if j.p.Over == nil {
		return func() *Database { return j.db }
	}
	parts := map[any]*Database{}
	return func() *Database {
		x := j.Env.Row[0]
		if at := j.p.Local.Part; at > 0 {
			x = j.Env.Row[at]
		}
		if parts[x] == nil {
			text, _ := ir.KeyText(x)
			parts[x] = j.db.In(text)
		}
		return parts[x]
	}
}

// Holding returns the database that has the document of m with a key, if a document in db refers to it, and the text of the key in it;
// false if no document can have this key.
func (db *Database) Holding(m *ir.Model, key any) (in *Database, id string, ok bool) {
	if full, is := key.(ir.Full); is {
		part, id, ok := ir.SplitKey(string(full))
		if !ok || len(part) > ir.MaxPart {
			return db, "", false
		}
		return db.In(part), id, true
	}
	id, ok = ir.KeyText(key)
	switch {
	case !ok, m.Part == nil && db.Conn.Keys.Whole():
	case m.Part == nil:
		db = db.On(db.Conn.Home())
	case m.Part == m.Key:
		db = db.In(id)
	}
	return db, id, ok
}

// row gives the next row. Its documents have been read.
func (g *gatherer) row() ([]any, error) {
	if g.at == len(g.rows) {
		if err := g.fill(); err != nil {
			if err == fail.ErrStale && g.given {
				err = fail.ChangedMeanwhile()
			}
			return nil, err
		}
	}
	if g.at == len(g.rows) {
		return nil, nil
	}
	g.given = true
	g.at++
	g.j.Env.Row = g.rows[g.at-1]
	return g.rows[g.at-1], nil
}

// fill reads the next rows and their documents.
func (g *gatherer) fill() error {
	if g.at < len(g.rows) {
		return nil
	}
	g.rows, g.at, g.docs = nil, 0, map[gatheredKey]map[string]any{}
	depth, next := 0, map[gatheredKey]*sought{}
	for !g.ended && len(g.rows) < plan.MaxGathered && len(next) < plan.MaxGathered {
		row, err := g.src()
		if err != nil {
			return err
		}
		if g.ended = row == nil; g.ended {
			break
		}
		g.rows = append(g.rows, row)
		if err := g.want(next, row, 0); err != nil {
			return err
		}
	}
	for _, x := range g.op.Of {
		depth = max(depth, x.Depth)
	}
	if err := g.referrers(); err != nil {
		return err
	}
	for d := 0; ; d++ {
		if err := g.read(next); err != nil || d == depth {
			return err
		}
		clear(next)
		for _, row := range g.rows {
			if err := g.want(next, row, d+1); err != nil {
				return err
			}
		}
	}
}

// want adds the documents of a row that are read by keys which are known by now.
func (g *gatherer) want(to map[gatheredKey]*sought, row []any, depth int) error {
	env := &g.j.Env
	env.Row = row
	for i := range g.op.Of {
		x := &g.op.Of[i]
		if x.Depth != depth {
			continue
		}
		keys, err := x.Keys(env)
		if err != nil {
			return fail.Value(err)
		}
		rows.Each(keys, func(key any) {
			k, db, ok := g.where(x.Model, key)
			if _, known := g.docs[k]; ok && !known && to[k] == nil {
				to[k] = &sought{key: k, m: x.Model, db: db}
			}
		})
	}
	return nil
}

// where returns where the document of m with a key is, to which the row in the environment refers; false for no key.
func (g *gatherer) where(m *ir.Model, key any) (k gatheredKey, db *Database, ok bool) {
	db, id, ok := g.in().Holding(m, key)
	k = gatheredKey{model: m.Name, id: id}
	if ok && m.Celled() {
		k.cell = db.Conn.Keys.Cell
	}
	return k, db, ok
}

// doc returns a document that was read.
func (g *gatherer) doc(m *ir.Model, key any) (map[string]any, error) {
	k, _, ok := g.where(m, key)
	if !ok {
		return nil, nil
	}
	if doc, known := g.docs[k]; known || g.named == nil {
		return doc, nil
	}
	return g.named(m, key)
}

// read reads documents.
func (g *gatherer) read(all map[gatheredKey]*sought) error {
	var part []*sought
	for _, w := range all {
		if part = append(part, w); len(part) == plan.MaxGathered {
			if err := g.trip(part); err != nil {
				return err
			}
			part = nil
		}
	}
	return g.trip(part)
}

// trip reads documents in one round trip, if their models have the version of the plan.
func (g *gatherer) trip(list []*sought) error {
	if len(list) == 0 {
		return nil
	}
	type at struct{ prefix, model string }
	var cmds []redis.Cmder
	checks := map[at]*redis.StringSliceCmd{}
	models := map[at]*ir.Model{}
	for _, w := range list {
		k := at{w.db.Conn.Keys.Prefix, w.m.Name}
		if checks[k] == nil {
			checks[k], models[k] = redis.NewStringSliceCmd(g.ctx, catalog.VersionWords(w.db.Conn.Keys, w.m.Name)...), w.m
			cmds = append(cmds, checks[k])
		}
		w.cmd = g.model(w.m).docs.Cmd(g.ctx, w.db.Conn.Keys.Doc(w.m, w.key.id))
		cmds = append(cmds, w.cmd)
	}
	j := g.j
	if err := j.db.Conn.Wide().Pipeline(g.ctx, cmds); err != nil {
		return err
	}
	for k, check := range checks {
		if err := j.current(check, models[k]); err != nil {
			return err
		}
	}
	var row document.Row
	for _, w := range list {
		x, name := g.model(w.m), w.db.Conn.Keys.Doc(w.m, w.key.id)
		there, err := x.docs.Take(w.cmd, &row)
		if err != nil {
			return conn.DocumentError(err, name, nil)
		}
		if !there {
			g.docs[w.key] = nil
			continue
		}
		j.prof.took(&row)
		if err := x.docs.Decode(w.db.Conn.Keys, w.key.id, &row, &j.Rows); err != nil {
			return err
		}
		v, err := x.compose(&eval.Env{Row: row.Values()})
		if err != nil {
			return err
		}
		g.docs[w.key], _ = v.(map[string]any)
	}
	return nil
}

// model returns what reads documents of a model.
func (g *gatherer) model(m *ir.Model) *gatheredModel {
	if g.models == nil {
		g.models = map[string]*gatheredModel{}
	}
	x := g.models[m.Name]
	if x == nil {
		x = &gatheredModel{docs: document.NewReader(m, m.Columns), compose: composing(m, g.j.schema)}
		g.models[m.Name] = x
	}
	return x
}
