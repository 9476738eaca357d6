package parser

import (
	"sort"
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// maxSuggestion bounds the length of a statement shown in a hint.
const maxSuggestion = 1000

// suggest returns text if it is a valid statement; hints show no other.
func (p *parser) suggest(text string) string {
	text = strings.TrimSpace(text)
	if p.suggesting || text == "" || len(text) > maxSuggestion {
		return ""
	}
	q := newParser(lang.NewSource("", text))
	q.suggesting = true
	if f := q.file(); len(f.Diags) > 0 || len(f.Stmts) == 0 {
		return ""
	}
	return text
}

// rewritten returns the failed statement with all syntax of other languages
// replaced by RQL; "" if there is none to replace, or if something else is
// wrong too.
func (p *parser) rewritten(tokens []lexer.Token) string {
	f := foreignText{p, tokens}
	text := f.text(0, len(tokens))
	if len(text) > maxSuggestion {
		return ""
	}
	s := f.rewrite(0, len(tokens))
	if s == text {
		return ""
	}
	if ok := p.suggest(s); ok != "" {
		return ok
	}
	q := newParser(lang.NewSource("", s)) // the clauses may be in the wrong order too
	for !q.Peek().EOF() {
		q.Next()
	}
	whole := q.Range(0, q.RawCursor())
	if d := q.wrongOrder(whole, bodyOf(whole)); d != nil {
		return d.Fix.Text
	}
	return ""
}

// edit replaces the text of the tokens from..to.
type edit struct {
	from, to int
	text     string
}

// rewrite returns the text of the tokens from..to with the edits applied.
func (f foreignText) rewrite(from, to int) string {
	to = min(to, len(f.tokens))
	if from >= to || f.tokens[to-1].Pos.Offset-f.tokens[from].Pos.Offset > maxSuggestion {
		return ""
	}
	alias := f.alias()
	var edits []edit
	for i := from; i < to; {
		e, ok := f.edit(i, to, alias)
		if !ok {
			i++
			continue
		}
		edits = append(edits, e)
		i = max(e.to, i+1)
	}
	edits = append(edits, f.caseWhen(from, to)...)
	if at := f.table(); at >= from && at > 0 {
		if n := f.aliasLen(at); n > 0 && at+n < to {
			edits = append(edits, edit{at, at + 1 + n, f.value(at)})
		}
	}
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].from < edits[j].from })
	out, at := "", f.tokens[from].Pos.Offset
	for _, e := range edits {
		start := f.tokens[e.from].Pos.Offset
		if start < at {
			continue
		}
		out += f.p.src.Text[at:start]
		if e.text == ")" || strings.HasPrefix(e.text, ",") {
			out = strings.TrimRight(out, " ")
		}
		out += e.text
		at = endOf(&f.tokens[e.to-1])
		if e.text == "when(" {
			at = f.tokens[e.to].Pos.Offset
		}
	}
	return strings.TrimSpace(out + f.p.src.Text[at:endOf(&f.tokens[to-1])])
}

func (f foreignText) sign(i int, sign string) bool {
	return i >= 0 && i < len(f.tokens) && isSign(&f.tokens[i], sign)
}

// name returns the name at token i, without the quotes of other languages.
func (f foreignText) name(i int) string {
	if name, ok := f.backquoted(i); ok {
		return name
	}
	return f.value(i)
}

func (f foreignText) backquoted(i int) (string, bool) {
	text := f.value(i)
	name := strings.Trim(text, "`")
	if len(text) != len(name)+2 || name == "" || strings.ContainsAny(name, "` .") {
		return "", false
	}
	if heads().clauses.hasText(name) || reservedWords.hasText(name) {
		name = "@" + name
	}
	return name, true
}

// unreadable reports whether token i has an error that no edit corrects.
func (f foreignText) unreadable(i int) bool {
	if f.tokens[i].Type != tokBad {
		return false
	}
	_, ok := f.operator(i)
	return !ok
}

func (f foreignText) value(i int) string {
	if i < 0 || i >= len(f.tokens) {
		return ""
	}
	return f.tokens[i].Value
}

// edit returns the replacement that begins at token i.
func (f foreignText) edit(i, to int, alias string) (edit, bool) {
	t := &f.tokens[i]
	switch {
	case t.Type == tokBad:
		return f.operator(i)
	case alias != "" && is(t, alias) && f.sign(i+1, "."):
		return edit{i, min(i+2, to), ""}, true
	case is(t, "COUNT") && f.sign(i+1, "(") && f.sign(i+2, "*") && f.sign(i+3, ")"):
		return edit{i, min(i+4, to), "count()"}, true
	case is(t, "LIMIT") && f.sign(i+2, ",") && i+3 < to:
		return edit{i, i + 4, "LIMIT " + f.value(i+3) + " OFFSET " + f.value(i+1)}, true
	case f.word(i+1, "ILIKE") && i+2 < to && f.tokens[i+2].Type == tokString && isName(t):
		return edit{i, i + 3, "lower(" + t.Value + ") LIKE " + strings.ToLower(f.value(i+2))}, true
	case isName(t) && f.twice(i+1, "+"):
		return edit{i, i + 3, t.Value + " += 1"}, true
	case isName(t) && f.twice(i+1, "-") && !f.more(i+3, to):
		return edit{i, i + 3, t.Value + " -= 1"}, true
	case is(t, "PRIMARY") && f.word(i+1, "KEY"):
		return edit{i, i + 2, "KEY"}, true
	case isName(t) && f.sign(i+1, "=") && i > 0 && (f.sign(i-1, "{") || f.sign(i-1, ",") && f.inBraces(i)):
		return edit{i, i + 2, t.Value + ":"}, true
	case is(t, "ATOMIC") && f.sign(i+1, "{") && f.sign(to-1, "}"):
		return edit{i, to, "ATOMIC < " + f.rewrite(i+2, to-1) + " >"}, true
	case isSign(t, "(") && f.word(i+1, "SELECT"):
		return f.inner(i, to)
	case is(t, "RETURNING"):
		return edit{i, i + 1, "RETURN"}, true
	case isSign(t, "?") && !f.word(0, "MODEL") && !f.word(0, "CREATE"):
		n := 1
		for j := range i {
			if f.sign(j, "?") {
				n++
			}
		}
		return edit{i, i + 1, "$p" + strconv.Itoa(n)}, true
	}
	return f.memberEdit(i, to)
}

// inner rewrites (SELECT …) at token i as (FIND …).
func (f foreignText) inner(i, to int) (edit, bool) {
	depth := 0
	for end := i; end < to; end++ {
		switch {
		case f.sign(end, "("):
			depth++
		case f.sign(end, ")"):
			if depth--; depth == 0 {
				if a := (foreignText{f.p, f.tokens[i+1 : end]}).selectFrom(); a.statement != "" {
					return edit{i, end + 1, "(" + a.statement + ")"}, true
				}
				return edit{}, false
			}
		}
	}
	return edit{}, false
}

// memberEdit returns the replacement at token i where names, types or values
// are written in another order than in RQL.
func (f foreignText) memberEdit(i, to int) (edit, bool) {
	t := &f.tokens[i]
	switch {
	case f.word(0, "MODEL") && i == 2 && f.sign(i, "(") && f.sign(to-1, ")"):
		return edit{i, to, "{ " + f.rewrite(i+1, to-1) + " }"}, true
	case f.word(0, "MODEL") && isName(t) && f.sign(i+1, ":") && i+2 < to:
		return edit{i, i + 3, t.Value + " " + f.value(i+2)}, true
	case f.word(0, "UPDATE") && i == 3 && !f.word(2, "SET") && isName(t) && !heads().clauses.has(t) && (f.sign(4, "=") || f.sign(4, "+=") || f.sign(4, "-=")):
		return edit{i, i + 1, "SET " + t.Value}, true
	case f.word(0, "UPDATE") && isName(t) && f.sign(i+1, ":") && (f.word(i-1, "SET") || f.sign(i-1, ",")) && !f.inBraces(i):
		return edit{i, i + 2, t.Value + " ="}, true
	case isName(t) && f.sign(i+1, ":") && i > 2 && f.inBraces(i) && !f.sign(i-1, "{") && !f.sign(i-1, ","):
		return edit{i, i + 1, ", " + t.Value}, true
	}
	return edit{}, false
}

// twice reports whether the sign occurs twice without a blank between.
func (f foreignText) twice(i int, sign string) bool {
	return f.sign(i, sign) && f.sign(i+1, sign) && endOf(&f.tokens[i]) == f.tokens[i+1].Pos.Offset
}

// more reports whether the token at i continues the expression.
func (f foreignText) more(i, to int) bool {
	return i < to && !heads().clauses.has(&f.tokens[i]) && !f.sign(i, ",")
}

func (f foreignText) operator(i int) (edit, bool) {
	text := f.value(i)
	if n, right := foreignSign(text); n == len(text) && n > 0 {
		if text == "||" && f.strings(i) {
			right = "+"
		}
		return edit{i, i + 1, right}, true
	}
	if name, ok := f.backquoted(i); ok {
		return edit{i, i + 1, name}, true
	}
	if n := strings.TrimPrefix(text, "$"); n != text && n != "" && strings.Trim(n, "0123456789") == "" {
		return edit{i, i + 1, "$p" + n}, true
	}
	return edit{}, false
}

// strings reports whether an operand of the || at i is a string literal, so
// that || is concatenation.
func (f foreignText) strings(i int) bool {
	is := func(j int) bool { return j >= 0 && j < len(f.tokens) && f.tokens[j].Type == tokString }
	return is(i-1) || is(i+1) || is(i+3) || is(i-3)
}

// inBraces reports whether the innermost bracket around token i is {.
func (f foreignText) inBraces(i int) bool {
	depth := 0
	for i--; i >= 0; i-- {
		switch t := &f.tokens[i]; {
		case t.Type != tokSign:
		case strings.Contains(")]}", t.Value):
			depth++
		case strings.Contains("([{", t.Value):
			if depth == 0 {
				return t.Value == "{"
			}
			depth--
		}
	}
	return false
}

// beginsCase reports whether token i begins CASE WHEN, whose END ends no block.
func beginsCase(t, next *lexer.Token) bool { return is(t, "CASE") && is(next, "WHEN") }

// caseWhen rewrites CASE WHEN c THEN a … ELSE b END as when(c, a, …, b).
func (f foreignText) caseWhen(from, to int) (edits []edit) {
	in := false
	for i := from; i < to; i++ {
		switch {
		case i+2 < to && beginsCase(&f.tokens[i], &f.tokens[i+1]):
			in = true
			edits = append(edits, edit{i, i + 2, "when("})
			i++
		case in && (f.word(i, "THEN") || f.word(i, "ELSE") || f.word(i, "WHEN")) && i > from:
			edits = append(edits, edit{i, i + 1, ","})
		case in && f.word(i, "END"):
			in = false
			edits = append(edits, edit{i, i + 1, ")"})
		}
	}
	return edits
}

// alias returns the alias of the table (AS u, or u after the name), or the
// table's own name if columns are qualified with it.
func (f foreignText) alias() string {
	at := f.table()
	if at < 0 || at >= len(f.tokens) {
		return ""
	}
	return f.value(at + f.aliasLen(at))
}

// aliasLen returns the number of tokens of the alias after the table's name.
func (f foreignText) aliasLen(at int) int {
	switch {
	case f.word(at+1, "AS"):
		return 2
	case at+1 < len(f.tokens) && f.aliasAt(at+1):
		return 1
	}
	return 0
}

// table returns the index of the table's name, or -1.
func (f foreignText) table() int {
	switch {
	case f.word(0, "SELECT"):
		return f.find(1, "FROM") + 1
	case f.word(0, "FIND") && f.find(1, "FROM") < len(f.tokens):
		return f.find(1, "FROM") + 1
	case f.word(0, "DELETE") && f.word(2, "FROM"):
		return 3
	case f.word(0, "FIND"), f.word(0, "COUNT"), f.word(0, "UPDATE"):
		return 1
	case f.word(0, "DELETE") && f.word(1, "FROM"):
		return 2
	case f.word(0, "DELETE"):
		return 1
	}
	return -1
}

func (f foreignText) aliasAt(i int) bool {
	return f.tokens[i].Type == tokWord && !heads().clauses.has(&f.tokens[i]) && f.dotted(f.value(i))
}

func (f foreignText) dotted(name string) bool {
	for i := range f.tokens {
		if is(&f.tokens[i], name) && f.sign(i+1, ".") {
			return true
		}
	}
	return false
}
