package gen

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// writer collects the declarations of the Go file.
type writer struct {
	in      *input
	schema  *ir.Schema
	imports map[string]bool
	names   map[string]bool   // names used in the package
	enums   map[string]string // the Go type of each list of values
	// embedded are the models that other models embed.
	embedded map[string]bool
	values   []enumDecl
	types    []typeDecl
	funcs    bytes.Buffer
	err      error // the first error
}

type typeDecl struct {
	name, doc string
	members   []member
}

type enumDecl struct {
	name, doc string
	values    []string
}

func newWriter(in *input, s *ir.Schema) *writer {
	w := &writer{in: in, schema: s, imports: map[string]bool{}, enums: map[string]string{}, names: map[string]bool{"Models": true}, embedded: map[string]bool{}}
	for m := range s.Models() {
		for _, used := range m.Uses {
			w.embedded[used] = true
		}
	}
	for _, d := range in.decls {
		w.at(d.src, d.stmt.Name.Sp, w.begin(s.Model(d.stmt.Name.Name)))
	}
	for _, d := range in.decls {
		if w.err == nil {
			w.at(d.src, d.stmt.Name.Sp, w.model(s.Model(d.stmt.Name.Name)))
		}
	}
	return w
}

// at records an error with its position.
func (w *writer) at(src *lang.Source, sp lang.Span, err error) {
	if err != nil && w.err == nil {
		w.err = mistake(src, sp, lang.CodeBadArgument, "", "%s", err)
	}
}

// take reserves a name in the package.
func (w *writer) take(name string) error {
	if w.names[name] {
		return fmt.Errorf("the Go name %s is used twice", name)
	}
	w.names[name] = true
	return nil
}

func (w *writer) use(pkg string) { w.imports[pkg] = true }

// begin reserves the names of a model and of its enums.
func (w *writer) begin(m *ir.Model) error {
	name := exported(m.Name)
	if name == "" {
		return fmt.Errorf("the model %s has no Go name", m.Name)
	}
	if err := w.take(name); err != nil {
		return err
	}
	for _, f := range m.Fields {
		t := f.Type
		for t.Elem != nil && t.Kind != lang.KRef {
			t = *t.Elem
		}
		if t.Kind != lang.KEnum {
			continue
		}
		if err := w.enum(name+exported(f.Name), t.Values, m.Name+"."+f.Name); err != nil {
			return err
		}
	}
	return nil
}

// enum declares the type of a list of values, one for all fields with the same list.
func (w *writer) enum(name string, values []string, of string) error {
	key := strings.Join(values, "\x00")
	if w.enums[key] != "" {
		return nil
	}
	if err := w.take(name); err != nil {
		return err
	}
	for _, v := range values {
		if exported("x"+v) == "" || len(words(v)) == 0 {
			return nil // a value has no Go name: the field is a string
		}
	}
	for _, v := range values {
		if err := w.take(name + constant(v)); err != nil {
			return err
		}
	}
	w.enums[key] = name
	w.values = append(w.values, enumDecl{name: name, doc: name + " is a value of " + of + ".", values: values})
	return nil
}

// constant returns the part of a constant's name for a value of an enum.
func constant(value string) string { return strings.TrimPrefix(exported("x_"+value), "X") }

// declare adds the function of a text, and the types that it needs.
func (w *writer) declare(q *query) {
	if w.err != nil {
		return
	}
	if err := w.function(q); err != nil {
		w.at(q.file, q.at, err)
	}
}

// function writes the function of a text.
func (w *writer) function(q *query) error {
	if err := w.take(q.name); err != nil {
		return err
	}
	row, err := w.row(q)
	if err != nil {
		return err
	}
	args, values, err := w.arguments(q)
	if err != nil {
		return err
	}
	text := unexported(q.name) + "Text"
	if err := w.take(text); err != nil { // ID and Id would both become ID
		return err
	}
	fmt.Fprintf(&w.funcs, "const %s = %s\n\n", text, literal(q.src.Text))
	doc := q.doc
	if len(doc) == 0 {
		doc = []string{q.name + " is the text of that name in " + path.Base(q.file.Name) + "."}
	}
	for _, line := range doc {
		fmt.Fprintf(&w.funcs, "// %s\n", line)
	}
	if values != "" {
		values = ", " + values
	}
	returns, call := results(q.kind, row)
	if q.kind == iter {
		w.use("iter")
	}
	fmt.Fprintf(&w.funcs, "func %s(ctx context.Context, db rql.Runner%s) %s {\n\treturn %s(ctx, db, %s%s)\n}\n\n", q.name, args, returns, call, text, values)
	if !q.batch {
		return nil
	}
	queue := "Queue" + q.name
	if row == "" {
		row = "*rql.Result"
	}
	fmt.Fprintf(&w.funcs, "// %s adds %s to a batch.\nfunc %s(b *rql.Batch%s) *rql.Queued[%s] {\n\treturn rql.Queue[%s](b, %s%s)\n}\n\n", queue, q.name, queue, args, row, row, text, values)
	return w.take(queue)
}

// results returns what a function returns, and the function of package rql that it calls.
func results(k kind, row string) (returns, call string) {
	switch k {
	case many:
		return "([]" + row + ", error)", "rql.Query[" + row + "]"
	case one:
		return "(" + row + ", error)", "rql.One[" + row + "]"
	case maybe:
		return "(" + row + ", bool, error)", "rql.Maybe[" + row + "]"
	case page:
		return "(rql.Page[" + row + "], error)", "rql.QueryPage[" + row + "]"
	case iter:
		return "iter.Seq2[" + row + ", error]", "rql.Stream[" + row + "]"
	}
	return "(*rql.Result, error)", "rql.Do"
}

// row returns the Go type of a row: that of the model, of the only column, or one for the text.
func (w *writer) row(q *query) (string, error) {
	cols := q.is.Shape.Columns
	switch {
	case q.kind.rowless():
		return "", nil
	case q.is.AllFields != nil && !w.embedded[q.is.AllFields.Name]:
		return exported(q.is.AllFields.Name), nil
	case len(cols) == 1:
		return w.goType(cols[0].Type, q.name+"Row")
	}
	name := q.name + "Row"
	if err := w.take(name); err != nil {
		return "", err
	}
	list := make([]lang.Col, len(cols))
	for i, c := range cols {
		list[i] = lang.Col{Name: c.Name, Type: c.Type}
	}
	members, err := w.members(name, list)
	if err != nil {
		return "", err
	}
	w.types = append(w.types, typeDecl{name: name, doc: name + " is a row of " + q.name + ".", members: members})
	return name, nil
}

// arguments returns the parameters of a function, and the rql.Args made from them. Several parameters become a struct, so that
// two of the same type cannot be confused.
func (w *writer) arguments(q *query) (params, values string, err error) {
	cols := make([]member, len(q.is.Params))
	for i, p := range q.is.Params {
		cols[i].column = p.Name
		if cols[i].name = exported(p.Name); cols[i].name == "" {
			return "", "", fmt.Errorf("the parameter $%s has no Go name", p.Name)
		}
		if j := slices.IndexFunc(cols[:i], func(o member) bool { return o.name == cols[i].name }); j >= 0 {
			return "", "", fmt.Errorf("$%s and $%s have the same Go name", cols[j].column, p.Name)
		}
		if p.Document != nil {
			cols[i].goType, err = w.document(p.Document)
		} else {
			cols[i].goType, err = w.goType(p.Type, q.name+cols[i].name)
		}
		if err != nil {
			return "", "", err
		}
		if p.Optional && !strings.HasPrefix(cols[i].goType, "*") && cols[i].goType != "any" { // a nil slice is a value
			cols[i].goType = "*" + cols[i].goType
		}
		if p.Several && q.kind.lists() {
			cols[i].goType = "[]" + strings.TrimPrefix(cols[i].goType, "*")
		}
		if q.kind == page && cols[i].goType == "*string" && q.isCursor(p.Name) {
			cols[i].goType = "string" // "" is the start
		}
	}
	switch len(cols) {
	case 0:
		return "", "", nil
	case 1:
		name := unexported(cols[0].column, "ctx", "db", "b", "rql", "iter", "time", "json", "context")
		return fmt.Sprintf(", %s %s", name, cols[0].goType), fmt.Sprintf("rql.Args{%q: %s}", cols[0].column, name), nil
	}
	name := q.name + "Params"
	if err := w.take(name); err != nil {
		return "", "", err
	}
	w.types = append(w.types, typeDecl{name: name, doc: name + " are the parameters of " + q.name + ".", members: cols})
	list := make([]string, len(cols))
	for i, c := range cols {
		list[i] = fmt.Sprintf("%q: p.%s", c.column, c.name)
	}
	return ", p " + name, "rql.Args{" + strings.Join(list, ", ") + "}", nil
}

// isCursor reports whether a parameter is that of AFTER.
func (q *query) isCursor(name string) bool { return q.is.Cursor == name }

// source returns the complete file.
func (w *writer) source(pkg string) ([]byte, error) {
	if w.err != nil {
		return nil, w.err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "// Code generated by rql gen. DO NOT EDIT.\n\npackage %s\n\n", pkg)
	if w.funcs.Len() > 0 {
		w.use("context")
		w.use("github.com/rql-lang/rql")
	}
	w.writeImports(&b)
	b.WriteString("// Models are the statements that declare the models and procedures, for rql.WithModelText.\nconst Models = " + literal(w.definitions()) + "\n\n")
	for _, e := range w.values {
		fmt.Fprintf(&b, "// %s\ntype %s string\n\n// The values of %s.\nconst (\n", e.doc, e.name, e.name)
		for _, v := range e.values {
			fmt.Fprintf(&b, "\t%s%s %s = %q\n", e.name, constant(v), e.name, v)
		}
		b.WriteString(")\n\n")
	}
	for _, d := range w.types {
		fmt.Fprintf(&b, "// %s\ntype %s struct {\n", d.doc, d.name)
		for _, m := range d.members {
			fmt.Fprintf(&b, "\t%s %s `rql:%q`\n", m.name, m.goType, m.column+m.options)
		}
		b.WriteString("}\n\n")
	}
	b.Write(w.funcs.Bytes())
	out, err := format.Source(b.Bytes())
	if err != nil {
		return nil, errors.Join(errors.New("the generated code does not parse, which is a bug of rql gen"), err)
	}
	return out, nil
}

// writeImports writes the imports, the standard library first.
func (w *writer) writeImports(b *bytes.Buffer) {
	var own, standard []string
	for pkg := range w.imports {
		if strings.Contains(pkg, ".") {
			own = append(own, strconv.Quote(pkg))
		} else {
			standard = append(standard, strconv.Quote(pkg))
		}
	}
	slices.Sort(standard)
	if len(own)+len(standard) > 0 {
		fmt.Fprintf(b, "import (\n%s\n\n%s\n)\n\n", strings.Join(standard, "\n"), strings.Join(own, "\n"))
	}
}

// definitions returns the texts of the models and procedures.
func (w *writer) definitions() string {
	var out []string
	for _, src := range w.in.models {
		for line := range strings.SplitSeq(src.Text, "\n") {
			if line = strings.TrimRight(line, " \t\r"); line != "" && line != ";" {
				out = append(out, line)
			}
		}
		if n := len(out); n > 0 && !strings.HasSuffix(out[n-1], ";") {
			out[n-1] += ";"
		}
	}
	return strings.Join(out, "\n") + "\n"
}

// literal returns a text as a Go literal, in backquotes if possible.
func literal(text string) string {
	if strings.ContainsAny(text, "`\r") || !strconv.CanBackquote(strings.ReplaceAll(text, "\n", "")) {
		return strconv.Quote(text)
	}
	return "`" + text + "`"
}
