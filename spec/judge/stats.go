package judge

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// stats counts the documents and the entries of each model. Bytes are the server's: the judge has none.
func (r *run) stats(s *ir.Show) *Result {
	res := &Result{Columns: []string{"model", "documents", "entries", "ends", "due", "building"}}
	if s.Memory {
		res.Columns = append(res.Columns, "bytes")
	}
	for _, name := range r.db.schema.Names() {
		m := r.db.schema.Model(name)
		var table []doc
		_ = r.db.each(m, func(string) error {
			for _, x := range r.db.table(m) {
				table = append(table, x)
			}
			return nil
		})
		entries, ends := map[string]any{}, int64(0)
		for _, ix := range m.Ordered() {
			entries[ix.Name] = int64(0)
		}
		for _, ix := range m.Uniques {
			entries["UNIQUE "+ix.Name] = int64(0)
		}
		for _, d := range table {
			if _, ok := d[endKey].(lang.DateTime); ok {
				ends++
			}
			for _, ix := range m.Ordered() {
				entries[ix.Name] = entries[ix.Name].(int64) + entriesOf(ix, d)
			}
			for _, ix := range m.Uniques {
				if !hasNull(ix, d) {
					entries["UNIQUE "+ix.Name] = entries["UNIQUE "+ix.Name].(int64) + 1
				}
			}
		}
		row := []any{name, int64(len(table)), entries, ends, int64(0), false}
		if m.Scanned() {
			row[1] = nil
		}
		if s.Memory {
			row = append(row, nil)
		}
		res.Rows = append(res.Rows, row)
	}
	return res
}

// entriesOf is one for a document, in the index of a list one for each value, or for having none, and over a collection one for each member.
func entriesOf(ix *ir.Index, d doc) int64 {
	if !ix.List {
		return 1
	}
	list, _ := columnOf(d, ix.Cols[0].Name).([]any)
	if ix.Of != nil {
		return int64(len(list))
	}
	seen := map[any]bool{}
	for _, x := range list {
		seen[x] = true
	}
	return max(1, int64(len(seen)))
}

// hasNull reports that one of the values is null, so that no other has to differ.
func hasNull(ix *ir.Index, d doc) bool {
	for _, c := range ix.Cols {
		if columnOf(d, c.Name) == nil {
			return true
		}
	}
	return false
}

// columnOf is the value of a column, whose name is a path.
func columnOf(d doc, path string) any {
	var v any = d
	for _, name := range strings.Split(path, ".") {
		m, _ := v.(doc)
		v = m[name]
	}
	return v
}

// adopt finds nothing: no other program writes to the judge.
func (r *run) adopt(s *ir.Adopt) (*Result, error) {
	if s.Name == "" {
		return &Result{Columns: []string{"pattern", "type", "keys", "example"}}, nil
	}
	prefix, rest, _ := strings.Cut(s.Pattern, "{")
	name, suffix, closed := strings.Cut(rest, "}")
	if !closed || name == "" || strings.ContainsAny(suffix, "{}") || strings.HasPrefix(prefix, "rql:") {
		return nil, fail(lang.CodeBadModel, "%s does not have the key once in braces", s.Pattern).in(s.Sp)
	}
	return nil, fail(lang.CodeKeyNotFound, "nothing has a name like %s", s.Pattern).in(s.Sp)
}
