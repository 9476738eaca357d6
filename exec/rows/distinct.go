package rows

import (
	"sort"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// distinct removes repeated rows when asked to, and orders by what is returned.
func distinct(l *planner.Local, src Source, env *eval.Env) Source {
	var rows []orderKey
	read := false
	seen := map[string]bool{}
	var buf []byte
	next := func() ([]any, error) {
		for {
			row, err := src()
			if err != nil || row == nil || !l.Distinct {
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
	if len(l.Order) == 0 {
		return next
	}
	return func() ([]any, error) {
		if !read {
			read = true
			for {
				row, err := next()
				if err != nil {
					return nil, err
				}
				if row == nil {
					break
				}
				k := orderKey{row: row, vals: make([]any, len(l.Order))}
				env.Outs = row
				for i, o := range l.Order {
					if k.vals[i], err = o.X(env); err != nil {
						return nil, fail.Value(err)
					}
				}
				rows = append(rows, k)
			}
			sort.SliceStable(rows, func(i, j int) bool { return compareOuts(l, rows[i].vals, rows[j].vals) < 0 })
		}
		if len(rows) == 0 {
			return nil, nil
		}
		row := rows[0].row
		rows = rows[1:]
		return row, nil
	}
}

// compareOuts orders returned rows, which have no key.
func compareOuts(l *planner.Local, a, b []any) int {
	for i, o := range l.Order {
		if c := codec.Compare(a[i], b[i]); c != 0 {
			if o.Desc {
				return -c
			}
			return c
		}
	}
	return 0
}
