package parser

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// All messages of this package are in this file.

func unclosedComment(sp lang.Span) *lang.Diag {
	return lang.Errorf(lang.CodeUnclosedComment, sp, "the comment is not closed").WithHint("end it with */, or begin each line with --")
}

func unclosedString(sp lang.Span, quote byte) *lang.Diag {
	return lang.Errorf(lang.CodeUnclosedString, sp, "the string is not closed").
		WithHint("end it with %c; a quote inside a string is doubled or written \\%c", quote, quote)
}

func badEscape(src string, at int) *lang.Diag {
	end := at + 1
	for i := range src[end:] {
		if i > 0 {
			end += i
			break
		}
	}
	if end == at+1 && end < len(src) {
		end = len(src)
	}
	d := lang.Errorf(lang.CodeBadEscape, lang.Span{Start: at, End: end}, "`%s` is not an escape", src[at:end])
	switch {
	case strings.HasPrefix(src[at:], `\x`):
		return d.WithHint(`\xHH takes two hexadecimal digits; a backslash itself is written \\`)
	case strings.HasPrefix(src[at:], `\u`):
		return d.WithHint(`write \uHHHH or \u{H…} with a code point up to 10FFFF; a backslash itself is written \\`)
	}
	return d.WithHint(`a backslash itself is written \\; the escapes are \n \t \r \\ \' \" \xHH \uHHHH \u{H…}`)
}

// Why digits are neither a number nor a duration.
const (
	whyLetter        = "a letter follows the digits"
	whyTooLarge      = "it does not fit 64 bits"
	whyTooLargeFloat = "it is too large for a float"
	whyUnit          = "the units are w d h m s ms"
	whyUnitOrder     = "units are written largest first, each at most once"
	whyTooLong       = "it is too long"
	whySize          = "a size is a whole number from 1"
)

func badNumber(sp lang.Span, text, why string) *lang.Diag {
	return lang.Errorf(lang.CodeBadNumber, sp, "`%s` is neither a number nor a duration: %s", clip(text), why).
		WithHint("numbers are 42, 1_000, 2.5, 1e9; durations 1w2d3h4m5s6ms")
}

func badCharacter(sp lang.Span, text string) *lang.Diag {
	d := lang.Errorf(lang.CodeBadCharacter, sp, "unexpected character %s", quote(text))
	switch text {
	case "`":
		return d.WithHint("a name that is a keyword is written @name, a string 'text'")
	case "\\":
		return d.WithHint("a backslash is allowed only in strings")
	case "‘", "’", "“", "”":
		return d.WithHint("strings use plain quotes: 'text'")
	}
	if r, _ := utf8.DecodeRuneInString(text); unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
		return d.WithHint("it looks like a space: write a plain one")
	}
	return d
}

func badUTF8(at int) *lang.Diag {
	return lang.Errorf(lang.CodeBadUTF8, lang.Span{Start: at, End: at + 1}, "the text is not UTF-8 here").
		WithHint("pass bytes as a parameter, or write hex('…')")
}

func badMark(sp lang.Span, text string) *lang.Diag {
	if text[0] == '$' {
		d := lang.Errorf(lang.CodeBadParameter, sp, "a parameter is $ and a name")
		if n := text[1:]; n != "" && strings.Trim(n, "0123456789") == "" {
			d.Fix = &lang.Fix{Span: sp, Text: "$p" + n, Else: "parameters have names, such as $name"}
			return d.WithHint("write `$p%s`", n)
		}
		return d.WithHint("parameters have names, such as $name")
	}
	return lang.Errorf(lang.CodeBadCharacter, sp, "@ must be followed by a name").WithHint("@order is the name order where the bare word would be a keyword")
}

func badOperator(sp lang.Span, text, right string) *lang.Diag {
	d := lang.Errorf(lang.CodeBadOperator, sp, "`%s` is not an operator of RQL", text)
	if text == "||" && right == "OR" {
		d.WithHint("write `OR` between conditions, `+` between strings")
	} else {
		d.WithHint("write `%s`", right)
	}
	d.Fix = &lang.Fix{Span: sp, Text: right, Else: "the operator is `" + right + "`"}
	return d
}

func badComment(sp lang.Span, text string) *lang.Diag {
	d := lang.Errorf(lang.CodeBadOperator, sp, "`%s` does not begin a comment", text)
	if text == "//" {
		return d.WithHint("a comment is -- to the end of the line or /* … */; // is floor division")
	}
	return d.WithHint("a comment is -- to the end of the line or /* … */")
}

func tooDeep(sp lang.Span, what string, limit int) *lang.Diag {
	return lang.Errorf(lang.CodeTooDeep, sp, "more than %d %s", limit, what).WithHint("name a part of it with LET, or use IN and a list")
}

func tooLong(sp lang.Span) *lang.Diag {
	return lang.Errorf(lang.CodeTooLong, sp, "a statement may have %d bytes, this one is longer", lang.MaxSource).
		WithHint("pass large values as parameters, or split it into several statements")
}

func tooManyTokens(sp lang.Span) *lang.Diag {
	return lang.Errorf(lang.CodeTooLong, sp, "a text may have %d words, values and signs, this one has more", lang.MaxTokens).
		WithHint("pass large values as parameters, or split it into several texts")
}

func tooManyStatements(sp lang.Span) *lang.Diag {
	return lang.Errorf(lang.CodeTooLong, sp, "a text may have %d statements, this one has more", lang.MaxStatements).
		WithHint("split it into several texts; FOR repeats, and CREATE takes a list of documents")
}

func longName(sp lang.Span) *lang.Diag {
	return lang.Errorf(lang.CodeTooLong, sp, "a name may have %d bytes, this one has %d", lang.MaxName, sp.End-sp.Start)
}

func notNeedsParens(sp lang.Span) *lang.Diag {
	return lang.Errorf(lang.CodeSyntax, sp, "NOT needs parentheses here").WithHint("NOT has a lower precedence than the operator before it: write (NOT …)")
}

func chained(sp lang.Span, paste string) *lang.Diag {
	d := lang.Errorf(lang.CodeChainedComparison, sp, "comparisons do not chain")
	if paste == "" {
		return d.WithHint("use AND, BETWEEN or parentheses")
	}
	return d.WithHint("write %s", paste)
}

func reservedWord(t *lexer.Token) *lang.Diag {
	return lang.Errorf(lang.CodeReservedWord, spanOf(t), "%s is a reserved word", strings.ToUpper(t.Value)).
		WithHint("as a name it is written @%s", t.Value)
}

func givenTwice(t *lexer.Token, what string) *lang.Diag {
	return lang.Errorf(lang.CodeGivenTwice, spanOf(t), "%s is given twice", what)
}

// parseError says why a statement did not parse.
type parseError struct {
	diag  *lang.Diag   // nil: the lexer has reported it
	at    *lexer.Token // where
	prev  *lexer.Token // the previous token, if needed
	fatal bool         // a limit was exceeded: the whole top-level statement is skipped
}

func (e *parseError) Error() string {
	if e.diag == nil {
		return "a token could not be read"
	}
	return e.diag.Error()
}

func fail(at *lexer.Token, d *lang.Diag) error {
	if at.Type == tokBad {
		d = nil
	}
	return &parseError{diag: d, at: at}
}

func failFatal(at *lexer.Token, d *lang.Diag) error { return &parseError{diag: d, at: at, fatal: true} }

// unexpected says that want was expected where t appears.
func unexpected(t, prev *lexer.Token, want string) error {
	e := &parseError{at: t, prev: prev}
	if t.Type == tokBad {
		return e
	}
	if isSign(t, "//") || isSign(t, "?") && want == "a value" || isSign(t, ":") && want == "a value" {
		e.diag = misplacedSign(t)
		return e
	}
	after, readAsName := "", false
	if prev != nil {
		if readAsName = prev.Type == tokWord && strings.EqualFold(prev.Value, want); !readAsName {
			after = " after " + show(prev)
		}
	}
	if t.EOF() {
		e.diag = lang.Errorf(lang.CodeSyntax, spanOf(t), "the text ends, expected %s%s", want, after)
		return e
	}
	e.diag = lang.Errorf(lang.CodeSyntax, spanOf(t), "unexpected %s, expected %s%s", show(t), want, after)
	if readAsName {
		e.diag.WithHint(nameHint, want)
	} else if heads().clauses.has(t) && (want == "a model" || want == "a value") || reservedWords.has(t) {
		e.diag.WithHint("as a name it is written @%s", t.Value)
	}
	return e
}

func misplacedSign(t *lexer.Token) *lang.Diag {
	if t.Value == "//" {
		return badComment(spanOf(t), "//")
	}
	return lang.Errorf(lang.CodeBadParameter, spanOf(t), "unexpected `%s`", t.Value).WithHint("a parameter is written $name")
}

func unclosedBracket(open, at *lexer.Token, sign string) error {
	if at.Type == tokBad {
		return &parseError{at: at}
	}
	d := lang.Errorf(lang.CodeUnclosed, spanOf(open), "`%s` is not closed", open.Value)
	if at.EOF() {
		d.WithHint("`%s` is missing at the end", sign)
	} else {
		d.WithHint("`%s` is missing before %s", sign, show(at))
	}
	return &parseError{diag: d, at: at}
}

// lostBracket turns an error at the end of a statement, after a comma or the
// bracket itself, into one that shows the bracket.
func lostBracket(err error, open *lexer.Token, sign string) error {
	e, ok := err.(*parseError)
	if !ok || e.diag == nil || e.prev == nil {
		return err
	}
	over := e.at.EOF() || isSign(e.at, ";") || e.at.Type == tokClose || e.at.Type == tokSign && e.at.Value != sign && strings.Contains(")]}", e.at.Value)
	if !over {
		return err
	}
	if e.prev == open || isSign(e.prev, ",") {
		return unclosedBracket(open, e.at, sign)
	}
	return err
}

func unclosedBlock(word, at *lexer.Token, end string) error {
	d := lang.Errorf(lang.CodeUnclosed, spanOf(word), "%s is not closed", strings.ToUpper(word.Value))
	if at.EOF() {
		d.WithHint("%s is missing at the end", end)
	} else {
		d.WithHint("%s is missing before %s", end, show(at))
	}
	return &parseError{diag: d, at: at}
}

func outsideAtomic(t *lexer.Token, lastClose string) *lang.Diag {
	d := lang.Errorf(lang.CodeOutsideAtomic, spanOf(t), "%s is allowed only inside ATOMIC < … >", strings.ToUpper(t.Value))
	if lastClose != "" {
		d.WithHint("the last block was closed at %s", lastClose)
	}
	return d
}

func insideAtomic(t *lexer.Token) *lang.Diag {
	d := lang.Errorf(lang.CodeInAtomic, spanOf(t), "%s is not allowed inside ATOMIC", strings.ToUpper(t.Value))
	if is(t, "ATOMIC") {
		return d.WithHint("blocks do not nest: if the block before it ends here, its > is missing")
	}
	return d.WithHint("write it before or after the block; if the block ends here, its > is missing")
}

func closesNothing(t *lexer.Token, lastClose string) *lang.Diag {
	d := lang.Errorf(lang.CodeSyntax, spanOf(t), "%s closes nothing", show(t))
	if lastClose != "" {
		d.WithHint("the last block was closed at %s", lastClose)
	}
	return d
}

// unknownStatement: t does not begin a statement; others are words that may appear
// there too.
func unknownStatement(t *lexer.Token, others words) *lang.Diag {
	d := lang.Errorf(lang.CodeUnknownStatement, spanOf(t), "%s does not begin a statement", show(t))
	if t.Type != tokWord {
		return d.WithHint("a statement begins with its verb, such as FIND, CREATE, UPDATE or DELETE")
	}
	if heads().clauses.has(t) {
		return d.WithHint("it is a clause of the statement before it: remove the `;`")
	}
	if near := lang.Nearest(t.Value, (heads().allHeads + others).list()); near != "" && !is(t, "GRANT") { // a word of SQL, which is like PRINT by chance
		return d.WithHint("did you mean %s?", near)
	}
	return d.WithHint("a statement begins with its verb, such as FIND, CREATE, UPDATE or DELETE")
}

func missingTarget(verb, model, at *lexer.Token) error {
	name := identOf(model).Name
	return &parseError{at: at, diag: lang.Errorf(lang.CodeMissingTarget, spanOf(verb), "%s does not say which documents", strings.ToUpper(verb.Value)).
		WithHint("give a key (%s %s 'id'), a condition (WHERE …), or ALL for every %s", strings.ToUpper(verb.Value), name, name)}
}

const nameHint = "%s is read as a name here: what belongs before it is missing"

// trailing says that t appears where a statement had ended.
func trailing(t, prev *lexer.Token, head string) error {
	if t.Type == tokBad {
		return &parseError{at: t}
	}
	if isSign(t, "//") {
		return &parseError{at: t, diag: badComment(spanOf(t), "//")}
	}
	d := lang.Errorf(lang.CodeSyntax, spanOf(t), "unexpected %s, expected `;`", show(t))
	switch {
	case prev != nil && heads().clauses.has(prev):
		d.WithHint(nameHint, strings.ToUpper(prev.Value))
	case t.Type == tokWord && clausesOf(head) != nil && lang.Nearest(t.Value, clausesOf(head)) != "":
		d.WithHint("did you mean %s?", lang.Nearest(t.Value, clausesOf(head)))
	case is(t, "IS"):
		d.WithHint("write IS NULL or IS NOT NULL")
	case is(t, "STARTS"), is(t, "ENDS"):
		d.WithHint("write %s WITH", strings.ToUpper(t.Value))
	case is(t, "NOT"):
		d.WithHint("after a value write NOT IN, NOT BETWEEN, NOT LIKE and so on")
	case heads().clauses.has(t):
		d.WithHint("%s is not allowed here", strings.ToUpper(t.Value))
	case heads().allHeads.has(t):
		d.WithHint("a `;` is missing before %s", strings.ToUpper(t.Value))
	}
	return &parseError{diag: d, at: t, prev: prev}
}

func expireIn(t *lexer.Token) *lang.Diag {
	return lang.Errorf(lang.CodeSyntax, spanOf(t), "EXPIRE takes AFTER a duration or AT an instant").
		WithHint("write AFTER 1h, or AT '2027-01-01'; IN is an operator")
}

func unknownAttribute(t, prev *lexer.Token) error {
	err := unexpected(t, prev, "an attribute, `,` or a new line")
	if e, ok := err.(*parseError); ok && e.diag != nil {
		if near := lang.Nearest(t.Value, attributeWords.list()); near != "" {
			e.diag.WithHint("did you mean %s?", near)
		}
	}
	return err
}

func clauseOrder(t *lexer.Token, fix lang.Fix) *lang.Diag {
	return lang.Errorf(lang.CodeClauseOrder, spanOf(t), "%s is out of order: clauses follow the order of execution", strings.ToUpper(t.Value)).
		Propose(fix)
}

func (f foreignText) notRQL(sp lang.Span, what string, a advice) *lang.Diag {
	d := lang.Errorf(lang.CodeNotRQL, sp, "%s is not RQL", what)
	if s := f.p.suggest(a.statement); s != "" {
		return d.Propose(lang.Fix{Span: spanOfAll(f.tokens), Text: s, Else: a.prose})
	}
	return d.WithHint("%s", a.prose)
}

func show(t *lexer.Token) string {
	switch {
	case t.EOF():
		return "the end"
	case t.Type == tokWord && (heads().clauses.has(t) || heads().allHeads.has(t)):
		return strings.ToUpper(t.Value)
	}
	return "`" + clip(t.Value) + "`"
}

func clip(s string) string {
	const most = 40
	if r := []rune(s[:min(len(s), 4*most)]); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s), "")
}

func quote(s string) string {
	for _, r := range s {
		if !unicode.IsGraphic(r) || unicode.IsSpace(r) {
			return fmt.Sprintf("U+%04X", r)
		}
	}
	return "`" + s + "`"
}

// wantedAfter says what the grammar wants after a token that cannot end a
// statement; message is participle's own, used where the word does not tell.
func wantedAfter(prev *lexer.Token, message string) string {
	if prev.Type == tokWord {
		switch strings.ToUpper(prev.Value) {
		case "GROUP", "ORDER", "INDEXED", "PARTITION":
			return "BY"
		case "SKIP":
			if strings.Contains(message, `expected "TO"`) {
				return "TO"
			}
			return "MISSING"
		case "ON":
			if strings.Contains(message, `"ERROR"`) {
				return "CONFLICT or ERROR"
			}
			return "CONFLICT"
		case "ERROR":
			return "SKIP"
		case "CONFLICT":
			if strings.Contains(message, `"PUT"`) {
				return "SKIP, PUT or SET"
			}
			return "SKIP, GET or SET"
		case "ALTER":
			return "MODEL"
		case "DROP":
			return "MODEL or PROCEDURE"
		case "SHOW":
			return "MODELS, PROCEDURES, JOBS, STATS, MODEL, PROCEDURE or PARTITIONS"
		case "ADD":
			return "FIELD, INDEX, UNIQUE or CHECK"
		case "RENAME":
			return "FIELD or TO"
		case "CHANGE":
			return "FIELD"
		case "DRY":
			return "RUN"
		case "STORED":
			return "AS HASH or AS JSON"
		case "EXPORT":
			return "FIND"
		case "IMPORT", "INCLUDE", "TO", "KEYS":
			return "a string"
		case "WITH":
			return "("
		case "WRITERS":
			return "RQL or ANY"
		case "REFRESH":
			return "ON READ or ON WRITE"
		}
	}
	// `… (expected "SET" <set> …)`: its first quoted word.
	if _, rest, ok := strings.Cut(message, `(expected "`); ok {
		if word, _, ok := strings.Cut(rest, `"`); ok {
			return word
		}
	}
	return "another word"
}
