package doctest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A recogniser of texts by grammar.ebnf, after Earley: slow, simple, and with
// nothing in common with the parser.

// symbol is a rule, a keyword or sign ("word"), or a token.
type symbol struct {
	kind, text string
}

type rules map[string][][]symbol

// flat turns the nested parts of a grammar into rules of sequences alone.
func (g grammar) flat() rules {
	out := rules{}
	for name, n := range g {
		out.add(name, n)
	}
	return out
}

func (r rules) add(name string, n *node) {
	for _, seq := range n.kids {
		var line []symbol
		for _, k := range seq.kids {
			line = append(line, r.symbol(name, k))
		}
		r[name] = append(r[name], line)
	}
}

func (r rules) symbol(around string, n *node) symbol {
	switch {
	case n.kind == "word":
		return symbol{"word", n.text}
	case n.kind == "name" && slices.Contains(tokens, n.text):
		return symbol{"token", n.text}
	case n.kind == "name":
		return symbol{"rule", n.text}
	}
	fresh := fmt.Sprintf("%s#%d", around, len(r))
	self := symbol{"rule", fresh}
	r[fresh] = nil
	if n.kind == "alt" {
		r.add(fresh, n)
		return self
	}
	one := r.symbol(around, n.kids[0])
	switch n.kind {
	case "opt":
		r[fresh] = [][]symbol{{}, {one}}
	case "many":
		r[fresh] = [][]symbol{{}, {self, one}}
	case "list":
		r[fresh] = [][]symbol{{one}, {self, {"word", ","}, one}}
	}
	return self
}

// tok is a token of a text, told by its looks alone.
type tok struct {
	kind, text string
	newline    bool // it begins a line
}

var tokForm = regexp.MustCompile(`(?s)^(?:(\s+|--[^\n]*|/\*.*?\*/)|` +
	`('(?:''|\\.|[^'\\])*'|"(?:""|\\.|[^"\\])*")|(\$[\pL_][\pL\pN_\pM]*)|(@[\pL_][\pL\pN_\pM]*)|([\pL_][\pL\pN_\pM]*)|` +
	`((?:[0-9][0-9_]*(?:ms|[wdhms]))+)|([0-9][0-9_]*(?:\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+))|([0-9][0-9_]*)|` +
	`(\*\*=|//=|\*\*|//|[-+*/%<>!]=|[-+*/%<>=()\[\]{},;.?:]))`)

var tokKinds = []string{"", "", "string", "param", "name", "word", "duration", "float", "int", "sign"}

func tokenise(text string) ([]tok, error) {
	var out []tok
	newline := false
	for text != "" {
		m := tokForm.FindStringSubmatch(text)
		if m == nil {
			return nil, fmt.Errorf("no token: %.20q", text)
		}
		text = text[len(m[0]):]
		if m[1] != "" {
			newline = newline || strings.Contains(m[1], "\n")
			continue
		}
		for i := 2; i < len(m); i++ {
			if m[i] != "" {
				out = append(out, tok{tokKinds[i], m[i], newline})
			}
		}
		newline = false
	}
	return out, nil
}

func (t tok) is(s symbol) bool {
	switch {
	case s.kind == "word":
		return (t.kind == "word" || t.kind == "sign") && strings.EqualFold(t.text, s.text)
	case s.text == "name":
		reserved := slices.Contains([]string{"NOT", "NULL", "TRUE", "FALSE"}, strings.ToUpper(t.text))
		return t.kind == "name" || t.kind == "word" && !reserved
	case s.text == "CLOSE":
		return t.kind == "sign" && t.text == ">"
	}
	return t.kind == s.text
}

// item is a sequence of a rule, read up to dot, that began at a token.
type item struct {
	rule     string
	alt, dot int
	from     int
}

// chart is what may be read at one place: every item once.
type chart struct {
	list []item
	seen map[item]bool
}

func (c *chart) add(it item) {
	if !c.seen[it] {
		c.seen[it] = true
		c.list = append(c.list, it)
	}
}

// accepts reports whether the tokens are a text of a rule; else how far they could be read.
func (r rules) accepts(rule string, toks []tok) (ok bool, read int) {
	nullable := r.nullable()
	charts := make([]*chart, len(toks)+1)
	for i := range charts {
		charts[i] = &chart{seen: map[item]bool{}}
	}
	for a := range r[rule] {
		charts[0].add(item{rule, a, 0, 0})
	}
	for i, c := range charts {
		for k := 0; k < len(c.list); k++ {
			it := c.list[k]
			line := r[it.rule][it.alt]
			next := item{it.rule, it.alt, it.dot + 1, it.from}
			if it.dot == len(line) {
				for _, up := range charts[it.from].list {
					if l := r[up.rule][up.alt]; up.dot < len(l) && l[up.dot] == (symbol{"rule", it.rule}) {
						c.add(item{up.rule, up.alt, up.dot + 1, up.from})
					}
				}
				continue
			}
			switch s := line[it.dot]; {
			case s.kind == "rule":
				for a := range r[s.text] {
					c.add(item{s.text, a, 0, i})
				}
				if nullable[s.text] {
					c.add(next)
				}
			case s.text == "NEWLINE":
				if i < len(toks) && toks[i].newline {
					c.add(next)
				}
			case i < len(toks) && toks[i].is(s):
				charts[i+1].add(next)
			}
		}
		if len(c.list) > 0 {
			read = i
		}
	}
	for a, line := range r[rule] {
		ok = ok || charts[len(toks)].seen[item{rule, a, len(line), 0}]
	}
	return ok, read
}

func (r rules) nullable() map[string]bool {
	out := map[string]bool{}
	for changed := true; changed; {
		changed = false
		for name, lines := range r {
			for _, line := range lines {
				all := !slices.ContainsFunc(line, func(s symbol) bool { return s.kind != "rule" || !out[s.text] })
				if all && !out[name] {
					out[name], changed = true, true
				}
			}
		}
	}
	return out
}
