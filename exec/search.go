package exec

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
	"github.com/rql-lang/rql/search"
)

// searcher reads the documents that a search finds. Only one reply can be
// believed, for the next may be about other documents: each of these is a new
// search, and the last one made must hold all that it counted.
//
//   - a sample (FT.AGGREGATE … LIMIT), where a few of them are enough, for Search then stops early;
//   - a first page (FT.SEARCH), which tells how many there are and how large;
//   - all of them in one more reply, where they fit;
//   - else their names (NOCONTENT) in one reply, and the documents by plain commands, page by page.
//
// All that is decided before the first row is given.
type searcher struct {
	j       *job
	ctx     context.Context
	step    *planner.SearchStep
	q       *search.Rendered
	bd      rows.Bounds
	members *codec.Members // of documents stored as JSON
	plain   map[string]int // columns by their names, where FT.SEARCH gives whole documents
	named   map[string]int // columns by the names that they are given
	want    int64          // documents wanted; -1: all
	limit   int64          // of the search that is made next
	found   int64          // how many there are, as the last reply said
	size    int            // bytes of a document, about
	short   int            // replies that named fewer than they counted
	phase   phase
	seen    map[string]bool // keys of the documents that came
	ids     []string        // keys of the documents still to be read
	reader  *document.Reader
	count   int64
	buf     [][]any
}

// phase is what a searcher does next.
type phase int

const (
	phaseSample phase = iota
	phasePage
	phaseRest
	phaseNames
	phaseDocs
	phaseEnd
)

// search starts a SearchStep.
func (j *job) search(ctx context.Context, step *planner.SearchStep) error {
	s := &searcher{j: j, ctx: ctx, step: step, want: -1, limit: plan.SearchPage, phase: phasePage}
	if err := s.render(); err != nil {
		return err
	}
	if step.Native != nil && !step.Doubt && s.q.All && !s.q.Exact {
		s.note("RQL's own indexes were taken: the values bound nothing in Search")
		return j.scan(ctx, step.Native)
	}
	if err := s.prepare(); err != nil {
		return err
	}
	check := j.e.catalog.VersionCmd(ctx, step.Model.Name)
	j.trip.cmds = append(j.trip.cmds, check)
	if step.Doubt {
		info := ft.Info(ctx, s.name())
		j.trip.cmds = append(j.trip.cmds, info)
		defer s.doubt(check, info)
	}
	return s.start(check)
}

// start prepares the first trip.
func (s *searcher) start(check *redis.SliceCmd) error {
	j, step := s.j, s.step
	var first *redis.Cmd
	switch c := step.Choice; {
	case s.phase == phaseEnd:
	case step.Near != nil:
		return s.nearest(check)
	case c != nil && len(c.Narrow) > 0:
		return s.ask(check)
	case s.totals():
		first = s.command("ft.search", "limit", 0, 0)
	case s.walks():
		return s.compare(check)
	default:
		first = s.request()
	}
	if first != nil {
		j.trip.cmds = append(j.trip.cmds, first)
	}
	j.trip.finish = func() error {
		if err := j.current(check, step.Model); err != nil {
			return err
		}
		return s.begun(first)
	}
	return nil
}

// prepare computes how many documents are wanted.
func (s *searcher) prepare() error {
	j, m := s.j, s.step.Model
	if l := j.p.Local; l != nil {
		var err error
		if s.bd, err = rows.BoundsOf(l, j.env); err != nil {
			return err
		}
		if s.bd.Limit >= 0 && l.Free() && planner.Op[planner.Sort](l) == nil {
			s.want = s.bd.Limit + s.bd.Offset
		}
	}
	if s.step.Exist {
		s.want = 1
	}
	if s.want >= 0 && s.want <= plan.SearchPage {
		s.phase, s.limit = phaseSample, s.want
	}
	if s.q.None || s.want == 0 {
		s.phase = phaseEnd
	}
	if !m.JSON {
		s.named = make(map[string]int, len(s.step.Cols))
		for i := range s.step.Cols {
			s.named["c"+strconv.Itoa(i)] = i
		}
		if !m.Adopted && len(s.step.Cols) == len(m.Columns) { // all of it: Search is quicker without a list
			s.plain = make(map[string]int, len(s.step.Cols))
			for i, c := range s.step.Cols {
				s.plain[c.Name] = i
			}
		}
	} else {
		paths, forms := make([]string, len(s.step.Cols)), make([]codec.Form, len(s.step.Cols))
		for i, c := range s.step.Cols {
			paths[i], forms[i] = c.Name, codec.FormOf(c.Stored())
			if c.Presence {
				forms[i] = codec.FormObject
			}
		}
		s.members = codec.NewMembers(paths, forms)
	}
	return nil
}

// totals reports that Search's number is the answer.
func (s *searcher) totals() bool { return s.step.Total && s.q.Exact }

// render computes the values of the query and fills them in.
func (s *searcher) render() (err error) {
	s.q, err = bind.Rendered(s.step.Query, s.step.Values, s.j.env)
	return err
}

// begun takes the reply of the first search.
func (s *searcher) begun(first *redis.Cmd) error {
	switch {
	case first == nil:
	case s.totals():
		if err := s.failed(first); err != nil {
			return err
		}
		var err error
		s.phase = phaseEnd
		if s.count, err = ft.ReadTotal(first.Val()); err != nil {
			return err
		}
	default:
		if err := s.receive(first); err != nil {
			return err
		}
	}
	return s.rest()
}

// command makes a search command.
func (s *searcher) command(name string, more ...any) *redis.Cmd {
	return s.commandOf(s.q, name, more...)
}

// commandOf makes the command of a query.
func (s *searcher) commandOf(q *search.Rendered, name string, more ...any) *redis.Cmd {
	args := []any{name, s.name(), q.Text}
	args = append(args, more...)
	if len(q.Params) > 0 {
		args = append(args, "params", len(q.Params))
		for i := range q.Params {
			args = append(args, &q.Params[i])
		}
	}
	// Without a time-out: at its end a server may answer with a part and not say so.
	return redis.NewCmd(s.ctx, append(args, "timeout", 0, "dialect", 2)...)
}

// request makes the command of the phase.
func (s *searcher) request() *redis.Cmd {
	switch s.phase {
	case phaseSample:
		return s.command("ft.aggregate", append(s.load(), "limit", 0, s.limit)...)
	case phaseNames:
		return s.command("ft.search", "nocontent", "limit", 0, s.limit)
	}
	return s.command("ft.search", append(s.returned(), "limit", 0, s.limit)...)
}

// name is the index's.
func (s *searcher) name() string { return s.j.e.conn.Keys.Prefix + s.step.Model.Search.Name }

// load is what FT.AGGREGATE reads of each document.
func (s *searcher) load() []any { return s.fields("load", "@"+ft.KeyName) }

// returned is what FT.SEARCH reads of each document.
func (s *searcher) returned() []any {
	if s.plain != nil {
		return nil
	}
	return s.fields("return")
}

// fields is a list of what is read, with the number of its words in front.
func (s *searcher) fields(word string, more ...any) []any {
	args := append([]any{word, 0}, more...)
	if s.members != nil {
		args = append(args, "$", "as", ft.DocName)
	} else {
		for i, c := range s.step.Cols {
			args = append(args, c.Name, "as", "c"+strconv.Itoa(i))
		}
	}
	args[1] = len(args) - 2
	return args
}

// failed is the error of a search command.
func (s *searcher) failed(cmd *redis.Cmd) error {
	err := cmd.Err()
	if err == nil {
		return nil
	}
	if ft.NoIndex(err) {
		return s.j.e.catalog.WithoutSearch(s.step.Model)
	}
	return conn.ServerError(err, false, "")
}

// receive takes the reply of the phase, and decides on the next one.
func (s *searcher) receive(cmd *redis.Cmd) error {
	if s.phase == phaseRest && ft.Exceeds(cmd.Err()) {
		s.byNames()
		return nil
	}
	if err := s.failed(cmd); err != nil {
		return err
	}
	if s.phase == phaseNames {
		return s.takeNames(cmd)
	}
	r, err := ft.ReadReply(cmd.Val())
	if err == nil {
		err = s.take(r.Rows)
	}
	if err != nil {
		return err
	}
	s.next(r)
	return nil
}

// next decides what to do after a reply with documents.
func (s *searcher) next(r ft.Found) {
	rows := int64(len(r.Rows))
	more := s.limit * 4
	if s.phase != phaseSample {
		s.found = r.Total
	}
	switch {
	case s.want >= 0 && s.have() >= s.want:
		s.phase = phaseEnd
	case s.phase == phaseSample && rows >= s.limit && more <= plan.SearchWhole && more*int64(s.size) <= plan.StepBytes:
		s.limit = more // some of them did not match after all
	case s.phase == phaseSample: // perhaps there are no more
		s.phase, s.limit = phasePage, plan.SearchPage
	case r.Total <= s.limit && rows >= r.Total:
		s.phase = phaseEnd
	case s.phase == phasePage && r.Total <= plan.SearchWhole && r.Total*int64(s.size) <= plan.StepBytes:
		s.phase, s.limit = phaseRest, min(s.found+spare(s.found), plan.SearchWhole)
		if s.want >= 0 {
			s.limit = min(s.limit, s.want)
		}
	default:
		s.byNames()
	}
}

// have is how many documents came that match.
func (s *searcher) have() int64 { return max(s.count, int64(len(s.buf))) }

// spare is how many more are asked for than were counted: some may be written meanwhile.
func spare(n int64) int64 { return n/8 + plan.SearchPage }

// more makes the next trip.
func (s *searcher) more() error {
	if err := fail.Ended(s.ctx); err != nil {
		return err
	}
	if s.phase == phaseDocs {
		return s.documents()
	}
	cmd := s.request()
	if err := s.j.e.conn.Pipeline(s.ctx, []redis.Cmder{cmd}); err != nil {
		return err
	}
	return s.receive(cmd)
}

// rest searches until it is known what documents there are, and arranges what comes after that.
func (s *searcher) rest() error {
	for s.phase < phaseDocs {
		if s.phase == phaseNames && s.step.Native != nil && !s.step.Doubt && s.limit > plan.SearchKeys {
			return s.native("so many match that their names do not fit one reply")
		}
		if err := s.more(); ft.Exceeds(err) && s.step.Native != nil {
			return s.native("so many match that the server does not name them in one reply")
		} else if err != nil {
			return err
		}
	}
	j := s.j
	s.note("Search was taken")
	if s.step.Count {
		for s.phase != phaseEnd && !(s.step.Exist && s.count > 0) {
			if err := s.more(); err != nil {
				return err
			}
		}
		if s.step.Exist {
			j.rows.From(rows.One([]any{s.count > 0}))
		} else {
			j.rows.From(rows.One([]any{s.count}))
		}
		return nil
	}
	j.env.Query = true
	j.rows.From(rows.Finish(j.p.Local, s.row, j.env, s.bd, false, j.rows))
	return nil
}

// row gives the next document.
func (s *searcher) row() ([]any, error) {
	for {
		if len(s.buf) > 0 {
			row := s.buf[0]
			s.buf = s.buf[1:]
			return row, nil
		}
		if s.phase == phaseEnd {
			return nil, nil
		}
		err := s.more()
		if err == fail.ErrStale {
			return nil, fail.ChangedMeanwhile()
		}
		if err != nil {
			return nil, err
		}
	}
}
