package run

import (
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// Rows whose values are in the entries of an index need no documents, nor do those that OFFSET skips, if each entry is that of a
// document which exists. A listed document has one entry in each index. What a document leaves behind that disappeared without RQL
// stays both in the index and in the set of keys, and EXISTS tells it. If the document is made again under its key, CREATE removes its
// former entry from a small index; in a large one it stays, so the index is longer than the set of keys until it is removed.
//
// So a page of entries is taken as it is if all its documents exist, and both have the same length in front of the entries and behind
// that question. Commands of other clients may come between two lengths; what makes them differ or agree by chance would have to
// happen twice. The entries of a small index, from which CREATE may have removed one meanwhile, are read again behind the question.

const (
	// smallIndex is the length up to which entries are read again: twice that of an index in which CREATE looks for former entries, in
	// leave of lua/scripts/run.lua.
	smallIndex = 2000
	// doubtfulPages is the number of pages in succession after which documents are read for the rest of a run.
	doubtfulPages = 3
)

// listing is a page of entries.
type listing struct {
	ids, found []string // keys of documents, and the entries that gave them; the latter only if they are needed
	words      []any    // of the command that listed them
	sure       bool     // the index was as long as the set of keys
	small      bool     // it was so short that entries may have been removed from it
	skips      bool     // only the number of its rows is asked
}

// witness are the questions of a round trip about the documents of a page, and the lengths in front of the next one.
type witness struct {
	there []*redis.IntCmd
	again redis.Cmder
	cards []*redis.IntCmd // of the index and of the set of keys; none where the scan is of that
}

// asks reports whether the documents of a page are asked for, and not read.
func (p *pager) asks(l *listing) bool {
	return p.doubts < doubtfulPages && (l.skips || p.s.step.Places != nil)
}

// ask begins a round trip that asks for the documents of its page.
func (p *pager) ask(t *pagerTrip) {
	t.cmds = p.read.Exists(p.s.ctx, t.room, p.s.j.db.Conn.Keys, t.page.ids)
	for _, c := range t.cmds {
		t.there = append(t.there, c.(*redis.IntCmd))
	}
	if t.page.small && len(t.page.ids) > 0 {
		t.again = p.read.List(p.s.ctx, t.page.words...)
		t.cmds = append(t.cmds, t.again)
	}
}

// measure asks for the lengths of the index and of the set of keys, unless that is what the scan reads.
func (p *pager) measure(t *pagerTrip) {
	sc := p.s.step.Query.Cands[0].Scans[0]
	if sc.Index == nil {
		return
	}
	ix := redis.NewIntCmd(p.s.ctx, "zcard", p.key)
	ids := redis.NewIntCmd(p.s.ctx, "zcard", p.s.j.db.Conn.Keys.IDs(sc.Model))
	t.cards = []*redis.IntCmd{ix, ids}
	t.cmds = append(t.cmds, ix, ids)
}

// equal reports whether the index is as long as the set of keys, and so short that entries may have been removed from it.
func (w *witness) equal() (sure, small bool) {
	if len(w.cards) == 0 {
		return true, false
	}
	ix, ids := w.cards[0], w.cards[1]
	return ix.Err() == nil && ids.Err() == nil && ix.Val() == ids.Val(), ix.Val() <= smallIndex
}

// certain reports whether each entry of a page is known to be that of a document.
func (p *pager) certain(t *pagerTrip) bool {
	var n int64
	for _, c := range t.there {
		if c.Err() != nil {
			return false
		}
		n += c.Val()
	}
	if sure, small := t.equal(); n != int64(len(t.page.ids)) || !sure || !t.page.sure || small && t.again == nil && len(t.cards) > 0 && n > 0 {
		return false
	}
	if t.again == nil {
		return true
	}
	list, err := p.read.Listed(t.again, nil)
	return err == nil && slices.Equal(list, t.page.found)
}

// witnessed takes the entries of a page as they are, or else reads its documents.
func (p *pager) witnessed(t *pagerTrip) error {
	l := &t.page
	if !p.certain(t) {
		p.doubts++
		return p.documents(t)
	}
	p.doubts = 0
	if !l.skips {
		p.entries = l.found
		return p.take(l, nil)
	}
	n := int64(len(l.ids))
	p.s.j.prof.found(p.s.step.Query, int(n))
	p.skip -= n
	p.s.done = p.ended && len(p.page.ids) == 0
	return nil
}

// documents reads the documents of a page whose entries may not be theirs.
func (p *pager) documents(t *pagerTrip) error {
	j, m, l := p.s.j, p.s.step.Query.Model, t.page
	var rows [][]any
	n := plan.StepRows
	if p.s.unboxed { // its rows are given before others are read
		n = len(l.ids)
	}
	for at := 0; at < len(l.ids); at += n {
		part, to := l, min(at+n, len(l.ids))
		part.ids, part.found = l.ids[at:to], l.found[at:to]
		docs := p.read.Pages(p.s.ctx, t.room, j.db.Conn.Keys, part.ids)
		check := j.db.check(p.s.ctx, j.p, m)
		if err := j.db.Conn.Pipeline(p.s.ctx, append(docs, check)); err != nil {
			return err
		}
		if err := j.current(check, m); err != nil {
			return err
		}
		if err := p.take(&part, docs); err != nil {
			return err
		}
		rows = append(rows, p.s.buf...)
	}
	p.s.buf = rows
	return nil
}

// entry makes the row of the next entry.
func (p *pager) entry() error {
	e := p.entries[0]
	p.entries = p.entries[1:]
	s, rest := p.s.step, e
	width := s.Query.Cands[0].Scans[0].Width()
	var room [4]string
	parts := room[:0]
	for range width {
		part, behind, _ := strings.Cut(rest, "\x00")
		parts, rest = append(parts, part), behind
	}
	p.row.Sized(len(s.Cols))
	for i, at := range s.Places {
		c := &p.row.Cells[i]
		var err error
		switch at {
		case planner.Nowhere:
			*c = codec.Cell{}
		case planner.AtKey:
			err = c.Parse(p.docKeys[len(p.docKeys)-len(p.entries)-1], &s.Cols[i].Type)
		default:
			err = c.ParseMember(parts[at], &s.Cols[i].Type)
		}
		if err != nil {
			return fail.BadValue(p.key, s.Cols[i].Name, e, s.Query.Model)
		}
	}
	return nil
}

// skipped leaves out rows that OFFSET skips.
func (p *pager) skipped(rows [][]any) [][]any {
	n := min(p.skip, int64(len(rows)))
	p.skip -= n
	return rows[n:]
}
