package parser

import (
	"sort"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// maxSuggestion bounds the statements that a hint shows.
const maxSuggestion = 1000

// suggest gives a statement back when it is one; a hint shows no other.
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

// rewritten is the statement that failed with every habit of another language
// put into RQL; "" when there is none, or something else is wrong too.
func (p *parser) rewritten(tokens []lexer.Token) string {
	f := foreignText{p, tokens}
	text := f.text(0, len(tokens))
	if len(text) > maxSuggestion {
		return ""
	}
	if s := f.rewrite(0, len(tokens)); s != text {
		return p.suggest(s)
	}
	return ""
}

// edit replaces the text of the tokens from..to.
type edit struct {
	from, to int
	text     string
}

// rewrite is the text of the tokens from..to as RQL writes it.
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
		if e.text == "," || e.text == ")" {
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
	return i < len(f.tokens) && isSign(&f.tokens[i], sign)
}

func (f foreignText) value(i int) string {
	if i < 0 || i >= len(f.tokens) {
		return ""
	}
	return f.tokens[i].Value
}

// edit is what changes at token i.
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
	}
	return edit{}, false
}

// twice: the sign stands two times without a blank between.
func (f foreignText) twice(i int, sign string) bool {
	return f.sign(i, sign) && f.sign(i+1, sign) && endOf(&f.tokens[i]) == f.tokens[i+1].Pos.Offset
}

// more: what stands at i goes on with the expression.
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
	if name := strings.Trim(text, "`"); len(text) == len(name)+2 && !strings.ContainsAny(name, "` .") {
		return edit{i, i + 1, name}, true
	}
	return edit{}, false
}

// strings: a literal beside the || at i shows that it joins texts.
func (f foreignText) strings(i int) bool {
	is := func(j int) bool { return j >= 0 && j < len(f.tokens) && f.tokens[j].Type == tokString }
	return is(i-1) || is(i+1) || is(i+3) || is(i-3)
}

// inBraces: the innermost bracket around token i is {.
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

// beginsCase: CASE WHEN, whose END ends no block.
func beginsCase(t, next *lexer.Token) bool { return is(t, "CASE") && is(next, "WHEN") }

// caseWhen turns CASE WHEN c THEN a … ELSE b END into when(c, a, …, b).
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

// alias is the other name of the table, AS u or u behind it; or its own name
// where columns are written with it.
func (f foreignText) alias() string {
	at := f.table()
	if at < 0 || at >= len(f.tokens) {
		return ""
	}
	return f.value(at + f.aliasLen(at))
}

// aliasLen is how many tokens behind the table's name give it another one.
func (f foreignText) aliasLen(at int) int {
	switch {
	case f.word(at+1, "AS"):
		return 2
	case at+1 < len(f.tokens) && f.aliasAt(at+1):
		return 1
	}
	return 0
}

// table is the index of the table's name, or -1.
func (f foreignText) table() int {
	switch {
	case f.word(0, "SELECT"):
		return f.find(1, "FROM") + 1
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
