package run

import (
	"context"
	"errors"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
	"github.com/rql-lang/rql/search"
)

// searcher reads the documents that a search finds. Replies cannot be combined,
// because each is a search of its own, which may see other documents. The last
// one must therefore contain everything that it counted.
//
//   - a sample (FT.AGGREGATE … LIMIT), if a few documents are enough, because Search then stops early;
//   - a first page (FT.SEARCH), which shows how many there are and how large they are;
//   - all of them in one more reply, if they fit;
//   - otherwise their names (NOCONTENT) in one reply, and the documents by plain commands, page by page;
//   - in place of the last two, what Search computes of them, if the reply proves it: see pushed.
//
// All of this is decided before the first row is returned.
type searcher struct {
	j       *task
	in      *Database // where the index is
	ctx     context.Context
	step    *planner.SearchStep
	q       *search.Rendered
	bd      rows.Bounds
	members *codec.Members // of documents stored as JSON
	plain   map[string]int // columns by name, if FT.SEARCH returns whole documents
	named   map[string]int // columns by the names that they have in the reply
	want    int64          // documents wanted; -1: all
	limit   int64          // of the next search
	found   int64          // number of matches, according to the last reply
	size    int            // approximate size of a document in bytes
	short   int            // number of replies with fewer names than they counted
	phase   phase
	seen    map[string]bool // names of the documents received
	names   []string        // of the documents still to be read
	parts   searched
	units   []*unit      // the partitions of the statement in a bucket, if it searches in several; nil: it does not
	other   func() error // runs the plan without Search of a statement over several partitions
	doc     document.Row
	count   int64
	buf     [][]any
	push    pushed
}

// phase is what a searcher does next.
type phase int

const (
	phaseSample phase = iota
	phasePage
	phaseRest
	phaseNames
	phasePushed
	phaseDocs
	phaseEnd
)

// totals reports whether the number that Search returns is the answer.
func (s *searcher) totals() bool { return s.counts() && (s.step.Query.Part == nil || s.q.Within) }

// counts reports whether the answer is the number of documents that Search finds in the partitions.
func (s *searcher) counts() bool { return s.step.Total && s.q.Exact }

// command returns a search command.
func (s *searcher) command(name string, more ...any) *redis.Cmd {
	return s.commandOf(s.q, name, more...)
}

// commandOf returns the command for a query.
func (s *searcher) commandOf(q *search.Rendered, name string, more ...any) *redis.Cmd {
	return s.in.Conn.SearchCmd(s.ctx, s.in.Conn.SearchKeys(s.step.Model), s.words(q, name, more...))
}

// words returns the words of the command for a query.
func (s *searcher) words(q *search.Rendered, name string, more ...any) []any {
	args := []any{name, s.name(), q.Text}
	args = append(args, more...)
	if len(q.Params) > 0 {
		args = append(args, "params", len(q.Params))
		for i := range q.Params {
			args = append(args, &q.Params[i])
		}
	}
	// Without a timeout, because after one a server may return a part without saying so.
	return append(args, "timeout", 0, "dialect", 2)
}

// request returns the command of the current phase.
func (s *searcher) request() *redis.Cmd {
	switch {
	case s.totals():
		return s.command("ft.search", "limit", 0, 0)
	case s.phase == phaseSample:
		return s.command("ft.aggregate", append(s.load(), "limit", 0, s.limit)...)
	case s.phase == phaseNames:
		return s.command("ft.search", "nocontent", "limit", 0, s.limit)
	case s.phase == phasePushed:
		return s.pushing()
	}
	return s.command("ft.search", append(s.returned(), "limit", 0, s.limit)...)
}

// name returns the name of the index.
func (s *searcher) name() string {
	return s.in.Conn.SearchKeys(s.step.Model).Prefix + s.step.Model.Search.Name
}

// load returns the LOAD arguments of FT.AGGREGATE.
func (s *searcher) load() []any { return s.fields("load", "@"+ft.KeyName) }

// returned returns the RETURN arguments of FT.SEARCH.
func (s *searcher) returned() []any {
	if s.plain != nil {
		return nil
	}
	return s.fields("return")
}

// fields returns the fields to read, preceded by the number of arguments.
func (s *searcher) fields(word string, more ...any) []any {
	args := append([]any{word, 0}, more...)
	if s.members != nil {
		args = append(args, "$", "as", ft.DocName)
	} else {
		for i, c := range s.step.Cols {
			args = append(args, c.Place(), "as", "c"+strconv.Itoa(i))
		}
	}
	args[1] = len(args) - 2
	return args
}

// failed returns the error of a search command.
func (s *searcher) failed(cmd *redis.Cmd) error {
	err := cmd.Err()
	if err == nil {
		return nil
	}
	if s.step.Apart && s.instead() && ft.NoIndex(err) {
		return errNoIndex
	}
	if ft.NoIndex(err) || conn.BlocksSearch(err) {
		return s.j.db.Catalog.WithoutSearch(s.step.Model)
	}
	return conn.ServerError(err, false, "")
}

// have returns the number of matching documents received.
func (s *searcher) have() int64 { return max(s.count, int64(len(s.buf))) }

// spare returns how many more are requested than were counted, because some may be written meanwhile.
func spare(n int64) int64 { return n/8 + plan.SearchPage }

// note records in the profile which way was chosen.
func (s *searcher) note(text string) {
	if p := Profiling(s.ctx); p != nil {
		p.Notes = append(p.Notes, text)
	}
}

// errNoIndex says that the node of a bucket has no Search index for it, as after its slot has moved.
var errNoIndex = errors.New("the node of a bucket has no Search index for it")

// orNative uses RQL's own indexes if a bucket has no Search index.
func (s *searcher) orNative(err error) error {
	if err != errNoIndex {
		return err
	}
	return s.native(err.Error())
}

// native uses RQL's own indexes instead.
func (s *searcher) native(why string) error {
	j := s.j
	s.note("RQL's own indexes were used: " + why)
	if s.other != nil {
		return s.other()
	}
	j.first.cmds = nil
	if err := new(scanner).start(j, s.ctx, s.step.Native); err != nil {
		return err
	}
	if err := j.db.Conn.Pipeline(s.ctx, j.first.cmds); err != nil {
		return err
	}
	return j.first.finish()
}
