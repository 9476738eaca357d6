package check_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
)

const longModel = "MODEL Snow { id int64 KEY, v int64, age int, rev int REVISION }; "

var int64Mistakes = []mistake{
	{longModel + "FIND Snow RETURN v + 1 AS x", lang.CodeTypeMismatch, "v + 1"},
	{longModel + "FIND Snow RETURN 2 * v AS x", lang.CodeTypeMismatch, "2 * v"},
	{longModel + "FIND Snow RETURN -v AS x", lang.CodeTypeMismatch, "-v"},
	{longModel + "FIND Snow RETURN abs(v) AS x", lang.CodeTypeMismatch, "v"},
	{longModel + "FIND Snow RETURN sum(v) AS x", lang.CodeTypeMismatch, "v"},
	{longModel + "FIND Snow WHERE v > 1.5", lang.CodeTypeMismatch, "v > 1.5"},
	{longModel + "FIND Snow WHERE v = '17'", lang.CodeTypeMismatch, "'17'"},
	{longModel + "FIND Snow WHERE age = 9007199254740992", lang.CodeOverflow, "9007199254740992"},
	{longModel + "FIND Snow WHERE age > -9007199254740992", lang.CodeOverflow, "-9007199254740992"},
	{longModel + "FIND Snow WHERE age IN (1, 9007199254740992)", lang.CodeOverflow, "9007199254740992"},
	{longModel + "FIND Snow LIMIT 9007199254740992", lang.CodeOverflow, "9007199254740992"},
	{longModel + "UPDATE Snow 1 SET v *= 2", lang.CodeTypeMismatch, "v *= 2"},
	{longModel + "UPDATE Snow 1 SET v += 1.5", lang.CodeTypeMismatch, "1.5"},
	{longModel + "UPDATE Snow 1 SET v += null", lang.CodeRequired, "null"},
	{longModel + "UPDATE Snow 1 SET age = v", lang.CodeTypeMismatch, "v"},
	{longModel + "UPDATE Snow 1 SET age = 9007199254740992", lang.CodeOverflow, "9007199254740992"},
	{"MODEL M { id int64 KEY DEFAULT 1 }", lang.CodeBadModel, "1"},
}

func TestInt64(t *testing.T) { testMistakes(t, int64Mistakes) }

var revisionMistakes = []mistake{
	{longModel + "UPDATE Snow 1 SET rev = 1", lang.CodeRevisionSet, "rev"},
	{longModel + "CREATE Snow { id: 1, v: 1, age: 1, rev: 1 }", lang.CodeRevisionSet, "rev"},
	{longModel + "PUT Snow { id: 1, v: 1, age: 1, rev: 1 }", lang.CodeRevisionSet, "rev"},
	{longModel + "COPY Snow 1 SET id = 2, rev = 1", lang.CodeRevisionSet, "rev"},
	{longModel + "LET s = GET Snow 1; PUT Snow s", lang.CodeRevisionSet, "s"},
	{"MODEL M { rev float REVISION }", lang.CodeBadModel, "float"},
	{"MODEL M { rev int REVISION DEFAULT 2 }", lang.CodeBadModel, "2"},
	{"MODEL M { a int REVISION, b int REVISION }", lang.CodeBadModel, "b"},
	{"MODEL M { a int REVISION UNIQUE }", lang.CodeBadModel, "a"},
	{"MODEL E { a int REVISION }; MODEL M { e E }", lang.CodeBadModel, "E"},
}

func TestRevision(t *testing.T) { testMistakes(t, revisionMistakes) }

// An int takes the type of an int64 beside it; a parameter beyond the range of int is one.
func TestInt64Beside(t *testing.T) {
	long := check.Options{Params: map[string]lang.Type{"n": lang.TypeInt64, "l": lang.ListOf(lang.TypeInt)}}
	program(t, longModel+"FIND Snow WHERE v = 5 AND v = age AND v IN $l AND v >= -9007199254740993 AND id < $n AND min(v, 1) > int64('-9223372036854775808')", long)
	_, ds := check.Check(context.Background(), parse(t, longModel+"FIND Snow WHERE age = $n"), nil, check.Options{Params: map[string]lang.Type{"n": lang.TypeInt64}})
	require.Len(t, ds, 1)
	require.Equal(t, lang.CodeOverflow, ds[0].Code)
}
