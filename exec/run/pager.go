package run

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// walk is the state of a running scan, by scripts or by plain commands.
type walk struct {
	j    *task
	ctx  context.Context
	step *planner.ScanStep
	want int64 // rows still wanted; -1: all
	top  int64 // rows that ORDER BY … LIMIT keeps; 0: all
	buf  [][]any
	done bool
	// unboxed: the rows are the documents as they are found, so that none is in memory of its own.
	unboxed bool
}

// pager reads the rest of a scan with plain commands: the next keys of the
// index and the documents of the last ones in one round trip.
type pager struct {
	s      *walk
	key    string
	ranges []string
	at     int // range being walked
	cursor string
	rev    bool
	page   listing // whose documents are to be read, or asked for
	ended  bool
	skip   int64 // rows of OFFSET that are still to be skipped
	joins  bool  // the next round trip may be that of other statements too
	doubts int   // pages in succession of which it was not known whether the entries are those of documents
	read   *document.Reader
	row    document.Row
	seen   int64 // documents read
	trips  [2]pagerTrip
	turn   int        // index of the next one
	ahead  *pagerTrip // that was sent while the documents of the one before it are decoded
	// What one round trip read, and what of it was not given yet: where rows are in no memory of their own.
	docs    []redis.Cmder
	entries []string // instead of docs, where they have the rows
	docKeys []string
}

// pagerTrip is a round trip of a pager. There are two, used in turn.
type pagerTrip struct {
	room  *document.Page
	page  listing
	docs  []redis.Cmder // nil: they are asked for
	asked bool
	witness
	list  redis.Cmder // nil: the index has ended
	chunk int         // of entries that it lists
	skips bool        // it lists entries that are skipped
	check *redis.StringSliceCmd
	cmds  []redis.Cmder
	done  chan struct{} // closed when it was carried out; nil unless it was sent ahead
	err   error
}

// newPager returns a pager that continues a walk at the cursor in the range with the number rangeAt.
func newPager(s *walk, rangeAt, cursor string) (*pager, error) {
	sc := s.step.Query.Cands[0].Scans[0]
	ranges, err := s.j.ranges(sc)
	if err != nil {
		return nil, err
	}
	p := &pager{s: s, read: s.j.reader(s.step.Query.Model, s.step.Cols), ranges: ranges, at: atoi(rangeAt) - 1, cursor: cursor, rev: s.step.Query.Cands[0].Rev}
	p.row.Many = true
	for i := range p.trips {
		p.trips[i].room = s.j.db.room()
	}
	s.j.Rows.Closing = p.close
	p.key = s.j.db.Conn.Keys.IDs(sc.Model)
	if sc.Index != nil {
		p.key = s.j.db.Conn.Keys.Index(sc.Model, sc.Index)
	}
	return p, nil
}

// ranges computes the ranges of a scan that the script of the plan gets as an argument.
func (j *task) ranges(sc *plan.Scan) ([]string, error) {
	for i := range j.p.Args {
		if a := &j.p.Args[i]; a.Slot.Kind == plan.SlotRanges && a.Slot.Scan == sc {
			return j.db.Binder.Ranges(a.Scan, &j.Env)
		}
	}
	return nil, nil
}

// begin moves the pager to the start of the index.
func (p *pager) begin() {
	p.at, p.cursor = 0, ""
	if p.rev {
		p.at = len(p.ranges) - 2
	}
	p.ended = len(p.ranges) == 0
}

// chunk returns the number of entries that are requested at once, and whether they are skipped.
func (p *pager) chunk() (n int, skips bool) {
	rest, most := p.skip-int64(len(p.page.ids)), int64(plan.StepEntries)
	if p.doubts >= doubtfulPages {
		most = plan.StepRows
	}
	if rest > 0 {
		return int(min(rest, most)), true
	}
	n = plan.StepRows
	if w := p.s.want; w >= 0 && w < int64(n) {
		n = int(w)
	}
	if top := p.s.top; top > 0 && p.s.step.Query.Cands[0].Ordered && top < int64(n) {
		n = int(top)
	}
	return n, false
}

// lists returns the command that reads the next n entries of the index.
func (p *pager) lists(ctx context.Context, n int) redis.Cmder {
	if p.ended {
		return nil
	}
	lo, hi := p.ranges[p.at], p.ranges[p.at+1]
	if p.rev {
		if p.cursor != "" {
			hi = p.cursor
		}
		return p.read.List(ctx, "zrevrangebylex", p.key, hi, lo, "limit", 0, n)
	}
	if p.cursor != "" {
		lo = p.cursor
	}
	return p.read.List(ctx, "zrangebylex", p.key, lo, hi, "limit", 0, n)
}

// prepare makes the next round trip.
func (p *pager) prepare() *pagerTrip {
	j, m, ctx := p.s.j, p.s.step.Query.Model, p.s.ctx
	t := &p.trips[p.turn]
	p.turn = 1 - p.turn
	*t = pagerTrip{room: t.room, page: p.page, asked: p.asks(&p.page)}
	t.chunk, t.skips = p.chunk()
	if t.asked {
		p.ask(t)
	} else {
		t.cmds = p.read.Pages(ctx, t.room, j.db.Conn.Keys, p.page.ids)
		t.docs = t.cmds
	}
	if t.asked || p.asks(&listing{skips: t.skips}) {
		p.measure(t)
	}
	if t.list = p.lists(ctx, t.chunk); t.list != nil {
		t.cmds = append(t.cmds, t.list)
	}
	if p.joins {
		t.check, t.cmds = j.checking(ctx, m, t.cmds)
	} else {
		t.check = j.db.check(ctx, j.p, m)
		t.cmds = append(t.cmds, t.check)
	}
	p.joins = false
	return t
}

// next performs one round trip, or waits for the one that was sent ahead.
func (p *pager) next() error {
	t := p.ahead
	p.ahead = nil
	if t != nil {
		<-t.done
	} else {
		if err := fail.Ended(p.s.ctx); err != nil {
			return err
		}
		t = p.prepare()
		t.err = p.s.j.db.Conn.Pipeline(p.s.ctx, t.cmds)
	}
	if t.err != nil {
		return t.err
	}
	return p.receive(t)
}

// receive processes the replies of a round trip.
func (p *pager) receive(t *pagerTrip) error {
	s := p.s
	m := s.step.Query.Model
	if err := s.j.current(t.check, m); err != nil {
		return err
	}
	p.page = listing{}
	if t.list != nil {
		var err error
		if t.room.Texts, err = p.read.Listed(t.list, t.room.Texts[:0]); err != nil {
			return conn.DocumentError(err, p.key, nil)
		}
		s.j.prof.page(s.step.Query, len(t.room.Texts))
		p.advance(t)
	}
	p.seen += int64(len(t.page.ids))
	s.j.progress(s.ctx, m, p.seen)
	if len(t.page.ids) > 0 && s.want < 0 && s.top == 0 && p.skip == 0 && s.j.prof == nil && (len(p.page.ids) > 0 || !p.ended) {
		p.sendAhead()
	}
	if t.asked {
		return p.witnessed(t)
	}
	return p.take(&t.page, t.docs)
}

// sendAhead sends the next round trip of a scan that wants all rows, and goes on: the server reads documents while those before
// them are decoded.
func (p *pager) sendAhead() {
	t, c, ctx := p.prepare(), p.s.j.db.Conn, p.s.ctx
	t.done, p.ahead = make(chan struct{}), t
	go func() {
		t.err = c.Pipeline(ctx, t.cmds)
		close(t.done)
	}()
}

// close waits for the round trip that was sent ahead, and gives back the rooms, which only an error keeps from being used again.
func (p *pager) close() {
	if t := p.ahead; t != nil {
		p.ahead = nil
		<-t.done
	}
	for i := range p.trips {
		if t := &p.trips[i]; t.room != nil && t.err == nil {
			p.s.j.db.giveRoom(t.room)
		}
		p.trips[i] = pagerTrip{}
	}
	p.docs, p.entries = nil, nil
}

// advance records the entries that were read and the position after them.
func (p *pager) advance(t *pagerTrip) {
	sc, members := p.s.step.Query.Cands[0].Scans[0], t.room.Texts
	l := listing{ids: slices.Grow(t.room.IDs[:0], len(members)), skips: t.skips}
	keep := len(p.s.step.Entry) > 0
	if p.asks(&l) {
		keep, l.words = true, t.list.Args()
		l.sure, l.small = t.equal()
	}
	for _, x := range members {
		id, err := codec.SplitMemberText(x, sc.Width(), sc.Model.Key.Type)
		if err != nil {
			continue
		}
		if l.ids = append(l.ids, id); keep {
			l.found = append(l.found, x)
		}
	}
	t.room.IDs, p.page = l.ids, l // whose documents the other one reads
	if n := t.chunk; len(members) == n {
		p.cursor = "(" + members[n-1]
		return
	}
	p.cursor = ""
	step := 2
	if p.rev {
		step = -2
	}
	p.at += step
	if p.at < 0 || p.at >= len(p.ranges) {
		p.ended = true
	}
}

// has reports whether a document still has the entry by which it was found.
func (w *walk) has(row []any, entry string) (bool, error) {
	for _, c := range w.step.Entry {
		i := slices.Index(w.step.Cols, c)
		e, err := codec.Member(row[i], c.Type)
		if err != nil {
			return false, fail.Value(err)
		}
		rest, ok := strings.CutPrefix(entry, e+"\x00")
		if !ok {
			return false, nil
		}
		entry = rest
	}
	return true, nil
}

// still reports whether a document that was read matches, and has the entry by which it was found; "" if that need not be compared.
func (w *walk) still(row []any, entry string) (bool, error) {
	if l := w.j.p.Local; l.Where != nil {
		w.j.Env.Row = row
		if ok, err := l.Where(&w.j.Env); err != nil || !ok {
			return false, fail.Value(err)
		}
	}
	if entry == "" {
		return true, nil
	}
	return w.has(row, entry)
}

// document decodes the next document of the last round trip, or the next entry, and says which of them it is; -1: there is none left.
func (p *pager) document() (int, error) {
	s := p.s
	m := s.step.Query.Model
	if n := len(p.entries); n > 0 {
		s.j.prof.found(s.step.Query, 1)
		return len(p.docKeys) - n, p.entry()
	}
	for i := len(p.docKeys) - len(p.docs); len(p.docs) > 0; i++ {
		cmd := p.docs[0]
		p.docs = p.docs[1:]
		there, err := p.read.Take(cmd, &p.row)
		if err != nil {
			return -1, conn.DocumentError(err, s.j.db.Conn.Keys.Doc(m, p.docKeys[i]), nil)
		}
		if there {
			s.j.prof.took(&p.row)
			s.j.prof.found(s.step.Query, 1)
			return i, p.read.Decode(s.j.db.Conn.Keys, p.docKeys[i], &p.row, &s.j.Rows)
		}
	}
	return -1, nil
}

// take gives the rows of a page: those of its entries, or else of its documents. One that is gone, matches no more or has another entry
// is left out.
func (p *pager) take(l *listing, docs []redis.Cmder) error {
	s := p.s
	if p.docs, p.docKeys = docs, l.ids; s.unboxed {
		s.done = p.ended && len(p.page.ids) == 0
		return nil
	}
	known := len(p.entries) > 0
	s.buf = make([][]any, 0, len(l.ids))
	for {
		i, err := p.document()
		if err != nil {
			return err
		}
		if i < 0 {
			break
		}
		row := p.row.Values()
		entry := ""
		if len(s.step.Entry) > 0 {
			entry = l.found[i]
		}
		if !known {
			if ok, err := s.still(row, entry); err != nil {
				return err
			} else if !ok {
				continue
			}
		}
		s.buf = append(s.buf, row)
	}
	if p.skip > 0 {
		s.buf = p.skipped(s.buf)
	}
	if s.want >= 0 {
		s.want -= int64(len(s.buf))
	}
	if p.ended && len(p.page.ids) == 0 {
		s.done = true
	}
	return nil
}
