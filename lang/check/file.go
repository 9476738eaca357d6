package check

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/ir"
)

func (c *checker) export(s *lang.ExportStmt) *ir.Export {
	if !c.Options.Program {
		c.Errorf(lang.CodeNotAllowed, s.Sp, "EXPORT writes a file, so only the program rql runs it")
	}
	e := &ir.Export{File: s.File}
	prev := c.Begin(&e.Head, s.Sp)
	defer c.End(prev)
	if e.Find = c.find(s.Find); e.Find == nil {
		return nil
	}
	return e
}

// importFile checks IMPORT, with its expressions over the columns of a file.
func (c *checker) importFile(s *lang.ImportStmt) *ir.Import {
	if !c.Options.Program {
		c.Errorf(lang.CodeNotAllowed, s.Sp, "IMPORT reads a file, so only the program rql runs it")
	}
	m := c.Model(s.Model)
	if m == nil {
		return nil
	}
	im := &ir.Import{Model: m, File: s.File}
	prev := c.Begin(&im.Head, s.Sp)
	defer c.End(prev)
	c.Use(m)
	c.UseTargets(m, s.Sp, every)
	c.mayKeep(m, nil, s.Sp)
	im.In = c.Variable("", lang.Type{Kind: lang.KRecord}, false)
	if s.As != nil {
		c.importColumns(im, s)
	}
	c.importConflict(im, s.Conflict)
	if r := s.Rejects; r != nil {
		if r.File == s.File {
			c.Errorf(lang.CodeNotAllowed, r.Sp, "%s would be replaced by its rejected records", s.File)
		}
		outer := c.Enter(&expr.Scope{})
		im.Rejects = &ir.Rejects{File: r.File, Limit: c.amount(r.Limit, "LIMIT")}
		c.Enter(outer)
	}
	return im
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
	outer := c.Enter(&expr.Scope{Clause: "IMPORT", Columns: im.In, Column: columnType(s.File)})
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

// columnType returns the type of the columns of a file: string for CSV, json for JSON.
func columnType(file string) lang.Type {
	if lang.Tabular(lang.FileKind(file)) {
		return lang.TypeString.OrNull()
	}
	return lang.TypeJSON
}
