package check

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/ir"
)

func (c *checker) export(s *lang.ExportStmt) *ir.Export {
	if !c.Options.Program {
		c.Errorf(lang.CodeNotAllowed, s.Sp, "EXPORT writes a file, so only the program rql runs it")
	}
	e := &ir.Export{}
	prev := c.Begin(&e.Head, s.Sp)
	defer c.End(prev)
	if e.Find = c.find(s.Find); e.Find == nil {
		return nil
	}
	e.File = c.fileName(s.File, false)
	e.With = c.with(s.With, []lang.Expr{s.File})
	return e
}

// fileName checks the name of a file; with many, a parameter may hold a list of them.
func (c *checker) fileName(x lang.Expr, many bool) ir.Expr {
	outer := c.Enter(&expr.Scope{})
	defer c.Enter(outer)
	c.Scope.In("a file name", false)
	v := c.Expr(x)
	if many && v.Type().Kind == lang.KList {
		return c.Coerce(v, lang.ListOf(lang.TypeString))
	}
	return c.Coerce(v, lang.TypeString)
}

// literalName returns the name of a file that is a literal, or "".
func literalName(x lang.Expr) string {
	if l, ok := x.(*lang.Literal); ok {
		name, _ := l.Value.(string)
		return name
	}
	return ""
}

// include refuses INCLUDE: the program rql replaces it by the statements of its file before it checks a script.
func (c *checker) include(s *lang.IncludeStmt) {
	d := c.Errorf(lang.CodeNotAllowed, s.Sp, "INCLUDE reads a file, so only the program rql runs it, in a script")
	if c.Options.Prompt {
		d.WithHint(`\i %s runs the file`, s.File)
	}
}

// importFile checks IMPORT, with its expressions over the columns of its files.
func (c *checker) importFile(s *lang.ImportStmt) *ir.Import {
	if !c.Options.Program && !c.Options.Migration { // a migration says why it has none
		c.Errorf(lang.CodeNotAllowed, s.Sp, "IMPORT reads a file, so only the program rql runs it")
	}
	m := c.Model(s.Model)
	if m == nil {
		return nil
	}
	im := &ir.Import{Model: m}
	prev := c.Begin(&im.Head, s.Sp)
	defer c.End(prev)
	c.Use(m)
	c.UseTargets(m, s.Sp, every)
	c.mayKeep(m, nil, s.Sp)
	for _, x := range s.Files {
		im.Files = append(im.Files, c.fileName(x, true))
	}
	im.With = c.with(s.With, s.Files)
	im.In = c.Variable("", lang.Type{Kind: lang.KRecord}, false)
	if s.As != nil {
		c.importColumns(im, s)
	}
	c.importConflict(im, s.Conflict)
	c.importRejects(im, s)
	return im
}

// importRejects checks ON ERROR.
func (c *checker) importRejects(im *ir.Import, s *lang.ImportStmt) {
	r := s.Rejects
	if r == nil {
		return
	}
	if name := literalName(r.File); name != "" && slices.ContainsFunc(s.Files, func(x lang.Expr) bool { return literalName(x) == name }) {
		c.Errorf(lang.CodeNotAllowed, r.File.Span(), "%s would be replaced by its rejected records", name)
	}
	im.Rejects = &ir.Rejects{File: c.fileName(r.File, false)}
	outer := c.Enter(&expr.Scope{})
	defer c.Enter(outer)
	im.Rejects.Limit = c.amount(r.Limit, "LIMIT")
}

// importConflict checks ON CONFLICT: SET changes the document that is there, as in CREATE.
func (c *checker) importConflict(im *ir.Import, s *lang.Conflict) {
	if s == nil {
		return
	}
	outer := c.Enter(c.RowScope(im.Model, s.Sp))
	defer c.Enter(outer)
	if im.Conflict = s.Action; s.Action == "SET" {
		c.Scope.Old = oldRow(im.Model, s.Sp, false)
		im.Sets = c.sets(s.Sets, im.Model, false)
	}
}

// importColumns checks AS: expressions over the columns of the file.
func (c *checker) importColumns(im *ir.Import, s *lang.ImportStmt) {
	m := im.Model
	outer := c.Enter(&expr.Scope{Clause: "IMPORT", Columns: im.In, Column: c.columnType(im, s)})
	defer c.Enter(outer)
	for i, e := range s.As.Entries {
		c.FirstIn(s.As, i)
		f := m.Lookup(e.Name)
		if f == nil {
			c.NoField(e.NameSp, m, e.Name)
			c.Expr(e.Value)
			continue
		}
		if f.Revision {
			c.revisionSet(f, m, e.NameSp)
		}
		if slices.ContainsFunc(im.As, func(col ir.ImportCol) bool { return col.Field == f }) {
			c.givenTwice(e.Name, e.NameSp, f)
		}
		x := c.Expr(e.Value)
		if _, bare := x.(*ir.Member); !bare { // a bare column is read as the field's type
			x = c.Coerce(x, f.Value())
		}
		im.As = append(im.As, ir.ImportCol{Field: f, X: x})
	}
}

// columnType returns the type of the columns of the files: string for CSV, json for JSON.
func (c *checker) columnType(im *ir.Import, s *lang.ImportStmt) lang.Type {
	if im.With.Format == "" {
		for _, x := range s.Files {
			if literalName(x) == "" {
				c.Errorf(lang.CodeBadOption, x.Span(), "the columns of AS have the type of the format, which this does not say").Hint = "WITH (FORMAT 'csv')"
			}
			if lang.Tabular(lang.FileKind(literalName(x))) != lang.Tabular(lang.FileKind(literalName(s.Files[0]))) {
				c.Errorf(lang.CodeBadOption, x.Span(), "AS cannot read columns of CSV and JSON files in one statement").Hint = "use one IMPORT for each format"
			}
		}
	}
	if lang.Tabular(im.With.Kind(literalName(s.Files[0]))) {
		return lang.TypeString.OrNull()
	}
	return lang.TypeJSON
}

// with checks the options of files.
func (c *checker) with(list []lang.With, files []lang.Expr) (o lang.FileOptions) {
	seen := map[string]bool{}
	for _, w := range list {
		row := lang.FindFileOption(w.Name.Name)
		if row == nil {
			c.noOption(w.Name)
			continue
		}
		if seen[row.Name] {
			c.Errorf(lang.CodeGivenTwice, w.Name.Sp, "%s is given twice", row.Name)
		}
		seen[row.Name] = true
		c.option(&o, row, w.Value)
	}
	for _, w := range list {
		row := lang.FindFileOption(w.Name.Name)
		for _, x := range files {
			if kind := o.Kind(literalName(x)); row != nil && row.Table && kind != "" && !lang.Tabular(kind) {
				c.Errorf(lang.CodeBadOption, w.Name.Sp, "%s is an option of CSV and TSV files only", row.Name)
				break
			}
		}
	}
	if o.Delimiter != 0 && o.Delimiter == o.Quote && !o.NoQuote {
		c.Errorf(lang.CodeBadOption, list[0].Name.Sp, "DELIMITER and QUOTE are the same character")
	}
	for _, x := range files {
		if literalName(x) == "-" && o.Format == "" {
			c.Errorf(lang.CodeBadOption, x.Span(), "standard input has no name that says its format").Hint = "WITH (FORMAT 'csv')"
		}
	}
	return o
}

func (c *checker) noOption(name lang.Ident) {
	var names []string
	for _, row := range lang.FileOptionRows() {
		names = append(names, row.Name)
	}
	d := c.Errorf(lang.CodeBadOption, name.Sp, "%s is not an option of a file", name.Name)
	if near := lang.Nearest(strings.ToUpper(name.Name), names); near != "" {
		d.Hint = "did you mean " + near + "?"
	} else {
		d.Hint = "the options are " + strings.Join(names, ", ")
	}
}

// option sets an option to its literal.
func (c *checker) option(o *lang.FileOptions, row *lang.FileOption, x lang.Expr) {
	var value any
	if l, ok := x.(*lang.Literal); ok {
		value = l.Value
	}
	if on, ok := value.(bool); ok && row.Bool {
		o.NoHeader = !on
		return
	}
	text, ok := value.(string)
	wants := ""
	switch {
	case row.Bool:
		wants = "TRUE or FALSE"
	case !ok:
		wants = "a string"
	case row.Values != nil:
		if text = strings.ToLower(text); !slices.Contains(row.Values, text) {
			wants = "one of '" + strings.Join(row.Values, "', '") + "'"
		}
	case row.Name == "DELIMITER" && !separates(text), row.Name == "QUOTE" && text != "" && !separates(text):
		wants = "one ASCII character that is no letter, digit, point or sign"
	case row.Name == "NULL" && strings.ContainsAny(text, "\r\n"):
		wants = "a text of one line"
	case row.Name == "DATETIME" && !lang.IsDateTimeFormat(text):
		wants = "a format of YYYY MM DD HH mm ss SSS"
	}
	if wants != "" {
		c.Errorf(lang.CodeBadOption, x.Span(), "%s is %s", row.Name, wants)
		return
	}
	switch row.Name {
	case "FORMAT":
		o.Format = "." + text
	case "ENCODING":
		o.Encoding = text
	case "DELIMITER":
		o.Delimiter = text[0]
	case "QUOTE":
		if o.NoQuote = text == ""; text != "" {
			o.Quote = text[0]
		}
	case "NULL":
		o.Null = text
	case "DECIMAL":
		o.Comma = text == ","
	case "DATETIME":
		o.DateTime = text
	}
}

// separates reports whether a text is one character that may stand between or around cells.
func separates(text string) bool {
	return len(text) == 1 && text[0] < 0x7f && (text[0] >= ' ' || text[0] == '\t') && !strings.Contains("+-.0123456789abcdefghijklmnopqrstuvwxyz", strings.ToLower(text))
}
