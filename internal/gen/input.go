package gen

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// input is what the files hold.
type input struct {
	models  []*lang.Source // MODELs and PROCEDUREs of each file, other text blanked out
	decls   []declared     // the models in the order of the files
	queries []query
}

// declared is a model and where it stands.
type declared struct {
	src  *lang.Source
	stmt *lang.ModelStmt
}

// query is a named text.
type query struct {
	name string
	kind kind
	doc  []string     // comment between its name and its first statement
	file *lang.Source // with the span of the name in it
	at   lang.Span
	src  *lang.Source // of its statements alone; places count as in the file
	is   *exec.Description
}

// kind is what a function gives of its text.
type kind string

const (
	many  kind = "many"
	one   kind = "one"
	maybe kind = "maybe"
	page  kind = "page"
	iter  kind = "iter"
	run   kind = "exec"
)

const kindNames = ":many, :one, :maybe, :page, :iter or :exec"

func kinds() []kind { return []kind{many, one, maybe, page, iter, run} }

// heading is the comment that names a text.
var heading = regexp.MustCompile(`^--\s*name:\s*(\S*)\s*(\S*)\s*$`)

var goName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// read reads the files.
func read(files []*lang.Source) (*input, error) {
	in := &input{}
	for _, src := range files {
		if err := in.file(src); err != nil {
			return nil, err
		}
	}
	if len(in.decls) == 0 && len(files) > 0 {
		return nil, mistake(files[0], lang.Span{}, lang.CodeUnknownModel, "name the files with the MODEL statements too", "there is no MODEL in the files")
	}
	for i := range in.queries {
		for j := range i {
			if in.queries[i].name == in.queries[j].name {
				return nil, in.queries[i].wrong("", "there is a second text with the name %s", in.queries[i].name)
			}
		}
	}
	return in, nil
}

// file reads a file: statements behind a heading belong to it, up to the next one; MODEL and PROCEDURE belong to none.
func (in *input) file(src *lang.Source) error {
	file := parser.Parse(src)
	if file.Diags.Err() != nil {
		return lang.NewCheckError(src, file.Diags)
	}
	comments := slices.DeleteFunc(parser.Lex(src.Text), func(t parser.Token) bool { return t.Kind != parser.TokenComment })
	var open *query
	first, last, definitions := -1, -1, []lang.Span{}
	end := func() error {
		if open != nil && first < 0 {
			return open.wrong("", "no statement follows the name %s", open.name)
		}
		if open != nil {
			line, col := src.Position(first)
			open.src = lang.NewSourceAt(src.Name, src.Text[first:last], line, col)
			in.queries = append(in.queries, *open)
		}
		open, first, last = nil, -1, -1
		return nil
	}
	for _, st := range file.Stmts {
		sp := st.Span()
		for len(comments) > 0 && comments[0].Span.Start < sp.Start {
			next, doc, err := headed(src, comments[0].Span)
			comments = comments[1:]
			switch {
			case err != nil:
				return err
			case next != nil:
				if err := end(); err != nil {
					return err
				}
				open = next
			case open != nil && first < 0:
				open.doc = append(open.doc, doc...)
			}
		}
		m, model := st.(*lang.ModelStmt)
		_, procedure := st.(*lang.ProcedureStmt)
		switch {
		case model || procedure:
			if err := end(); err != nil {
				return err
			}
			definitions = append(definitions, sp)
			if model {
				in.decls = append(in.decls, declared{src, m})
			}
		case open == nil:
			return mistake(src, sp, lang.CodeNotAllowed, "write -- name: OrdersOf :many above it", "the statement has no name")
		default:
			if first < 0 {
				first = sp.Start
			}
			last = sp.End
		}
	}
	for _, c := range comments {
		next, _, err := headed(src, c.Span)
		if err != nil {
			return err
		}
		if next != nil {
			if err := end(); err != nil {
				return err
			}
			open = next
		}
	}
	if err := end(); err != nil {
		return err
	}
	if len(definitions) > 0 {
		in.models = append(in.models, lang.NewSource(src.Name, only(src.Text, definitions)))
	}
	return nil
}

// headed reads a comment, which may have several lines: it names a text, or its lines are part of a description.
func headed(src *lang.Source, sp lang.Span) (*query, []string, error) {
	var doc []string
	var q *query
	at := sp.Start
	for line := range strings.SplitAfterSeq(src.Text[sp.Start:sp.End], "\n") {
		text := strings.TrimSpace(line)
		where := lang.Span{Start: at, End: at + len(strings.TrimRight(line, "\r\n"))}
		at += len(line)
		m := heading.FindStringSubmatch(text)
		if m == nil {
			if text = strings.TrimSpace(strings.TrimPrefix(text, "--")); text != "" && !strings.HasPrefix(text, "/*") {
				doc = append(doc, text)
			}
			continue
		}
		if q != nil {
			return nil, nil, q.wrong("", "no statement follows the name %s", q.name)
		}
		q, doc = &query{name: m[1], kind: kind(strings.TrimPrefix(m[2], ":")), file: src, at: where}, nil
		switch {
		case !goName.MatchString(q.name):
			return nil, nil, q.wrong("write -- name: OrdersOf :many", "%q is no name of an exported Go function", q.name)
		case !strings.HasPrefix(m[2], ":") || !slices.Contains(kinds(), q.kind):
			return nil, nil, q.wrong("write "+kindNames, "%q does not say what the function %s returns", m[2], q.name)
		}
	}
	if q != nil {
		q.doc = doc
	}
	return q, doc, nil
}

// only is a text with nothing but some parts of it, which keep their places.
func only(text string, parts []lang.Span) string {
	out := []byte(text)
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
		if at = sp.End; at < len(out) { // the statements are separated
			out[at] = ';'
			at++
		}
	}
	blank(len(out))
	return string(out)
}

// wrong is a mistake in the heading.
func (q *query) wrong(hint, format string, args ...any) error {
	return mistake(q.file, q.at, lang.CodeBadArgument, hint, format, args...)
}

// fits refuses a kind that the statement cannot be.
func (q *query) fits() error {
	s := q.is.Shape
	switch {
	case q.kind == run:
	case s.Late:
		return q.wrong("use :exec", "the columns of %s are known only when it runs", s.Kind)
	case len(s.Columns) == 0:
		return q.wrong("RETURN names what is to be returned; :exec is for what returns nothing", "%s of %s returns no rows", s.Kind, q.name)
	case q.is.Many && (q.kind == one || q.kind == maybe):
		return q.wrong("name the document by its key, LIMIT 1, or use :many", "%s of %s may change many documents", s.Kind, q.name)
	case q.kind == page && !q.is.Pages:
		return q.wrong("write FIND … LIMIT 20 AFTER $cursor", "%s is no FIND with LIMIT and AFTER", q.name)
	}
	return nil
}
