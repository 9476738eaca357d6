package eval_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

const models = `
MODEL Address { city string, zip string? }
MODEL Team { id string KEY, name string, at Address? }
MODEL User {
  id string KEY, age int, score float?, role enum('admin', 'member'), tags list<string>, prefs map<int>,
  home Address?, team ref<Team>, joined datetime, extra json?, past list<Address>
}
`

// where checks a condition over User.
func where(t *testing.T, cond string) (*ir.Find, *ir.Schema) {
	t.Helper()
	f := parser.Parse(lang.NewSource("", models+"FIND User WHERE "+cond+";"))
	require.NoError(t, f.Diags.Err())
	p, ds := check.Check(context.Background(), f, nil, check.Options{})
	require.NoError(t, ds.Err(), cond)
	find, ok := p.Stmts[len(p.Stmts)-1].(*ir.Find)
	require.True(t, ok)
	return find, p.Schema
}

// From text to value: what the checker makes is what is computed here.
func TestConditionsFromText(t *testing.T) {
	row := map[string]any{
		"id": "u1", "age": int64(30), "score": nil, "role": "admin", "tags": []any{"go", "redis"}, "prefs": map[string]any{"a": int64(1)},
		"home": true, "home.city": "Oslo", "home.zip": nil, "team": "t1", "joined": lang.DateTime(1_700_000_000_000),
		"extra": map[string]any{"n": int64(5), "s": "7"}, "past": []any{map[string]any{"city": "Rome", "zip": "00100"}, map[string]any{"city": "Bonn", "zip": nil}},
		"team>id": "t1", "team>name": "core", "team>at": nil, "team>at.city": nil,
	}
	for cond, want := range map[string]bool{
		`age BETWEEN 10 AND 30 AND NOT age = 31`:                                  true,
		`score = null AND NOT (score < 5)`:                                        true,
		`score IS NOT NULL OR score >= 1`:                                         false,
		`role = 'admin' AND role IN ('member', 'admin')`:                          true,
		`tags CONTAINS 'go' AND 'redis' IN tags AND len(tags) = 2`:                true,
		`prefs['a'] + 1 = 2 AND prefs['z'] IS NULL AND prefs CONTAINS 'a'`:        true,
		`home.city LIKE 'O%' AND home.zip = null AND home != null`:                true,
		`team.name = 'core' AND team.at.city = null AND team = 't1'`:              true,
		`joined > '2023-01-01' AND joined < '2024-01-01' AND year(joined) = 2023`: true,
		`joined + 1d - joined = 24h`:                                              true,
		`int(extra.s) + int(extra.n) = 12 AND extra.x = null`:                     true,
		`extra.n = 5 AND extra.n != '5'`:                                          true,
		`past[0].city = 'Rome' AND past[-1].zip = null AND past[9].city = null`:   true,
		`'Bonn' IN past.city`:                                                     true,
		`age / 0 > 1 OR age // 7 = 4`:                                             true,
		`when(age > 40, 'old', age > 20, 'grown', 'young') = 'grown'`:             true,
		`coalesce(score, age) = 30`:                                               true,
		`id NOT LIKE 'x%' AND id MATCHES '[a-z]\\d+'`:                             true,
		`(age ** 2 - 1) % 2 = 1 AND -age // 7 = -5`:                               true,
		`tags + ['x'] = ['go', 'redis', 'x']`:                                     true,
	} {
		find, schema := where(t, cond)
		leaves := eval.Leaves(schema, find.Where)
		env := &eval.Env{Query: true}
		for _, l := range leaves {
			v, ok := row[ir.LeafPath(l)]
			require.True(t, ok, "%s: %s", cond, ir.LeafPath(l))
			env.Row = append(env.Row, v)
		}
		f, err := eval.CompileCond(find.Where, eval.NewLayout(schema, leaves))
		require.NoError(t, err, cond)
		got, err := f(env)
		require.NoError(t, err, cond)
		require.Equal(t, want, got, cond)
	}
}
