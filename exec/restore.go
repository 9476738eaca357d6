package exec

import (
	"context"
	"errors"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

// restorer runs the RESTOREs of constants of one model, by plans whose documents are a parameter.
type restorer struct {
	m     *ir.Model
	plans map[form]*planner.Plan
	found bool // a document was there already, so CREATE is not tried again
}

// form is what the plans of a restorer differ in.
type form struct {
	create bool // as a CREATE, whose script is smaller: no document may be there
	ends   bool // with a list of ends
	never  bool // with TTL null
}

// Restore runs a RESTORE of constants that was read without being parsed. It returns nil, having done nothing, if the statement is to
// be run as a text instead: for whatever is wrong with it is found there, and for what a parameter cannot stand for.
func (s *Session) Restore(ctx context.Context, docs *parser.Documents) (*Rows, error) {
	if s.o.Checkpoint != nil {
		return nil, nil
	}
	m := s.e.db.Catalog.Schema().Model(docs.Model)
	if m == nil || len(m.Collections()) > 0 || m.Part != nil && !m.Celled() {
		return nil, nil
	}
	values, ok := constantDocs(m, docs.Docs)
	ends, alive := instants(docs.Ends)
	if !ok || !alive || len(docs.Docs) == 0 || docs.Ends != nil && len(ends) != len(values) {
		return nil, nil
	}
	if s.restorer == nil || s.restorer.m != m {
		s.restorer = &restorer{m: m, plans: map[form]*planner.Plan{}}
	}
	f := form{ends: docs.Ends != nil, never: docs.Never}
	f.create = !s.restorer.found && !f.ends && !f.never && m.TTL == 0 && m.Revision() == nil && len(m.Guarded()) == 0
	rows, err := s.restore(ctx, f, values, ends)
	if f.create && none(err) {
		s.restorer.found, f.create = true, false
		rows, err = s.restore(ctx, f, values, ends)
	}
	if none(err) && ctx.Err() == nil {
		s.restorer = nil
		return nil, nil
	}
	return rows, err
}

// none reports whether an error is that of a statement that has done nothing.
func none(err error) bool {
	e, ok := fail.As(err)
	return errors.Is(err, fail.ErrStale) || ok && e.Outcome == OutcomeNone
}

// restore runs the plan of a form.
func (s *Session) restore(ctx context.Context, f form, docs, ends []any) (*Rows, error) {
	p := s.restorer.plans[f]
	if p == nil {
		var err error
		if p, err = s.plan(f); err != nil {
			return nil, err
		}
		s.restorer.plans[f] = p
	}
	if len(p.Marks) > 0 { // the first documents with ends: the text of the statement says so in the catalog
		return nil, fail.ErrStale
	}
	j := s.e.db.NewJob(ctx, p)
	j.Env.Params = []any{docs, ends}
	if f.never {
		j.Env.Params[1] = nil
	}
	rows, err := j.Execute(ctx)
	if err != nil {
		return nil, err
	}
	rows.Kind = "RESTORE"
	return rows, nil
}

// plan plans the statement of a form.
func (s *Session) plan(f form) (*planner.Plan, error) {
	m := s.restorer.m
	st := &ir.Create{
		Head:  ir.Head{Uses: []*ir.Model{m}},
		Model: m, Many: true, Put: !f.create, Restore: !f.create,
		Docs: []ir.Doc{{Value: &ir.Param{Base: ir.Base{T: lang.ListOf(lang.Type{Kind: lang.KObject})}, Name: "docs", Index: 0}}},
	}
	switch {
	case f.ends:
		st.Life = &ir.Life{X: &ir.Param{Base: ir.Base{T: lang.ListOf(lang.TypeDateTime.OrNull())}, Name: "ends", Index: 1}, At: true, Each: true}
	case f.never:
		st.Life = &ir.Life{X: &ir.Param{Base: ir.Base{T: lang.TypeDuration.OrNull()}, Name: "ends", Index: 1}}
	}
	if m.Celled() {
		st.Pins = []ir.Pin{{Model: m, X: st.Docs[0].Value, Docs: true}}
	}
	return run.Build(st, &ir.Program{Source: lang.NewSource("", ""), Schema: s.e.db.Catalog.Schema()}, s.e.db.Conn.Can())
}

// instants converts the ends of documents.
func instants(list []any) (out []any, ok bool) {
	for _, v := range list {
		if v != nil {
			text, is := v.(string)
			if !is {
				return nil, false
			}
			end, err := codec.FromGo(text, lang.TypeDateTime)
			if err != nil {
				return nil, false
			}
			v = end
		}
		out = append(out, v)
	}
	return out, true
}
