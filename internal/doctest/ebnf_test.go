package doctest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// node is a part of a rule: a sequence, a choice, a repetition, or a leaf.
type node struct {
	kind string // seq alt opt many list word name
	text string // of word (a keyword or sign) and name (a rule or token)
	kids []*node
}

// grammar is what grammar.ebnf says.
type grammar map[string]*node

// tokens are the names that stand for tokens, not rules.
var tokens = []string{"word", "name", "param", "int", "float", "duration", "string", "CLOSE", "NEWLINE"}

func readGrammar(t *testing.T) grammar {
	t.Helper()
	text, err := os.ReadFile("../../spec/grammar.ebnf")
	require.NoError(t, err)
	plain := regexp.MustCompile(`(?s)\(\*.*?\*\)`).ReplaceAllString(string(text), "")
	r := &ruleReader{toks: regexp.MustCompile(`"[^"]+"|[A-Za-z]+|,…|[=|?*().]`).FindAllString(plain, -1)}
	g := grammar{}
	for len(r.toks) > 0 {
		name := r.next()
		require.Equal(t, "=", r.next(), name)
		require.NotContains(t, g, name)
		g[name] = r.choice()
		require.Equal(t, ".", r.next(), name)
	}
	for name, n := range g {
		n.walk(func(n *node) {
			if n.kind == "name" && !slices.Contains(tokens, n.text) {
				require.Contains(t, g, n.text, "in %s", name)
			}
		})
	}
	return g
}

type ruleReader struct{ toks []string }

func (r *ruleReader) next() string {
	s := r.toks[0]
	r.toks = r.toks[1:]
	return s
}

func (r *ruleReader) choice() *node {
	alt := &node{kind: "alt"}
	for {
		seq := &node{kind: "seq"}
		for !strings.Contains("|).", r.toks[0]) {
			seq.kids = append(seq.kids, r.part())
		}
		alt.kids = append(alt.kids, seq)
		if r.toks[0] != "|" {
			return alt
		}
		r.next()
	}
}

func (r *ruleReader) part() *node {
	var n *node
	switch s := r.next(); {
	case s == "(":
		n = r.choice()
		r.next()
	case s[0] == '"':
		n = &node{kind: "word", text: strings.Trim(s, `"`)}
	default:
		n = &node{kind: "name", text: s}
	}
	for {
		switch r.toks[0] {
		case "?":
			n = &node{kind: "opt", kids: []*node{n}}
		case "*":
			n = &node{kind: "many", kids: []*node{n}}
		case ",…":
			n = &node{kind: "list", kids: []*node{n}}
		default:
			return n
		}
		r.next()
	}
}

func (n *node) walk(f func(*node)) {
	f(n)
	for _, k := range n.kids {
		k.walk(f)
	}
}

// words are the keywords of the grammar.
func (g grammar) words() map[string]bool {
	out := map[string]bool{}
	for _, n := range g {
		n.walk(func(n *node) {
			if n.kind == "word" && n.text[0] >= 'A' && n.text[0] <= 'Z' {
				out[n.text] = true
			}
		})
	}
	return out
}

// writer writes random texts of the grammar.
type writer struct {
	g     grammar
	rnd   *rand.Rand
	out   strings.Builder
	depth int
	rule  string
}

// sentence writes one text of a rule.
func (g grammar) sentence(rule string, seed uint64) string {
	w := &writer{g: g, rnd: rand.New(rand.NewPCG(seed, 1))}
	w.node(&node{kind: "name", text: rule})
	return strings.TrimSpace(w.out.String())
}

func (w *writer) node(n *node) {
	switch n.kind {
	case "word":
		w.put(n.text)
	case "name":
		w.named(n.text)
	case "seq":
		for _, k := range n.kids {
			w.node(k)
		}
	case "alt":
		w.node(w.pick(n.kids))
	case "opt":
		if w.rnd.IntN(3) == 0 && !w.long(12) {
			w.node(n.kids[0])
		}
	case "many", "list":
		most := 3
		if w.rule == "field" || w.rule == "model" { // each attribute and option once
			most = 1
		}
		count := w.rnd.IntN(most + 1)
		if w.long(8) {
			count = 0
		}
		if n.kind == "list" {
			w.node(n.kids[0])
		}
		for range count {
			if n.kind == "list" {
				w.put(",")
			}
			w.node(n.kids[0])
		}
	}
}

// long says that the text is to come to its end.
func (w *writer) long(depth int) bool { return w.depth > depth || w.out.Len() > 1000 }

// pick chooses; deep down, what leads to a leaf soonest.
func (w *writer) pick(kids []*node) *node {
	if !w.long(10) {
		return kids[w.rnd.IntN(len(kids))]
	}
	best := kids[0]
	for _, k := range kids {
		if w.g.cost(k, 0) < w.g.cost(best, 0) {
			best = k
		}
	}
	return best
}

// cost is how deep the shallowest text below a node is, roughly.
func (g grammar) cost(n *node, depth int) int {
	if depth > 12 {
		return 1000
	}
	switch n.kind {
	case "name":
		if rule, ok := g[n.text]; ok {
			return 1 + g.cost(rule, depth+1)
		}
		return 0
	case "seq":
		most := 0
		for _, k := range n.kids {
			most = max(most, g.cost(k, depth))
		}
		return most
	case "alt":
		least := 1000
		for _, k := range n.kids {
			least = min(least, g.cost(k, depth))
		}
		return least
	case "list":
		return g.cost(n.kids[0], depth)
	}
	return 0
}

func (w *writer) named(name string) {
	one := func(choice ...string) { w.put(choice[w.rnd.IntN(len(choice))]) }
	switch name {
	case "word":
		one("len", "count", "Abs")
	case "name":
		one("a", "User", "x1", "ünï", "@get", "@null", "limit")
	case "param":
		one("$p", "$ids")
	case "int":
		one("1", "42", "1_000")
	case "float":
		one("2.5", "1e-3")
	case "duration":
		one("1h30m", "5ms")
	case "string":
		one("'it''s'", `"two"`, `'\u{1F600}\n'`)
	case "CLOSE":
		w.put(">")
	case "NEWLINE":
		w.out.WriteString("\n")
	default:
		outer := w.rule
		w.rule = name
		w.depth++
		w.node(w.g[name])
		w.depth--
		w.rule = outer
	}
}

func (w *writer) put(s string) { fmt.Fprintf(&w.out, "%s ", s) }
