package lang

// The errors of reading a text: what the lexer and the parser report.
const (
	// CodeSyntax: a word or sign stands where the grammar has no place for it.
	CodeSyntax Code = "syntax"
	// CodeClauseOrder: every clause is right, but they stand in another order than that of the work.
	CodeClauseOrder Code = "clause-order"
	// CodeUnclosedString: a string has no closing quote.
	CodeUnclosedString Code = "unclosed-string"
	// CodeUnclosedComment: a comment that begins with /* has no */.
	CodeUnclosedComment Code = "unclosed-comment"
	// CodeUnclosed: a bracket, an ATOMIC block, an IF or a FOR is not closed; the span is where it was opened.
	CodeUnclosed Code = "unclosed"
	// CodeBadEscape: a backslash in a string is followed by something that is no escape.
	CodeBadEscape Code = "bad-escape"
	// CodeBadOperator: an operator of another language.
	CodeBadOperator Code = "bad-operator"
	// CodeBadNumber: digits that make neither a number nor a duration, or one that does not fit.
	CodeBadNumber Code = "bad-number"
	// CodeBadCharacter: a character that nothing in the language begins with.
	CodeBadCharacter Code = "bad-character"
	// CodeBadUTF8: the text is not UTF-8.
	CodeBadUTF8 Code = "bad-utf8"
	// CodeBadParameter: a parameter that is not written $name.
	CodeBadParameter Code = "bad-parameter"
	// CodeTooDeep: brackets, operators or statements are nested beyond the limit.
	CodeTooDeep Code = "too-deep"
	// CodeTooLong: a statement or a call is longer than the limit.
	CodeTooLong Code = "too-long"
	// CodeChainedComparison: a < b < c.
	CodeChainedComparison Code = "chained-comparison"
	// CodeNotRQL: another query language; the hint is the RQL that says it.
	CodeNotRQL Code = "not-rql"
	// CodeUnknownStatement: the first word begins no statement.
	CodeUnknownStatement Code = "unknown-statement"
	// CodeOutsideAtomic: IF, FOR or RETURN outside an ATOMIC block.
	CodeOutsideAtomic Code = "outside-atomic"
	// CodeInAtomic: a statement that cannot stand inside an ATOMIC block.
	CodeInAtomic Code = "inside-atomic"
	// CodeMissingTarget: a change that does not say which documents: WHERE, ALL or a key.
	CodeMissingTarget Code = "missing-target"
	// CodeReservedWord: NOT, NULL, TRUE or FALSE as a name without @.
	CodeReservedWord Code = "reserved-word"
	// CodeGivenTwice: an attribute or option stands twice.
	CodeGivenTwice Code = "given-twice"
)
