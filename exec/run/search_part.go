package run

import (
	"context"

	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
)

// The Search index of a model with PARTITION BY covers all partitions, so a statement over several of them is one search; on a cluster those of
// a bucket: see apartSearch. Which partition a document is in, its name says.

// searched are the partitions in which a search finds documents.
type searched struct {
	at   map[keyspace.Keys]*unit
	only bool // no others
	last *unit
}

// searchOver runs a SearchStep over several partitions, up to its first rows.
func (j *Job) searchOver(ctx context.Context, step *planner.SearchStep) (*rows.Rows, error) {
	j.scatterRefreshes(ctx)
	j.gathering(ctx)
	if step.Apart {
		return j.searchApart(ctx, step)
	}
	s := &searcher{j: &j.task, in: j.db, ctx: ctx, step: step}
	if step.Other != nil {
		s.other = func() error { return j.without(ctx, step) }
	}
	j.first.cmds = j.first.room[:0]
	if err := s.search(); err != nil {
		return nil, err
	}
	if len(j.first.cmds) > 0 {
		if err := j.db.Conn.Pipeline(ctx, j.first.cmds); err != nil {
			return nil, err
		}
	}
	if err := j.Finish(); err != nil {
		return nil, err
	}
	return &j.Rows, nil
}

// without runs the plan without Search of a statement over several partitions.
func (j *Job) without(ctx context.Context, step *planner.SearchStep) error {
	p, err := step.Other()
	if err != nil {
		return err
	}
	j.p, j.Rows.Gathering = p, nil
	_, err = j.scatter(ctx)
	return err
}

// within returns the values of the partitions that the query is restricted to.
func (s *searcher) within() ([]any, error) {
	j, m := s.j, s.step.Model
	s.parts.at = map[keyspace.Keys]*unit{}
	if j.p.Over != nil && len(j.p.Pins) == 0 {
		return nil, nil
	}
	s.parts.only = true
	list := []*unit{{db: j.db}}
	var err error
	switch {
	case s.units != nil:
		list = s.units
	case j.p.Over != nil:
		list, err = j.namedUnits(m)
		j.wide(len(list))
	case m.Celled():
		list[0], err = j.db.unit(m)
	}
	values := make([]any, len(list))
	for i, u := range list {
		values[i], s.parts.at[u.place()] = u.part, u
	}
	return values, err
}

// of returns the partition and the key of the document with a name; false if the statement cannot concern it.
func (s *searcher) of(name string) (in *unit, id string, ok bool) {
	m := s.step.Model
	keys, id, ok := s.j.db.Conn.Keys.Located(m, name)
	if !ok || len(id) > lang.MaxIndexed {
		return nil, "", false
	}
	if t := m.Key.Type; t.Kind != lang.KString {
		if _, err := codec.Parse(id, t); err != nil {
			return nil, "", false
		}
	}
	p := &s.parts
	if in = p.last; in == nil || in.place() != keys {
		if in = p.at[keys]; in == nil && !p.only {
			var err error
			if in, err = s.j.db.On(s.j.db.Conn.Within(keys)).unit(m); err != nil {
				return nil, "", false
			}
			p.at[keys] = in
		}
		p.last = in
	}
	return in, id, in != nil
}
