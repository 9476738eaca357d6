package run

import (
	"context"
	"strconv"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

const (
	// scatterTrip is the maximum number of partitions that are asked in a round trip.
	scatterTrip = 3000
	// scatterRows is how many partitions at most are asked for rows in a round trip, each of which may have as many as the first
	// step of a scan gives.
	scatterRows = 64
	// scatterFirst is how many are asked first if a few may suffice.
	scatterFirst = 16
	// scatterMerged is how many rows are in memory while those of all partitions are merged, but for the fewest of each.
	scatterMerged, scatterFewest = 4096, 16
)

// scatter is a run of a statement in several partitions: jobs in each of them, whose rows are put together.
type scatter struct {
	j     *Job
	ctx   context.Context
	units []*unit
	lists bool     // the partitions are listed while they are asked: see knows
	parts int      // how many there are, if scripts list them
	open  []*Job   // whose rows are being read
	sent  *wave    // that was sent ahead
	turns *entries // of a FIND without an order; nil: of none
}

// scatter runs the plan in several partitions, up to its first rows.
func (j *Job) scatter(ctx context.Context) (*rows.Rows, error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, err
	}
	if err := j.task.fixed(); err != nil {
		return nil, err
	}
	if step, ok := j.p.Step.(*planner.SearchStep); ok {
		return j.searchOver(ctx, step)
	}
	if st, ok := j.p.Stmt.(*ir.Create); ok {
		return j.createOver(ctx, st)
	}
	step, writes := j.p.Step.(*planner.BlockStep)
	s := &scatter{j: j, ctx: ctx, lists: j.p.Over.Lists && !j.db.Conn.Caps.Declared && !j.db.Conn.FromReplica()}
	if !s.lists {
		if err := s.list(); err != nil {
			return nil, err
		}
	}
	if len(s.units) == 1 && !j.p.Over.Model.Celled() {
		j.enterUnit(s.units[0])
		return j.execute(ctx)
	}
	var err error
	if writes {
		if err = s.guard(); err == nil {
			err = s.change(step)
		}
	} else {
		j.scatterRefreshes(ctx)
		j.gathering(ctx)
		j.Rows.Closing = s.close
		if err = s.read(); err == nil && j.Rows.Prime != nil {
			err = j.Rows.Prime()
		}
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return &j.Rows, nil
}

// list reads which partitions there are. Where there is none, the version of the model is compared, which is compared in each otherwise.
func (s *scatter) list() (err error) {
	var done bool
	if s.units, done, err = s.enrolled(); err == nil && !done {
		s.units, err = s.j.units(s.ctx)
	}
	if err == nil && len(s.units) == 0 {
		err = s.current()
	}
	return err
}

// enterUnit makes the run one in a partition alone.
func (j *Job) enterUnit(u *unit) {
	j.db = u.db
	j.Env.Vars = withKeys(j.p, j.Env.Vars, u)
	j.bound.Docs = u.docs
}

// withKeys returns the values of names with the keys of a partition for those of the statement.
func withKeys(p *planner.Plan, vars []any, u *unit) []any {
	vars = keysWithin(p, vars, u.db.Conn.Keys)
	if p.Over.Name == nil {
		return vars
	}
	return with(vars, p.Over.Name, u.keys)
}

// begin makes a job of the plan in a partition, and returns it.
func (s *scatter) begin(sub *Job, u *unit) *Job {
	sub.Begin(s.ctx, u.db, s.j.p)
	sub.Rows.Under(&s.j.Rows)
	sub.Env, sub.unit, sub.Guard = s.j.Env, u, u.guard
	sub.Env.Warner = &s.j.task
	sub.Env.Vars = withKeys(s.j.p, s.j.Env.Vars, u)
	sub.bound.Docs = u.docs
	return sub
}

// failed adds to an error in which partition it happened.
func failed(u *unit, err error) error {
	e, ok := fail.As(err)
	if !ok || err == fail.ErrStale || u.text == "" {
		return err
	}
	c := *e
	c.Message = "partition " + lang.Quote(fail.Clip(u.text, 40)) + ": " + c.Message
	if len(c.Parts) == 0 {
		c.Parts = []lang.Part{{Partition: u.text, Code: c.Code, Outcome: c.Outcome, Done: c.Done}}
	}
	return &c
}

// close ends what is being read.
func (s *scatter) close() {
	if w := s.sent; w != nil && w.done != nil {
		<-w.done
	}
	if e := s.turns; e != nil && e.ahead != nil {
		<-e.ahead.done
		e.ahead = nil
	}
	for _, sub := range s.open {
		sub.Rows.Close()
	}
	s.sent, s.open = nil, nil
}

// withPart adds the partition to a row, where rows have it.
func withPart(l *planner.Local, row []any, u *unit) []any {
	if row == nil || l == nil || l.Part == 0 || len(row) > l.Part {
		return row
	}
	return append(row[:len(row):len(row)], u.part)
}

// rowOf reads a row of a job. It is nil at the end.
func (s *scatter) rowOf(sub *Job) ([]any, error) {
	if sub.Rows.Next() {
		return withPart(s.j.p.Local, sub.Rows.Values(), sub.unit), nil
	}
	if err := sub.Rows.Err(); err != nil {
		return nil, failed(sub.unit, err)
	}
	return nil, nil
}

// read reads from all partitions.
func (s *scatter) read() error {
	switch step := s.j.p.Step.(type) {
	case *planner.KeysStep:
		return s.get()
	case *planner.CardStep:
		if s.lists {
			return s.countAll(step)
		}
		return s.count()
	case *planner.GroupsStep:
		return s.groups()
	case *planner.ScanStep:
		switch {
		case step.Exist:
			return s.exists()
		case step.Count:
			return s.count()
		case step.Get:
			return s.get()
		}
		return s.find(step)
	}
	return s.find(nil)
}

// current compares the version of the model.
func (s *scatter) current() error {
	m := s.j.p.Over.Model
	check := s.j.db.check(s.ctx, s.j.p, m)
	if err := s.j.db.Conn.Process(s.ctx, check); conn.IsConnection(err) {
		return conn.ServerError(err, false, "")
	}
	return s.j.current(check, m)
}

// count adds up the numbers of all partitions.
func (s *scatter) count() error {
	c, err := s.chain(scatterTrip, scatterTrip, true)
	n := int64(0)
	for err == nil {
		var row []any
		if row, err = c.row(); row == nil {
			break
		}
		n += row[0].(int64)
	}
	if err != nil {
		return err
	}
	return s.j.number(n)
}

// exists looks for a partition that has a document.
func (s *scatter) exists() error {
	c, err := s.chain(scatterFirst, scatterTrip, false)
	found := false
	for err == nil && !found {
		var row []any
		if row, err = c.row(); row == nil {
			break
		}
		found = row[0].(bool)
	}
	s.j.Rows.From(rows.One([]any{found}))
	return err
}

// groups adds up the numbers of the groups of all partitions.
func (s *scatter) groups() error {
	j := s.j
	bd, err := rows.BoundsOf(j.p.Local, &j.Env)
	if err != nil {
		return err
	}
	c, err := s.chain(scatterRows, scatterRows, true)
	if err != nil {
		return err
	}
	sums, err := rows.Summed(c.row)
	if err != nil {
		return err
	}
	j.Env.Query = true
	j.Rows.From(rows.Finish(j.p.Local, sums, &j.Env, bd, 0, &j.Rows))
	return nil
}

// get reads documents by key, and gives them in the order in which they were asked for.
func (s *scatter) get() error {
	c, err := s.chain(scatterTrip, scatterTrip, false)
	if err != nil {
		return err
	}
	found := map[docKey][]any{}
	for {
		row, err := c.row()
		if err != nil {
			return err
		}
		if row == nil {
			break
		}
		found[s.keyOf(row)] = row
	}
	list, err := s.inOrder(found)
	if err != nil {
		return err
	}
	s.j.returned(list)
	return nil
}

// docKey identifies a document among those of all partitions.
type docKey struct{ part, key any }

func (s *scatter) keyOf(row []any) docKey {
	k := docKey{key: row[0]}
	if l := s.j.p.Local; l.Part > 0 {
		k.part = row[l.Part]
	}
	return k
}

// inOrder returns the documents that were found in the order of the keys of the statement.
func (s *scatter) inOrder(found map[docKey][]any) ([][]any, error) {
	o := s.j.p.Over
	v, err := o.Keys(&s.j.Env)
	if err != nil {
		return nil, fail.Value(err)
	}
	parts, err := s.j.p.Pins[0].Value(&s.j.Env)
	if err != nil {
		return nil, fail.Value(err)
	}
	keys, of := v.([]any), parts.([]any)
	list := make([][]any, 0, len(keys))
	for i, key := range keys {
		k := docKey{key: key}
		if o.Model.Celled() {
			k.part = of[i]
		}
		if row := found[k]; row != nil {
			list = append(list, row)
		}
	}
	return list, nil
}

// find gives the rows of a FIND.
func (s *scatter) find(step *planner.ScanStep) error {
	j, l := s.j, s.j.p.Local
	bd, err := rows.BoundsOf(l, &j.Env)
	if err != nil {
		return err
	}
	j.Env.Query = true
	var src rows.Source
	sort := planner.Op[planner.Sort](l)
	switch o := j.p.Over; {
	case bd.Limit == 0 && l.Free():
		if err := s.current(); err != nil {
			return err
		}
		src = rows.List(nil)
	case o.Entries:
		e, err := s.entries(step, bd)
		if err != nil {
			return err
		}
		src = e.row
	case o.Merge:
		srcs, err := s.ordered(bd)
		if err != nil {
			return err
		}
		src = rows.Merge(sort, srcs, &j.Env)
	default:
		few := l.Free() && bd.Limit >= 0 && (sort == nil || sort.Returned)
		first, most := scatterRows, scatterRows
		if few {
			first = scatterFirst
		}
		if o.Plain && !few && bd.After == nil {
			e, err := s.inTurn(step)
			if err != nil {
				return err
			}
			src = e.row
			break
		}
		c, err := s.chain(first, most, !few)
		if err != nil {
			return err
		}
		src = c.rest
	}
	terms := 0
	if j.p.Over.Merge {
		terms = rows.All
	}
	j.Rows.From(rows.Finish(l, src, &j.Env, bd, terms, &j.Rows))
	return nil
}

// ordered returns sources with the rows of each partition in the requested order. All of them are asked at once, each for few rows.
func (s *scatter) ordered(bd rows.Bounds) ([]rows.Source, error) {
	most := s.chunk(bd)
	var srcs []rows.Source
	for at := 0; at < len(s.units); at += scatterTrip {
		units := s.units[at:min(at+scatterTrip, len(s.units))]
		for _, u := range units {
			u.most = most
		}
		w, err := s.wave(units)
		if err != nil {
			return nil, err
		}
		w.send()
		s.open = append(s.open, w.jobs...)
		if err := w.finish(); err != nil {
			return nil, err
		}
		for _, sub := range w.jobs {
			srcs = append(srcs, func() ([]any, error) { return s.rowOf(sub) })
		}
	}
	return srcs, nil
}

// chunk returns how many rows, or entries, are asked of each partition at once.
func (s *scatter) chunk(bd rows.Bounds) int64 {
	n := int64(max(scatterFewest, scatterMerged/max(len(s.units), s.parts, 1)))
	if bd.Limit >= 0 {
		n = min(n, bd.Limit+bd.Offset+1)
	}
	return n
}

// inUnit gives the rows of one of several partitions.
func (s *scanner) inUnit(bd rows.Bounds) {
	j := s.j
	if !j.p.Over.Merge {
		j.Rows.From(s.row)
		return
	}
	if bd.Limit >= 0 {
		bd.Limit, bd.Offset = bd.Limit+bd.Offset, 0
	}
	sort := planner.Op[planner.Sort](j.p.Local)
	src := s.row
	if sort.Part > 0 { // the order has the partition
		src = func() ([]any, error) {
			row, err := s.row()
			return withPart(j.p.Local, row, j.unit), err
		}
	}
	j.Rows.From(rows.InOrder(sort, src, &j.Env, bd, s.walked()))
}

// some names a number of partitions.
func some(n int) string { return strconv.Itoa(n) + " partitions" }
