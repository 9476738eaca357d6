package doctest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// statementsTable is the reference's table of statements.
func statementsTable() string {
	var b strings.Builder
	b.WriteString("| statement | | clauses, in their order |\n|---|---|---|\n")
	for _, s := range lang.Statements() {
		doc := s.Doc
		switch {
		case s.Is(lang.InMigration):
			doc += "; in migration files only"
		case !s.Is(lang.InScript) && s.Is(lang.InBlock):
			doc += "; inside ATOMIC only"
		case s.Is(lang.InProgram):
			doc += "; in scripts of the program `rql` only"
		case s.Is(lang.InScript) && !s.Is(lang.InBlock):
			doc += "; not inside ATOMIC"
		}
		b.WriteString("| " + s.Head + " | " + doc + " | " + s.ClauseWords() + " |\n")
	}
	return b.String()
}

// The table in language.md is the table of statements.
func TestStatementsTable(t *testing.T) { sameTable(t, "### Statements", statementsTable()) }

// Each statement of the grammar has a row, and its clauses are those of the row, in that order.
func TestGrammarHasTheStatements(t *testing.T) {
	g := readGrammar(t)
	heads := map[string]string{} // first word of a rule → the rule
	for rule, n := range g {
		if seq := n.kids[0]; len(n.kids) == 1 && seq.kids[0].kind == "word" {
			heads[seq.kids[0].text] = rule
		}
	}
	heads["EXPLAIN"], heads["PROFILE"] = "explain", "explain"
	var known []string
	for _, s := range lang.Statements() {
		known = append(known, s.Head)
		if s.Head == "DOWN" || s.Head == "RETURN" {
			continue
		}
		rule := heads[s.Head]
		require.NotEmpty(t, rule, "the grammar has no rule for %s", s.Head)
		if s.Clauses == nil {
			continue
		}
		var want []string
		for _, c := range s.Clauses {
			if !slices.Contains(want, c.Head()) {
				want = append(want, c.Head())
			}
		}
		require.Equal(t, want, g.clauses(g[rule])[1:], s.Head)
	}
	for _, rule := range []string{"statement", "plain", "inner"} {
		for _, head := range g.heads(&node{kind: "name", text: rule}) {
			require.Contains(t, known, head)
		}
	}
}

// heads are the words that a rule can begin with.
func (g grammar) heads(n *node) (out []string) {
	switch n.kind {
	case "word":
		return []string{n.text}
	case "name":
		if rule, ok := g[n.text]; ok {
			return g.heads(rule)
		}
	case "alt":
		for _, k := range n.kids {
			out = append(out, g.heads(k)...)
		}
	default:
		return g.heads(n.kids[0])
	}
	return out
}

// clauses are the words that begin a part of a rule: a word behind another word does not.
func (g grammar) clauses(n *node) (out []string) {
	add := func(words ...string) {
		for _, w := range words {
			if w[0] >= 'A' && w[0] <= 'Z' && !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	switch n.kind {
	case "alt":
		for _, k := range n.kids {
			add(g.clauses(k)...)
		}
	case "opt":
		return g.clauses(n.kids[0])
	case "name":
		switch n.text {
		case "target":
			return g.clauses(g[n.text])
		case "nearest", "fetch", "returns", "orderby", "with":
			return g.heads(n)
		}
	case "word":
		add(n.text)
	case "seq":
		for i, k := range n.kids {
			if i == 0 || n.kids[i-1].kind != "word" {
				add(g.clauses(k)...)
			}
		}
	}
	return out
}

// The keywords of the table are those of the grammar.
func TestKeywordsAreTheGrammars(t *testing.T) {
	var words []string
	for w := range readGrammar(t).words() {
		words = append(words, w)
	}
	words = append(words, "OLD")
	slices.Sort(words)
	words = slices.DeleteFunc(words, func(w string) bool { return w == "CLOSE" || w == "NEWLINE" })
	require.Equal(t, words, lang.Keywords())
}
