package rows

import (
	"sort"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// distinct removes duplicate rows.
func distinct(src Source) Source {
	seen := map[string]bool{}
	var buf []byte
	return func() ([]any, error) {
		for {
			row, err := src()
			if err != nil || row == nil {
				return row, err
			}
			buf = buf[:0]
			for _, v := range row {
				buf = codec.AppendIdentity(buf, v)
			}
			if !seen[string(buf)] {
				seen[string(buf)] = true
				return row, nil
			}
		}
	}
}

// sorted stably sorts rows by returned values.
func sorted(s *planner.Sort, src Source, env *eval.Env) Source {
	var rows []orderKey
	read := false
	return func() ([]any, error) {
		if !read {
			read = true
			var err error
			if rows, err = outs(s, src, env); err != nil {
				return nil, err
			}
			sort.SliceStable(rows, func(i, j int) bool { return compareOuts(s, rows[i].vals, rows[j].vals) < 0 })
		}
		if len(rows) == 0 {
			return nil, nil
		}
		row := rows[0].row
		rows = rows[1:]
		return row, nil
	}
}

// outs reads all rows, with their sort values.
func outs(s *planner.Sort, src Source, env *eval.Env) ([]orderKey, error) {
	var rows []orderKey
	for {
		row, err := src()
		if err != nil || row == nil {
			return rows, err
		}
		k := orderKey{row: row, vals: make([]any, len(s.X))}
		env.Outs = row
		for i, fn := range s.X {
			if k.vals[i], err = fn(env); err != nil {
				return nil, fail.Value(err)
			}
		}
		rows = append(rows, k)
	}
}

// compareOuts compares returned rows, which have no key.
func compareOuts(s *planner.Sort, a, b []any) int {
	for i := range s.Terms {
		if c := codec.Compare(a[i], b[i]); c != 0 {
			return directed(c, s.Terms[i].Desc)
		}
	}
	return 0
}
