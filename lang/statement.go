package lang

import (
	"slices"
	"strings"
	"sync"
)

// StatementClass is the category of a statement.
type StatementClass uint8

const (
	// Reads: it returns documents or values computed from them.
	Reads StatementClass = iota
	// Writes: it changes documents.
	Writes
	// Blocks: it contains, runs or controls other statements.
	Blocks
	// Defines: it defines models and procedures.
	Defines
	// Scripts: it concerns a text, a plan or a file.
	Scripts
)

// StatementPlace says where a statement is allowed; a statement has one or more
// places.
type StatementPlace uint8

const (
	// InScript: in a script, and in a text given to Exec.
	InScript StatementPlace = 1 << iota
	// InBlock: inside ATOMIC and procedures.
	InBlock
	// InProgram: in a script that the program rql runs.
	InProgram
	// InMigration: in a migration file.
	InMigration
)

// Clause is a clause of a statement: the words that begin it.
type Clause struct {
	Words string
	Flag  bool // the words are the complete clause
}

// Head is the first word of the clause.
func (c Clause) Head() string {
	head, _, _ := strings.Cut(c.Words, " ")
	return head
}

// Follow is the second word of the clause, or "".
func (c Clause) Follow() string {
	_, follow, _ := strings.Cut(c.Words, " ")
	return follow
}

// Statement describes a statement of the language. The parser, its hints,
// completion, help and the language reference use these tables; a test compares
// the grammar with them.
type Statement struct {
	Head    string // the word it begins with
	Class   StatementClass
	Where   StatementPlace
	Clauses []Clause // in their order
	Doc     string   // one line
	// Model: the name of a model follows the word.
	Model bool
	// Operand is what follows the word, or the name of the model, in help.
	Operand string
	// Target: it needs a target: a key, WHERE, or ALL.
	Target bool
	// Value: LET can name its result.
	Value bool
	// Definition: its literals are part of the definition, not values of a
	// plan.
	Definition bool
}

// Is reports whether the statement is allowed at a place.
func (s *Statement) Is(p StatementPlace) bool { return s.Where&p != 0 }

// ClauseWords are the words that begin the clauses, in their order.
func (s *Statement) ClauseWords() string {
	words := make([]string, len(s.Clauses))
	for i, c := range s.Clauses {
		words[i] = c.Words
	}
	return strings.Join(words, " · ")
}

type statements struct {
	rows   []Statement
	byHead map[string]*Statement
}

var statementTable = sync.OnceValue(func() *statements {
	t := &statements{rows: statementRows(), byHead: map[string]*Statement{}}
	for i := range t.rows {
		t.byHead[t.rows[i].Head] = &t.rows[i]
	}
	return t
})

// Statements lists every statement, in the order of the reference. The list belongs to the caller.
func Statements() []Statement { return slices.Clone(statementTable().rows) }

// FindStatement returns the statement with a first word in capitals; nil if
// there is none.
func FindStatement(head string) *Statement { return statementTable().byHead[head] }

func statementRows() []Statement {
	word := func(w string) Clause { return Clause{Words: w} }
	flag := func(w string) Clause { return Clause{Words: w, Flag: true} }
	where, returns, ttl, set := word("WHERE"), word("RETURN"), word("TTL"), word("SET")
	orderBy, limit, missing := word("ORDER BY"), word("LIMIT"), flag("SKIP MISSING")
	target := func(more ...Clause) []Clause {
		return append([]Clause{where, orderBy, limit, flag("ALL"), missing}, more...)
	}
	of := func(cs ...Clause) []Clause { return cs }
	const anywhere, outside = InScript | InBlock, InScript
	return []Statement{
		{Head: "GET", Class: Reads, Where: anywhere, Model: true, Value: true, Operand: "key", Doc: "reads documents by their keys",
			Clauses: of(missing, word("FETCH"), returns)},
		{Head: "FIND", Class: Reads, Where: anywhere, Model: true, Value: true, Doc: "returns the documents that satisfy a condition",
			Clauses: of(word("NEAREST"), flag("STALE"), where, word("GROUP BY"), word("HAVING"), word("FETCH"), returns, orderBy, limit, word("OFFSET"), word("AFTER"))},
		{Head: "COUNT", Class: Reads, Where: anywhere, Model: true, Value: true, Doc: "counts documents", Clauses: of(where)},
		{Head: "EXISTS", Class: Reads, Where: anywhere, Model: true, Value: true, Doc: "tests whether a document exists", Clauses: of(where)},

		{Head: "CREATE", Class: Writes, Where: anywhere, Model: true, Value: true, Operand: "{ … }", Doc: "creates documents", Clauses: of(ttl, word("ON CONFLICT"), returns)},
		{Head: "PUT", Class: Writes, Where: anywhere, Model: true, Value: true, Operand: "{ … }", Doc: "creates or replaces whole documents", Clauses: of(ttl, returns)},
		{Head: "UPDATE", Class: Writes, Where: anywhere, Model: true, Target: true, Value: true, Doc: "changes fields of documents", Clauses: target(set, returns)},
		{Head: "DELETE", Class: Writes, Where: anywhere, Model: true, Target: true, Value: true, Doc: "deletes documents", Clauses: target(returns)},
		{Head: "COPY", Class: Writes, Where: anywhere, Model: true, Value: true, Operand: "key", Doc: "copies a document to new keys", Clauses: of(missing, word("TIMES"), ttl, set, returns)},
		{Head: "EXPIRE", Class: Writes, Where: anywhere, Model: true, Target: true, Doc: "sets the time when documents expire", Clauses: target(word("AFTER"), word("AT"))},
		{Head: "PERSIST", Class: Writes, Where: anywhere, Model: true, Target: true, Doc: "removes the expiry of documents", Clauses: target()},
		{Head: "RESTORE", Class: Writes, Where: outside, Model: true, Operand: "{ … }", Doc: "puts documents back as `rql dump` has written them", Clauses: of(ttl)},
		{Head: "IMPORT", Class: Writes, Where: InProgram, Definition: true, Operand: "'file', …", Doc: "creates documents from files",
			Clauses: of(word("INTO"), word("AS"), word("ON CONFLICT"), word("ON ERROR"), limit, word("WITH"))},

		{Head: "ATOMIC", Class: Blocks, Where: outside, Value: true, Operand: "< …; … >", Doc: "runs statements as one, all of them or none"},
		{Head: "LET", Class: Blocks, Where: anywhere, Operand: "name = …", Doc: "names a value or the result of a statement"},
		{Head: "ENSURE", Class: Blocks, Where: anywhere, Operand: "condition", Doc: "ends a block or script unless a condition is true", Clauses: of(word("ELSE"), word("CODE"))},
		{Head: "IF", Class: Blocks, Where: InBlock, Operand: "condition THEN … END", Doc: "runs statements if a condition is true"},
		{Head: "FOR", Class: Blocks, Where: InBlock, Operand: "name IN list DO … END", Doc: "runs statements for each value of a list"},
		{Head: "RETURN", Class: Blocks, Where: InBlock, Operand: "value [AS name], …", Doc: "ends a block with a row"},
		{Head: "CALL", Class: Blocks, Where: anywhere, Value: true, Operand: "name(…)", Doc: "runs a procedure"},

		{Head: "MODEL", Class: Defines, Where: outside, Model: true, Definition: true, Operand: "{ … }", Doc: "declares a model, or changes one"},
		{Head: "ALTER", Class: Defines, Where: outside, Definition: true, Operand: "MODEL Model action, …", Doc: "changes a model and its documents"},
		{Head: "PROCEDURE", Class: Defines, Where: outside, Definition: true, Operand: "name(…) ATOMIC < … >", Doc: "keeps a block under a name"},
		{Head: "SHOW", Class: Defines, Where: outside, Operand: "MODELS | MODEL Model | PROCEDURES | PROCEDURE name | PARTITIONS Model | JOBS | STATS", Doc: "lists models and procedures, shows one, or counts the documents of each, or of each partition"},
		{Head: "DROP", Class: Defines, Where: outside, Operand: "MODEL Model | PROCEDURE name", Doc: "removes a model or procedure"},
		{Head: "VERIFY", Class: Defines, Where: outside, Model: true, Doc: "checks the documents and indexes of a model", Clauses: of(flag("REPAIR"))},

		{Head: "ADOPT", Class: Defines, Where: outside, Operand: "['pattern' AS Model]", Doc: "lists the documents of other programs, or proposes a model for some"},

		{Head: "INCLUDE", Class: Scripts, Where: InProgram, Definition: true, Operand: "'file'", Doc: "stands for the statements of another file"},
		{Head: "PRINT", Class: Scripts, Where: outside, Operand: "value [AS name], …", Doc: "prints values as a line of text"},
		{Head: "EXPORT", Class: Scripts, Where: InProgram, Definition: true, Operand: "FIND …", Doc: "writes the rows of a FIND to a file", Clauses: of(word("TO"), word("WITH"))},
		{Head: "EXPLAIN", Class: Scripts, Where: outside, Operand: "statement", Doc: "shows the plan of a statement, which does not run"},
		{Head: "PROFILE", Class: Scripts, Where: outside, Operand: "statement", Doc: "runs a statement and shows its plan with what each step did"},
		{Head: "DOWN", Class: Scripts, Where: InMigration, Doc: "separates what a migration does from what undoes it"},
	}
}
