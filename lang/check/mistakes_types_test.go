package check_test

import (
	"testing"

	"github.com/rql-lang/rql/lang"
)

var typeMistakes = []mistake{
	{"FIND User WHERE age", lang.CodeTypeMismatch, "age"},
	{"FIND User WHERE age = 'x'", lang.CodeTypeMismatch, "'x'"},
	{"FIND User WHERE age = name", lang.CodeTypeMismatch, "age = name"},
	{"FIND User WHERE tags > ['a']", lang.CodeTypeMismatch, "tags > ['a']"},
	{"FIND User WHERE banned < true", lang.CodeTypeMismatch, "banned < true"},
	{"FIND User WHERE name + age = 'x'", lang.CodeTypeMismatch, "name + age"},
	{"FIND User WHERE extra + 1 > 2", lang.CodeTypeMismatch, "extra + 1"},
	{"FIND User WHERE joined + joined > now()", lang.CodeTypeMismatch, "joined + joined"},
	{"FIND User WHERE 1h + joined > now()", lang.CodeTypeMismatch, "1h + joined"},
	{"FIND User WHERE age IN (1, name)", lang.CodeTypeMismatch, "name"},
	{"FIND User WHERE age IN name", lang.CodeTypeMismatch, "name"},
	{"FIND User WHERE age CONTAINS 1", lang.CodeTypeMismatch, "age CONTAINS 1"},
	{"FIND User WHERE age LIKE 'x'", lang.CodeTypeMismatch, "age LIKE 'x'"},
	{"FIND User WHERE name LIKE email", lang.CodeNotAllowed, "email"},
	{"FIND User WHERE lower(age) = 'x'", lang.CodeTypeMismatch, "age"},
	{"FIND User WHERE substr(name) = 'x'", lang.CodeWrongArguments, "substr(name)"},
	{"FIND User WHERE when(age > 1) = 'a'", lang.CodeWrongArguments, "when(age > 1)"},
	{"FIND User WHERE int(score) = 1", lang.CodeTypeMismatch, "score"},
	{"FIND User WHERE -name = 'x'", lang.CodeTypeMismatch, "-name"},
	{"FIND User WHERE key(name) = 'x'", lang.CodeTypeMismatch, "name"},
}

func TestTypes(t *testing.T) { testMistakes(t, typeMistakes) }

var literalMistakes = []mistake{
	{"FIND User WHERE joined > 'yesterday'", lang.CodeBadConversion, "'yesterday'"},
	{"FIND User WHERE idle > '5 minutes'", lang.CodeBadConversion, "'5 minutes'"},
	{"FIND User WHERE role = 'admn'", lang.CodeBadConversion, "'admn'"},
	{"FIND User WHERE role IN ('admin', 'x')", lang.CodeBadConversion, "'x'"},
	{"FIND User WHERE name MATCHES '('", lang.CodeBadPattern, "'('"},
	{"FIND User WHERE date_trunc('fortnight', joined) = now()", lang.CodeBadArgument, "'fortnight'"},
	{"FIND User WHERE date_trunc(name, joined) = now()", lang.CodeNotAllowed, "name"},
	{"FIND User LIMIT null", lang.CodeNullValue, "null"},
	{"GET User null", lang.CodeNullValue, "null"},
	{"FIND User LIMIT 1.5", lang.CodeTypeMismatch, "1.5"},
	{"GET User 5", lang.CodeTypeMismatch, "5"},
	{"GET Flight 'x'", lang.CodeTypeMismatch, "'x'"},
	{"GET User { id: 'u' }", lang.CodeNotAllowed, "{ id: 'u' }"},
	{"EXISTS User ('a', 'b')", lang.CodeTypeMismatch, "('a', 'b')"},
	{"FIND User WHERE team = 'a' + 1", lang.CodeTypeMismatch, "'a' + 1"},
	{"FIND User WHERE team IN (GET Team ('a', 'b'))", lang.CodeTypeMismatch, "team IN (GET Team ('a', 'b'))"},
	{"FIND User RETURN percentile(age, age) AS p", lang.CodeUnknownName, "age"},
	{"FIND User RETURN sum(DISTINCT age) AS p", lang.CodeNotAllowed, "sum(DISTINCT age)"},
	{"FIND User RETURN -int64(age) AS p", lang.CodeTypeMismatch, "-int64(age)"},
	{"LET u = GET User 'u'; GET User u", lang.CodeTypeMismatch, "u"},
}

func TestLiterals(t *testing.T) { testMistakes(t, literalMistakes) }

var setMistakes = []mistake{
	{"UPDATE User 'u' SET age /= 2", lang.CodeTypeMismatch, "age /= 2"},
	{"UPDATE User 'u' SET age += 1.5", lang.CodeTypeMismatch, "age += 1.5"},
	{"UPDATE User 'u' SET age = 1.5", lang.CodeTypeMismatch, "1.5"},
	{"UPDATE User 'u' SET age = null", lang.CodeRequired, "null"},
	{"UPDATE User 'u' SET name -= 'x'", lang.CodeTypeMismatch, "name -= 'x'"},
	{"UPDATE User 'u' SET id = 'v'", lang.CodeBadPlace, "id"},
	{"UPDATE User 'u' SET team.name = 'x'", lang.CodeBadPlace, "team.name"},
	{"UPDATE User 'u' SET extra.a = 1", lang.CodeBadPlace, "extra.a"},
	{"UPDATE User 'u' SET name[0] = 'x'", lang.CodeBadPlace, "name[0]"},
	{"UPDATE User 'u' SET nme = 'x'", lang.CodeUnknownField, "nme"},
	{"UPDATE User 'u' SET prefs.theme = 'x'", lang.CodeUnknownField, "theme"},
	{"UPDATE User 'u' SET tags.push('x')", lang.CodeUnknownOperation, "push"},
	{"UPDATE User 'u' SET name.lower()", lang.CodeUnknownOperation, "lower"},
	{"UPDATE User 'u' SET tags.append(1)", lang.CodeTypeMismatch, "1"},
	{"UPDATE User 'u' SET tags.append()", lang.CodeWrongArguments, "tags.append()"},
	{"UPDATE User 'u' SET tags.append('x') AS y", lang.CodeNoValue, "y"},
	{"UPDATE User 'u' SET tags.append(null)", lang.CodeNullValue, "null"},
	{"UPDATE User 'u' SET tags = ['x', null]", lang.CodeNullValue, "null"},
	{"UPDATE User 'u' SET tags['x'] = 'y'", lang.CodeTypeMismatch, "'x'"},
	{"UPDATE User 'u' SET prefs[0] = 'y'", lang.CodeTypeMismatch, "0"},
}

func TestSet(t *testing.T) { testMistakes(t, setMistakes) }

var documentMistakes = []mistake{
	{"CREATE Order { amount: 1 }", lang.CodeRequired, "{ amount: 1 }"},
	{"CREATE Order { owner: null, amount: 1 }", lang.CodeRequired, "null"},
	{"CREATE Order { owner: 'u', amount: 1, nte: 'x' }", lang.CodeUnknownField, "nte"},
	{"CREATE Order { owner: 'u', amount: 1, amount: 2 }", lang.CodeDuplicateField, "amount"},
	{"CREATE Order { owner: 'u', amount: '1' }", lang.CodeTypeMismatch, "'1'"},
	{"CREATE Order { owner: 5, amount: 1 }", lang.CodeTypeMismatch, "5"},
	{"CREATE Order 5", lang.CodeTypeMismatch, "5"},
	{"CREATE Order [{ owner: 'u', amount: 1 }, { owner: 'u' }]", lang.CodeRequired, "{ owner: 'u' }"},
	{"UPDATE User 'u' SET home = { city: 'x' }", lang.CodeRequired, "{ city: 'x' }"},
	{"UPDATE User 'u' SET home = { street: 's', cty: 'x' }", lang.CodeUnknownField, "cty"},
	{"UPDATE User 'u' SET home.city = null", lang.CodeRequired, "null"},
	{"UPDATE User 'u' SET prefs = { a: 1 }", lang.CodeTypeMismatch, "1"},
	{"LET o = GET Order 'x'; CREATE User o", lang.CodeUnknownField, "o"},
	{"CREATE Flight { origin: 'x', delay: 1 }", lang.CodeRequired, "{ origin: 'x', delay: 1 }"},
	{"COPY Flight 1", lang.CodeRequired, "COPY Flight 1"},
	{"CREATE Team { id: 't', name: 'n' } TTL 1", lang.CodeTypeMismatch, "1"},
	{"CREATE Team { id: 't', name: 'n' } TTL [1h]", lang.CodeTypeMismatch, "[1h]"},
	{"LET t = GET Team 't'; CREATE Team { id: 'x', name: 'n', owner: t }", lang.CodeTypeMismatch, "t"},
	{"UPDATE User 'u' SET seats[0].row = 'x'", lang.CodeTypeMismatch, "'x'"},
	{"UPDATE User 'u' SET seats = [{ row: 1, col: 2 }]", lang.CodeUnknownField, "col"},
}

func TestDocuments(t *testing.T) { testMistakes(t, documentMistakes) }
