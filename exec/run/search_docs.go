package run

import (
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// take returns rows of the documents found that exist and match.
func (s *searcher) take(found []ft.Result) error {
	if s.seen == nil {
		s.seen = make(map[string]bool, len(found))
	}
	at := s.named
	if s.plain != nil && (s.phase == phasePage || s.phase == phaseRest) {
		at = s.plain
	}
	bytes := 0
	var apart []string
	for i := range found {
		x := &found[i]
		in, id, ok := s.of(x.Key)
		if !ok || s.seen[x.Key] {
			continue
		}
		s.seen[x.Key] = true
		// Search reads a key only up to a NUL, and may not find a document that was just written.
		if x.Fields == nil || strings.Contains(x.Key, "\x00") {
			apart = append(apart, x.Key)
			continue
		}
		vals, n, err := s.values(x, at)
		if s.doc.Set(vals); err == nil && vals != nil && (vals[0] != nil || s.step.Model.Adopted) {
			err = s.admit(in, id, n)
		}
		if err != nil {
			return err
		}
		bytes += n
	}
	if len(found) > 0 {
		s.size = max(s.size, bytes/len(found))
	}
	return s.read(apart, nil)
}

// values returns the columns of a document in the reply; none if the document is gone.
func (s *searcher) values(x *ft.Result, at map[string]int) (vals []any, bytes int, err error) {
	if s.members != nil {
		text := x.Text(ft.DocName)
		vals, err = s.members.Read(text)
		if err != nil {
			err = fail.BadValue(x.Key, "", fail.Clip(text, 60))
		}
		return vals, len(text), err
	}
	vals = make([]any, len(s.step.Cols))
	x.Fields.Each(func(name string, v any) {
		if text, ok := v.(string); ok {
			bytes += len(text)
			if i, ok := at[name]; ok {
				vals[i] = v
			}
		}
	})
	return vals, bytes, nil
}

// admit makes a row of the document that was taken, if it matches.
func (s *searcher) admit(in *unit, id string, bytes int) error {
	if err := s.j.reader(s.step.Model, s.step.Cols).Decode(in.db.Conn.Keys, id, &s.doc, &s.j.Rows); err != nil {
		return err
	}
	row := s.doc.Values()
	if p := Profiling(s.ctx); p != nil {
		p.Counts[lua.CountDocs]++
		p.Counts[lua.CountBytes] += int64(bytes)
	}
	if s.step.Where != nil {
		s.j.Env.Row, s.j.Env.Query = row, true
		ok, err := s.step.Where(&s.j.Env)
		if err != nil {
			return fail.Value(err)
		}
		if !ok {
			return nil
		}
	}
	if s.step.Count {
		s.count++
	} else {
		s.buf = append(s.buf, withPart(s.j.p.Local, row, in))
	}
	return nil
}

// byNames continues with the names of all matching documents.
func (s *searcher) byNames() { s.phase, s.limit = phaseNames, s.found+spare(s.found) }

// maxShort is how many replies may have fewer names than they counted: an expired document may still be counted.
const maxShort = 3

// takeNames receives the names of all documents that matched at one moment. Their
// contents are read later: a document that matches throughout is returned exactly once.
func (s *searcher) takeNames(cmd *redis.Cmd) error {
	names, total, err := ft.ReadNames(cmd.Val())
	if err != nil {
		return err
	}
	s.found = total
	if total > s.limit {
		s.byNames()
		return nil
	}
	if n := int64(len(names)); n < total {
		if s.short++; s.short < maxShort {
			return nil
		}
		return fail.Errorf(lang.CodeServer, lang.Span{}, "Search counts %d documents and names %d", total, n).WithHint("start again")
	}
	for _, name := range names {
		if _, _, ok := s.of(name); ok && !s.seen[name] {
			s.names = append(s.names, name)
		}
	}
	if s.phase = phaseDocs; s.counts() {
		s.phase, s.count = phaseEnd, int64(len(s.names))
	}
	return nil
}

// documents reads the next of the named documents.
func (s *searcher) documents() error {
	n := min(max(plan.StepBytes/max(s.size, 1), 1), plan.StepRows, len(s.names))
	if s.want >= 0 {
		n = min(n, max(plan.SearchPage, 4*int(s.want)))
	}
	check := catalog.VersionCmd(s.ctx, s.in.Conn.Keys, s.step.Model.Name)
	if err := s.read(s.names[:n], check); err != nil {
		return err
	}
	if s.names = s.names[n:]; len(s.names) == 0 {
		s.phase = phaseEnd
	}
	return s.in.current(check, s.j.schema, s.step.Model)
}

// read reads documents by their names, and sends one more command with them.
func (s *searcher) read(names []string, more redis.Cmder) error {
	if len(names) == 0 && more == nil {
		return nil
	}
	reader := s.j.reader(s.step.Model, s.step.Cols)
	cmds := reader.Cmds(s.ctx, &document.Page{}, make([]redis.Cmder, 0, len(names)+1), names)
	if more != nil {
		cmds = append(cmds, more)
	}
	if err := s.j.db.Conn.Wide().Pipeline(s.ctx, cmds); err != nil {
		return err
	}
	for i, name := range names {
		there, err := reader.Take(cmds[i], &s.doc)
		if err != nil {
			return conn.DocumentError(err, name, nil)
		}
		if !there {
			continue
		}
		in, id, _ := s.of(name)
		if err := s.admit(in, id, s.doc.Bytes()); err != nil {
			return err
		}
	}
	return nil
}
