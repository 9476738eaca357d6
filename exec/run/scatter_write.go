package run

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// changed is what a statement did in a partition.
type changed struct {
	rows rows.Rows // with the count and the warnings
	list [][]any
	err  error
}

// change runs an UPDATE, DELETE, EXPIRE or PERSIST in all partitions: in those of a node one after the other, on all nodes at the same
// time. Once one has failed, no other is begun.
func (s *scatter) change(step *planner.BlockStep) error {
	done := make([]changed, len(s.units))
	var failed atomic.Bool
	var group sync.WaitGroup
	for _, list := range s.byNode(step.Script.Claims()) {
		group.Go(func() {
			for _, i := range list {
				if failed.Load() {
					return
				}
				if s.changeIn(s.units[i], step, &done[i]); done[i].err != nil {
					failed.Store(true)
				}
			}
		})
	}
	group.Wait()
	if failed.Load() {
		return s.stopped(done)
	}
	var list [][]any
	for i := range done {
		s.j.Rows.Count(done[i].rows.Affected())
		for _, w := range done[i].rows.Warnings() {
			s.j.Rows.Warn(w)
		}
		list = append(list, done[i].list...)
	}
	if len(s.j.p.Columns) > 0 {
		s.j.Rows.From(rows.List(list))
	}
	return nil
}

// byNode returns the numbers of the partitions of each node. A profile is that of one partition after the other, and one at a time takes values of
// a UNIQUE GLOBAL: the first one gets a value that several want.
func (s *scatter) byNode(inTurn bool) [][]int {
	var lists [][]int
	at := map[string]int{}
	for i, u := range s.units {
		node := ""
		if s.j.prof == nil && !inTurn {
			node = u.db.Conn.Node(s.ctx)
		}
		k, known := at[node]
		if !known {
			k = len(lists)
			at[node], lists = k, append(lists, nil)
		}
		lists[k] = append(lists[k], i)
	}
	return lists
}

// changeIn runs the statement in a partition.
func (s *scatter) changeIn(u *unit, step *planner.BlockStep, out *changed) {
	sub := s.begin(u)
	sub.Rows.Under(&out.rows)
	sub.Env = s.j.Env.Apart()
	sub.Env.Warner = &sub.task
	sub.Env.Vars = withKeys(s.j.p.Over, s.j.Env.Vars, u)
	if out.err = sub.block(s.ctx, step); out.err != nil {
		return
	}
	for sub.Rows.Next() {
		out.list = append(out.list, sub.Rows.Values())
	}
	out.err = sub.Rows.Err()
	out.rows.Count(sub.Rows.Affected())
}

// stopped is the error of a statement that failed in a partition, and perhaps changed others.
func (s *scatter) stopped(done []changed) error {
	var worst *lang.Error
	var parts []lang.Part
	of, n, stale := "", int64(0), true
	for i := range done {
		d, u := &done[i], s.units[i]
		if d.err == nil {
			if k := d.rows.Affected(); k > 0 {
				n += k
				parts = append(parts, lang.Part{Partition: u.text, Done: k})
			}
			continue
		}
		e, ok := fail.As(d.err)
		if !ok {
			return d.err
		}
		n, stale = n+e.Done, stale && d.err == fail.ErrStale
		parts = append(parts, lang.Part{Partition: u.text, Code: e.Code, Outcome: e.Outcome, Done: e.Done})
		if worst == nil || worst.Outcome != lang.OutcomeUnknown && e.Outcome == lang.OutcomeUnknown {
			worst, of = e, u.text
		}
	}
	if stale && n == 0 { // planned again, nothing has happened
		return fail.ErrStale
	}
	c := *worst
	if c.Done = n; n > 0 && c.Outcome == lang.OutcomeNone {
		c.Outcome = lang.OutcomePartial
	}
	c.Parts = parts
	c.Message = "partition " + lang.Quote(fail.Clip(of, 40)) + ": " + c.Message
	return &c
}

// createOver runs a CREATE or PUT, the documents of each partition by themselves.
func (j *Job) createOver(ctx context.Context, st *ir.Create) (*rows.Rows, error) {
	if err := j.savable(); err != nil {
		return nil, err
	}
	docs, err := bind.GivenDocs(j.p, &j.Env)
	if err != nil {
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
	if err := j.unsaved(); err != nil {
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
	of, at := make([]*unit, len(docs)), map[keyspace.Keys]*unit{}
	for i := range docs {
		d := &docs[i]
		if err := d.Named(m.Part, def, &j.Env); err != nil {
			return nil, err
		}
		text, err := partText(d.Part(m.Part), &planner.Pin{Pin: ir.Pin{Model: m, X: placed{sp: d.Sp}, New: true}})
		if err != nil {
			return nil, err
		}
		in := j.db.In(text)
		place := in.Conn.Keys
		if !m.Celled() {
			place.Cell, text = "", ""
		}
		u := at[place]
		if u == nil {
			u = &unit{db: in, text: text}
			at[place] = u
			s.units = append(s.units, u)
		}
		u.docs, of[i] = append(u.docs, *d), u
	}
	return of, nil
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
	j := s.j
	for _, u := range s.units {
		if n := j.p.Over.Check; n != nil {
			if err := u.db.Binder.Check(n, u.docs, &j.Env); err != nil {
				return err
			}
		}
	}
	var waves []*wave
	bytes := 0
	for at := 0; at < len(s.units); at += scatterTrip {
		w, err := s.wave(s.units[at:min(at+scatterTrip, len(s.units))])
		if err != nil {
			return err
		}
		for _, sub := range w.jobs {
			bytes += sub.bound.Bytes
		}
		waves = append(waves, w)
	}
	if err := bind.Fits(bytes, st.Sp); err != nil {
		return err
	}
	for _, w := range waves {
		tasks := make([]*task, len(w.jobs))
		for i, sub := range w.jobs {
			tasks[i] = &sub.task
		}
		if err := ahead(s.ctx, tasks...); err != nil {
			return err
		}
	}
	made, wrote := map[*unit][][]any{}, map[*unit]int64{}
	var errs []error // of each partition
	for _, w := range waves {
		if w.send(); w.err != nil {
			for _, sub := range w.jobs {
				sub.Lost(w.err)
			}
			w.err = nil
		}
		at := len(errs)
		errs = append(errs, make([]error, len(w.jobs))...)
		err := w.received(func(sub *Job, err error) error {
			var list [][]any
			for err == nil && sub.Rows.Next() {
				list = append(list, sub.Rows.Values())
			}
			if err = cmp.Or(err, sub.Rows.Err()); err == nil {
				j.Rows.Count(sub.Rows.Affected())
				made[sub.unit], wrote[sub.unit] = list, sub.Rows.Affected()
				if st.Put { // of which those that replace others do not count
					wrote[sub.unit] = int64(len(sub.unit.docs))
				}
			}
			errs[at+slices.Index(w.jobs, sub)] = err
			return nil
		})
		if err != nil { // the context has ended
			for i, sub := range w.jobs {
				if _, done := made[sub.unit]; !done {
					errs[at+i] = cmp.Or(errs[at+i], err)
				}
			}
		}
		if s.ctx.Err() != nil {
			break
		}
	}
	if err := s.refused(errs, wrote, len(of)); err != nil {
		return err
	}
	if len(j.p.Columns) > 0 {
		j.Rows.From(rows.List(s.together(of, made)))
	}
	return nil
}

// together returns the rows of the documents of all partitions, in their order. Where a conflict left documents out, those of a
// partition are together.
func (s *scatter) together(of []*unit, made map[*unit][][]any) [][]any {
	var list [][]any
	for _, u := range s.units {
		if len(made[u]) != len(u.docs) {
			for _, u := range s.units {
				list = append(list, made[u]...)
			}
			return list
		}
	}
	for _, u := range of {
		list, made[u] = append(list, made[u][0]), made[u][1:]
	}
	return list
}

// partsNamed is how many partitions a message names.
const partsNamed = 5

// refused returns the error of a CREATE or PUT that failed in some partitions; nil if it failed in none.
func (s *scatter) refused(errs []error, wrote map[*unit]int64, docs int) error {
	var worst *lang.Error
	var parts []lang.Part
	var named []string
	failures, done := 0, int64(0)
	stale := true
	for i, u := range s.units {
		var err error = fail.Errorf(lang.CodeCancelled, lang.Span{}, "it was not sent")
		if i < len(errs) {
			err = errs[i]
		}
		if err == nil {
			done += wrote[u]
			parts = append(parts, lang.Part{Partition: u.text, Done: wrote[u]})
			stale = false
			continue
		}
		stale = stale && err == fail.ErrStale
		e, ok := fail.As(err)
		if !ok {
			return err
		}
		failures++
		if worst == nil || worst.Outcome != lang.OutcomeUnknown && e.Outcome == lang.OutcomeUnknown {
			worst = e
		}
		parts = append(parts, lang.Part{Partition: u.text, Code: e.Code, Outcome: e.Outcome})
		if len(named) < partsNamed {
			named = append(named, fmt.Sprintf("%s (%s)", e.Code, fail.Clip(u.text, 40)))
		}
	}
	switch {
	case failures == 0:
		return nil
	case stale:
		return fail.ErrStale
	}
	c := *worst
	if failures > len(named) {
		named = append(named, "…")
	}
	c.Message = fmt.Sprintf("%d of %d documents written; %d of %d partitions refused: %s; %s", done, docs, failures, len(s.units), strings.Join(named, ", "), worst.Message)
	c.Parts = parts
	if c.Done = done; c.Outcome == lang.OutcomeNone && done > 0 {
		c.Outcome = lang.OutcomePartial
	}
	return &c
}
