package planner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/search"
)

const shop = `MODEL Item { id string KEY, name string INDEX, kind string? INDEX, price int INDEX, sold bool INDEX, code string UNIQUE, note string, INDEX (kind, price) };
`

// plan gives the plan of a statement on a model with a Search index.
func plan(t *testing.T, text string, caps planner.Caps, change func(*ir.Model)) []string {
	t.Helper()
	src := lang.NewSource("", shop+text)
	prog, ds := check.Check(t.Context(), parser.Parse(src), nil, check.Options{})
	require.NoError(t, ds.Err(), text)
	m := prog.Schema.Model("Item")
	m.Search = &ir.SearchIndex{Name: "rql:ft:Item:1", Fields: search.FieldsFor(m)}
	if change != nil {
		change(m)
	}
	p, err := planner.Build(prog.Stmts[1], prog, caps)
	require.NoError(t, err)
	return planner.Explain(p, src, nil)
}

// What Search serves, and what RQL's own indexes do.
func TestSearchIsChosen(t *testing.T) {
	for text, want := range map[string]string{
		`FIND Item WHERE name = 'a' AND price > 1`:               "search: ",
		`FIND Item WHERE name = 'a' AND price > 1 AND note = ''`: "search: ",
		`FIND Item WHERE price > 1`:                              "lua: ",
		`FIND Item WHERE price > 1 AND note = 'x'`:               "lua: ",
		`FIND Item WHERE kind = 'a' AND price > 1 AND note = ''`: "lua: ", // INDEX (kind, price) bounds as much
		`FIND Item WHERE id = 'a' AND name = 'a' AND price > 1`:  "lua: ",
		`FIND Item WHERE code = 'a' AND name = 'a' AND sold`:     "lua: ",
		`FIND Item`: "lua: ",
		`FIND Item WHERE name = 'a' OR price > 1`:   "lua: ", // each part has an index
		`FIND Item WHERE NOT (price = 3 OR sold)`:   "search: ",
		`COUNT Item WHERE price > 1`:                "pipeline: ",
		`COUNT Item WHERE price > 1 AND sold`:       "search: ",
		`EXISTS Item WHERE price > 1 AND name = ''`: "search: ",
	} {
		require.True(t, strings.HasPrefix(plan(t, text, planner.Caps{Search: true}, nil)[0], want), text)
		require.False(t, strings.HasPrefix(plan(t, text, planner.Caps{}, nil)[0], "search: "), text)
		building := func(m *ir.Model) { m.Search.Building = true }
		require.False(t, strings.HasPrefix(plan(t, text, planner.Caps{Search: true}, building)[0], "search: "), text)
	}
	foreign := func(m *ir.Model) { m.Foreign = true }
	require.Contains(t, plan(t, `FIND Item`, planner.Caps{Search: true}, foreign)[0], "search: ")
	require.Contains(t, strings.Join(plan(t, `FIND Item WHERE name = 'a' AND price > 1`, planner.Caps{Search: true}, foreign), "\n"),
		"instead, where Search says that there were documents it could not index")
	require.Contains(t, plan(t, `FIND Item STALE WHERE name = 'a' AND price > 1`, planner.Caps{Search: true}, foreign)[0], "lua: ")
}

func TestExplainSearch(t *testing.T) {
	require.Equal(t, []string{
		"search: Item for rows, by rql:ft:Item:1 in pages of at most 1000 documents",
		"  query ((@price_:[($p0 $p1]) (@sold_:{1}))",
		"  parameters $p0 = 1, $p1 = 1 + 9",
		"  reads id, name, price, sold",
		"local: WHERE again on each document",
		"instead, where the values bound nothing in Search, or more than about 40000 documents match, or index Item(name) (name begins as 'a%') has at most 100 entries, or a walk in the order asked for reaches the limit sooner:",
		"  lua: scan Item, in steps of at most 1000 entries and 4 MiB",
		"    candidate 1: index Item(price) (price > 1, price <= 1 + 9), in the order asked for, of many only those also in Item(name) or Item(sold), then WHERE on the document",
		"    candidate 2: index Item(name) (name begins as 'a%'), of many only those also in Item(price) or Item(sold), then WHERE on the document",
		"    candidate 3: index Item(sold) (sold = true), of many only those also in Item(name) or Item(price), then WHERE on the document",
		"    the script counts the entries of each and takes the cheapest",
		"local: sort by price",
		"local: limit 3",
		"returns name",
	}, plan(t, `FIND Item WHERE price > 1 AND price <= 1 + 9 AND sold AND name LIKE 'a%' RETURN name ORDER BY price LIMIT 3`, planner.Caps{Search: true}, nil))
	require.Equal(t, []string{
		"search: Item for a number, by rql:ft:Item:1 in pages of at most 1000 documents",
		"  query ((@price_:[($p0 +inf]) (@sold_:{1}))",
		"  parameters $p0 = 1",
		"  Search's own number is the answer; no document is read",
	}, plan(t, `COUNT Item WHERE price > 1 AND sold`, planner.Caps{Search: true}, nil)[:4])
}

// A statement in one partition asks Search for it, and one over several is a single search, or one in each bucket.
func TestSearchInPartitions(t *testing.T) {
	together := true
	explain := func(by, text string) string {
		src := lang.NewSource("", "MODEL Item { id string KEY, tenant "+by+", kind string INDEX, price int INDEX } PARTITION BY tenant;"+text)
		prog, ds := check.Check(t.Context(), parser.Parse(src), nil, check.Options{})
		require.NoError(t, ds.Err(), text)
		m := prog.Schema.Model("Item")
		m.Search = &ir.SearchIndex{Name: "rql:ft:Item:1", Fields: search.FieldsFor(m)}
		p, err := planner.Build(prog.Stmts[1], prog, planner.Caps{Search: true, SearchParts: together})
		require.NoError(t, err)
		return strings.Join(planner.Explain(p, src, nil), "\n")
	}
	own := explain("int", `COUNT Item WHERE tenant = 7 AND price > 1 AND price < 9 AND (kind IN ('a', 'b') OR price = 3)`)
	require.Regexp(t, `^partition: tenant = 7\nsearch: Item for a number`, own)
	require.Regexp(t, `query \(\(@tenant_: each of \$p\d\) \(\(@price_:`, own)
	require.Regexp(t, `\$p\d = the partition`, own)
	require.Contains(t, explain("string", `COUNT Item WHERE tenant = '7' AND price > 1 AND (price = 7 OR price = 9 OR kind IS NULL)`), "lua: ")
	all := explain("string", `FIND Item WHERE price > 1 AND kind = 'a' ORDER BY price LIMIT 3`)
	require.True(t, strings.HasPrefix(all, "scatter: one search over all partitions of Item (by tenant)\nsearch: Item for rows"), all)
	require.Contains(t, all, "instead, where the values bound nothing in Search, or more than about 40000 documents match, or a walk in the order asked for reaches the limit sooner:\n  scatter: over the partitions of Item")
	some := explain("enum('a', 'b')", `COUNT Item WHERE tenant IN ('a', 'b') AND price > 1 AND price < 3 AND NOT kind = 'b' AND kind != 'x'`)
	require.NotContains(t, some, "search: ")
	some = explain("enum('a', 'b')", `COUNT Item WHERE tenant IN ('a', 'b') AND price > 1 AND (kind = 'b' OR price = 7)`)
	require.Contains(t, some, "scatter: one search over partitions of Item: tenant IN ")
	together = false
	all = explain("string", `FIND Item WHERE price > 1 AND kind = 'a' ORDER BY price LIMIT 3`)
	require.Contains(t, all, "scatter: a search in each bucket, one message a node and round, over all partitions of Item (by tenant)\nsearch: Item for rows")
	require.Contains(t, all, "instead, where the values bound nothing in Search, or the node of a bucket has no such index, or more than")
}

// What Search does of a statement beyond finding documents.
func TestSearchPushes(t *testing.T) {
	caps := planner.Caps{Search: true, EvalRO: true, SearchInScript: true}
	const where = " WHERE price > 1 AND sold "
	for text, want := range map[string]string{
		"GROUP BY name, sold RETURN name, sold, count() AS n": "  of 101 to 10000 documents Search itself groups by name, sold, if its reply proves them; then no document is read",
		"RETURN sum(price), avg(price)":                       "  of 101 to 10000 documents Search itself computes the aggregates, if its reply proves them; then no document is read",
		"RETURN name ORDER BY price DESC LIMIT 3":             "  of 101 to 10000 documents Search itself finds the first by price DESC, where LIMIT and OFFSET are below 100, if its reply proves them; then only these are read",
		"ORDER BY price":                                   "",
		"ORDER BY price, name LIMIT 3":                     "",
		"ORDER BY name LIMIT 3":                            "",
		"RETURN DISTINCT price ORDER BY price LIMIT 3":     "",
		"GROUP BY kind RETURN kind, count()":               "",
		"GROUP BY note RETURN note, count()":               "",
		"GROUP BY name RETURN name, collect(price)":        "",
		"AND note = '' GROUP BY name RETURN name, count()": "",
	} {
		lines := plan(t, "FIND Item"+where+text, caps, nil)
		if want != "" {
			require.Contains(t, lines, want, text)
		} else {
			require.NotContains(t, strings.Join(lines, "\n"), "Search itself", text)
		}
		for _, change := range []func(*ir.Model){func(m *ir.Model) { m.Foreign = true }, func(m *ir.Model) { m.Expires = true }} {
			require.NotContains(t, strings.Join(plan(t, "FIND Item"+where+text, caps, change), "\n"), "Search itself", text)
		}
		require.NotContains(t, strings.Join(plan(t, "FIND Item"+where+text, planner.Caps{Search: true, EvalRO: true}, nil), "\n"), "Search itself", text)
	}
}
