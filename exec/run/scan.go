package run

import (
	"context"

	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// scanner reads the rows of a scan step by step.
type scanner struct {
	walk
	choice  string
	scan    string
	rangeAt string
	cursor  string
	count   int64
	first   bool
	names   *document.Names // of a model whose documents are found by their names
	pages   *pager          // after the first step, where plain commands go on
	pace    *Pacer          // where the time of steps is bounded; else nil
	skip    int64           // rows of OFFSET that are counted by their entries
	flat    []any           // values of the last step, of rows that were not given: unboxed
	cell    document.Row
}

// start starts a ScanStep. Its first step is sent at once, so that a stale plan
// or a refused script is detected before any row is returned.
func (s *scanner) start(j *task, ctx context.Context, step *planner.ScanStep) error {
	*s = scanner{walk: walk{j: j, ctx: ctx, step: step, want: -1}, first: true}
	s.unboxed = j.unit == nil && !step.Count && !step.Exist && !step.Get && len(step.Entry) == 0 && rows.Unboxed(j.p.Local) && j.p.Local.Where == nil
	if j.db.Conn.Pace.Limited() {
		s.pace = j.db.NewPacer()
	}
	l := j.p.Local
	var bd rows.Bounds
	var err error
	if l != nil {
		if bd, err = rows.BoundsOf(l, &j.Env); err != nil {
			return err
		}
		s.prepare(l, bd)
	}
	if step.Bound != nil {
		if done, err := s.undue(bd); done {
			return err
		}
	}
	if step.First != nil {
		if done, err := s.firstRow(bd); done {
			return err
		}
	}
	script, err := s.bind()
	if err != nil {
		return err
	}
	if step.Exist {
		s.want = 1
	}
	if s.want == 0 {
		j.first.finish = func() error { return s.rest(bd) }
		return nil
	}
	if step.Query.ByNames() {
		s.names = document.NewNames(j.db.Conn, step.Query.Model)
		j.first.finish = func() error {
			if err := s.byName(); err != nil {
				return err
			}
			return s.rest(bd)
		}
		return nil
	}
	if s.skips(&bd) || step.Pages && bd.After == nil && (j.db.Conn.Caps.Declared || s.long()) {
		return s.plain(bd)
	}
	s.request()
	cmd := j.command(ctx, script)
	j.first.cmds = append(j.first.cmds, cmd)
	j.first.finish = func() error {
		r, err := j.db.Conn.Received(ctx, script, &j.bound.Args, cmd, cmd.Err())
		switch {
		case err != nil:
		case script.Flat:
			err = s.receiveFlat(r)
		default:
			err = s.receive(r)
		}
		if err != nil {
			return err
		}
		return s.rest(bd)
	}
	return nil
}

// bind computes the arguments of the first step, and returns its script: the one of the flat plan, unless it begins behind a cursor, is
// bounded in time, or has not one range.
func (s *scanner) bind() (*lua.Script, error) {
	if s.choice == "" && s.pace == nil && s.step.Flat != nil {
		flat, err := s.step.Flat.Next()
		if err != nil {
			return nil, PlanError(err, -1)
		}
		if flat != nil {
			sc := flat.Step.(*planner.ScanStep).Script
			if err := s.j.db.Binder.Bind(&s.j.bound, flat, sc, &s.j.Env, s.j.schema); err != nil {
				return nil, err
			}
			if s.j.db.Binder.Fits(&s.j.bound, sc) {
				return sc, nil
			}
		}
	}
	return s.step.Script, s.bindSteps()
}

// bindSteps computes the arguments of the script that runs any step.
func (s *scanner) bindSteps() error {
	j := s.j
	if err := j.db.Binder.Bind(&j.bound, j.p, s.step.Script, &j.Env, j.schema); err != nil {
		return err
	}
	j.bound.Number(plan.RunNow, int64(j.Env.Now))
	return nil
}

// receiveFlat processes the reply of a first step in the flat form.
func (s *scanner) receiveFlat(r script.Reply) error {
	n := int64(len(r)-1) / int64(len(s.step.Script.Outs))
	s.count += n
	s.choice = "1"
	if err := s.decode(r[1:]); err != nil {
		return err
	}
	if s.want >= 0 {
		s.want -= n
	}
	cursor, more := r[0].(string)
	if more = more && s.want != 0; s.step.Pages {
		s.learn(more && n >= plan.FusedRows)
	}
	if !more {
		s.done = true
		return nil
	}
	s.j.progress(s.ctx, s.step.Query.Model, s.count)
	s.scan, s.rangeAt, s.cursor = "1", "1", cursor
	if !s.step.Pages {
		return s.bindSteps()
	}
	var err error
	s.pages, err = newPager(&s.walk, s.rangeAt, s.cursor)
	return err
}

// long reports whether the first step would end before the last row, as it did in the last run. The jobs of a batch begin with the
// script, so that one which changes documents after this one does so after the first rows.
func (s *scanner) long() bool {
	most := s.want
	if s.top > 0 && s.step.Query.Cands[0].Ordered {
		most = s.top
	}
	return s.j.p.Long.Load() && s.j.shared == nil && (most < 0 || most > plan.FusedRows)
}

// learn notes for the next run whether this one is long.
func (s *scanner) learn(long bool) {
	if p := s.j.p; p.Long.Load() != long {
		p.Long.Store(long)
	}
}

// plain reads with plain commands from the start: two round trips, where a script
// would read each document with a command of its own.
func (s *scanner) plain(bd rows.Bounds) (err error) {
	s.choice, s.first = "1", false
	if s.pages, err = newPager(&s.walk, s.rangeAt, s.cursor); err != nil {
		return err
	}
	s.pages.begin()
	if s.pages.skip, s.pages.joins = s.skip, true; s.skip == 0 && !s.long() { // as a first step by the script would
		s.pages.doubts = doubtfulPages
	}
	t := s.pages.prepare()
	s.j.first.cmds = append(s.j.first.cmds, t.cmds...)
	s.j.first.finish = func() error {
		err := s.pages.receive(t)
		s.learn(!s.pages.ended || len(s.pages.page.ids) >= plan.FusedRows)
		for len(s.buf)+len(s.pages.docs)+len(s.pages.entries) == 0 && !s.done && err == nil {
			err = s.pages.next()
		}
		if err != nil {
			return err
		}
		return s.rest(bd)
	}
	return nil
}

// rest sets up the rows after the first step.
func (s *scanner) rest(bd rows.Bounds) error {
	j, l := s.j, s.j.p.Local
	switch {
	case s.step.Count:
		return s.finishCount()
	case s.step.Get:
		return s.finishGet()
	}
	if j.Env.Query = true; j.unit != nil {
		s.inUnit(bd)
		return nil
	}
	if s.unboxed {
		j.Rows.FromCells(s.cells, l)
		j.Rows.Ahead = s.ahead
		return nil
	}
	j.Rows.From(rows.Finish(l, s.row, &j.Env, bd, s.walked(), &j.Rows))
	return nil
}

// walked returns the number of the first terms of the order in which the rows come.
func (s *scanner) walked() int {
	if s.choice == "" {
		return 0
	}
	c := s.step.Query.Cands[atoi(s.choice)-1]
	if c.Ordered {
		return rows.All
	}
	return c.Runs
}

// next runs one step.
func (s *scanner) next() error {
	if s.names != nil {
		return s.byName()
	}
	r, err := s.stepped()
	if err != nil {
		return err
	}
	return s.receive(r)
}

// stepped sends a step.
func (s *scanner) stepped() (script.Reply, error) {
	for {
		s.request()
		if s.pace == nil {
			return s.j.db.Conn.Run(s.ctx, s.step.Script, &s.j.bound.Args)
		}
		if r, again, err := s.pace.Run(s.ctx, s.step.Script, &s.j.bound.Args, s.pace.Rows); !again {
			return r, err
		}
	}
}

// request sets the arguments of the next step.
func (s *scanner) request() {
	limit := int64(1 << 30)
	if s.want >= 0 {
		limit = s.want
	}
	if u := s.j.unit; u != nil && u.most > 0 && (s.first || s.walked() == rows.All) {
		limit = min(limit, u.most)
	}
	if s.first && s.step.Pages && limit > plan.FusedRows {
		limit = plan.FusedRows
	}
	if s.top > 0 && s.top < limit && s.step.Query.Cands[0].Ordered && len(s.step.Query.Cands) == 1 {
		limit = s.top // as a script that knows both would
	}
	s.first = false
	b := &s.j.bound
	b.Reseed()
	if s.scan != "" || s.choice != "" {
		b.Set(plan.RunChoice, s.choice)
		b.Set(plan.RunScan, orOne(s.scan))
		b.Set(plan.RunRange, orZero(s.rangeAt))
		b.Set(plan.RunCursor, s.cursor)
	}
	b.Number(plan.RunLimit, limit)
	if s.pace != nil {
		b.Number(plan.RunChunk, int64(s.pace.Rows))
	}
	weak := s.step.Query.Cands[0].Weak
	if s.top != 0 || weak {
		b.Number(plan.RunTop, s.top)
	}
	if weak { // the next step is for the rest of a run
		s.top = 0
	}
}

// receive processes the reply of a step.
func (s *scanner) receive(r script.Reply) error {
	n := r.Int(1)
	s.count += n
	s.j.prof.step(s.step.Script, s.step.Query, r.List(9), n)
	s.j.warnings(r.List(3))
	s.choice = r.Str(4)
	if err := s.decode(r.List(2)); err != nil {
		return err
	}
	if s.want >= 0 {
		s.want -= n
	}
	if s.names != nil && r.Int(6) == 0 {
		s.done = s.names.Done || s.want == 0
		return nil
	}
	ended := r.Int(6) == 0 || s.want == 0
	pages := s.step.Pages && s.choice == "1"
	if loose := s.step.Query.Cands[0].Loose > 0; pages && loose {
		few := int64(2) // nearly each document has a value of its own
		if s.step.Places != nil {
			few = plan.AloneEntries
		}
		pages = r.Int(5) < few*n
	} else if s.step.Pages {
		s.learn(!ended && n >= plan.FusedRows)
	}
	if ended {
		s.done = true
		return nil
	}
	s.j.progress(s.ctx, s.step.Query.Model, s.count)
	s.scan, s.rangeAt, s.cursor = r.Str(6), r.Str(7), r.Str(8)
	var err error
	if pages {
		s.pages, err = newPager(&s.walk, s.rangeAt, s.cursor)
	}
	return err
}

func orOne(s string) string {
	if s == "" {
		return "1"
	}
	return s
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// finishCount runs all steps and returns the count.
func (s *scanner) finishCount() error {
	for !s.done && !(s.step.Exist && s.count > 0) {
		if err := s.next(); err != nil {
			return err
		}
	}
	if s.step.Exist {
		s.j.Rows.From(rows.One([]any{s.count > 0}))
		return nil
	}
	return s.j.number(s.count)
}

// finishGet checks that every key exists.
func (s *scanner) finishGet() error {
	var found [][]any
	for {
		row, err := s.row()
		if err != nil {
			return err
		}
		if row == nil {
			break
		}
		found = append(found, row)
	}
	if !s.step.Skip {
		x := s.step.Query.Cands[0].Scans[0].Keys
		fn, err := s.j.keyList()
		if err != nil {
			return err
		}
		var gone []string
		at := 0
		for _, k := range fn {
			if at < len(found) {
				if t, _ := ir.KeyText(found[at][0]); t == k {
					at++
					continue
				}
			}
			gone = append(gone, s.j.db.Conn.Keys.Doc(s.step.Query.Model, k))
		}
		if len(gone) > 0 {
			return fail.Missing(gone, x)
		}
	}
	s.j.returned(found)
	return nil
}

// returned gives the documents of a GET.
func (j *task) returned(found [][]any) {
	if j.Env.Query = true; j.unit != nil {
		j.Rows.From(rows.List(found))
		return
	}
	j.Rows.From(rows.Returned(j.p.Local, found, &j.Env, &j.Rows))
}

// keyList computes the keys of a GET.
func (j *task) keyList() ([]string, error) {
	for i := range j.p.Args {
		if a := &j.p.Args[i]; a.Slot.Kind == plan.SlotKeys {
			v, err := a.X(&j.Env)
			texts, _ := keyspace.Texts(v)
			return texts, fail.Value(err)
		}
	}
	return nil, nil
}

// byName runs one step of a read over the names found by SCAN, and scans on when they are used up.
func (s *scanner) byName() error {
	if s.rangeAt == "" {
		ids, err := s.names.Some(s.ctx)
		if err != nil {
			return err
		}
		s.j.db.Binder.SendNames(&s.j.bound, s.step.Query.Model, ids)
	}
	r, err := s.stepped()
	if err != nil {
		return err
	}
	s.rangeAt = ""
	return s.receive(r)
}
