package check_test

import (
	"testing"

	"github.com/rql-lang/rql/lang"
)

var modelMistakes = []mistake{
	{"MODEL M { a strng }", lang.CodeUnknownType, "strng"},
	{"MODEL M { a M }", lang.CodeBadModel, "M"},
	{"MODEL M { a ref<Usr> }", lang.CodeUnknownModel, "Usr"},
	{"MODEL M EXTENDS Nix { a int }", lang.CodeUnknownModel, "Nix"},
	{"MODEL M { a int, a string }", lang.CodeDuplicateField, "a"},
	{"MODEL M EXTENDS Team { name string }", lang.CodeDuplicateField, "name"},
	{"MODEL M { id int }", lang.CodeBadModel, "id"},
	{"MODEL M { a string KEY, b string KEY }", lang.CodeBadModel, "b"},
	{"MODEL M { a float KEY }", lang.CodeBadModel, "float"},
	{"MODEL M { a string? KEY }", lang.CodeBadModel, "string?"},
	{"MODEL M { a int KEY DEFAULT 1 }", lang.CodeBadModel, "1"},
	{"MODEL M { a string KEY UNIQUE }", lang.CodeBadModel, "a"},
	{"MODEL M { a list<string?> }", lang.CodeBadModel, "string?"},
	{"MODEL M { a enum('x', 'x') }", lang.CodeBadModel, "'x'"},
	{"MODEL M { a Team }", lang.CodeBadModel, "Team"},
	{"MODEL M { a list<Address> }", lang.CodeBadModel, "Address"},
	{"MODEL rql { a int }", lang.CodeBadModel, "rql"},
	{"MODEL M { a string(5) }", lang.CodeBadModel, "string(5)"},
	{"MODEL User { age int }", lang.CodeModelChanged, "User"},
	{"MODEL Address { street string, city string INDEX, zip string?, land string? }", lang.CodeModelChanged, "Address"},
}

func TestModels(t *testing.T) { testMistakes(t, modelMistakes) }

var indexMistakes = []mistake{
	{"MODEL M { a json INDEX }", lang.CodeBadModel, "a"},
	{"MODEL M { a list<string> UNIQUE }", lang.CodeBadModel, "a"},
	{"MODEL M { a Address INDEX }", lang.CodeBadModel, "a"},
	{"MODEL M { a list<string>, b int, INDEX (a, b) }", lang.CodeBadModel, "a"},
	{"MODEL M { a int INDEX, INDEX (a) }", lang.CodeBadModel, "INDEX (a)"},
	{"MODEL M { a int, INDEX (a, a) }", lang.CodeBadModel, "a"},
	{"MODEL M { a int, INDEX (a, b) }", lang.CodeUnknownField, "b"},
	{"MODEL M { t ref<Team>, INDEX (t.name) }", lang.CodeBadModel, "t.name"},
	{"MODEL M { a int, INDEX (id) }", lang.CodeBadModel, "id"},
	{"MODEL M { t ref<Team>, CHECK (t.name = 'x') }", lang.CodeNotAllowed, "t"},
	{"MODEL M { t datetime CHECK t < now() }", lang.CodeMisplacedFunction, "now()"},
	{"MODEL M { a int CHECK a < (COUNT User) }", lang.CodeNotAllowed, "(COUNT User)"},
	{"MODEL M { a int CHECK a < $x }", lang.CodeNotAllowed, "$x"},
	{"LET x = 1; MODEL M { a int CHECK a < x }", lang.CodeNotAllowed, "x"},
	{"MODEL M { a int CHECK a + 1 }", lang.CodeTypeMismatch, "a + 1"},
}

func TestIndexes(t *testing.T) { testMistakes(t, indexMistakes) }

var defaultMistakes = []mistake{
	{"MODEL M { a int DEFAULT b, b int }", lang.CodeNotAllowed, "b"},
	{"MODEL M { a int DEFAULT 'x' }", lang.CodeTypeMismatch, "'x'"},
	{"MODEL M { a int DEFAULT null }", lang.CodeRequired, "null"},
	{"MODEL M { a enum('x') DEFAULT 'y' }", lang.CodeBadConversion, "'y'"},
	{"MODEL M { a int? REVISION }", lang.CodeBadModel, "int?"},
	{"MODEL M { a int LENIENT }", lang.CodeBadModel, "a int LENIENT"},
	{"MODEL M { a string EMPTY IS NULL }", lang.CodeBadModel, "a string EMPTY IS NULL"},
	{"MODEL M { a ref<User> ON DELETE RESTRICT }", lang.CodeBadModel, "M"},
	{"MODEL M { a int CASCADE TTL }", lang.CodeBadModel, "a int CASCADE TTL"},
	{"MODEL M { a datetime<ns> }", lang.CodeBadModel, "datetime<ns>"},
	{"MODEL M { a vector }", lang.CodeBadModel, "vector"},
	{"MODEL M { a text INDEX }", lang.CodeBadModel, "a"},
	{"MODEL M { a list<set<int>> }", lang.CodeBadModel, "set<int>"},
	{"MODEL M { a int } TTL 0s", lang.CodeBadModel, "0s"},
	{"MODEL M { a int } TTL $t", lang.CodeBadModel, "$t"},
	{"MODEL M { a int } KEYS 'm:{key}'", lang.CodeBadModel, "KEYS 'm:{key}'"},
	{"MODEL M { a int UNIQUE } WRITERS ANY", lang.CodeBadModel, "M"},
}

var partitionMistakes = []mistake{
	{"MODEL M { a int } PARTITION BY a KEYS 'm:{id}'", lang.CodeBadModel, "KEYS 'm:{id}'"},
	{"MODEL M { id string KEY, of ref<O> INDEX } PARTITION BY id; MODEL O { id string KEY, ms refs<M.of> }; FIND O RETURN sum(count(ms))", lang.CodeOtherPartition, "count(ms)"},
	{"MODEL M { a int? } PARTITION BY a", lang.CodeBadModel, "a"},
	{"MODEL M { a int } PARTITION BY a; ATOMIC < LET n = COUNT M; RETURN n >", lang.CodePartitionNeeded, "COUNT M"},
	{"MODEL M { a int } PARTITION BY a; UPDATE M WHERE a = 1 SET a = 2", lang.CodePartitionChange, "a"},
	{"MODEL M { a int } PARTITION BY a; ATOMIC < CREATE M [{ a: 1 }, { a: 2 }] >", lang.CodeOtherPartition, "2"},
}

func TestPartitions(t *testing.T) { testMistakes(t, partitionMistakes) }

func TestDefaults(t *testing.T) { testMistakes(t, defaultMistakes) }
