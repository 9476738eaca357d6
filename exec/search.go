package exec

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/search"
)

// firstPage is how many documents a search reads before it knows how large they are.
const firstPage = 100

// What an entry of an index costs a script, and a document a search, measured
// against each other.
const (
	entryCost  = 3.5
	resultCost = 1.3
)

// searcher reads the documents that a search finds, page by page.
type searcher struct {
	j      *job
	ctx    context.Context
	step   *planner.SearchStep
	q      *search.Rendered
	bd     bounds
	want   int64 // documents wanted; -1: all
	page   int   // documents of the next page
	cursor int64 // of FT.CURSOR; 0: none is open
	again  bool  // the first page stopped at the limit, so there may be more
	seen   map[string]bool
	count  int64
	buf    [][]any
}

// search starts a SearchStep.
func (j *job) search(ctx context.Context, step *planner.SearchStep) error {
	s := &searcher{j: j, ctx: ctx, step: step, want: -1, page: firstPage}
	if err := s.render(); err != nil {
		return err
	}
	if step.Native != nil && s.q.All && !s.q.Exact {
		return j.scan(ctx, step.Native)
	}
	if l := j.p.Local; l != nil {
		var err error
		if s.bd, err = j.bounds(l); err != nil {
			return err
		}
		if !l.Grouped && !l.Distinct && len(l.Order) == 0 && s.bd.limit >= 0 {
			s.want = s.bd.limit + s.bd.offset
		}
	}
	if step.Exist {
		s.want = 1
	}
	check := j.versionCmd(ctx, step.Model)
	j.trip.cmds = append(j.trip.cmds, check)
	if c := step.Choice; c != nil && len(c.Narrow) > 0 && !s.q.None {
		return s.ask(check)
	}
	var first redis.Cmder
	switch {
	case s.q.None, s.want == 0:
	case step.Total && s.q.Exact:
		first = s.command("ft.search", "limit", 0, 0)
	default:
		first = s.find()
	}
	var size *redis.IntCmd
	if s.walks() {
		size = redis.NewIntCmd(ctx, "zcard", j.e.keys.ids(step.Model))
		j.trip.cmds = append(j.trip.cmds, size)
	}
	if first != nil {
		j.trip.cmds = append(j.trip.cmds, first)
	}
	j.trip.finish = func() error {
		if err := j.current(check, step.Model); err != nil {
			return err
		}
		return s.begun(first, size)
	}
	return nil
}

// render computes the values of the query and fills them in.
func (s *searcher) render() error {
	env := s.j.env
	query := env.Query
	env.Query = true
	defer func() { env.Query = query }()
	values := make([]any, len(s.step.Values))
	for i, fn := range s.step.Values {
		v, err := fn(env)
		if err != nil {
			return valueError(err)
		}
		values[i] = v
	}
	q, err := s.step.Query.Render(values)
	if err != nil {
		return valueError(err)
	}
	s.q = q
	return nil
}

// walks reports that RQL's own index may reach the limit sooner in its order.
func (s *searcher) walks() bool {
	return s.step.Choice != nil && s.step.Choice.Walk && s.bd.limit >= 0 && !s.q.None
}

// begun takes the reply of the first trip.
func (s *searcher) begun(first redis.Cmder, size *redis.IntCmd) error {
	if first == nil {
		return s.rest()
	}
	cmd := first.(*redis.Cmd)
	if s.step.Total && s.q.Exact {
		n, err := s.total(cmd)
		if err != nil {
			return err
		}
		s.count = n
		return s.rest()
	}
	if err := s.receive(cmd); err != nil {
		return err
	}
	if s.cursor != 0 && size != nil {
		walk, err := s.compare(size)
		if err != nil {
			s.release()
			return err
		}
		if walk {
			s.release()
			return s.native()
		}
	}
	return s.rest()
}

// native goes the way by RQL's own indexes instead.
func (s *searcher) native() error {
	j := s.j
	j.trip.cmds = nil
	if err := j.scan(s.ctx, s.step.Native); err != nil {
		return err
	}
	if err := j.e.pipeline(s.ctx, j.trip.cmds); err != nil {
		return err
	}
	return j.trip.finish()
}

// ask counts the entries of indexes that bound what Search cannot, before anything else.
func (s *searcher) ask(check *redis.Cmd) error {
	j := s.j
	var counts [][]*redis.IntCmd
	for _, a := range s.step.Choice.Narrow {
		ranges, err := j.e.ranges(a, j.env)
		if err != nil {
			return err
		}
		key := j.e.keys.ids(s.step.Model)
		if a.Scan.Index != nil {
			key = j.e.keys.index(s.step.Model, a.Scan.Index)
		}
		var cmds []*redis.IntCmd
		for i := 0; i+1 < len(ranges); i += 2 {
			c := redis.NewIntCmd(s.ctx, "zlexcount", key, ranges[i], ranges[i+1])
			cmds, j.trip.cmds = append(cmds, c), append(j.trip.cmds, c)
		}
		counts = append(counts, cmds)
	}
	j.trip.finish = func() error {
		if err := j.current(check, s.step.Model); err != nil {
			return err
		}
		for _, cmds := range counts {
			n := int64(0)
			for _, c := range cmds {
				if c.Err() != nil {
					return serverError(c.Err(), false, "")
				}
				n += c.Val()
			}
			if n <= planner.FewEntries {
				return s.native()
			}
		}
		first := s.find()
		if s.want == 0 {
			return s.rest()
		}
		if err := j.e.pipeline(s.ctx, []redis.Cmder{first}); err != nil {
			return err
		}
		return s.begun(first, nil)
	}
	return nil
}

// compare decides between reading all that Search finds and walking in the order asked for until the limit is
// reached: the walk meets one match in size/found documents.
func (s *searcher) compare(size *redis.IntCmd) (bool, error) {
	if size.Err() != nil {
		return false, serverError(size.Err(), false, "")
	}
	wanted := float64(s.bd.limit + s.bd.offset + 1)
	even := math.Sqrt(wanted * float64(size.Val()) * entryCost / resultCost)
	most := int(min(max(even, firstPage+1), 5000))
	cmd := s.command("ft.aggregate", "limit", 0, most, "groupby", 0, "reduce", "count", 0, "as", "n")
	if err := s.j.e.pipeline(s.ctx, []redis.Cmder{cmd}); err != nil {
		return false, err
	}
	if err := s.failed(cmd); err != nil {
		return false, err
	}
	rows, _, err := searchRows(cmd.Val())
	if err != nil || len(rows) == 0 {
		return false, err
	}
	n, _ := rows[0]["n"].(string)
	return atoi(n) >= most, nil
}

// command makes a search command.
func (s *searcher) command(name string, more ...any) *redis.Cmd {
	args := []any{name, s.j.e.keys.prefix + s.step.Model.Search.Name, s.q.Text}
	args = append(args, more...)
	if len(s.q.Params) > 0 {
		args = append(args, "params", len(s.q.Params))
		for i := range s.q.Params {
			args = append(args, &s.q.Params[i])
		}
	}
	// Without a time-out: at its end a server may answer with a part and not say so.
	return redis.NewCmd(s.ctx, append(args, "timeout", 0, "dialect", 2)...)
}

// find makes the command that begins to read the documents.
func (s *searcher) find() *redis.Cmd {
	args := append([]any{"load"}, s.fields()...)
	if s.want >= 0 && s.want <= firstPage && !s.again {
		return s.command("ft.aggregate", append(args, "limit", 0, s.want)...)
	}
	return s.command("ft.aggregate", append(args, "withcursor", "count", s.page)...)
}

// keyName and docName are what the parts of a result are called; columns are c0, c1 …
const (
	keyName = "__key"
	docName = "doc"
)

// fields is what is read of each document: with their number in front, as LOAD has it.
func (s *searcher) fields() []any {
	args := []any{0, "@" + keyName}
	if s.step.Model.JSON {
		args = append(args, "$", "as", docName)
	} else {
		for i, c := range s.step.Cols {
			args = append(args, c.Name, "as", "c"+itoa(int64(i)))
		}
	}
	args[0] = len(args) - 1
	return args
}

// failed is the error of a search command.
func (s *searcher) failed(cmd *redis.Cmd) error {
	err := cmd.Err()
	if err == nil {
		return nil
	}
	e := serverError(err, false, "")
	if saysMissing(err.Error()) || strings.Contains(err.Error(), "Cursor") || strings.Contains(err.Error(), "was dropped") {
		name := s.j.e.keys.prefix + s.step.Model.Search.Name
		e.Code, e.Message = lang.CodeStale, "the Search index "+name+" is not there any more"
		e.Hint = "start again; if the index was dropped by hand, the MODEL statement makes it anew"
	}
	return e
}

// total reads the number of documents that a search gives.
func (s *searcher) total(cmd *redis.Cmd) (int64, error) {
	if err := s.failed(cmd); err != nil {
		return 0, err
	}
	return searchTotal(cmd.Val())
}

// receive takes a page.
func (s *searcher) receive(cmd *redis.Cmd) error {
	if err := s.failed(cmd); err != nil {
		s.cursor = 0
		return err
	}
	rows, cursor, err := searchRows(cmd.Val())
	s.cursor = cursor
	if err == nil {
		err = s.take(rows)
	}
	if err != nil {
		s.release()
		return err
	}
	if s.want < 0 {
		return nil
	}
	found := max(s.count, int64(len(s.buf)))
	switch {
	case found >= s.want:
		s.release()
	case s.cursor == 0 && !s.again && int64(len(rows)) >= s.want:
		// Some of them did not match after all: once more, with a cursor.
		s.again, s.buf, s.count = true, nil, 0
		return s.next()
	}
	return nil
}

// take makes rows of what was found: of documents that are there and match.
func (s *searcher) take(found []map[string]any) error {
	j, m := s.j, s.step.Model
	bytes := 0
	if s.cursor != 0 && s.seen == nil {
		s.seen = make(map[string]bool, 2*firstPage)
	}
	for _, x := range found {
		id, ok := s.id(x)
		if !ok {
			continue
		}
		if s.seen != nil { // a document that is written meanwhile comes once more
			if s.seen[id] {
				continue
			}
			s.seen[id] = true
		}
		row, n, err := s.document(x, m, id)
		bytes += n
		if err != nil {
			return err
		}
		if row == nil {
			continue
		}
		if s.step.Where != nil {
			j.env.Row, j.env.Query = row, true
			ok, err := s.step.Where(j.env)
			if err != nil {
				return valueError(err)
			}
			if !ok {
				continue
			}
		}
		if s.step.Count {
			s.count++
			continue
		}
		s.buf = append(s.buf, row)
	}
	s.page = planner.StepRows
	if len(found) > 0 && bytes/len(found) > stepBytes/planner.StepRows {
		s.page = max(1, stepBytes/(bytes/len(found)))
	}
	return nil
}

// id is the key's text in the name of a document.
func (s *searcher) id(x map[string]any) (string, bool) {
	name, _ := x[keyName].(string)
	m := s.step.Model
	id, ok := strings.CutPrefix(name, s.j.e.keys.docs(m))
	if !ok {
		return "", false
	}
	return strings.CutSuffix(id, m.Suffix)
}

// document decodes a document; nil if it is gone.
func (s *searcher) document(x map[string]any, m *ir.Model, id string) (row []any, bytes int, err error) {
	vals := make([]any, len(s.step.Cols))
	for i := range vals {
		if text, ok := x["c"+itoa(int64(i))].(string); ok {
			vals[i] = text
			bytes += len(text)
		}
	}
	if m.Foreign {
		vals[0] = id
	}
	if vals[0] == nil {
		return nil, bytes, nil
	}
	row, err = s.j.decode(vals, s.step.Cols, m, id)
	return row, bytes, err
}

// next reads the next page.
func (s *searcher) next() error {
	if err := ctxErr(s.ctx); err != nil {
		return err
	}
	cmd := s.find()
	if s.cursor != 0 {
		cmd = redis.NewCmd(s.ctx, "ft.cursor", "read", s.j.e.keys.prefix+s.step.Model.Search.Name, s.cursor, "count", s.page)
	}
	if err := s.j.e.pipeline(s.ctx, []redis.Cmder{cmd}); err != nil {
		return err
	}
	return s.receive(cmd)
}

// rest arranges what comes after the first page.
func (s *searcher) rest() error {
	j := s.j
	if s.step.Count {
		for s.cursor != 0 && !(s.step.Exist && s.count > 0) {
			if err := s.next(); err != nil {
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
	j.rows.stop = s.release
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
		if s.cursor == 0 {
			return nil, nil
		}
		if err := s.next(); err != nil {
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
	_ = s.j.e.process(ctx, redis.NewCmd(ctx, "ft.cursor", "del", s.j.e.keys.prefix+s.step.Model.Search.Name, s.cursor))
	s.cursor = 0
}
