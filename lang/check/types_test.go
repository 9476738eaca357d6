package check_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// testTypes asks for the types of expressions over a row of User.
func testTypes(t *testing.T, rows [][2]string) {
	require.LessOrEqual(t, len(rows), 20)
	for _, row := range rows {
		f := stmt[*ir.Find](t, "FIND User RETURN "+row[0]+" AS it")
		require.Equal(t, row[1], f.Items[0].X.Type().String(), row[0])
	}
}

func TestTypesOfPaths(t *testing.T) {
	testTypes(t, [][2]string{
		{"age", "int"},
		{"score", "float?"},
		{"home", "Address?"},
		{"home.city", "string?"},
		{"team", "ref<Team>"},
		{"team.name", "string?"},
		{"team.owner.home.zip", "string?"},
		{"tags", "list<string>"},
		{"tags[0]", "string?"},
		{"prefs['x']", "string?"},
		{"extra.a[0].b", "json?"},
		{"seats.row", "list<int>"},
		{"seats[0].letter", "string?"},
		{"role", "enum('admin', 'member')"},
	})
}

func TestTypesOfOperations(t *testing.T) {
	testTypes(t, [][2]string{
		{"age + 1", "int"},
		{"age / 2", "float"},
		{"age // 2 % 3 ** 2", "int"},
		{"age + 1.5", "float"},
		{"score * 2", "float?"},
		{"-idle", "duration?"},
		{"joined - joined", "duration"},
		{"joined + '1h'", "datetime"},
		{"joined - '1h30m'", "datetime"},
		{"joined - '2020-01-01'", "duration"},
		{"idle / 1h", "float?"},
		{"idle * 2", "duration?"},
		{"name + 'x'", "string"},
		{"name * 3", "string"},
		{"tags + ['a']", "list<string>"},
		{"age > 1 AND banned", "bool"},
		{"score = null", "bool"},
		{"age + null", "int?"},
		{"[1, 2.5, age]", "list<float>"},
		{"[1, 'x']", "list<json?>"},
	})
}

func TestTypesOfFunctions(t *testing.T) {
	testTypes(t, [][2]string{
		{"round(score)", "int?"},
		{"round(1.25, 1)", "float"},
		{"abs(age)", "int"},
		{"min(age, 1.5)", "float"},
		{"coalesce(score, 0)", "float"},
		{"coalesce(home.city, home.zip)", "string?"},
		{"when(age < 18, 'minor', age < 65, 'adult', 'senior')", "string"},
		{"when(banned, role, 'admin')", "enum('admin', 'member')"},
		{"when(banned, 1)", "int?"},
		{"int(extra)", "int?"},
		{"datetime('2020', 'YYYY')", "datetime"},
		{"year(joined)", "int"},
		{"date_trunc('day', joined)", "datetime"},
		{"key(team)", "string"},
		{"key(team.owner)", "string?"},
		{"hex('00ff')", "bytes"},
		{"UUID()", "string"},
		{"(COUNT User) + 1", "int"},
		{"(EXISTS User 'u')", "bool"},
		{"(GET User 'u' SKIP MISSING).age", "int?"},
	})
}

func TestTypesOfAggregates(t *testing.T) {
	testTypes(t, [][2]string{
		{"count()", "int"},
		{"count(DISTINCT role)", "int"},
		{"sum(age)", "int"},
		{"sum(score)", "float"},
		{"avg(age)", "float?"},
		{"avg(idle)", "duration?"},
		{"min(joined)", "datetime?"},
		{"max(team)", "string?"},
		{"collect(home.city)", "list<string>"},
		{"percentile(age, 95)", "int?"},
		{"sum((FIND Order RETURN amount))", "int"},
		{"max(tags)", "string?"},
		{"count(tags)", "int"},
		{"sum(age) / count()", "float"},
	})
}

// TestTypesOfNames asks for the types that LET gives to its names.
func TestTypesOfNames(t *testing.T) {
	for _, row := range [][2]string{
		{"GET User 'u'", "User"},
		{"GET User 'u' SKIP MISSING", "User?"},
		{"GET User ('a', 'b')", "list<User>"},
		{"GET User $ids RETURN name", "object"},
		{"GET User 'u' FETCH team", "object"},
		{"FIND User", "list<User>"},
		{"(FIND User RETURN *)", "list<User>"},
		{"FIND User RETURN age", "list<object>"},
		{"CREATE Order { owner: 'u', amount: 1 }", "Order"},
		{"CREATE Order [{ owner: 'u', amount: 1 }] ON CONFLICT SKIP", "list<Order>"},
		{"PUT Order $doc", "Order"},
		{"UPDATE User 'u' SET age = 1 RETURN *", "User"},
		{"UPDATE User WHERE banned SET age = 1 RETURN age", "list<object>"},
		{"DELETE User 'u' RETURN *", "User?"},
		{"COPY User 'u' TIMES 3", "list<User>"},
		{"ATOMIC < RETURN 5 >", "int"},
		{"ATOMIC < RETURN 5 AS n >", "object"},
		{"[1, 2]", "list<int>"},
		{"{ a: 1 }", "object"},
	} {
		l := stmt[*ir.Let](t, "LET it = "+row[0])
		require.Equal(t, row[1], l.Var.Type.String(), row[0])
		require.True(t, l.Var.Top)
	}
}

func TestTypesOfNamesInExpressions(t *testing.T) {
	lets := "LET u = GET User 'u'; LET us = FIND User; LET ns = FIND User RETURN age; LET t = FIND Order RETURN owner, amount; "
	for _, row := range [][2]string{
		{"u.age", "int"},
		{"u.home.city", "string?"},
		{"u.team.name", "string?"},
		{"us.age", "list<int>"},
		{"us.home.city", "list<string?>"},
		{"us.team.owner.name", "list<string?>"},
		{"us[0].age", "int?"},
		{"us.seats.row", "list<list<int>>"},
		{"sum(us.age)", "int"},
		{"sum(ns)", "int"},
		{"avg(ns)", "float?"},
		{"5 IN ns", "bool"},
		{"ns CONTAINS 5", "bool"},
		{"t.owner.name", "list<string?>"},
		{"len(us)", "int"},
		{"count(us)", "int"},
	} {
		l := stmt[*ir.Let](t, lets+"LET it = "+row[0])
		require.Equal(t, row[1], l.X.Type().String(), row[0])
	}
}

// TestTypesOfParameters asks what type a parameter without a value gets from its place.
func TestTypesOfParameters(t *testing.T) {
	for _, row := range [][2]string{
		{"GET User $p", "string"},
		{"GET Flight $p", "int"},
		{"FIND User WHERE age > $p", "int"},
		{"FIND User WHERE joined > $p", "datetime"},
		{"FIND User WHERE joined > now() - $p", "duration"},
		{"FIND User WHERE role = $p", "enum('admin', 'member')"},
		{"FIND User WHERE name IN $p", "list<string?>"},
		{"FIND User WHERE name IN ('a', $p)", "string"},
		{"FIND User WHERE team = $p", "string"},
		{"FIND User WHERE name CONTAINS $p", "string"},
		{"FIND User WHERE tags CONTAINS $p", "string"},
		{"FIND User WHERE $p IN tags", "string"},
		{"FIND User WHERE extra.x = $p", "json"},
		{"FIND User WHERE $p", "bool"},
		{"FIND User LIMIT $p", "int"},
		{"FIND User AFTER $p", "string"},
		{"CREATE User $p", "object"},
		{"UPDATE User 'u' SET home = $p", "Address"},
		{"UPDATE User 'u' SET score += $p", "float"},
		{"UPDATE User 'u' SET tags.insert($p, 'x')", "int"},
	} {
		p := program(t, row[0], check.Options{NoParams: true})
		require.Equal(t, []string{"p"}, p.Params)
		found := ""
		eachExpr(p.Stmts[0], func(x ir.Expr) {
			if q, ok := x.(*ir.Param); ok {
				found = strings.TrimSuffix(q.T.String(), "?")
			}
		})
		require.Equal(t, row[1], found, row[0])
	}
}

// TestParametersOfAnotherType asks which given types go where.
func TestParametersOfAnotherType(t *testing.T) {
	for _, row := range []struct {
		text string
		typ  lang.Type
		want string
	}{
		{"FIND User WHERE score > $p", lang.TypeInt, "float"},
		{"FIND User WHERE joined > $p", lang.TypeString, "datetime"},
		{"FIND User WHERE idle > $p", lang.TypeDuration, "duration"},
		{"FIND User WHERE avatar = $p", lang.TypeBytes, "bytes?"},
		{"FIND User WHERE name = $p", lang.TypeNull, "string?"},
		{"FIND User WHERE name IN $p", lang.ListOf(lang.TypeUnknown), "list<string?>"},
		{"GET User $p", lang.ListOf(lang.TypeString), "list<string>"},
		{"CREATE User $p", lang.ListOf(lang.TypeUnknown), "list<object>"},
		{"CREATE User $p", lang.Type{Kind: lang.KObject}, "object"},
		{"UPDATE User 'u' SET extra = $p", lang.TypeFloat, "json"},
		{"UPDATE User 'u' SET extra = $p", lang.Type{Kind: lang.KObject}, "json?"},
		{"UPDATE User 'u' SET prefs = $p", lang.Type{Kind: lang.KObject}, "map<string>"},
		{"UPDATE User 'u' SET score = $p", lang.TypeInt, "float"},
		{"UPDATE User 'u' SET score += $p", lang.TypeInt, "float"},
	} {
		p := program(t, row.text, check.Options{Params: map[string]lang.Type{"p": row.typ}})
		found := ""
		eachExpr(p.Stmts[0], func(x ir.Expr) {
			if q, ok := x.(*ir.Param); ok {
				found = q.T.String()
			}
		})
		require.Equal(t, row.want, found, row.text)
	}
}
