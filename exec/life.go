package exec

import (
	"context"
	"slices"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// A model whose documents may have ends is marked in the catalog: with a TTL when it is
// declared, any other before the first statement runs that gives one of its
// documents an end. The mark is a new version, so that every program plans again and knows.

// mark marks models, unless somebody else did; the plans that follow know of it.
func (r *runner) mark(ctx context.Context, models []*ir.Model) error {
	e := r.s.e
	for _, m := range models {
		d, err := e.definitionOf(ctx, m.Name)
		if err != nil {
			return err
		}
		if d == nil || d.Expires {
			continue
		}
		d.Expires, d.Shadow = true, ir.ColumnNames(ir.ShadowOf(m))
		if _, _, err := e.define(ctx, m.Name, m.Version, 0, d); err != nil {
			return err
		}
	}
	return nil
}

// loadLife gives a model what its definition says of ends.
func loadLife(m *ir.Model, d *definition) {
	if m.Expires = m.Expires || d.Expires; m.Expires {
		m.SetShadow(d.Shadow)
	}
}

// withLife gives a definition of now what that of was, or nil, said of ends: the
// mark stays, and the list of what shadows keep only grows.
func (d *definition) withLife(was, now *ir.Model) *definition {
	d.Expires = now.TTL > 0 || was != nil && was.Expires
	if !d.Expires {
		return d
	}
	if was != nil {
		d.Shadow = slices.Clone(was.Kept)
	}
	for _, name := range ir.ColumnNames(ir.ShadowOf(now)) {
		if !slices.Contains(d.Shadow, name) {
			d.Shadow = append(d.Shadow, name)
		}
	}
	return d
}

// clearAway clears away the documents of a model whose time has come, in steps.
func (e *Engine) clearAway(ctx context.Context, m *ir.Model) error {
	schema := e.schema.Load()
	s, err := lua.NewSweep(schema, m)
	if err != nil {
		return err
	}
	b, err := e.prepared(s, schema)
	if err != nil {
		return err
	}
	for {
		r, err := e.conn.Run(ctx, s, &b.Args)
		if err != nil || r.Int(1) < lua.SweepStep {
			return err
		}
	}
}

// clearModel is clearAway of the model of a name.
func (e *Engine) clearModel(ctx context.Context, name string) error {
	if m := e.schema.Load().Model(name); m != nil {
		return e.clearAway(ctx, m)
	}
	return fail.ErrStale
}
