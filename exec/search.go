package exec

import (
	"context"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/search"
)

// firstPage is how many documents a search reads before it knows how large they are.
const firstPage = 100

// What an entry of an index costs a script, and a document a search, the work
// of the client included, measured against each other.
const (
	entryCost  = 3.3
	resultCost = 6
)

// firstCount is up to how many documents are counted to compare a search with a walk.
const firstCount = 2000

// searcher reads the documents that a search finds, page by page:
//
//   - a sample (FT.AGGREGATE … LIMIT), where a few of them are enough, for Search then stops early;
//   - a first page (FT.SEARCH), which tells how many there are and how large;
//   - the rest in one more page, where a reply can hold it;
//   - else all of them by a cursor (FT.AGGREGATE … WITHCURSOR), which is not
//     disturbed by documents that are written meanwhile, as pages by LIMIT are.
type searcher struct {
	j       *job
	ctx     context.Context
	step    *planner.SearchStep
	q       *search.Rendered
	bd      bounds
	members *codec.Members // of documents stored as JSON
	plain   map[string]int // columns by their names, where FT.SEARCH gives whole documents
	named   map[string]int // columns by the names that they are given
	want    int64          // documents wanted; -1: all
	found   int64          // how many there are, as the first page said
	size    int            // bytes of a document, about
	given   bool           // rows may have been given to the caller: it is too late for another plan
	cursor  int64          // of FT.CURSOR; 0: none is open
	phase   phase
	drained bool            // the cursor was read to its end
	seen    map[string]bool // names of the documents that came
	count   int64
	buf     [][]any
}

// phase is what a searcher does next.
type phase int

const (
	phaseSample phase = iota
	phasePage
	phaseRest
	phaseCursor
	phaseEnd
)

// search starts a SearchStep.
func (j *job) search(ctx context.Context, step *planner.SearchStep) error {
	s := &searcher{j: j, ctx: ctx, step: step, want: -1, phase: phasePage}
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
	check := j.e.versionCmd(ctx, step.Model.Name)
	j.trip.cmds = append(j.trip.cmds, check)
	if step.Doubt {
		info := infoSearch(ctx, s.name())
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
		if s.bd, err = j.bounds(l); err != nil {
			return err
		}
		if !l.Grouped && !l.Distinct && l.Near == nil && len(l.Order) == 0 && s.bd.limit >= 0 {
			s.want = s.bd.limit + s.bd.offset
		}
	}
	if s.step.Exist {
		s.want = 1
	}
	if s.want >= 0 && s.want <= firstPage {
		s.phase = phaseSample
	}
	if s.q.None || s.want == 0 {
		s.phase = phaseEnd
	}
	if !m.JSON {
		s.named = make(map[string]int, len(s.step.Cols))
		for i := range s.step.Cols {
			s.named["c"+itoa(int64(i))] = i
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
	s.q, err = rendered(s.step.Query, s.step.Values, s.j.env)
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
		if s.count, err = searchTotal(first.Val()); err != nil {
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
		return s.command("ft.aggregate", append(s.load(), "limit", 0, s.want)...)
	case phasePage:
		return s.command("ft.search", append(s.returned(), "limit", 0, firstPage)...)
	case phaseRest:
		n := s.found
		if s.want >= 0 {
			n = min(n, s.want)
		}
		return s.command("ft.search", append(s.returned(), "limit", 0, n)...)
	}
	n := min(max(stepBytes/max(s.size, 1), 1), planner.StepRows)
	if s.want >= 0 { // as many as are needed if they go on to match as they did
		missing := int(s.want) - len(s.buf) - int(s.count)
		n = min(n, max(firstPage, missing*2*len(s.seen)/max(len(s.buf)+int(s.count), 1)))
	}
	if s.cursor != 0 {
		return redis.NewCmd(s.ctx, "ft.cursor", "read", s.name(), s.cursor, "count", n)
	}
	return s.command("ft.aggregate", append(s.load(), "withcursor", "count", n)...)
}

// name is the index's.
func (s *searcher) name() string { return s.j.e.keys.prefix + s.step.Model.Search.Name }

// keyName and docName are what the parts of a result are called; columns are c0, c1 …
const (
	keyName = "__key"
	docName = "doc"
)

// load is what FT.AGGREGATE reads of each document.
func (s *searcher) load() []any { return s.fields("load", "@"+keyName) }

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
		args = append(args, "$", "as", docName)
	} else {
		for i, c := range s.step.Cols {
			args = append(args, c.Name, "as", "c"+itoa(int64(i)))
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
	if !s.given && noIndex(err) {
		return s.j.e.withoutSearch(s.step.Model)
	}
	e := serverError(err, false, "")
	if saysMissing(err.Error()) || strings.Contains(err.Error(), "Cursor") || strings.Contains(err.Error(), "was dropped") {
		e.Code, e.Message = lang.CodeStale, "the Search index "+s.name()+" is not there any more"
		e.Hint = "start again; if the index was dropped by hand, the MODEL statement makes it anew"
	}
	return e
}

// receive takes the reply of the phase, and decides on the next one.
func (s *searcher) receive(cmd *redis.Cmd) error {
	if s.phase == phaseRest && cmd.Err() != nil && strings.Contains(cmd.Err().Error(), "LIMIT exceeds") {
		s.phase = phaseCursor // the server gives only so many in one reply
		return nil
	}
	if err := s.failed(cmd); err != nil {
		s.cursor = 0
		return err
	}
	r, err := searchReply(cmd.Val())
	s.cursor = r.cursor
	if err == nil {
		err = s.take(r.rows)
	}
	if err != nil {
		s.release()
		return err
	}
	s.next(r)
	return nil
}

// next decides what to do after a reply.
func (s *searcher) next(r found) {
	have := max(s.count, int64(len(s.buf)))
	switch {
	case s.want >= 0 && have >= s.want && s.phase != phaseCursor:
		s.phase = phaseEnd
	case s.phase == phaseSample && int64(len(r.rows)) >= s.want:
		s.phase = phaseCursor // some of them did not match after all
	case s.phase == phaseSample:
		s.phase = phasePage // perhaps there are no more
	case s.phase == phaseCursor && r.cursor != 0:
	case s.phase == phaseCursor && s.found == 0:
		s.drained, s.phase = true, phasePage // how many should there have been?
	case s.phase == phaseCursor:
		s.phase = phaseEnd
		s.missed()
	case int64(len(s.seen)) >= r.total:
		s.phase = phaseEnd
	case s.phase == phasePage && r.total <= maxWhole && r.total*int64(s.size) <= stepBytes:
		s.phase, s.found = phaseRest, r.total
	case s.drained:
		s.phase, s.found = phaseEnd, r.total
		s.missed()
	default:
		s.phase, s.found = phaseCursor, r.total
	}
}

// maxWhole is how many documents are asked for in one reply at most.
const maxWhole = 10000

// more reads the next page.
func (s *searcher) more() error {
	if err := ctxErr(s.ctx); err != nil {
		return err
	}
	cmd := s.request()
	if err := s.j.e.pipeline(s.ctx, []redis.Cmder{cmd}); err != nil {
		return err
	}
	return s.receive(cmd)
}

// rest arranges what comes after the first page.
func (s *searcher) rest() error {
	j := s.j
	s.note("Search was taken")
	if s.step.Count {
		for s.phase != phaseEnd && !(s.step.Exist && s.count > 0) {
			if err := s.more(); err != nil {
				s.release()
				return err
			}
		}
		s.release()
		if s.step.Exist {
			j.rows.next = once([]any{s.count > 0})
		} else {
			j.rows.next = once([]any{s.count})
		}
		return nil
	}
	j.env.Query = true
	j.rows.stop, s.given = s.release, true
	j.rows.next = finish(j.p.Local, s.row, j.env, s.bd, false, j.rows)
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
		if err := s.more(); err != nil {
			return nil, err
		}
	}
}

// release gives up a cursor that was not read to its end.
func (s *searcher) release() {
	if s.cursor == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), time.Second)
	defer cancel()
	// The server forgets a cursor by itself too, only later.
	_ = s.j.e.process(ctx, redis.NewCmd(ctx, "ft.cursor", "del", s.name(), s.cursor))
	s.cursor = 0
}
