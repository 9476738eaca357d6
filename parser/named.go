package parser

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Named is a file of named texts, beside models and procedures:
//
//	MODEL Order { id string KEY, customer string INDEX, total int };
//
//	-- name: OrdersOf :many
//	-- OrdersOf lists the orders of a customer.
//	FIND Order WHERE customer = $customer RETURN id, total;
//
// Statements behind a name belong to it, up to the next one; MODEL and PROCEDURE
// belong to none.
type Named struct {
	Source *lang.Source
	Models []*lang.ModelStmt
	Texts  []NamedText
	Loose  []lang.Span // statements that have no name and define nothing

	definitions []lang.Span
}

// NamedText is a text and its name.
type NamedText struct {
	Name string
	Kind string   // the word behind the name, like ":many", or ""
	More string   // the word behind that, like ":batch", or ""
	Doc  []string // comment between the name and the first statement
	At   lang.Span
	// Source is the text alone; places count as in the file.
	Source *lang.Source
}

// heading is the comment that names a text.
var heading = regexp.MustCompile(`^--\s*name:\s*(\S*)\s*(\S*)\s*(\S*)\s*$`)

// ReadNamed reads a file. Errors: *lang.CheckError.
func ReadNamed(src *lang.Source) (*Named, error) {
	file := Parse(src)
	if file.Diags.Err() != nil {
		return nil, lang.NewCheckError(src, file.Diags)
	}
	r := namedReader{Named: &Named{Source: src}, first: -1}
	comments := slices.DeleteFunc(Lex(src.Text), func(t Token) bool { return t.Kind != TokenComment })
	for _, st := range file.Stmts {
		for len(comments) > 0 && comments[0].Span.Start < st.Span().Start {
			if err := r.comment(comments[0].Span); err != nil {
				return nil, err
			}
			comments = comments[1:]
		}
		if err := r.statement(st); err != nil {
			return nil, err
		}
		for len(comments) > 0 && comments[0].Span.Start < st.Span().End { // inside it
			comments = comments[1:]
		}
	}
	for _, c := range comments {
		if err := r.comment(c.Span); err != nil {
			return nil, err
		}
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	return r.Named, nil
}

// namedReader is a file while it is read.
type namedReader struct {
	*Named
	open        *NamedText
	first, last int // of the statements of the open text; first is below 0 before the first
}

// statement adds a statement to the text that is open.
func (r *namedReader) statement(st lang.Stmt) error {
	sp := st.Span()
	model, isModel := st.(*lang.ModelStmt)
	_, isProcedure := st.(*lang.ProcedureStmt)
	switch {
	case isModel || isProcedure:
		if err := r.end(); err != nil {
			return err
		}
		r.definitions = append(r.definitions, sp)
		if isModel {
			r.Models = append(r.Models, model)
		}
	case r.open == nil:
		r.Loose = append(r.Loose, sp)
	default:
		if r.first < 0 {
			r.first = sp.Start
		}
		r.last = sp.End
	}
	return nil
}

// comment reads a comment, which may have several lines: it names a text, or its lines are part of a description.
func (r *namedReader) comment(sp lang.Span) error {
	at := sp.Start
	for line := range strings.SplitAfterSeq(r.Source.Text[sp.Start:sp.End], "\n") {
		text := strings.TrimSpace(line)
		where := lang.Span{Start: at, End: at + len(strings.TrimRight(line, "\r\n"))}
		at += len(line)
		if m := heading.FindStringSubmatch(text); m != nil {
			if err := r.end(); err != nil {
				return err
			}
			r.open = &NamedText{Name: m[1], Kind: m[2], More: m[3], At: where}
			continue
		}
		if text = strings.TrimSpace(strings.TrimPrefix(text, "--")); r.open != nil && r.first < 0 && text != "" && !strings.HasPrefix(text, "/*") {
			r.open.Doc = append(r.open.Doc, text)
		}
	}
	return nil
}

// end ends the text that is open.
func (r *namedReader) end() error {
	if r.open == nil {
		return nil
	}
	if r.first < 0 {
		return r.Mistake(r.open.At, "", "no statement follows the name %s", r.open.Name)
	}
	for i := range r.Texts {
		if r.Texts[i].Name == r.open.Name {
			return r.Mistake(r.open.At, "", "there is a second text with the name %s", r.open.Name)
		}
	}
	line, col := r.Source.Position(r.first)
	r.open.Source = lang.NewSourceAt(r.Source.Name, r.Source.Text[r.first:r.last], line, col)
	r.Texts = append(r.Texts, *r.open)
	r.open, r.first = nil, -1
	return nil
}

// Mistake is an error with its place in the file.
func (f *Named) Mistake(sp lang.Span, hint, format string, args ...any) error {
	d := lang.Errorf(lang.CodeBadArgument, sp, format, args...)
	if hint != "" {
		d.WithHint("%s", hint)
	}
	return lang.NewCheckError(f.Source, lang.Diags{d})
}

// Definitions is the file with nothing but its models and procedures, which keep their places; nil where it has none.
func (f *Named) Definitions() *lang.Source { return f.only(f.definitions) }

// Unnamed is the file without its named texts: models, procedures, and what has no name.
func (f *Named) Unnamed() *lang.Source {
	all := append(slices.Clone(f.definitions), f.Loose...)
	slices.SortFunc(all, func(a, b lang.Span) int { return a.Start - b.Start })
	return f.only(all)
}

// only is a file with nothing but some parts of it.
func (f *Named) only(parts []lang.Span) *lang.Source {
	if len(parts) == 0 {
		return nil
	}
	out := []byte(f.Source.Text)
	at := 0
	blank := func(to int) {
		for ; at < to; at++ {
			if out[at] != '\n' {
				out[at] = ' '
			}
		}
	}
	for _, sp := range parts {
		blank(sp.Start)
		for at = sp.End; at < len(out) && out[at] == '\n'; at++ {
		}
		if at < len(out) { // the statements stay separated: a ; is here or behind it
			out[at] = ';'
			at++
		}
	}
	blank(len(out))
	return lang.NewSource(f.Source.Name, string(out))
}
