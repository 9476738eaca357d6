package run

import (
	"container/heap"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// entries gives the documents of several partitions in the order of an index: it merges the entries of all of them, of which it has
// a few of each in memory, and reads the documents of those that come first.
type entries struct {
	walk
	s     *scatter
	sc    *plan.Scan
	read  *document.Reader
	room  [2]document.Page // of the rows that are given, and of those that are being read
	row1  document.Row
	rev   bool
	whole bool // entries of different partitions are never equal in what the order asks for, which includes the key
	turns bool // in no order: those of one partition behind those of another
	chunk int64
	left  int64 // rows still wanted; -1: all
	heads entryHeap
	few   []*entryList // those that need more entries before the merge goes on
	known *known       // with the first entries, what was added to the register is read
	add   func(*unit)  // adds a partition that was not known
	begun bool         // entries were read
	sure  bool         // the catalog was asked behind the last entries
	pages int          // how many were read, or are
	ahead *entryPage   // that is read while rows are given; nil: none is
}

// entryList are the next entries of a partition.
type entryList struct {
	u      *unit
	key    string
	ranges []string
	at     int // the range being read
	cursor string
	buf    []string
	ended  bool
	order  string // of the first entry: what is compared before the partition
}

// winner is an entry whose document is read.
type winner struct {
	u         *unit
	id, entry string
}

// entryPage is a round trip that reads documents, and more entries.
type entryPage struct {
	first    []winner // whose documents are read
	names    []string
	docs     []redis.Cmder
	more     []*entryList // of which more entries are read; merged of these were not in the heap
	merged   int
	lists    []redis.Cmder
	listing  *redis.StringSliceCmd
	confirms bool          // the catalog is asked behind it
	done     chan struct{} // closed when it was carried out; nil: it was not sent ahead
	err      error
}

// entries begins with the first entries of each partition.
func (s *scatter) entries(step *planner.ScanStep, bd rows.Bounds) (*entries, error) {
	j := s.j
	c := step.Query.Cands[0]
	e := &entries{walk: walk{j: &j.task, ctx: s.ctx, step: step, want: -1}, s: s, sc: c.Scans[0], rev: c.Rev, chunk: s.chunk(bd), left: -1}
	e.read, e.row1.Many = j.reader(step.Query.Model, step.Cols), true
	if bd.Limit >= 0 {
		e.left = bd.Limit + bd.Offset + 1 // the one behind the last says whether there are more
	}
	sort := planner.Op[planner.Sort](j.p.Local)
	e.whole = sort.Part == 0 || len(sort.Terms) > e.sc.Width()-c.Lead
	e.heads.e = e
	ranges, err := e.bind()
	if err != nil {
		return nil, err
	}
	if s.lists {
		k, fresh, err := s.knows()
		switch {
		case err != nil:
			return nil, err
		case k.size > 0:
			if s.units = k.units; !fresh {
				e.known = k
				s.j.wide(len(k.units))
			}
		case k.many && len(ranges) == 2 && bd.After == nil:
			if err := e.listed(ranges); err != nil {
				return nil, err
			}
			heap.Init(&e.heads)
			e.chunk = s.chunk(bd)
			return e, e.begin()
		default:
			if err := s.list(); err != nil {
				return nil, err
			}
		}
		e.chunk = s.chunk(bd)
	}
	for _, u := range s.units {
		if len(ranges) == 0 {
			break
		}
		e.few = append(e.few, e.of(u, ranges, bd, c))
	}
	e.add = func(u *unit) {
		if len(ranges) > 0 {
			e.few = append(e.few, e.of(u, ranges, bd, c))
		}
	}
	return e, e.begin()
}

// inTurn begins with the first entries of each partition, where no order is wanted.
func (s *scatter) inTurn(step *planner.ScanStep) (*entries, error) {
	j, bd := s.j, rows.Bounds{Limit: -1}
	c := step.Query.Cands[0]
	e := &entries{walk: walk{j: &j.task, ctx: s.ctx, step: step, want: -1}, s: s, sc: c.Scans[0], rev: c.Rev, turns: true, chunk: s.chunk(bd), left: -1}
	e.read, e.row1.Many = j.reader(step.Query.Model, step.Cols), true
	e.heads.e, s.turns = e, e
	ranges, err := e.bind()
	for _, u := range s.units {
		if len(ranges) > 0 {
			e.few = append(e.few, e.of(u, ranges, bd, c))
		}
	}
	if err == nil {
		err = e.begin()
	}
	return e, err
}

// bind returns the ranges of the index.
func (e *entries) bind() ([]string, error) {
	j := e.j
	if err := j.db.Binder.Bind(&j.bound, j.p, e.step.Script, &j.Env, j.schema); err != nil { // its arguments may have faults
		return nil, err
	}
	return j.ranges(e.sc)
}

// of returns the list of a partition, of which nothing was read.
func (e *entries) of(u *unit, ranges []string, bd rows.Bounds, c *plan.Candidate) *entryList {
	l := &entryList{u: u, key: u.db.scanned(e.sc), ranges: ranges}
	if bd.After != nil {
		if from, ok := e.j.from(c, bd.After, u); ok {
			l.ranges = behind(ranges, from, e.rev)
		}
	}
	if e.rev {
		l.at = len(ranges) - 2
	}
	return l
}

// begin reads the first entries, and the documents of those that come first.
func (e *entries) begin() error {
	for e.known != nil || len(e.few) > 0 {
		if err := e.next(); err != nil {
			return err
		}
	}
	if len(e.heads.of) > 0 {
		return e.next()
	}
	e.sure = true
	return e.s.current()
}

// behind cuts off what is before a bound from ranges.
func behind(ranges []string, bound string, rev bool) []string {
	out := slices.Clone(ranges)
	for i := 0; i+1 < len(out); i += 2 {
		switch lo, hi := &out[i], &out[i+1]; {
		case rev && (bound[1:] < (*hi)[1:] || bound[1:] == (*hi)[1:] && bound[0] == '('):
			*hi = bound
		case !rev && (bound[1:] > (*lo)[1:] || bound[1:] == (*lo)[1:] && bound[0] == '('):
			*lo = bound
		}
	}
	return out
}

// row gives the next row.
func (e *entries) row() ([]any, error) {
	for {
		if len(e.buf) > 0 {
			row := e.buf[0]
			e.buf = e.buf[1:]
			if e.turns && e.ahead == nil && len(e.few)+len(e.heads.of) > 0 {
				e.sendAhead()
			}
			return row, nil
		}
		end := e.ahead == nil && len(e.few) == 0 && len(e.heads.of) == 0
		if e.left == 0 || end && e.sure {
			return nil, nil
		}
		next := e.next
		if end {
			e.sure, next = true, e.s.current
		}
		if err := next(); err != nil {
			if err == fail.ErrStale {
				err = fail.ChangedMeanwhile()
			}
			return nil, err
		}
	}
}

// next reads the documents of the entries that come first, and more entries, in one round trip.
func (e *entries) next() error {
	if err := fail.Ended(e.ctx); err != nil {
		return err
	}
	p := e.ahead
	if e.ahead = nil; p == nil {
		p = e.page()
		p.err = e.carryOut(p)
	} else {
		<-p.done
	}
	if p.err != nil {
		return p.err
	}
	return e.received(p)
}

// sendAhead reads what comes next while rows are given.
func (e *entries) sendAhead() {
	p := e.page()
	p.done, e.ahead = make(chan struct{}), p
	go func() {
		p.err = e.carryOut(p)
		close(p.done)
	}()
}

// first takes the entries that come first: as many as rows are wanted, up to a page, or until a partition has no more of them here.
func (e *entries) first() []winner {
	var list []winner
	most := plan.StepRows
	if e.left >= 0 && e.left < int64(most) {
		most = int(e.left)
	}
	for len(list) < most && len(e.heads.of) > 0 {
		l := e.heads.of[0]
		entry := l.buf[0]
		l.buf = l.buf[1:]
		if id, err := codec.SplitMemberText(entry, e.sc.Width(), e.sc.Model.Key.Type); err == nil {
			list = append(list, winner{l.u, id, entry})
		}
		switch {
		case len(l.buf) > 0:
			e.head(l)
			heap.Fix(&e.heads, 0)
		case l.ended:
			heap.Pop(&e.heads)
		default:
			heap.Pop(&e.heads)
			if e.few = append(e.few, l); !e.turns {
				return list
			}
		}
	}
	return list
}

// list returns the command that reads the next entries of a partition.
func (e *entries) list(l *entryList) redis.Cmder {
	lo, hi := l.ranges[l.at], l.ranges[l.at+1]
	if e.rev {
		if l.cursor != "" {
			hi = l.cursor
		}
		return e.read.List(e.ctx, "zrevrangebylex", l.key, hi, lo, "limit", 0, e.chunk)
	}
	if l.cursor != "" {
		lo = l.cursor
	}
	return e.read.List(e.ctx, "zrangebylex", l.key, lo, hi, "limit", 0, e.chunk)
}

// took records entries that were read.
func (e *entries) took(l *entryList, found []string) {
	if int64(len(found)) == e.chunk {
		l.cursor = "(" + found[len(found)-1]
	} else {
		l.cursor = ""
		if e.rev {
			l.at -= 2
		} else {
			l.at += 2
		}
		l.ended = l.at < 0 || l.at >= len(l.ranges)
	}
	l.buf = append(l.buf, found...)
}

// page returns the next page, which is to be carried out.
func (e *entries) page() *entryPage {
	p := &entryPage{}
	if len(e.few) == 0 || e.turns {
		p.first = e.first()
	}
	p.names = e.named(p.first)
	e.pages++
	p.docs = e.read.Cmds(e.ctx, &e.room[e.pages%2], nil, p.names)
	p.more, p.merged = slices.Clone(e.few), len(e.few)
	if e.few = nil; len(p.more) > 0 && len(p.first) > 0 { // others will need them soon
		for _, l := range e.heads.of {
			if !l.ended && int64(len(l.buf)) <= e.chunk/2 {
				p.more = append(p.more, l)
			}
		}
	}
	p.lists = make([]redis.Cmder, len(p.more))
	for i, l := range p.more {
		p.lists[i] = e.list(l)
	}
	return p
}

// named returns the names of documents; those of a partition that follow each other share memory.
func (e *entries) named(list []winner) []string {
	names, ids := make([]string, 0, len(list)), make([]string, 0, len(list))
	for i, w := range list {
		ids = append(ids, w.id)
		if i+1 == len(list) || list[i+1].u != w.u {
			names = w.u.db.Conn.Keys.AppendNames(names, e.sc.Model, ids)
			ids = ids[:0]
		}
	}
	return names
}

// carryOut sends the commands of a page.
func (e *entries) carryOut(p *entryPage) error {
	cmds := slices.Concat(p.docs, p.lists)
	if e.known != nil {
		p.listing = e.known.listing(e.ctx, e.j.db)
		cmds = append(cmds, p.listing)
	}
	var of []*unit
	if e.j.db.Conn.FromReplica() {
		for _, w := range p.first {
			of = append(of, w.u)
		}
		for _, l := range p.more {
			of = append(of, l.u)
		}
	}
	p.confirms = of == nil && e.begun
	return e.send(cmds, of)
}

// received reads the replies of a page.
func (e *entries) received(p *entryPage) error {
	e.sure = len(p.more) == 0 || p.confirms
	if e.known != nil {
		added, err := e.s.news(e.known, p.listing)
		if err != nil {
			return err
		}
		e.known = nil
		for _, u := range added {
			e.add(u)
		}
	}
	for i, l := range p.more {
		found, err := e.read.Listed(p.lists[i], nil)
		if err != nil {
			return failed(l.u, conn.DocumentError(err, l.key, nil))
		}
		e.j.prof.page(e.step.Query, len(found))
		e.took(l, found)
		if i >= p.merged {
			continue // it is in the heap
		}
		switch {
		case len(l.buf) > 0:
			e.head(l)
			heap.Push(&e.heads, l)
		case !l.ended:
			e.few = append(e.few, l)
		}
	}
	return e.documents(p.first, p.names, p.docs)
}

// send carries out commands in round trips of at most scatterTrip, two at a time. Behind those of a round trip, each node is asked for the
// version of the model: see confirmed. That also says that what was read in an earlier one is valid, so the first entries are not asked
// behind. Replicas that a statement reads are behind by different times, so of all buckets that it reads there the copy of the catalog is
// compared: of is the partition of each command then.
func (e *entries) send(cmds []redis.Cmder, of []*unit) error {
	type trip struct {
		checks confirm
		done   chan error
	}
	var under []*trip
	end := func(n int) (err error) {
		for len(under) > n {
			t := under[0]
			under = under[1:]
			if x := <-t.done; x != nil && err == nil {
				err = x
			}
			if err == nil {
				err = t.checks.current()
			}
		}
		return err
	}
	for at := 0; at < len(cmds); at += scatterTrip {
		t, to := &trip{checks: confirm{s: e.s}, done: make(chan error, 1)}, min(at+scatterTrip, len(cmds))
		for i := at; i < min(to, len(of)); i++ {
			t.checks.check(of[i].db)
		}
		part := append(slices.Clone(cmds[at:to]), t.checks.cmds.Cmds()...)
		if of == nil && e.begun {
			part = t.checks.behind(part)
		} else if at == 0 && e.begun {
			t.checks.check(e.s.j.db)
		}
		c, ctx := e.j.db.Conn, e.ctx
		if under = append(under, t); len(cmds) <= scatterTrip {
			t.done <- c.Scatter(ctx, part)
		} else {
			go func() { t.done <- c.Scatter(ctx, part) }()
		}
		if err := end(1); err != nil {
			_ = end(0)
			return err
		}
	}
	e.begun = true
	return end(0)
}

// documents decodes the documents that were read. One that is gone, matches no more or has another entry is left out.
func (e *entries) documents(first []winner, names []string, docs []redis.Cmder) error {
	for i, w := range first {
		there, err := e.read.Take(docs[i], &e.row1)
		if err != nil {
			return failed(w.u, conn.DocumentError(err, names[i], nil))
		}
		if !there {
			continue
		}
		e.j.prof.took(&e.row1)
		e.j.prof.found(e.step.Query, 1)
		if err := e.read.Decode(w.u.db.Conn.Keys, w.id, &e.row1, &e.j.Rows); err != nil {
			return failed(w.u, err)
		}
		row := e.row1.Values()
		if ok, err := e.still(row, w.entry); err != nil {
			return err
		} else if !ok {
			continue
		}
		e.buf = append(e.buf, withPart(e.j.p.Local, row, w.u))
		if e.left > 0 {
			e.left--
		}
	}
	return nil
}
