package exec

import (
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lua"
)

// missed warns of documents that Search counted and did not give: FT.AGGREGATE
// reads a document by its key's text up to a NUL.
func (s *searcher) missed() {
	n := s.found - int64(len(s.seen))
	if n <= 0 || s.step.Model.Key.Type.Kind != lang.KString {
		return
	}
	s.j.rows.warn(Warning{Code: lang.CodeStale, Count: int(n),
		Text: "documents that Search counted could not be read: they were deleted meanwhile, or have a NUL in their key"})
}

// take makes rows of what was found: of documents that are there and match.
func (s *searcher) take(found []result) error {
	if s.seen == nil {
		s.seen = make(map[string]bool, len(found))
	}
	at := s.named
	if s.plain != nil && (s.phase == phasePage || s.phase == phaseRest) {
		at = s.plain
	}
	s.reload(found, at)
	bytes, docs := 0, int64(0)
	for i := range found {
		x := &found[i]
		if s.seen[x.key] { // a document that is written meanwhile may come once more
			continue
		}
		s.seen[x.key] = true
		id, ok := s.id(x.key)
		if !ok {
			continue
		}
		row, n, err := s.document(x, id, at)
		bytes += n
		if err != nil {
			return err
		}
		if row == nil {
			continue
		}
		docs++
		if s.step.Where != nil {
			s.j.env.Row, s.j.env.Query = row, true
			ok, err := s.step.Where(s.j.env)
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
	if len(found) > 0 {
		s.size = bytes / len(found)
	}
	if p := profiling(s.ctx); p != nil {
		p.Counts[lua.CountDocs], p.Counts[lua.CountBytes] = p.Counts[lua.CountDocs]+docs, p.Counts[lua.CountBytes]+int64(bytes)
	}
	return nil
}

// reload reads the documents whose keys hold a NUL: Search reads those of the
// keys up to it.
func (s *searcher) reload(found []result, at map[string]int) {
	for i := range found {
		x := &found[i]
		if !strings.Contains(x.key, "\x00") {
			continue
		}
		x.fields = nil
		args := []any{"json.get", x.key}
		if s.members == nil {
			args[0] = "hmget"
			for _, c := range s.step.Cols {
				args = append(args, c.Name)
			}
		}
		cmd := redis.NewCmd(s.ctx, args...)
		if s.j.e.process(s.ctx, cmd) != nil {
			continue
		}
		switch v := cmd.Val().(type) {
		case string:
			x.fields = fieldList{docName, v}
		case []any:
			list := fieldList{}
			for name, i := range at {
				list = append(list, name, v[i])
			}
			x.fields = list
		}
	}
}

// id is the key's text in the name of a document.
func (s *searcher) id(name string) (string, bool) {
	m := s.step.Model
	id, ok := strings.CutPrefix(name, s.j.e.keys.docs(m))
	if ok {
		id, ok = strings.CutSuffix(id, m.Suffix)
	}
	if !ok || id == "" || len(id) > lang.MaxIndexed {
		return "", false
	}
	if t := m.Key.Type; t.Kind != lang.KString {
		_, err := codec.Parse(id, t)
		ok = err == nil
	}
	return id, ok
}

// document decodes a document, whose columns have these names; nil if it is gone.
func (s *searcher) document(x *result, id string, at map[string]int) (row []any, bytes int, err error) {
	m := s.step.Model
	if x.fields == nil {
		return nil, 0, nil
	}
	var vals []any
	if s.members != nil {
		text := x.text(docName)
		bytes = len(text)
		if vals, err = s.members.Read(text); err != nil {
			return nil, bytes, badValue(s.j.e.keys.doc(m, id), "", clip(text, 60))
		}
	} else {
		vals = make([]any, len(s.step.Cols))
		x.fields.each(func(name string, v any) {
			if text, ok := v.(string); ok {
				bytes += len(text)
				if i, ok := at[name]; ok {
					vals[i] = v
				}
			}
		})
	}
	if m.Adopted {
		vals[0] = id
	}
	if vals[0] == nil {
		return nil, bytes, nil
	}
	row, err = s.j.decode(vals, s.step.Cols, m, id)
	return row, bytes, err
}
