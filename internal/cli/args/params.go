package args

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// ParseParams parses --param NAME=VALUE, each name at most once; see rql help params.
func ParseParams(list []string) (map[string]any, error) {
	if len(list) == 0 {
		return nil, nil
	}
	out := make(map[string]any, len(list))
	for _, p := range list {
		name, value, ok := strings.Cut(p, "=")
		if !ok {
			return nil, usagef("--param name=value", "--param %s has no value", name)
		}
		if rest, dollar := strings.CutPrefix(name, "$"); dollar {
			name = rest
		}
		if !isName(name) {
			return nil, usagef("--param name=value", "%q is not the name of a parameter", name)
		}
		if _, twice := out[name]; twice {
			return nil, usagef("give it once", "the parameter %s is given twice", name)
		}
		if member := duplicate(value); member != "" {
			return nil, usagef("give it once", "--param %s has the member %s twice in one object", name, member)
		}
		out[name] = ParamValue(value)
	}
	return out, nil
}

// duplicate returns a name that occurs twice in an object of a literal, or "".
func duplicate(text string) string {
	if !mayBeLiteral(text) || !strings.Contains(text, "{") {
		return ""
	}
	x, err := parser.ParseExpr(text)
	if err != nil {
		return ""
	}
	found := ""
	lang.Walk(x, func(x lang.Node) bool {
		if o, ok := x.(*lang.Object); ok {
			seen := map[string]bool{}
			for _, e := range o.Entries {
				if seen[e.Name] {
					found = e.Name
				}
				seen[e.Name] = true
			}
		}
		return found == ""
	})
	return found
}

func isName(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

// ParamValue parses a value as an RQL literal: a number, a duration, a quoted
// string, true, false, null, or a list or object of these. Anything else is a
// string, so that names and dates need no quotes; 007 and 1_000 are strings
// too, because they are rarely meant as numbers on a command line.
func ParamValue(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
		return n // the smallest int64 has no literal
	}
	if !mayBeLiteral(text) {
		return text
	}
	x, err := parser.ParseExpr(text)
	if err != nil {
		return text
	}
	v, ok := literal(x)
	if n, isInt := v.(int64); isInt && fmt.Sprint(n) != text {
		return text
	}
	if !ok {
		return text
	}
	return v
}

// mayBeLiteral excludes text that is not a literal, and also text with a comment or a second statement, part of which would be
// lost.
func mayBeLiteral(text string) bool {
	if text == "" || strings.TrimSpace(text) != text || strings.Contains(text, "--") || strings.Contains(text, "/*") {
		return false
	}
	if strings.ContainsRune(`-'"[{`, rune(text[0])) || text[0] >= '0' && text[0] <= '9' {
		return !strings.HasSuffix(text, ";")
	}
	switch strings.ToLower(text) {
	case "true", "false", "null":
		return true
	}
	return false
}

// literal returns the value of an expression without names and operators.
func literal(x lang.Expr) (any, bool) {
	switch x := x.(type) {
	case *lang.Literal:
		return x.Value, true
	case *lang.Unary:
		return negated(x)
	case *lang.List:
		if x.Paren {
			return nil, false
		}
		out := make([]any, len(x.Items))
		for i, item := range x.Items {
			v, ok := literal(item)
			if !ok {
				return nil, false
			}
			out[i] = v
		}
		return out, true
	case *lang.Object:
		out := make(map[string]any, len(x.Entries))
		for _, e := range x.Entries {
			v, ok := literal(e.Value)
			if !ok {
				return nil, false
			}
			out[e.Name] = v
		}
		return out, true
	}
	return nil, false
}

func negated(x *lang.Unary) (any, bool) {
	lit, ok := x.X.(*lang.Literal)
	if !ok || x.Op != lang.OpSub {
		return nil, false
	}
	switch v := lit.Value.(type) {
	case int64:
		return -v, true
	case float64:
		return -v, true
	case lang.Duration:
		return -v, true
	}
	return nil, false
}
