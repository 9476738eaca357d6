package check_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// eachExpr calls f for every expression below the clauses of a statement that the tests look into.
func eachExpr(s ir.Stmt, f func(ir.Expr)) {
	walk := func(xs ...ir.Expr) {
		for _, x := range xs {
			if x != nil {
				ir.Walk(x, func(x ir.Expr) bool { f(x); return true })
			}
		}
	}
	sets := func(list []ir.Assign) {
		for _, a := range list {
			walk(a.Value)
			walk(a.Args...)
		}
	}
	switch s := s.(type) {
	case *ir.Get:
		walk(s.Key)
	case *ir.Find:
		walk(s.Where, s.Limit, s.After)
	case *ir.Create:
		for _, d := range s.Docs {
			walk(d.Value)
			walk(d.Fields...)
		}
		sets(s.Sets)
	case *ir.Update:
		walk(s.Target.Where, s.Target.Key)
		sets(s.Sets)
	}
}

func TestLiteralsAreReadAsWhatStandsBeside(t *testing.T) {
	f := stmt[*ir.Find](t, "FIND User WHERE joined > '2020-01-02' AND score > 3")
	and := f.Where.(*ir.Binary)
	day := and.L.(*ir.Binary).R.(*ir.Const)
	require.Equal(t, lang.DateTime(1577923200000), day.Value)
	require.Equal(t, "2020-01-02", day.Raw)
	require.Equal(t, 0, day.Ord)
	three := and.R.(*ir.Binary).R.(*ir.Const)
	require.Equal(t, 3.0, three.Value)
	require.Equal(t, int64(3), three.Raw)
	require.Equal(t, 1, three.Ord)
}

// TestPinnedLiterals: literals that name a column, a group or a subscript belong to the shape of the statement.
func TestPinnedLiterals(t *testing.T) {
	ords := func(text string) (out []int) {
		f := stmt[*ir.Find](t, text)
		for _, it := range append(f.Group, f.Items...) {
			ir.Walk(it.X, func(x ir.Expr) bool {
				if k, ok := x.(*ir.Const); ok {
					out = append(out, k.Ord)
				}
				return true
			})
		}
		return out
	}
	require.Equal(t, []int{-1}, ords("FIND User RETURN age + 1"))
	require.Equal(t, []int{0}, ords("FIND User RETURN age + 1 AS next"))
	require.Equal(t, []int{-1, 1}, ords("FIND User RETURN tags[0] + 'x' AS t"))
	require.Equal(t, []int{-1}, ords("FIND User GROUP BY age // 10 AS d RETURN d"))
}

func TestNullIsAskedFor(t *testing.T) {
	f := stmt[*ir.Find](t, "FIND User WHERE score = null OR null != idle")
	or := f.Where.(*ir.Binary)
	require.IsType(t, &ir.IsNull{}, or.L)
	require.IsType(t, &ir.IsNull{}, or.R.(*ir.Unary).X)
}

func TestBetweenIsTwoComparisons(t *testing.T) {
	f := stmt[*ir.Find](t, "FIND User WHERE age NOT BETWEEN 1 AND 2.5")
	both := f.Where.(*ir.Unary).X.(*ir.Binary)
	require.Equal(t, lang.OpAnd, both.Op)
	require.Equal(t, lang.OpGe, both.L.(*ir.Binary).Op)
	require.Equal(t, lang.OpLe, both.R.(*ir.Binary).Op)
	require.IsType(t, &ir.Col{}, both.L.(*ir.Binary).L)
	require.IsType(t, &ir.Convert{}, both.R.(*ir.Binary).L)
}

func TestContainsOfAListIsIn(t *testing.T) {
	f := stmt[*ir.Find](t, "FIND User WHERE tags CONTAINS 'go' AND name IN ('a', 'b') AND team IN (FIND Team RETURN id)")
	and := f.Where.(*ir.Binary)
	in := and.R.(*ir.In)
	require.IsType(t, &ir.Var{}, in.List)
	require.Len(t, f.Pre, 1)
	require.True(t, f.Pre[0].Pluck)
	require.Equal(t, "list<string>", f.Pre[0].Var.Type.String())
	require.Equal(t, "tags", ir.LeafPath(and.L.(*ir.Binary).L.(*ir.In).List))
	require.Len(t, and.L.(*ir.Binary).R.(*ir.In).Items, 2)
}

func TestWholeDocuments(t *testing.T) {
	for text, whole := range map[string]bool{
		"FIND User": true, "FIND User RETURN *": true, "FIND User FETCH team": false, "FIND User RETURN DISTINCT *": false,
		"FIND User RETURN *, age + 1 AS next": false, "FIND User RETURN age": false,
	} {
		require.Equal(t, whole, stmt[*ir.Find](t, text).AllFields, text)
	}
}

func TestColumnNames(t *testing.T) {
	f := stmt[*ir.Find](t, "FIND User GROUP BY name, home.city, age RETURN name, home.city, age*2, avg(score), count() AS n")
	names := make([]string, len(f.Items))
	for i, it := range f.Items {
		names[i] = it.Name
	}
	require.Equal(t, []string{"name", "home.city", "age*2", "avg(score)", "n"}, names)
}

func TestOrderByNames(t *testing.T) {
	f := stmt[*ir.Find](t, "FIND User RETURN age * 2 AS age, name AS n ORDER BY age, n, score")
	require.Equal(t, 0, f.Order[0].X.(*ir.Output).I)
	require.Equal(t, "name", ir.LeafPath(f.Order[1].X))
	require.Equal(t, "score", ir.LeafPath(f.Order[2].X))
	f = stmt[*ir.Find](t, "FIND User GROUP BY year(joined) AS y, role HAVING sum(score) > 1 RETURN y, role, sum(score) ORDER BY sum(score), role")
	require.Len(t, f.Aggs, 1)
	require.Equal(t, 2, f.Order[0].X.(*ir.Output).I)
	require.Equal(t, 1, f.Order[1].X.(*ir.Output).I)
	require.Equal(t, 0, f.Items[0].X.(*ir.GroupKey).I)
	require.Equal(t, 1, f.Items[1].X.(*ir.GroupKey).I)
}

func TestAggregatesMakeOneRow(t *testing.T) {
	f := stmt[*ir.Find](t, "FIND User RETURN sum(age), max(age) - min(age) AS spread, sum(age) AS again")
	require.True(t, f.Grouped)
	require.Empty(t, f.Group)
	require.Len(t, f.Aggs, 3)
	f = stmt[*ir.Find](t, "FIND User RETURN max(tags), min(age, 18)")
	require.False(t, f.Grouped)
}

func TestFetchPutsDocumentsInPlace(t *testing.T) {
	f := stmt[*ir.Find](t, "FIND User FETCH team RETURN name, team, team.name AS t")
	require.IsType(t, &ir.Deref{}, f.Items[1].X)
	require.Equal(t, "Team?", f.Items[1].X.Type().String())
	require.Equal(t, "team>name", ir.LeafPath(f.Items[2].X))
	f = stmt[*ir.Find](t, "FIND User FETCH team.owner RETURN team")
	require.Equal(t, "when", f.Items[0].X.(*ir.Call).Fn)
	require.Equal(t, "list<User?>", stmt[*ir.Find](t, "FIND Flight FETCH crew RETURN crew").Items[0].X.Type().String())
}

func TestFieldsOfDocuments(t *testing.T) {
	c := stmt[*ir.Create](t, "CREATE User { name: 'a', email: 'e', age: 1, team: 't', home: { street: 's', city: 'c' }, extra: { a: [1, 'x'] }, score: -1 }")
	require.False(t, c.Many)
	u := c.Model
	fields := c.Docs[0].Fields
	require.Len(t, fields, len(u.Fields))
	require.Nil(t, fields[u.Key.Pos])
	home := fields[u.Field("home").Pos].(*ir.Object)
	require.Equal(t, lang.KEmbedded, home.T.Kind)
	require.Equal(t, []string{"street", "city", "zip"}, home.Names)
	require.Nil(t, home.Items[2].(*ir.Const).Value)
	require.Equal(t, lang.KJSON, fields[u.Field("extra").Pos].Type().Kind)
	require.Equal(t, lang.KFloat, fields[u.Field("score").Pos].Type().Kind)
	require.True(t, stmt[*ir.Create](t, "CREATE User []").Many)
}

func TestPlaces(t *testing.T) {
	u := stmt[*ir.Update](t, `UPDATE User 'u' SET home.city = 'x', home = null, tags[0] = 'a', prefs['k'] = 'v', seats[0].row = 1, tags.pop() AS last, name = last RETURN last, OLD.age`)
	city := u.Sets[0].Place
	require.Equal(t, "home.city", city.Col.Name)
	require.Equal(t, "home", city.Creates[0].Name)
	require.True(t, city.Creates[0].Presence)
	require.Equal(t, "home", u.Sets[1].Place.Prefix)
	require.Nil(t, u.Sets[1].Place.Col)
	require.Len(t, u.Sets[2].Place.Steps, 1)
	require.Equal(t, "row", u.Sets[4].Place.Steps[1].(*ir.Const).Value)
	require.Equal(t, "pop", u.Sets[5].Op)
	require.Equal(t, "string?", u.Sets[5].As.Type.String())
	require.Equal(t, "OLD:age", ir.LeafPath(u.Items[1].X))
	require.Nil(t, stmt[*ir.Update](t, "UPDATE User 'u' SET age = 1").Items)
}

func TestKeys(t *testing.T) {
	for text, many := range map[string]bool{
		"GET User 'u'": false, "GET User ('a', 'b')": true, "GET User ['a']": true, "GET User $p": false, "GET Flight -7": false,
		"LET ids = FIND User RETURN id; GET User ids": true, "LET u = GET User 'u'; GET Team u.team": false,
	} {
		require.Equal(t, many, stmt[*ir.Get](t, text).Many, text)
	}
}

func TestVariablesOfASession(t *testing.T) {
	vars := map[string]lang.Type{"a": lang.TypeInt, "b": lang.TypeString, "unused": lang.TypeInt}
	p := program(t, "LET c = 1; FIND User WHERE name = b AND age > a + c", check.Options{Vars: vars})
	names := []string{}
	for _, v := range p.TopVars {
		names = append(names, v.Name)
		require.True(t, v.Top)
		require.Less(t, v.ID, p.Vars)
	}
	require.Equal(t, []string{"b", "a", "c"}, names)
	_, ds := check.Check(context.Background(), parse(t, "LET a = 1"), schema(t), check.Options{Vars: vars})
	require.Equal(t, lang.CodeDuplicateName, ds[0].Code)
	p = program(t, "LET a = a + 1; LET a = a + 1; COUNT User WHERE age > a", check.Options{Vars: vars, Prompt: true})
	require.Len(t, p.TopVars, 3)
	require.Equal(t, 2, p.Stmts[2].(*ir.Count).Where.(*ir.Binary).R.(*ir.Var).V.ID)
}

func TestUses(t *testing.T) {
	p := program(t, "FIND Order WHERE owner.team.name = 'x' AND owner.age > (COUNT Flight); GET Team 't'", check.Options{})
	names := []string{}
	for _, m := range p.Uses {
		names = append(names, m.Name)
	}
	require.Equal(t, []string{"Address", "Flight", "Order", "Seat", "Team", "User"}, names)
	require.Len(t, p.Stmts[1].Info().Uses, 1)
}

func TestAllMistakesAtOnce(t *testing.T) {
	f := parse(t, "FIND Usr; FIND User WHERE agee = 1 AND banned + 1 = 2; CREATE Order { amount: 'x' }")
	_, ds := check.Check(t.Context(), f, schema(t), check.Options{})
	codes := []lang.Code{}
	for _, d := range ds {
		codes = append(codes, d.Code)
	}
	require.Equal(t, []lang.Code{lang.CodeUnknownModel, lang.CodeUnknownName, lang.CodeTypeMismatch, lang.CodeRequired, lang.CodeTypeMismatch}, codes)
	require.Equal(t, 2, ds[4].Stmt)
}

func TestHints(t *testing.T) {
	for text, hint := range map[string]string{
		"FIND Usr":                             "did you mean User?",
		"FIND User WHERE agee = 1":             "did you mean age?",
		"FIND User WHERE role = 'admn'":        "did you mean 'admin'?",
		"FIND User WHERE name + age = 'x'":     "write string(age)",
		"UPDATE User 'u' SET age = score":      "round(score), floor(score) and ceil(score) give an int",
		"UPDATE User 'u' SET age /= 2":         "`//=` divides and rounds down",
		"FIND User WHERE extra.n + 1 = 2":      "convert the json: int(x), float(x) or string(x)",
		"FIND User WHERE name = nme":           "did you mean name?",
		"FIND User WHERE count() > 1":          "conditions on groups go in HAVING",
		"UPDATE User 'u' SET team.name = 'x'":  "UPDATE Team <key> SET name = …",
		"UPDATE User 'u' SET name.lower()":     "write name = lower(name)",
		"LET u = GET User 'u'; GET User u":     "its key is key(u)",
		"FIND User WHERE prefs.theme = 'dark'": "a key of a map goes in brackets: ['theme']",
	} {
		_, ds := check.Check(context.Background(), parse(t, text), schema(t), check.Options{})
		require.NotEmpty(t, ds, text)
		require.Equal(t, hint, ds[0].Hint, text)
	}
}

// TestDeepNesting asks that work does not double with each level.
func TestDeepNesting(t *testing.T) {
	for _, part := range [][2]string{{"max(", ")"}, {"[", "]"}, {"coalesce(null, ", ")"}, {"when(true, ", ", null)"}, {"{ a: ", " }"}, {"[{ a: [", "] }]"}} {
		n := 90
		if len(part[0]) > 4 && part[0][0] == '[' {
			n = 30
		}
		text := "FIND User RETURN " + strings.Repeat(part[0], n) + "age" + strings.Repeat(part[1], n) + " AS x"
		f := parse(t, text)
		start := time.Now()
		check.Check(t.Context(), f, schema(t), check.Options{})
		require.Less(t, time.Since(start), 20*time.Second, part[0])
	}
}
