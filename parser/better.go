package parser

import (
	"slices"
	"sort"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// better examines a complete statement that failed and returns a more specific
// error where it recognizes the cause: another language, clauses in the wrong
// order, or a change without a target. Otherwise it returns err.
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
			if d.Fix != nil { // the fix replaces the complete statement
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

// instead returns d as the error of a statement. If d shows the statement to
// write, operators and names of other languages inside it are not reported
// separately.
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

// noTarget reports whether the model is followed directly by a clause or by
// nothing.
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

// bodyOf strips EXPLAIN, PROFILE and LET x = from the front of a statement.
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

// clausesOf lists the words that begin the clauses of a statement, in order;
// nil for statements without clauses.
func clausesOf(head string) []string {
	var out []string
	for _, c := range heads().order[head] {
		out = append(out, c.Head())
	}
	return out
}

// clause is one clause of a statement that is being reordered.
type clause struct {
	rank int
	at   *lexer.Token
	text string
}

// wrongOrder returns an error if the statement parses once its clauses are put
// in order.
func (p *parser) wrongOrder(all, body []lexer.Token) *lang.Diag {
	if len(body) < 3 {
		return nil
	}
	clauses := p.clauses(body)
	var at *lexer.Token
	highest := -2
	for _, c := range clauses {
		if c.rank == highest {
			return nil // duplicate clause
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

// clauses splits a statement into clauses; the head, with model and key, is the
// first.
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

// clauseRank returns the position in order of the clause that begins at body[i], or -1.
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

// text returns the source of a run of tokens.
func (p *parser) text(tokens []lexer.Token) string { return p.src.Slice(spanOfAll(tokens)) }
