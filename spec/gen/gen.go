// Package gen generates random RQL programs for comparing implementations:
// models, rows, and well-typed statements, with values at the edges of their
// types. The same seed gives the same program.
//
// The results of a program are determined by the language: it has no LIMIT
// without an order, no uuid() and no now(), and its float arithmetic stays
// exact.
package gen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"

	"github.com/rql-lang/rql/lang"
)

// Program is an initial database and statements to run on it one by one.
type Program struct {
	Models string // MODEL statements
	Steps  []Step
	Names  []string // of the models, for inspecting the final state
	Finds  []string // statements that show the final state
}

// Step is one text with its parameters.
type Step struct {
	Text   string
	Params map[string]any // values as package lang defines them
	// Advance is how far the clock is moved first.
	Advance time.Duration
}

// New generates a program of n steps.
func New(seed uint64, n int) *Program {
	g := &gen{rnd: rand.New(rand.NewPCG(seed, 0x5bd1e995))}
	p := &Program{}
	g.lives, g.alters = g.chance(3), g.chance(3)
	g.models()
	for _, m := range g.all {
		p.Models += m.text() + "\n"
		p.Names = append(p.Names, m.name)
		find := "FIND " + m.name
		if m.coll != nil {
			find += " FETCH cs, cq"
		}
		p.Finds = append(p.Finds, find+" ORDER BY id")
	}
	for _, m := range g.all {
		for range 4 {
			p.Steps = append(p.Steps, g.step(func() string { return g.create(m) }))
		}
	}
	for range n {
		past := g.clock()
		s := g.step(g.statement)
		s.Advance = past
		p.Steps = append(p.Steps, s)
	}
	return p
}

// gen is the state of a program being generated.
type gen struct {
	rnd     *rand.Rand
	all     []*model
	params  map[string]any // of the current step
	written bool           // in SET
	lives   bool           // documents may have ends
	alters  bool           // models are changed
	fresh   int            // counts new names
}

func (g *gen) n(n int) int         { return g.rnd.IntN(n) }
func (g *gen) chance(one int) bool { return g.rnd.IntN(one) == 0 }

func pick[T any](g *gen, xs ...T) T { return xs[g.n(len(xs))] }

func (g *gen) step(make func() string) Step {
	g.params = nil
	return NewStep(make(), g.params)
}

// NewStep returns a text with the parameters that it uses.
func NewStep(text string, params map[string]any) Step {
	used := map[string]any{}
	for _, name := range regexp.MustCompile(`\$(p\d+)`).FindAllStringSubmatch(text, -1) {
		used[name[1]] = params[name[1]]
	}
	return Step{Text: text, Params: used}
}

// value writes a value as a literal, or as a parameter.
func (g *gen) value(v any) string {
	text, ok := literal(v)
	if ok && !g.chance(3) {
		return text
	}
	if g.params == nil {
		g.params = map[string]any{}
	}
	name := fmt.Sprintf("p%d", len(g.params))
	g.params[name] = v
	return "$" + name
}

// literal formats a value in RQL; false if it has no literal.
func literal(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "null", true
	case bool:
		return fmt.Sprint(v), true
	case int64:
		if v == math.MinInt64 {
			return "", false
		}
		if v < 0 {
			return fmt.Sprintf("(%d)", v), true
		}
		return fmt.Sprint(v), true
	case float64:
		s := fmt.Sprint(v)
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		if strings.HasPrefix(s, "-") {
			s = "(" + s + ")"
		}
		return s, true
	case string:
		return lang.Quote(v), true
	case lang.Bytes:
		return fmt.Sprintf("hex('%x')", string(v)), true
	case lang.Duration:
		if v < 0 {
			return fmt.Sprintf("(-%dms)", -int64(v)), true
		}
		return fmt.Sprintf("%dms", int64(v)), true
	}
	return "", false
}
