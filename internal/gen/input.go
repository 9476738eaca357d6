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
	// batch is set if there is a function that queues the text into a batch too.
	batch bool
	doc   []string     // comment between its name and its first statement
	file  *lang.Source // with the span of the name in it
	at    lang.Span
	src   *lang.Source // of its statements alone; places count as in the file
	is    *exec.Description
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
	// runMany is run with a list, where the statement takes one or several.
	runMany kind = "execmany"
)

const kindNames = ":many, :one, :maybe, :page, :iter, :exec or :execmany"

func kinds() []kind { return []kind{many, one, maybe, page, iter, run, runMany} }

// rowless reports whether the rows of a text are not read.
func (k kind) rowless() bool { return k == run || k == runMany }

// lists reports whether a parameter is a list where the statement takes one or several.
func (k kind) lists() bool { return k == many || k == runMany }

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

// file parses a file, in which every statement is a definition or has a name.
func (in *input) file(src *lang.Source) error {
	f, err := parser.ReadNamed(src)
	if err != nil {
		return err
	}
	if len(f.Loose) > 0 {
		return mistake(src, f.Loose[0], lang.CodeNotAllowed, "write -- name: OrdersOf :many above it", "the statement has no name")
	}
	for _, m := range f.Models {
		in.decls = append(in.decls, declared{src, m})
	}
	if models := f.Definitions(); models != nil {
		in.models = append(in.models, models)
	}
	for _, x := range f.Texts {
		q := query{name: x.Name, kind: kind(strings.TrimPrefix(x.Kind, ":")), batch: x.More != "", doc: x.Doc, file: src, at: x.At, src: x.Source}
		switch {
		case !goName.MatchString(q.name):
			return q.wrong("write -- name: OrdersOf :many", "%q is not the name of an exported Go function", q.name)
		case !strings.HasPrefix(x.Kind, ":") || !slices.Contains(kinds(), q.kind):
			return q.wrong("write "+kindNames, "%q does not say what the function %s returns", x.Kind, q.name)
		case q.batch && x.More != ":batch":
			return q.wrong("write :batch, or nothing", "%q behind %s means nothing", x.More, x.Kind)
		case q.batch && q.kind == iter:
			return q.wrong("use :many", "%s reads rows one by one, and a batch all of them", q.name)
		}
		in.queries = append(in.queries, q)
	}
	return nil
}

// wrong returns an error in the heading.
func (q *query) wrong(hint, format string, args ...any) error {
	return mistake(q.file, q.at, lang.CodeBadArgument, hint, format, args...)
}

// fits refuses a kind that the statement cannot be.
func (q *query) fits() error {
	s := q.is.Shape
	switch {
	case q.kind == runMany && !slices.ContainsFunc(q.is.Params, func(p exec.Param) bool { return p.Several }):
		return q.wrong("use :exec", "%s has no parameter that may be a list: the document of CREATE or PUT, the key of GET, UPDATE or DELETE", q.name)
	case q.kind.rowless():
	case s.Late:
		return q.wrong("use :exec", "the columns of %s are known only when it runs", s.Kind)
	case len(s.Columns) == 0:
		return q.wrong("add RETURN, or use :exec for a statement that returns nothing", "%s of %s returns no rows", s.Kind, q.name)
	case q.is.Many && (q.kind == one || q.kind == maybe):
		return q.wrong("name the document by its key, LIMIT 1, or use :many", "%s of %s may change many documents", s.Kind, q.name)
	case q.kind == page && !q.is.Pages:
		return q.wrong("write FIND … LIMIT 20 AFTER $cursor", "%s is not a FIND with LIMIT and AFTER", q.name)
	}
	return nil
}
