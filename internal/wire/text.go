package wire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// String writes a value as recordings have it: "text", 5, +OK, -"error", _ for
// null, ,1.5 and #t, [array], <set> and {name value}.
func (v Value) String() string {
	var b strings.Builder
	v.print(&b)
	return b.String()
}

var brackets = map[byte]string{'*': "[]", '~': "<>", '%': "{}", '>': "()"}

func (v Value) print(b *strings.Builder) {
	switch v.Kind {
	case '$':
		b.WriteString(strconv.Quote(v.Text))
	case '-', '+':
		b.WriteByte(v.Kind)
		b.WriteString(strconv.Quote(v.Text))
	case ':':
		b.WriteString(v.Text)
	case '*', '~', '%', '>':
		b.WriteByte(brackets[v.Kind][0])
		for i, x := range v.List {
			if i > 0 {
				b.WriteByte(' ')
			}
			x.print(b)
		}
		b.WriteByte(brackets[v.Kind][1])
	default:
		b.WriteByte(v.Kind)
		b.WriteString(v.Text)
	}
}

// parse reads what String writes and gives what stands behind it.
func parse(s string) (Value, string, error) {
	if s == "" {
		return Value{}, "", errors.New("a value is missing")
	}
	v := Value{Kind: s[0]}
	switch c := s[0]; c {
	case '"':
		v.Kind = '$'
		return quoted(v, s)
	case '+', '-':
		if strings.HasPrefix(s[1:], `"`) {
			return quoted(v, s[1:])
		}
	case '[', '<', '{', '(':
		v.Kind = map[byte]byte{'[': '*', '<': '~', '{': '%', '(': '>'}[c]
		v.List = []Value{}
		for s = s[1:]; !strings.HasPrefix(s, brackets[v.Kind][1:]); {
			x, rest, err := parse(s)
			if err != nil {
				return v, "", err
			}
			v.List, s = append(v.List, x), strings.TrimPrefix(rest, " ")
		}
		return v, s[1:], nil
	}
	end := strings.IndexAny(s, " ]>})")
	if end < 0 {
		end = len(s)
	}
	if v.Text = s[1:end]; v.Kind >= '0' && v.Kind <= '9' || v.Kind == '-' {
		v.Kind, v.Text = ':', s[:end]
	}
	return v, s[end:], nil
}

func quoted(v Value, s string) (Value, string, error) {
	q, err := strconv.QuotedPrefix(s)
	if err != nil {
		return v, "", fmt.Errorf("reading %.40s: %w", s, err)
	}
	v.Text, err = strconv.Unquote(q)
	return v, s[len(q):], err
}

// line writes a command: words with a blank between, quoted where they have to be.
func line(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		if out[i] = w; !bare(w) {
			out[i] = strconv.Quote(w)
		}
	}
	return strings.Join(out, " ")
}

func bare(w string) bool {
	return w != "" && !strings.ContainsFunc(w, func(r rune) bool { return r <= ' ' || r == '"' || r == '\\' || r > '~' && r != '⟨' && r != '⟩' })
}
