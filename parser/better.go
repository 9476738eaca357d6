package parser

import (
	"slices"
	"sort"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// better looks at a whole statement that failed and says what is really wrong
// with it, where that can be told: another language, clauses in another order,
// a change that names no documents. Else it gives the error back.
func (p *parser) better(err error, start lexer.RawCursor, ends *blockEnd) error {
	pe, ok := err.(*parseError)
	if !ok || pe.fatal || pe.diag == nil || p.suggesting {
		return err
	}
	if t := &p.Range(start, start+1)[0]; is(t, "EXPIRE") && is(pe.at, "IN") {
		return &parseError{diag: expireIn(pe.at), at: pe.at}
	}
	switch pe.diag.Code {
	case lang.CodeSyntax, lang.CodeUnknownStatement, lang.CodeBadParameter:
	default:
		return err
	}
	cp := p.MakeCheckpoint()
	p.recover(start, ends)
	tokens := p.Range(start, p.RawCursor())
	p.LoadCheckpoint(cp)
	all := foreignText{p, tokens}
	if n := len(tokens); n == 0 || all.unreadable(n-1) {
		return err
	}
	body := bodyOf(tokens)
	if d := p.foreign(tokens); d != nil {
		return p.instead(d, pe.at)
	}
	if n := len(body); n > 0 && n < len(tokens) {
		if d := p.foreign(body); d != nil {
			if d.Fix != nil { // the whole statement is shown
				sp := spanOfAll(tokens)
				d.Propose(lang.Fix{Span: sp, Text: p.text(tokens[:len(tokens)-n]) + " " + d.Fix.Text, Else: d.Fix.Else})
			}
			return p.instead(d, pe.at)
		}
	}
	if s := p.rewritten(tokens); s != "" {
		p.instead(pe.diag.Propose(lang.Fix{Span: spanOfAll(tokens), Text: s, Else: pe.diag.Hint}), pe.at)
		return err
	}
	if d := p.wrongOrder(tokens, body); d != nil {
		return &parseError{diag: d, at: pe.at}
	}
	if len(body) > 1 && heads().targets.has(&body[0]) && isName(&body[1]) && p.noTarget(body, pe.at) {
		return missingTarget(&body[0], &body[1], pe.at)
	}
	return err
}

// instead is the error d of a statement. Where it shows the statement to write,
// operators and names of other languages in it need no errors of their own.
func (p *parser) instead(d *lang.Diag, at *lexer.Token) error {
	p.covers(d)
	return &parseError{diag: d, at: at}
}

func (p *parser) covers(d *lang.Diag) {
	if d != nil && d.Fix != nil {
		p.out.Diags = slices.DeleteFunc(p.out.Diags, func(old *lang.Diag) bool {
			return d.Fix.Span.Start <= old.Span.Start && old.Span.End <= d.Fix.Span.End
		})
	}
}

// noTarget: the next clause, or nothing, follows the model.
func (p *parser) noTarget(body []lexer.Token, at *lexer.Token) bool {
	if len(body) == 2 {
		return true
	}
	next := &body[2]
	if is(&body[0], "EXPIRE") && (is(next, "AFTER") || is(next, "AT")) {
		return true
	}
	return at == next && (is(next, "SET") || is(next, "RETURN"))
}

// bodyOf leaves out EXPLAIN, PROFILE and LET x = in front of a statement.
func bodyOf(tokens []lexer.Token) []lexer.Token {
	for len(tokens) > 0 {
		t := &tokens[0]
		switch {
		case is(t, "EXPLAIN"), is(t, "PROFILE"), is(t, "ANALYZE"):
			tokens = tokens[1:]
		case is(t, "LET") && len(tokens) > 3 && isSign(&tokens[2], "="):
			tokens = tokens[3:]
		default:
			return tokens
		}
	}
	return tokens
}

// clausesOf lists the words that begin the clauses of a statement, in their order; nil for others.
func clausesOf(head string) []string {
	var out []string
	for _, c := range heads().order[head] {
		out = append(out, c.Head())
	}
	return out
}

// clause is one clause of a statement that is being put into order.
type clause struct {
	rank int
	at   *lexer.Token
	text string
}

// wrongOrder: the statement parses once its clauses appear in their order.
func (p *parser) wrongOrder(all, body []lexer.Token) *lang.Diag {
	if len(body) < 3 {
		return nil
	}
	clauses := p.clauses(body)
	var at *lexer.Token
	highest := -2
	for _, c := range clauses {
		if c.rank == highest {
			return nil // a clause twice
		}
		if c.rank < highest && at == nil {
			at = c.at
		}
		highest = max(highest, c.rank)
	}
	if at == nil {
		return nil
	}
	sort.SliceStable(clauses, func(i, j int) bool { return clauses[i].rank < clauses[j].rank })
	parts := []string{p.text(all[:len(all)-len(body)])}
	for _, c := range clauses {
		parts = append(parts, c.text)
	}
	paste := p.suggest(strings.Join(parts, " "))
	if paste == "" {
		return nil
	}
	var order []string
	for _, c := range clauses[1:] {
		order = append(order, strings.ToUpper(c.at.Value))
	}
	return clauseOrder(at, lang.Fix{Span: spanOfAll(all), Text: paste, Else: "the order here is " + strings.Join(order, ", ")})
}

// clauses splits a statement; the head with model and key is the first.
func (p *parser) clauses(body []lexer.Token) []clause {
	order := heads().order[strings.ToUpper(body[0].Value)]
	out := []clause{{rank: -1, at: &body[0]}}
	from := 0
	var r recovery
	for i := range body {
		t := &body[i]
		if i >= 2 && r.brackets == 0 {
			if rank := clauseRank(order, body, i); rank >= 0 {
				out[len(out)-1].text = p.text(body[from:i])
				out = append(out, clause{rank: rank, at: t})
				from = i
			}
		}
		r.count(t, nil)
	}
	out[len(out)-1].text = p.text(body[from:])
	return out
}

// clauseRank is the place of the clause that begins at body[i], or -1.
func clauseRank(order []lang.Clause, body []lexer.Token, i int) int {
	if isSign(&body[i-1], ".") {
		return -1
	}
	for rank, c := range order {
		if is(&body[i], c.Head()) && (c.Follow() == "" || i+1 < len(body) && is(&body[i+1], c.Follow())) {
			return rank
		}
	}
	return -1
}

// text is the source of a run of tokens.
func (p *parser) text(tokens []lexer.Token) string { return p.src.Slice(spanOfAll(tokens)) }
