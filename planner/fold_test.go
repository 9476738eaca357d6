package planner_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

// What the parameters decide is folded before an access path is chosen; what may have a fault is not, because it is a warning.
func TestFold(t *testing.T) {
	for where, want := range map[string]string{
		`$none IS NULL OR note = $none`:                               "  by all keys of Item (whole)",
		`$none IS NULL`:                                               "  by all keys of Item (whole)",
		`NOT ($none IS NOT NULL) AND price = $n`:                      "  by index Item(price) (price = $n)",
		`($none IS NULL OR note = $none) AND price = $n`:              "  by index Item(price) (price = $n)",
		`price = $n AND ($n IS NOT NULL OR note = 'x')`:               "  by index Item(price) (price = $n)",
		`price = $n OR price < $none`:                                 "  by index Item(price) (price = $n)",
		`price = $n OR $none IS NOT NULL AND note = $none`:            "  by index Item(price) (price = $n)",
		`TRUE AND price = $n OR note STARTS WITH $none`:               "  by index Item(price) (price = $n)",
		`$list IS NULL OR id IN $list`:                                "  by Item by key $list, then WHERE on the document",
		`$n IS NULL OR note = 'x'`:                                    "  by all keys of Item (whole), then WHERE on the document",
		`1 / price > 2 OR $none IS NULL`:                              "  by all keys of Item (whole), then WHERE on the document",
		`$none IS NULL OR 1 / price > 2`:                              "  by all keys of Item (whole)",
		`price = $n AND (1 / price > $none OR price BETWEEN 1 AND 2)`: "  by index Item(price) (price = $n), then WHERE on the document",
	} {
		src := lang.NewSource("", shop+`FIND Item WHERE `+where+` RETURN note`)
		params := map[string]lang.Type{"none": lang.TypeNull, "n": lang.TypeInt, "list": lang.ListOf(lang.TypeString)}
		file := parser.Parse(src)
		for name := range params {
			used := false
			for _, p := range file.Params {
				used = used || p == name
			}
			if !used {
				delete(params, name)
			}
		}
		prog, ds := check.Check(t.Context(), file, nil, check.Options{Params: params})
		require.NoError(t, ds.Err(), where)
		p, err := planner.Build(prog.Stmts[1], prog, planner.Caps{})
		require.NoError(t, err)
		require.Contains(t, planner.Explain(p, src, nil), want, where)
	}
}
