package lang

// The codes of the syntax: what the lexer and the parser report.
const (
	CodeSyntax            Code = "syntax"
	CodeClauseOrder       Code = "clause-order"
	CodeUnclosedString    Code = "unclosed-string"
	CodeUnclosedComment   Code = "unclosed-comment"
	CodeUnclosed          Code = "unclosed"
	CodeBadEscape         Code = "bad-escape"
	CodeBadOperator       Code = "bad-operator"
	CodeBadNumber         Code = "bad-number"
	CodeBadCharacter      Code = "bad-character"
	CodeBadUTF8           Code = "bad-utf8"
	CodeBadParameter      Code = "bad-parameter"
	CodeTooDeep           Code = "too-deep"
	CodeTooLong           Code = "too-long"
	CodeChainedComparison Code = "chained-comparison"
	CodeNotRQL            Code = "not-rql"
	CodeUnknownStatement  Code = "unknown-statement"
	CodeOutsideAtomic     Code = "outside-atomic"
	CodeInAtomic          Code = "inside-atomic"
	CodeMissingTarget     Code = "missing-target"
	CodeReservedWord      Code = "reserved-word"
	CodeGivenTwice        Code = "given-twice"
)

func parseCodes() []CodeInfo {
	return []CodeInfo{
		{Code: CodeSyntax, Section: sectionSyntax, Status: 2, Summary: "an unexpected token"},
		{Code: CodeClauseOrder, Section: sectionSyntax, Status: 2, Summary: "the clauses are in the wrong order; the hint is the corrected statement"},
		{Code: CodeUnclosedString, Section: sectionSyntax, Status: 2, Summary: "a string has no closing quote"},
		{Code: CodeUnclosedComment, Section: sectionSyntax, Status: 2, Summary: "`/*` without `*/`"},
		{Code: CodeUnclosed, Section: sectionSyntax, Status: 2, Summary: "a bracket, ATOMIC, IF or FOR is not closed; the position is where it was opened"},
		{Code: CodeBadEscape, Section: sectionSyntax, Status: 2, Summary: "an unknown escape sequence in a string"},
		{Code: CodeBadOperator, Section: sectionSyntax, Status: 2, Summary: "an operator of another language; the hint is the RQL operator"},
		{Code: CodeBadNumber, Section: sectionSyntax, Status: 2, Summary: "an invalid number or duration, or one that is out of range"},
		{Code: CodeBadCharacter, Section: sectionSyntax, Status: 2, Summary: "a character that cannot begin a token"},
		{Code: CodeBadUTF8, Section: sectionSyntax, Status: 2, Summary: "the text is not UTF-8"},
		{Code: CodeBadParameter, Section: sectionSyntax, Status: 2, Summary: "a parameter not written as `$name`"},
		{Code: CodeTooDeep, Section: sectionSyntax, Status: 2, Summary: "brackets, operators or statements nested beyond the limit"},
		{Code: CodeTooLong, Section: sectionSyntax, Status: 2, Summary: "a statement or a call of more than 1 MiB, 150,000 words and signs or 5,000 statements; a name of more than 255 bytes"},
		{Code: CodeChainedComparison, Section: sectionSyntax, Status: 2, Summary: "comparisons cannot be chained; the hint uses AND"},
		{Code: CodeNotRQL, Section: sectionSyntax, Status: 2, Summary: "a statement of another query language; the hint is its translation"},
		{Code: CodeUnknownStatement, Section: sectionSyntax, Status: 2, Summary: "the first word is not a statement"},
		{Code: CodeOutsideAtomic, Section: sectionSyntax, Status: 2, Summary: "IF, FOR or RETURN outside ATOMIC"},
		{Code: CodeInAtomic, Section: sectionSyntax, Status: 2, Summary: "a statement that is not allowed in ATOMIC"},
		{Code: CodeMissingTarget, Section: sectionSyntax, Status: 2, Summary: "a change without a target: WHERE, ALL or a key"},
		{Code: CodeReservedWord, Section: sectionSyntax, Status: 2, Summary: "NOT, NULL, TRUE or FALSE as a name without `@`"},
		{Code: CodeGivenTwice, Section: sectionSyntax, Status: 2, Summary: "a duplicate attribute or option"},
	}
}
