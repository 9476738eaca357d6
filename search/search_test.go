package search_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner/plan"
	"github.com/rql-lang/rql/search"
)

const person = `MODEL Person { id string KEY, name string INDEX, nick string? INDEX, age int INDEX, score float? INDEX, big int64 INDEX,
  flag bool INDEX, role enum('a','b') INDEX, joined datetime INDEX, wait duration<ns> INDEX, home string, tags list<string> INDEX }`

// query makes the template of a WHERE, and the values of its literals.
func query(t testing.TB, model, where string) (*plan.SearchQuery, []any) {
	t.Helper()
	prog, ds := check.Check(t.Context(), parser.Parse(lang.NewSource("", model+";\nFIND Person WHERE "+where)), nil, check.Options{})
	require.NoError(t, ds.Err(), where)
	st := prog.Stmts[1].(*ir.Find)
	st.Model.Search = &ir.SearchIndex{Name: "rql:ft:Person:1", Fields: search.FieldsFor(st.Model)}
	q := search.New(st.Model, st.Where)
	var values []any
	for _, x := range q.Slots {
		values = append(values, valueOf(t, x))
	}
	return q, values
}

// valueOf is the value of a literal.
func valueOf(t testing.TB, x ir.Expr) any {
	switch x := x.(type) {
	case *ir.Const:
		return x.Value
	case *ir.List:
		var out []any
		for _, it := range x.Items {
			out = append(out, valueOf(t, it))
		}
		return out
	case *ir.Unary:
		return -valueOf(t, x.X).(int64)
	}
	return nil
}

// said writes a query with its parameters in their places.
func said(r *search.Rendered) string {
	text := r.Text
	for i := len(r.Params) - 2; i >= 0; i -= 2 {
		text = strings.ReplaceAll(text, "$"+r.Params[i], r.Params[i+1])
	}
	switch {
	case r.None:
		text = "none"
	case r.Exact:
		text += " exactly"
	}
	return text
}

func TestQuery(t *testing.T) {
	for where, want := range map[string]string{
		`age = 30`:                                "(@age_:[30 30]) exactly",
		`age > 10 AND age <= 20 AND age >= 12`:    "(@age_:[12 20]) exactly",
		`age > 20 AND age < 20`:                   "none",
		`age >= 1 AND name = 'x'`:                 "((@age_:[1 +inf]) (@name_:{x}))",
		`age = 1 OR score < 2.5`:                  "((@age_:[1 1])|(@score_:[-inf (2.5])) exactly",
		`age = 1 OR home = 'x'`:                   "*",
		`age = 1 AND home = 'x'`:                  "(@age_:[1 1])",
		`NOT age > 5`:                             "(-(@age_:[(5 +inf])) exactly",
		`NOT name = 'x'`:                          "*",
		`NOT (age > 5 AND flag)`:                  "((-(@age_:[(5 +inf]))|(-(@flag_:{1}))) exactly",
		`role IN ('a', 'b') AND NOT flag`:         "((@role_:{a|b}) (-(@flag_:{1}))) exactly",
		`score IS NULL`:                           "(-(@score_:[-inf +inf])) exactly",
		`score IS NOT NULL AND nick IS NULL`:      "((@score_:[-inf +inf]) (ismissing(@nick_))) exactly",
		`nick IN ('a', null)`:                     "((@nick_:{a})|(ismissing(@nick_)))",
		`age IN (1, 2)`:                           "((@age_:[1 1])|(@age_:[2 2])) exactly",
		`big > 9007199254740993`:                  "(@big_:[9007199254740992 +inf])",
		`joined < '1970-01-01T00:00:01Z'`:         "(@joined_:[-inf (1000]) exactly",
		`wait = 2ms`:                              "(@wait_:[2000000 2999999])",
		`name > 'x' AND tags CONTAINS 'x'`:        "*",
		`name LIKE 'x%' AND NOT (nick IS NULL)`:   "(-(ismissing(@nick_)))",
		`age BETWEEN 1 AND 2 AND age != 2`:        "((@age_:[1 2]) (-(@age_:[2 2]))) exactly",
		`name = ' x' AND (nick = '' OR age = 3)`:  "*",
		`name = 'a\\b {c}' AND 3 < age`:           `((@name_:{a\\b {c}}) (@age_:[(3 +inf]))`,
		`(age = 1 OR age = 2) AND flag = false`:   "(((@age_:[1 1])|(@age_:[2 2])) (@flag_:{0})) exactly",
		`score > 1e300 AND score < 5e-324`:        "none",
		`age > 1.5 AND score = 0.1`:               "((@age_:[(1.5 +inf]) (@score_:[0.1 0.1])) exactly",
		`NOT (age = 1 OR name = 'x') AND age = 1`: "((-(@age_:[1 1])) (@age_:[1 1]))",
		`NOT (NOT (age = 1 AND NOT flag))`:        "((@age_:[1 1]) (-(@flag_:{1}))) exactly",
		`NOT (score IN (1.5, null, 2.5))`:         "((-(@score_:[1.5 1.5])) (@score_:[-inf +inf]) (-(@score_:[2.5 2.5]))) exactly",
	} {
		q, values := query(t, person, where)
		r, err := search.Render(q, values)
		require.NoError(t, err)
		require.Equal(t, want, said(r), where)
	}
}

// A value that the caller gives may be null, or none that the index holds.
func TestValuesOfARun(t *testing.T) {
	q, _ := query(t, person, `age > 1 AND name = 'a'`)
	for _, c := range []struct {
		age, name any
		want      string
	}{
		{int64(7), "x y", "((@age_:[(7 +inf]) (@name_:{x y}))"},
		{int64(7), "x ", "(@age_:[(7 +inf])"},
		{int64(7), "a\x01b", "(@age_:[(7 +inf])"},
		{int64(7), nil, "none"},
		{nil, "x", "none"},
		{int64(7), strings.Repeat("x", 5000), "(@age_:[(7 +inf])"},
	} {
		r, err := search.Render(q, []any{c.age, c.name})
		require.NoError(t, err)
		require.Equal(t, c.want, said(r))
	}
	require.Equal(t, "((@age_:[($p0 +inf]) (@name_:{$p1}))", search.Explain(q, naming()))
}

// naming gives $p0, $p1 …
func naming() func(ir.Expr) string {
	n := 0
	return func(ir.Expr) string {
		n++
		return fmt.Sprintf("$p%d", n-1)
	}
}

func TestCreate(t *testing.T) {
	prog, ds := check.Check(t.Context(), parser.Parse(lang.NewSource("",
		"MODEL A { city string? INDEX }; MODEL M { id string KEY, n int INDEX, n_ int, home A, tags list<string> INDEX } STORED AS HASH")), nil, check.Options{})
	require.NoError(t, ds.Err())
	m := prog.Schema.Model("M")
	ix := &ir.SearchIndex{Fields: search.FieldsFor(m)}
	require.Equal(t, "FT.CREATE x:ft ON HASH PREFIX 1 x:M: STOPWORDS 0 SCHEMA n AS n2_ NUMERIC home.city AS home__city_ TAG SEPARATOR \x01 CASESENSITIVE INDEXMISSING",
		strings.TrimSpace(fmt.Sprintln(search.Create(m, ix, "x:ft", []string{"x:M:"})...)))
	require.Equal(t, `$["home"]["city"]`, search.Path(&ir.Model{JSON: true}, m.Column("home.city")))
	require.Equal(t, `$["tags"][*]`, search.Path(&ir.Model{JSON: true}, m.Column("tags")))
}
