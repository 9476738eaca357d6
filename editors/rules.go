package editors

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Rule says how a kind of token looks. Of two rules that fit at a place, the first counts. The patterns are read alike by
// Oniguruma (TextMate) and .NET's engine (chroma).
type Rule struct {
	Pattern string
	Scope   string // of TextMate
	Token   string // of chroma
}

// A word ends where no letter, digit or underscore follows.
const (
	starts = `(?<![\p{L}\p{N}_.@$])`
	ends   = `(?![\p{L}\p{N}_])`
)

// Rules lists the rules. Keywords are recognized in capitals, and the first words of statements in small letters too where they
// begin a line: any of them may be the name of a field.
func Rules() []Rule {
	heads := []string{}
	for _, s := range lang.Statements() {
		heads = append(heads, s.Head)
	}
	constants := []string{"null", "true", "false", "NULL", "TRUE", "FALSE"}
	keywords := slices.DeleteFunc(lang.Keywords(), func(w string) bool { return slices.Contains(constants, w) })
	return []Rule{
		{`/\*(?:[^*]|\*(?!/))*\*/`, "comment.block.rql", "CommentMultiline"},
		{`--[^\n]*`, "comment.line.double-dash.rql", "CommentSingle"},
		{`'(?:[^'\\]|\\[\s\S]|'')*'`, "string.quoted.single.rql", "LiteralStringSingle"},
		{`"(?:[^"\\]|\\[\s\S]|"")*"`, "string.quoted.double.rql", "LiteralStringDouble"},
		{`\$[\p{L}_][\p{L}\p{N}_]*\??`, "variable.parameter.rql", "NameVariable"},
		{`@[\p{L}_][\p{L}\p{N}_]*`, "variable.other.rql", "Name"},
		{starts + `[0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9]+)?(?:[a-zA-Z]+[0-9]*)*`, "constant.numeric.rql", "LiteralNumber"},
		{starts + alternatives(constants) + ends, "constant.language.rql", "KeywordConstant"},
		{starts + alternatives(lang.FunctionNames()) + `(?=\s*\()`, "support.function.rql", "NameFunction"},
		{starts + alternatives(keywords) + ends, "keyword.control.rql", "Keyword"},
		{`(?:(?<=\n)|(?<![\s\S]))` + alternatives(lower(heads)) + ends, "keyword.control.rql", "Keyword"},
		{starts + alternatives(lang.TypeNames()) + ends, "storage.type.rql", "KeywordType"},
		{`[\p{L}_][\p{L}\p{N}_]*`, "variable.other.rql", "Name"},
		{`[-+*/%=<>!?:.]+`, "keyword.operator.rql", "Operator"},
		{`[()\[\]{},;]`, "punctuation.rql", "Punctuation"},
	}
}

func lower(list []string) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = strings.ToLower(w)
	}
	return out
}

// alternatives matches one of some words, the longest first.
func alternatives(list []string) string {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	for i, w := range list {
		list[i] = regexp.QuoteMeta(w)
	}
	return "(?:" + strings.Join(slices.Compact(list), "|") + ")"
}
