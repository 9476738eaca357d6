package check_test

import (
	"testing"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
)

var nameMistakes = []mistake{
	{"FIND Usr", lang.CodeUnknownModel, "Usr"},
	{"FIND User WHERE agee > 3", lang.CodeUnknownName, "agee"},
	{"FIND User WHERE team.nam = 'x'", lang.CodeUnknownField, "nam"},
	{"FIND User WHERE home.cty = 'x'", lang.CodeUnknownField, "cty"},
	{"FIND User WHERE prefs.theme = 'x'", lang.CodeUnknownField, "theme"},
	{"FIND User WHERE age.x = 1", lang.CodeUnknownField, "x"},
	{"FIND User WHERE lenn(name) = 1", lang.CodeUnknownFunction, "lenn"},
	{"LET age = 3; FIND User WHERE age > 3", lang.CodeAmbiguousName, "age"},
	{"LET x = 3; LET x = 4", lang.CodeDuplicateName, "x"},
	{"ATOMIC < LET x = 3; LET x = 4 >", lang.CodeDuplicateName, "x"},
	{"LET x = 3; ATOMIC < LET x = 4 >", lang.CodeDuplicateName, "x"},
	{"LET x = y", lang.CodeUnknownName, "y"},
	{"GET User id", lang.CodeUnknownName, "id"},
	{"FIND User LIMIT age", lang.CodeUnknownName, "age"},
	{"FIND User WHERE id IN (FIND Order WHERE amount > age RETURN owner)", lang.CodeCorrelated, "age"},
	{"FIND User WHERE OLD.age > 1", lang.CodeUnknownName, "OLD"},
	{"LET o = FIND Order; LET x = o.amuont", lang.CodeUnknownField, "amuont"},
	{"LET o = FIND Order RETURN amount AS n; LET x = o.amount", lang.CodeUnknownField, "amount"},
	{"FIND User FETCH teem", lang.CodeUnknownField, "teem"},
	{"LET x = { a: 1, a: 2 }", lang.CodeDuplicateField, "a"},
}

func TestNames(t *testing.T) { testMistakes(t, nameMistakes) }

var clauseMistakes = []mistake{
	{"FIND User WHERE count() > 1", lang.CodeMisplacedAggregate, "count()"},
	{"FIND User ORDER BY count()", lang.CodeMisplacedAggregate, "count()"},
	{"LET n = count()", lang.CodeMisplacedAggregate, "count()"},
	{"FIND User RETURN sum(max(age))", lang.CodeMisplacedAggregate, "max(age)"},
	{"FIND User GROUP BY role RETURN role, age", lang.CodeNotGrouped, "age"},
	{"FIND User GROUP BY team RETURN team.name", lang.CodeNotGrouped, "team"},
	{"FIND User GROUP BY role RETURN sum(tags)", lang.CodeNotGrouped, "tags"},
	{"FIND User GROUP BY role RETURN count() AS n ORDER BY age", lang.CodeNotReturned, "age"},
	{"FIND User GROUP BY role RETURN role ORDER BY count()", lang.CodeNotReturned, "count()"},
	{"FIND User RETURN DISTINCT role ORDER BY age", lang.CodeNotReturned, "age"},
	{"FIND User RETURN age * 2 AS d ORDER BY tags", lang.CodeTypeMismatch, "tags"},
	{"FIND User RETURN name, age AS name", lang.CodeDuplicateColumn, "age AS name"},
	{"FIND User RETURN *, age", lang.CodeDuplicateColumn, "age"},
	{"FIND User RETURN DISTINCT role AFTER $c", lang.CodeNotAllowed, "$c"},
	{"FIND User FETCH name", lang.CodeTypeMismatch, "name"},
	{"FIND User GROUP BY role FETCH team RETURN role", lang.CodeNotAllowed, "team"},
	{"FIND User WHERE count(*) > 1", lang.CodeNotRQL, "count(*)"},
	{"UPDATE User 'u' SET age = 1 RETURN DISTINCT age", lang.CodeNotAllowed, "DISTINCT age"},
	{"FIND User WHERE tags.pop() = 'x'", lang.CodeMisplacedOperation, "pop"},
	{"LET x = range(1, 2)", lang.CodeMisplacedFunction, "range(1, 2)"},
}

func TestClauses(t *testing.T) { testMistakes(t, clauseMistakes) }

var parameterMistakes = []mistake{
	{"GET User $id", lang.CodeMissingParameter, "$id"},
	{"FIND User WHERE name = $n OR email = $n", lang.CodeMissingParameter, "$n"},
	{"FIND User WHERE age = $s", lang.CodeTypeMismatch, "$s"},
	{"FIND User WHERE joined > $s AND name = $i", lang.CodeTypeMismatch, "name = $i"},
	{"GET User $i", lang.CodeTypeMismatch, "$i"},
	{"CREATE User $s", lang.CodeTypeMismatch, "$s"},
	{"FIND User WHERE age IN $s", lang.CodeTypeMismatch, "$s"},
	{"FIND User LIMIT $f", lang.CodeTypeMismatch, "$f"},
	{"FIND User WHERE age > 1", lang.CodeUnusedParameter, ""},
	{"FIND User RETURN $x?", lang.CodeOptionalParameter, "$x?"},
	{"FIND User WHERE age = $x OR age > $x?", lang.CodeOptionalParameter, "$x"},
}

func TestParameters(t *testing.T) {
	all := map[string]lang.Type{"s": lang.TypeString, "i": lang.TypeInt, "f": lang.TypeFloat}
	for _, m := range parameterMistakes {
		given := map[string]lang.Type{}
		for _, name := range parse(t, m.text).Params {
			if typ, ok := all[name]; ok {
				given[name] = typ
			}
		}
		if m.code == lang.CodeUnusedParameter {
			given = map[string]lang.Type{"x": lang.TypeInt}
		}
		m.test(t, check.Options{Params: given})
	}
}

var atomicMistakes = []mistake{
	{"ATOMIC < UPDATE User 'u' SET age = 1 RETURN age >", lang.CodeUnusedReturn, "age"},
	{"LET x = UPDATE User 'u' SET age = 1", lang.CodeNoValue, "UPDATE User 'u' SET age = 1"},
	{"LET x = ATOMIC < ENSURE 1 < 2 >", lang.CodeNoValue, "ATOMIC < ENSURE 1 < 2 >"},
	{"ATOMIC < RETURN 1; COUNT User >", lang.CodeNotAllowed, "COUNT User"},
	{"ATOMIC < ENSURE 1 >", lang.CodeTypeMismatch, "1"},
	{"ENSURE true ELSE 5", lang.CodeTypeMismatch, "5"},
	{"ATOMIC < RETURN * >", lang.CodeNotAllowed, "*"},
	{"CALL f(1)", lang.CodeUnknownProcedure, "f"},
	{"EXPIRE User 'u' AFTER 3", lang.CodeTypeMismatch, "3"},
	{"PROFILE VERIFY User", lang.CodeNotAllowed, "VERIFY User"},
	{"FIND User WHERE age SEARCH 'x'", lang.CodeTypeMismatch, "age SEARCH 'x'"},
	{"FIND User RETURN ttl(id) AS t", lang.CodeTypeMismatch, "id"},
	{"ENSURE ttl() > 1h", lang.CodeMisplacedFunction, "ttl()"},
}

var flowMistakes = []mistake{
	{"ATOMIC < LET f = FIND User ORDER BY age AFTER $p >", lang.CodeNotAllowed, "$p"},
	{"ATOMIC < IF 1 THEN COUNT User END >", lang.CodeTypeMismatch, "1"},
	{"ATOMIC < FOR i IN 3 DO COUNT User END >", lang.CodeTypeMismatch, "3"},
	{"ATOMIC < FOR i IN range(1, 2) DO FOR i IN range(1, 2) DO COUNT User END END >", lang.CodeDuplicateName, "i"},
	{"ATOMIC < IF true THEN LET a = 1 END; RETURN a >", lang.CodeUnknownName, "a"},
	{"ATOMIC < IF true THEN RETURN 1; COUNT User END >", lang.CodeNotAllowed, "COUNT User"},
	{"ATOMIC < IF true THEN RETURN 1 AS a END; RETURN 1 AS b >", lang.CodeNotAllowed, "RETURN 1 AS b"},
	{"ATOMIC < IF true THEN RETURN 1 END; RETURN 1 AS a >", lang.CodeNotAllowed, "RETURN 1 AS a"},
	{"ATOMIC < IF true THEN RETURN 1 AS a END; RETURN true AS a >", lang.CodeTypeMismatch, "true"},
}

func TestFlow(t *testing.T) { testMistakes(t, flowMistakes) }

func TestAtomic(t *testing.T) { testMistakes(t, atomicMistakes) }

var fileMistakes = []mistake{
	{"IMPORT 'x.csv' INTO User", lang.CodeNotAllowed, "IMPORT 'x.csv' INTO User"},
	{"DOWN", lang.CodeNotAllowed, "DOWN"},
	{"EXPLAIN SHOW MODELS", lang.CodeNotAllowed, "SHOW MODELS"},
	{"ALTER MODEL User RENAME TO User", lang.CodeNotAllowed, "User"},
	{"DROP MODEL Team", lang.CodeNotEmpty, "Team"},
	{"DROP MODEL Address ALL", lang.CodeNotEmpty, "Address"},
	{"DROP MODEL Nix", lang.CodeUnknownModel, "Nix"},
	{"FIND Later; MODEL Later { a int }", lang.CodeUnknownModel, "Later"},
}

func TestFiles(t *testing.T) { testMistakes(t, fileMistakes) }
