package exec_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// TestMergedRanges compares the rows of IN in the order of an index with a sort in Go: in one step, in many, and in pages by cursor.
func TestMergedRanges(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, `MODEL T { id int KEY, kind string, at int, n int, INDEX (kind, at) }`)
		type doc struct{ id, kind, at, n int }
		r := rand.New(rand.NewPCG(7, 7))
		var docs []doc
		for at := 0; at < 4000; at += 1000 {
			var list []any
			for i := at; i < at+1000; i++ {
				d := doc{i, r.IntN(12), r.IntN(900) - 450, r.IntN(4)}
				docs = append(docs, d)
				list = append(list, map[string]any{"id": d.id, "kind": fmt.Sprintf("k\x00%d", d.kind), "at": d.at, "n": d.n})
			}
			must(t, e, `CREATE T $docs`, map[string]any{"docs": list})
		}
		for _, kinds := range [][]int{{3}, {1, 2}, {0, 3, 5, 7, 9, 11}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {99, 4}, {}} {
			for _, desc := range []bool{false, true} {
				for _, n := range []int{-1, 2} { // of any n, or by a condition that the index does not answer
					want := []int64{}
					sorted := slices.Clone(docs)
					slices.SortFunc(sorted, func(a, b doc) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
					if desc {
						slices.Reverse(sorted)
					}
					for _, d := range sorted {
						if slices.Contains(kinds, d.kind) && (n < 0 || d.n == n) {
							want = append(want, int64(d.id))
						}
					}
					names := []any{}
					for _, k := range kinds {
						names = append(names, fmt.Sprintf("k\x00%d", k))
					}
					params := map[string]any{"kinds": names}
					text := "FIND T WHERE kind IN $kinds"
					if n >= 0 {
						text += fmt.Sprintf(" AND n = %d", n)
					}
					text += " RETURN id ORDER BY at"
					if desc {
						text += " DESC"
					}
					for _, limit := range []int{1, 10, 2500} {
						require.Equal(t, want[:min(limit, len(want))], idsOf(must(t, e, fmt.Sprintf("%s LIMIT %d", text, limit), params)), "%s %v %d", text, kinds, limit)
					}
					require.Equal(t, want, paged(t, e, text+" LIMIT 700", params), "%s %v", text, kinds)
				}
			}
		}
		require.Contains(t, printed(t, e, "PROFILE FIND T WHERE kind IN ('k\\u00001', 'k\\u00002') RETURN id ORDER BY at LIMIT 10"), "by merging the ranges")
	})
}

func idsOf(r result) []int64 {
	out := []int64{}
	for _, row := range r.rows {
		out = append(out, row[0].(int64))
	}
	return out
}

// paged reads all pages of a FIND by its cursors.
func paged(t *testing.T, e *exec.Engine, text string, params map[string]any) []int64 {
	t.Helper()
	out := []int64{}
	for after := any(nil); ; {
		page := ""
		params["after"] = after
		err := e.NewSession(exec.SessionOptions{}).Run(ctx, lang.NewSource("", text+" AFTER $after"), params, func(r *exec.Rows) error {
			for r.Next() {
				out = append(out, r.Values()[0].(int64))
			}
			page = r.Cursor()
			return r.Err()
		})
		require.NoError(t, err)
		if page == "" {
			delete(params, "after")
			return out
		}
		after = page
	}
}
