package run

import (
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// Search groups by a hash of the values, computes with doubles, and reads a document by its key up to a NUL. So what it computes is taken only if
// its reply proves that Go would compute the same of the documents; otherwise these are read.

// pushed is what Search computes of all documents that match.
type pushed struct {
	on     bool        // it may be asked for
	groups rows.Source // the values of GROUP BY and the aggregates of each group; nil: it was not asked for, or proves nothing
	note   string      // of the profile
}

// readsAfterUnproved is how many runs of a plan read the documents after one in which Search proved nothing.
const readsAfterUnproved = 16

// pushes reports whether Search may compute: it finds exactly the documents that match, and few enough are wanted of them.
func (s *searcher) pushes() bool {
	switch {
	case !s.q.Exact:
		return false
	case s.step.Groups != nil:
		return true
	}
	first := s.first()
	return s.step.First != nil && s.bd.Limit > 0 && first > 0 && first < plan.SearchPage
}

// first returns how many documents in the order are needed up to the limit.
func (s *searcher) first() int64 { return s.bd.Limit + s.bd.Offset }

// pushing returns the command that lets Search compute.
func (s *searcher) pushing() *redis.Cmd {
	count := s.words(s.q, "ft.search", "limit", 0, 0)
	if s.cuts() {
		count = s.words(s.q, "ft.search", "nocontent", "scorer", "DOCSCORE", "limit", 0, plan.SearchMost)
	}
	var compute []any
	if s.step.Groups != nil {
		compute = s.words(s.q, "ft.aggregate", s.grouping()...)
	} else {
		compute = s.words(s.q, "ft.search", append(s.returned(), s.sorting()...)...)
	}
	return s.in.Conn.SearchExact(s.ctx, s.in.Conn.SearchKeys(s.step.Model), plan.SearchMost, count, compute)
}

// cuts reports whether the key of a document may have a NUL, so that the names of all are looked at.
func (s *searcher) cuts() bool {
	switch s.step.Model.Key.Type.Repr() {
	case lang.ReprInt, lang.ReprLong:
		return false
	}
	return true
}

// takePushed receives what Search computed. If it proves nothing, the documents are read.
func (s *searcher) takePushed(cmd *redis.Cmd) error {
	err := cmd.Err()
	if err != nil && (conn.IsConnection(err) || ft.NoIndex(err)) {
		return s.failed(cmd)
	}
	p := s.j.p
	s.push.on, s.phase, s.limit = false, phasePage, plan.SearchPage
	s.seen, s.buf = nil, nil
	if err != nil {
		s.unproved(err.Error())
		return nil
	}
	reply, _ := cmd.Val().([]any)
	if len(reply) == 0 {
		s.unproved("the reply is no list")
		return nil
	}
	n, _ := reply[0].(int64)
	p.Long.Store(n > plan.SearchPage && n <= plan.SearchMost)
	switch {
	case n > plan.SearchMost:
		return nil
	case len(reply) < 3:
		s.unproved("the key of a document has a NUL")
		return nil
	case s.cuts() && reply[1] != n:
		s.unproved("fewer keys came than documents match")
		return nil
	}
	var why string
	if s.step.Groups != nil {
		var list [][]any
		list, why = s.formed(n, reply[2])
		s.push.groups, s.push.note = rows.List(list), ", which formed the groups"
	} else {
		if why, err = s.sorted(n, reply[2]); err != nil {
			return err
		}
		s.push.note = ", which sorted the documents"
	}
	if why != "" {
		s.unproved(why)
		return nil
	}
	s.phase = phaseEnd
	return nil
}

// unproved leaves to Go what Search was to compute, also in the next runs.
func (s *searcher) unproved(why string) {
	s.push.groups, s.push.note, s.seen, s.buf = nil, "", nil, nil
	s.j.p.Ended.Store(readsAfterUnproved)
	s.note("the documents are read, because what Search computed is not proved: " + why)
}

// grouping returns the arguments of FT.AGGREGATE that form the groups. Fields are loaded as text; of each that the groups are by the first and the
// last text are asked for, of each that is added up how many have it, the least and the greatest number.
func (s *searcher) grouping() []any {
	g := s.step.Groups
	load, by := []any{"load", 0}, []any{"groupby", len(g.By)}
	var there []any // whether a document has a field
	reduce := []any{"reduce", "count", 0, "as", "n"}
	seen := map[int]bool{}
	add := func(i int) (name string) {
		if name = "c" + strconv.Itoa(i); !seen[i] {
			load = append(load, s.step.Cols[i].Place(), "as", name)
		}
		seen[i] = true
		return name
	}
	for _, i := range g.By {
		c := "@" + add(i)
		by = append(by, c)
		reduce = append(reduce, "reduce", "first_value", 4, c, "by", c, "asc", "as", "a"+c[2:],
			"reduce", "first_value", 4, c, "by", c, "desc", "as", "z"+c[2:])
	}
	summed := map[int]bool{}
	for _, i := range g.Of {
		if i < 0 || summed[i] {
			continue
		}
		c := "@" + add(i)
		there = append(there, "apply", "exists("+c+")", "as", "e"+c[2:])
		reduce = append(reduce, "reduce", "sum", 1, "@e"+c[2:], "as", "t"+c[2:],
			"reduce", "sum", 1, c, "as", "s"+c[2:], "reduce", "min", 1, c, "as", "l"+c[2:], "reduce", "max", 1, c, "as", "g"+c[2:])
		summed[i] = true
	}
	if load[1] = len(load) - 2; len(load) == 2 {
		load = nil
	}
	return slices.Concat(load, there, by, reduce)
}

// sorting returns the arguments of FT.SEARCH that ask for the first documents, and one more, which shows whether the last place is tied.
func (s *searcher) sorting() []any {
	f, dir := s.step.First, "asc"
	if f.Desc {
		dir = "desc"
	}
	return []any{"sortby", f.Field.Attr, dir, "limit", 0, s.first() + 1}
}

// sorted takes the first of n documents, in any order among those with the same value. why says why a reply does not prove them.
func (s *searcher) sorted(n int64, reply any) (why string, err error) {
	r, err := ft.ReadReply(reply)
	if err != nil {
		return err.Error(), nil
	}
	most := s.first() + 1
	if r.Total != n || int64(len(r.Rows)) != min(n, most) {
		return "other documents came than match", nil
	}
	for i := range r.Rows {
		if r.Rows[i].Fields == nil {
			return "a document is gone", nil
		}
	}
	if err := s.take(r.Rows); err != nil {
		return "", err
	}
	if len(s.buf) != len(r.Rows) {
		return "a document does not match", nil
	}
	f := s.step.First
	for i := 1; i < len(s.buf); i++ {
		c := codec.Compare(s.buf[i-1][f.At], s.buf[i][f.At])
		if f.Desc {
			c = -c
		}
		switch last := i == len(s.buf)-1 && n > most; {
		case c > 0:
			return "the documents are in another order", nil
		case c == 0 && last:
			return "others have the value of the last document", nil
		}
	}
	return "", nil
}

// formed returns the groups of n documents, or why a reply does not prove them.
func (s *searcher) formed(n int64, reply any) (list [][]any, why string) {
	r, err := ft.ReadReply(reply)
	if err != nil {
		return nil, err.Error()
	}
	g := s.step.Groups
	aggs := planner.Op[planner.Formed](g.Local).Aggregate.Aggregate.Aggs
	for i := range r.Rows {
		row := groupReply{}
		if f := r.Rows[i].Fields; f != nil {
			f.Each(func(name string, v any) {
				if text, ok := v.(string); ok {
					row[name] = text
				}
			})
		}
		x := proof{row: row}
		count := x.number("n")
		n -= count
		vals := make([]any, 0, len(g.By)+len(aggs))
		for _, i := range g.By {
			vals = append(vals, x.value(i, s.step.Cols[i]))
		}
		for k, i := range g.Of {
			vals = append(vals, x.aggregate(&aggs[k], i, count))
		}
		if x.why != "" {
			return nil, x.why
		}
		list = append(list, vals)
	}
	if n != 0 {
		return nil, "the groups have not all of the documents"
	}
	if len(list) == 0 && len(g.By) == 0 { // there is one group in any case
		vals := make([]any, len(aggs))
		for k := range aggs {
			if vals[k], err = eval.Known(aggs[k].Fn, aggs[k].T, 0, 0, 0, 0); err != nil {
				return nil, err.Error()
			}
		}
		list = append(list, vals)
	}
	return list, ""
}

// groupReply is what Search returns of a group.
type groupReply map[string]string

// proof takes values from what Search returns of a group.
type proof struct {
	row groupReply
	why string // it proves nothing
}

// number returns a number of the group.
func (p *proof) number(name string) int64 {
	text := p.row[name]
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text || n > lang.MaxInt || n < -lang.MaxInt {
		p.why = "a number is not exact"
	}
	return n
}

// value returns the value of a column that all documents of the group have.
func (p *proof) value(i int, c *ir.Column) any {
	at := strconv.Itoa(i)
	text, ok := p.row["c"+at]
	switch {
	case !ok || p.row["a"+at] != text || p.row["z"+at] != text || strings.Contains(text, "\x00"):
		p.why = "a group may have several values of " + c.Name
		return nil
	case c.Type.Repr() == lang.ReprInt || c.Type.Repr() == lang.ReprLong:
		if n, err := strconv.ParseInt(text, 10, 64); err != nil || strconv.FormatInt(n, 10) != text {
			p.why = "a number is not exact"
			return nil
		}
	}
	v, err := document.StoredIn(c, text)
	if err != nil {
		p.why = err.Error()
	}
	return v
}

// aggregate returns an aggregate of n documents. Search adds doubles: no sum of some of the values is beyond what they hold exactly.
func (p *proof) aggregate(a *ir.Agg, i int, n int64) any {
	var sum, least, greatest int64
	if i >= 0 {
		at := strconv.Itoa(i)
		if least, greatest = p.number("l"+at), p.number("g"+at); p.number("t"+at) != n {
			p.why = "a document lacks a field"
		}
		if a.Fn == "sum" || a.Fn == "avg" {
			if sum = p.number("s" + at); max(greatest, -least) > lang.MaxInt/max(n, 1) {
				p.why = "a sum may not be exact"
			}
		}
	}
	v, err := eval.Known(a.Fn, a.T, n, sum, least, greatest)
	if err != nil {
		p.why = err.Error()
	}
	return v
}
