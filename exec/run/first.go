package run

import (
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang/codec"
)

// The least or greatest value of a field is that of the first entry of an index, if its document exists and has the value. Which
// document that is, is not known before the entry is read; but mostly it is the same as in the last run of the plan. So that one is
// read in the same round trip, by plain commands. If the entry turns out to be that of another one, the script reads the first row.

// scriptsAfterOther is how many runs of a plan begin with the script after one that needed it, because the next one may find another
// document again.
const scriptsAfterOther = 16

// firstRow prepares the round trip of plain commands. done is false if the script is to be sent.
func (s *scanner) firstRow(bd rows.Bounds) (done bool, err error) {
	j, f := s.j, s.step.First
	if j.ordered() || fewer(&j.p.Ended) {
		return false, nil
	}
	sc, m := f.Cand.Scans[0], s.step.Query.Model
	ranges, err := j.ranges(sc)
	if err != nil || len(ranges) != 2 {
		return err != nil, err
	}
	read, key := j.reader(m, s.step.Cols), j.db.scanned(sc)
	words := []any{"zrangebylex", key, ranges[0], ranges[1], "limit", 0, 1}
	if f.Cand.Rev {
		words[0], words[2], words[3] = "zrevrangebylex", ranges[1], ranges[0]
	}
	list := read.List(s.ctx, words...)
	cmds, before := append(j.first.cmds, list), f.ID.Load()
	if before != nil {
		cmds = read.Cmds(s.ctx, &document.Page{}, cmds, []string{j.db.Conn.Keys.Doc(m, *before)})
	}
	doc := cmds[len(cmds)-1] // the list, if there is none
	check, cmds := j.checking(s.ctx, m, cmds)
	j.first.cmds = cmds
	j.first.finish = func() error {
		if err := j.current(check, m); err != nil {
			return err
		}
		found, err := read.Listed(list, nil)
		if err != nil {
			return conn.DocumentError(err, key, nil)
		}
		if s.done = len(found) == 0; !s.done {
			id, err := codec.SplitMemberText(found[0], sc.Width(), m.Key.Type)
			switch {
			case err != nil: // other programs wrote it, and the script leaves it out
			case before == nil || *before != id:
				f.ID.Store(&id)
			default:
				if s.done, err = s.reads(read, doc, id, found[0]); err != nil {
					return err
				}
			}
		}
		if s.done {
			s.choice = strconv.Itoa(1 + slices.Index(s.step.Query.Cands, f.Cand)) // which has the order
			return s.rest(bd)
		}
		if before != nil {
			j.p.Ended.Store(scriptsAfterOther)
		}
		if err := s.bindSteps(); err != nil {
			return err
		}
		if err := s.next(); err != nil {
			return err
		}
		return s.rest(bd)
	}
	return true, nil
}

// reads makes a document that was read the only row. It returns false if the document is gone, or does not have the entry.
func (s *scanner) reads(read *document.Reader, doc redis.Cmder, id, entry string) (bool, error) {
	keys, m := s.j.db.Conn.Keys, s.step.Query.Model
	var row document.Row
	if there, err := read.Take(doc, &row); err != nil {
		return false, conn.DocumentError(err, keys.Doc(m, id), nil)
	} else if !there {
		return false, nil
	}
	if err := read.Decode(keys, id, &row, &s.j.Rows); err != nil {
		return false, err
	}
	if len(s.step.Entry) == 0 {
		entry = ""
	}
	vals := row.Values()
	ok, err := s.still(vals, entry)
	if ok {
		s.buf = [][]any{vals}
	}
	return ok, err
}
