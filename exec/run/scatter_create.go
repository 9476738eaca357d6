package run

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// createOver runs a CREATE or PUT, the documents of each partition by themselves.
func (j *Job) createOver(ctx context.Context, st *ir.Create) (*rows.Rows, error) {
	docs, err := bind.GivenDocs(j.p, &j.Env)
	if err != nil {
		return nil, err
	}
	if err := j.settledDocs(st, docs); err != nil {
		return nil, err
	}
	s := &scatter{j: j, ctx: ctx}
	of, err := s.split(st, docs)
	if err != nil {
		return nil, err
	}
	if len(s.units) == 1 {
		j.enterUnit(s.units[0])
	}
	if len(s.units) <= 1 {
		return j.execute(ctx)
	}
	if err := s.guard(); err != nil {
		return nil, err
	}
	if err := s.create(st, of); err != nil {
		return nil, err
	}
	return &j.Rows, nil
}

// split sorts documents by their partitions, and returns that of each.
func (s *scatter) split(st *ir.Create, docs []bind.Given) ([]*unit, error) {
	j, m := s.j, st.Model
	var def eval.Fn
	if m.Part.Default != nil {
		var err error
		if def, err = eval.Compile(m.Part.Default, eval.Layout{}); err != nil {
			return nil, err
		}
	}
	of, at, texts := make([]*unit, len(docs)), map[keyspace.Keys]*unit{}, map[string]*unit{}
	numbers := map[*unit]int{}
	pin := &planner.Pin{Pin: ir.Pin{Model: m, New: true}}
	for i := range docs {
		d := &docs[i]
		if err := d.Named(m.Part, def, &j.Env); err != nil {
			return nil, err
		}
		text, err := partText(d.Part(m.Part), pin)
		if err != nil {
			pin.X = placed{sp: d.Sp}
			_, err = partText(d.Part(m.Part), pin)
			return nil, err
		}
		u := texts[text]
		if u == nil {
			u = s.unitOf(text, at)
			texts[text] = u
		}
		of[i] = u
		numbers[u]++
	}
	room := make([]bind.Given, len(docs)) // of all partitions
	for _, u := range s.units {
		n := numbers[u]
		u.docs, room = room[:0:n], room[n:]
	}
	for i, u := range of {
		u.docs = append(u.docs, docs[i])
	}
	return of, nil
}

// unitOf returns the partition with a text, or what holds it, which is added if it is new.
func (s *scatter) unitOf(text string, at map[keyspace.Keys]*unit) *unit {
	in := s.j.db.In(text)
	u := &unit{db: in, text: text}
	if !s.j.p.Over.Model.Celled() {
		u.text = ""
	}
	if known := at[u.place()]; known != nil {
		return known
	}
	at[u.place()] = u
	s.units = append(s.units, u)
	return u
}

// placed is the position of a document as an expression.
type placed struct {
	ir.Expr
	sp lang.Span
}

// Span returns the position.
func (p placed) Span() lang.Span { return p.sp }

// create sends a script for each partition, all of them in as few round trips as possible.
func (s *scatter) create(st *ir.Create, of []*unit) error {
	j, all := s.j, s.units
	made := creation{}
	s.units = made.begin(j, all)
	for _, u := range s.units {
		if n := j.p.Over.Check; n != nil {
			if err := u.db.Binder.Check(n, u.docs, &j.Env); err != nil {
				return err
			}
		}
	}
	waves, err := s.creating(st)
	if err != nil {
		made.keep(j.Over)
		return err
	}
	for _, w := range waves {
		if w.send(); w.err != nil {
			for _, sub := range w.jobs {
				sub.Lost(w.err)
			}
			w.err = nil
		}
		err := w.received(func(sub *Job, err error) error {
			made.take(j, sub, st.Put, err)
			return nil
		})
		if err != nil { // the context has ended
			for _, sub := range w.jobs {
				if made[sub.unit] == nil {
					made[sub.unit] = &created{err: err}
				}
			}
		}
		if s.ctx.Err() != nil {
			break
		}
	}
	s.units = all
	if err := s.refused(made, len(of)); err != nil {
		return err
	}
	if len(j.p.Columns) > 0 {
		j.Rows.From(rows.List(s.together(of, made)))
	}
	return nil
}

// creating starts the scripts, makes their claims, and enters the partitions in the register.
func (s *scatter) creating(st *ir.Create) ([]*wave, error) {
	if step, ok := s.j.p.Step.(*planner.BlockStep); ok && len(s.units) > 1 { // the script runs more than once
		if _, err := step.Flat.Next(); err != nil {
			return nil, PlanError(err, -1)
		}
	}
	var waves []*wave
	bytes := 0
	for at := 0; at < len(s.units); at += scatterTrip {
		w, err := s.wave(s.units[at:min(at+scatterTrip, len(s.units))])
		if err != nil {
			return nil, err
		}
		for _, sub := range w.jobs {
			bytes += sub.bound.Bytes
		}
		waves = append(waves, w)
	}
	if err := bind.Fits(bytes, st.Sp); err != nil {
		return nil, err
	}
	for _, w := range waves {
		tasks := make([]*task, len(w.jobs))
		for i, sub := range w.jobs {
			tasks[i] = &sub.task
		}
		if err := ahead(s.ctx, tasks...); err != nil {
			return nil, err
		}
	}
	return waves, s.announce(waves)
}

// creation is what a CREATE or PUT did in each partition to which it was sent.
type creation map[*unit]*created

// created is what it did in one: its rows, the number of documents, how many of them count, and the error.
type created struct {
	rows            [][]any
	wrote, affected int64
	err             error
}

// begin returns the partitions in which it has not been done.
func (c creation) begin(j *Job, all []*unit) (units []*unit) {
	before := j.Over.take()
	for _, u := range all {
		if d := before[u.place()]; d != nil {
			j.Rows.Count(d.rows.Affected())
			c[u] = &created{rows: d.list, wrote: d.wrote, affected: d.rows.Affected()}
		} else if u.did {
			c[u] = &created{}
		} else {
			units = append(units, u)
		}
	}
	return units
}

// take reads the reply of a job.
func (c creation) take(j, sub *Job, put bool, err error) {
	d := &created{}
	for err == nil && sub.Rows.Next() {
		d.rows = append(d.rows, sub.Rows.Values())
	}
	if d.err = cmp.Or(err, sub.Rows.Err()); d.err == nil {
		d.affected = sub.Rows.Affected()
		j.Rows.Count(d.affected)
		if d.wrote = d.affected; put { // of which those that replace others do not count
			d.wrote = int64(len(sub.unit.docs))
		}
	}
	c[sub.unit] = d
}

// keep notes what was done for the next run of the statement.
func (c creation) keep(o *Over) {
	for u, d := range c {
		if o != nil && d.err == nil && !u.did {
			was := &changed{ran: true, list: d.rows, wrote: d.wrote}
			was.rows.Count(d.affected)
			o.did(u, was)
		}
	}
}

// together returns the rows of the documents of all partitions, in their order. Where a conflict left documents out, those of a
// partition are together.
func (s *scatter) together(of []*unit, made creation) [][]any {
	var list [][]any
	for _, u := range s.units {
		if len(made[u].rows) != len(u.docs) {
			for _, u := range s.units {
				list = append(list, made[u].rows...)
			}
			return list
		}
	}
	for _, u := range of {
		d := made[u]
		list, d.rows = append(list, d.rows[0]), d.rows[1:]
	}
	return list
}

// partsNamed is how many partitions a message names.
const partsNamed = 5

// refused returns the error of a CREATE or PUT that failed in some partitions; nil if it failed in none. If all that failed refused the plan, it
// is planned again for those.
func (s *scatter) refused(made creation, docs int) error {
	w := worst{}
	var parts []lang.Part
	var named []string
	failures, done := 0, int64(0)
	for _, u := range s.units {
		d := made[u]
		if d == nil {
			d = &created{err: fail.Errorf(lang.CodeCancelled, lang.Span{}, "it was not sent")}
		}
		if d.err == nil {
			done += d.wrote
			parts = append(parts, lang.Part{Partition: u.text, Done: d.wrote})
			continue
		}
		if err := w.add(d.err, u); err != nil {
			return err
		}
		failures++
		parts = append(parts, lang.Part{Partition: u.text, Code: w.last.Code, Outcome: w.last.Outcome})
		if len(named) < partsNamed {
			named = append(named, fmt.Sprintf("%s (%s)", w.last.Code, fail.Clip(u.text, 40)))
		}
	}
	switch {
	case failures == 0:
		return nil
	case w.stale() && (s.j.Over != nil && s.j.p.Over.Model.Part.Default == nil || done == 0):
		made.keep(s.j.Over)
		return fail.ErrStale // a DEFAULT may give other partitions
	}
	c := *w.err
	if failures > len(named) {
		named = append(named, "…")
	}
	c.Message = fmt.Sprintf("%d of %d documents written; %d of %d partitions refused: %s; %s", done, docs, failures, len(s.units), strings.Join(named, ", "), w.err.Message)
	c.Parts = parts
	if c.Done = done; c.Outcome == lang.OutcomeNone && done > 0 {
		c.Outcome = lang.OutcomePartial
	}
	return &c
}
