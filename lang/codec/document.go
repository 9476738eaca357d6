package codec

import (
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Form is the kind of JSON value that a member of a document has.
type Form byte

// The forms of members.
const (
	FormNumber Form = 'n'
	FormString Form = 's'
	FormBool   Form = 'b'
	FormObject Form = 'o' // only the presence of an object matters
	FormAny    Form = 'v'
)

// FormOf returns the form of a stored type: see lang.Type.InJSON.
func FormOf(t lang.Type) Form {
	if t.Variant == lang.VariantKey {
		return FormString
	}
	switch t.Repr() {
	case lang.ReprInt, lang.ReprLong, lang.ReprFloat:
		if t.Variant == lang.VariantISO {
			return FormString
		}
		return FormNumber
	case lang.ReprBool:
		if t.Variant == "text" {
			return FormString
		}
		return FormBool
	case lang.ReprString, lang.ReprBytes, lang.ReprGeo:
		return FormString
	}
	return FormAny
}

// Misfit is the first byte of the result of Read for a member whose kind does
// not match its form; no valid text begins with it.
const Misfit = "\xff"

// Members selects the members of a document to read.
type Members struct {
	names map[string]*member
	count int
}

type member struct {
	at   int // index in the result of Read, or -1
	form Form
	sub  *Members
}

// NewMembers returns a reader of the members with these dotted paths.
func NewMembers(paths []string, forms []Form) *Members {
	root := &Members{names: map[string]*member{}, count: len(paths)}
	for i, path := range paths {
		in := root
		for {
			name, rest, more := strings.Cut(path, ".")
			m := in.names[name]
			if m == nil {
				m = &member{at: -1, form: FormObject}
				in.names[name] = m
			}
			if !more {
				m.at, m.form = i, forms[i]
				break
			}
			if m.sub == nil {
				m.sub = &Members{names: map[string]*member{}}
			}
			in, path = m.sub, rest
		}
	}
	return root
}

// Read returns the stored text of each member, as in the field of a hash: a
// number's own text, the contents of a string, 1 or 0 for a bool, 1 for an
// object, JSON for the rest. An absent or null member is nil; one of another
// form begins with Misfit.
func (m *Members) Read(text string) ([]any, error) {
	out := make([]any, m.count)
	p := jsonReader{s: text}
	if p.next() != '{' {
		return nil, p.bad("not an object")
	}
	if err := m.object(&p, out); err != nil {
		return nil, err
	}
	if p.blanks(); p.i < len(p.s) {
		return nil, p.bad("more than one JSON value")
	}
	return out, nil
}

// object reads one object, starting at its brace.
func (m *Members) object(p *jsonReader, out []any) error {
	p.i++
	for first := true; ; first = false {
		switch c := p.next(); {
		case c == '}':
			p.i++
			return nil
		case first:
		case c == ',':
			p.i++
		default:
			return p.bad("lacking a comma or }")
		}
		if p.next() != '"' {
			return p.bad("lacking a name in quotes")
		}
		name, err := p.str()
		if err != nil {
			return err
		}
		if p.next() != ':' {
			return p.bad("lacking a colon")
		}
		p.i++
		if x := m.names[name]; x != nil {
			err = x.read(p, out)
		} else {
			err = p.skip()
		}
		if err != nil {
			return err
		}
	}
}

// read reads the value of a member.
func (x *member) read(p *jsonReader, out []any) error {
	c := p.next()
	start := p.i
	if c == '{' && x.form == FormObject {
		if x.at >= 0 {
			out[x.at] = "1"
		}
		if x.sub == nil {
			return p.skip()
		}
		return x.sub.object(p, out)
	}
	if c == '"' && x.form == FormString {
		s, err := p.str()
		if err == nil && x.at >= 0 {
			out[x.at] = s
		}
		return err
	}
	if err := p.skip(); err != nil || x.at < 0 {
		return err
	}
	raw := p.s[start:p.i]
	switch {
	case raw == "null":
		out[x.at] = nil
	case x.form == FormAny, x.form == FormNumber && (c == '-' || c >= '0' && c <= '9'):
		out[x.at] = raw
	case x.form == FormBool && raw == "true":
		out[x.at] = "1"
	case x.form == FormBool && raw == "false":
		out[x.at] = "0"
	default:
		out[x.at] = Misfit + raw
	}
	return nil
}

// skip skips a value.
func (p *jsonReader) skip() error {
	depth := 0
	for {
		switch c := p.next(); c {
		case '"':
			if err := p.skipString(); err != nil {
				return err
			}
		case '{', '[':
			depth++
			p.i++
		case '}', ']':
			depth--
			p.i++
		case ',', ':':
			p.i++
		case 0:
			return p.bad("cut off")
		default:
			n := strings.IndexAny(p.s[p.i:], ",]}:\" \t\r\n")
			if n < 0 {
				n = len(p.s) - p.i
			}
			p.i += max(n, 1)
		}
		if depth <= 0 {
			return nil
		}
	}
}

// skipString skips a string.
func (p *jsonReader) skipString() error {
	for i := p.i + 1; i < len(p.s); i++ {
		switch p.s[i] {
		case '\\':
			i++
		case '"':
			p.i = i + 1
			return nil
		}
	}
	p.i = len(p.s)
	return p.bad("an unclosed string")
}
