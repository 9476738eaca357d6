package lang

import (
	"slices"
	"strings"
)

// Sets of keywords in addition to those of the table of statements. Each word has a space on both sides, as the parser looks them
// up.
const (
	// OperatorWords are the operators that are words.
	OperatorWords = " AND OR NOT IN IS BETWEEN CONTAINS STARTS ENDS LIKE MATCHES SEARCH "
	// ReservedWords are the only words that are never names.
	ReservedWords = " NOT NULL TRUE FALSE "
	// OptionWords begin an option after a model.
	OptionWords = " TTL STORED INDEXED KEYS WRITERS PARTITION "
	// AttributeWords begin an attribute of a field.
	AttributeWords = " KEY UNIQUE INDEX LENIENT REVISION DEFAULT CHECK EMPTY CASCADE ON "
)

const (
	// dataWords occur inside the clauses of statements about documents.
	dataWords = " AS ASC BY CONFLICT DESC DISTINCT DO END INTO KEY MISSING OLD THEN TO WITH "
	// schemaWords occur inside statements about models and procedures, and
	// after EXPLAIN.
	schemaWords = ` ADD ALIAS ANALYZE ANY APPLY CHANGE DRY EXTENDS FIELD GLOBAL HASH JOBS JSON MEMORY MODELS NATIVE PARTITIONS PROCEDURES READ REFRESH REFS RENAME RESTRICT RQL RUN STATS UNDO USING WRITE `
)

// Keywords lists every word of the grammar and OLD, sorted.
func Keywords() []string {
	return sorted(append(DataWords(), strings.Fields(OptionWords+AttributeWords+schemaWords+heads(func(*Statement) bool { return true }))...))
}

// DataWords lists the words that occur inside statements about documents,
// sorted; the first words of statements in a block are among them.
func DataWords() []string {
	list := strings.Fields(OperatorWords + ReservedWords + dataWords + heads(func(s *Statement) bool { return s.Is(InBlock) }))
	for _, s := range statementTable().rows {
		for _, c := range s.Clauses {
			list = append(list, strings.Fields(c.Words)...)
		}
	}
	return sorted(list)
}

func heads(has func(*Statement) bool) string {
	out := " "
	for i := range statementTable().rows {
		if s := &statementTable().rows[i]; has(s) {
			out += s.Head + " "
		}
	}
	return out
}

func sorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
