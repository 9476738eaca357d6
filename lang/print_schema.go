package lang

import "strconv"

func (p *printer) schema(s Stmt) {
	switch s := s.(type) {
	case *ModelStmt:
		p.model(s)
	case *AlterStmt:
		p.write("ALTER MODEL " + ident(s.Model.Name) + " ")
		for i, a := range s.Actions {
			p.comma(i)
			p.action(a)
		}
		if s.Mode != AlterApply {
			p.write(" " + string(s.Mode))
		}
	case *DropStmt:
		p.write("DROP " + s.What + " " + ident(s.Name.Name))
		if s.All {
			p.write(" ALL")
		}
	case *VerifyStmt:
		p.write("VERIFY " + ident(s.Model.Name))
		if s.Repair {
			p.write(" REPAIR")
		}
		if s.Refs {
			p.write(" REFS")
		}
	case *AdoptStmt:
		p.write("ADOPT")
		if s.Name.Name != "" {
			p.write(" " + quoteString(s.Pattern) + " AS " + ident(s.Name.Name))
		}
		if s.Apply {
			p.write(" APPLY")
		}
	case *ShowStmt:
		p.write("SHOW " + s.What)
		if s.Name.Name != "" {
			p.write(" " + ident(s.Name.Name))
		}
		if s.Memory {
			p.write(" MEMORY")
		}
	case *ProcedureStmt:
		p.procedure(s)
	}
}

func (p *printer) procedure(s *ProcedureStmt) {
	p.write("PROCEDURE " + ident(s.Name.Name) + "(")
	for i, par := range s.Params {
		p.comma(i)
		p.write(ident(par.Name.Name) + " ")
		p.typ(par.Type)
		p.operandClause(" DEFAULT ", par.Default)
	}
	p.write(") ")
	p.control(s.Body)
}

func (p *printer) model(s *ModelStmt) {
	p.write("MODEL " + ident(s.Name.Name))
	if s.Extends.Name != "" {
		p.write(" EXTENDS " + ident(s.Extends.Name))
	}
	p.write(" {")
	p.indent++
	for _, f := range s.Fields {
		p.line()
		p.field(f)
	}
	for _, r := range s.Rules {
		p.line()
		p.rule(r)
	}
	p.indent--
	if len(s.Fields)+len(s.Rules) > 0 {
		p.line()
	}
	p.write("}")
	for _, o := range s.Options {
		p.write(" ")
		p.option(o)
	}
}

func (p *printer) rule(r *RuleDecl) {
	p.write(r.Kind + " (")
	p.paths(r.Paths)
	if r.Check != nil {
		p.expr(r.Check, 0)
	}
	p.write(")")
	if r.Global {
		p.write(" GLOBAL")
	}
}

func (p *printer) field(f *FieldDecl) {
	p.write(ident(f.Name.Name) + " ")
	p.typ(f.Type)
	for _, a := range [...]struct {
		is   bool
		text string
	}{
		{f.Key, " KEY"}, {f.Unique, " UNIQUE"}, {f.Index, " INDEX"}, {f.Revision, " REVISION"}, {f.Lenient, " LENIENT"},
		{f.EmptyIsNull, " EMPTY IS NULL"}, {f.CascadeTTL, " CASCADE TTL"}, {f.OnDelete != "", " ON DELETE " + f.OnDelete},
	} {
		if a.is {
			p.write(a.text)
		}
	}
	p.clause(" DEFAULT ", f.Default)
	p.clause(" CHECK ", f.Check)
}

func (p *printer) typ(t *TypeExpr) {
	if t.Of == nil {
		p.write(ident(t.Name))
	} else { // set<T> is a type, however much SET means elsewhere
		p.write(t.Name + "<")
		p.typ(t.Of)
		if t.Part.Name != "" {
			p.write("." + ident(t.Part.Name))
		}
		if t.Form.Name != "" {
			p.write(", " + ident(t.Form.Name))
		}
		p.write(">")
	}
	if t.N != 0 {
		p.write("<" + strconv.Itoa(t.N) + ">")
	}
	if len(t.Args) > 0 {
		p.write("(")
		p.exprs(t.Args)
		p.write(")")
	}
	if t.Null {
		p.write("?")
	}
}

func (p *printer) option(o *OptionDecl) {
	switch o.Kind {
	case "TTL":
		p.operandClause("TTL ", o.TTL)
		if o.Refresh != "" {
			p.write(" REFRESH ON " + o.Refresh)
		}
	case "STORED":
		p.write("STORED AS " + o.Word)
	case "INDEXED":
		p.write("INDEXED BY " + o.Word)
	case "KEYS":
		p.write("KEYS " + quoteString(o.Word))
	case "WRITERS":
		p.write("WRITERS " + o.Word)
	case "PARTITION":
		p.write("PARTITION BY " + ident(o.Field.Name))
	}
}

func (p *printer) action(a *AlterAction) {
	p.write(a.Kind)
	switch {
	case a.Option != nil:
		p.write(" ")
		p.option(a.Option)
	case a.Field != nil:
		p.write(" ")
		p.field(a.Field)
		p.clause(" USING ", a.Using)
	case len(a.Paths) > 0:
		p.write(" (")
		p.paths(a.Paths)
		p.write(")")
		if a.Global {
			p.write(" GLOBAL")
		}
	case a.Check != nil:
		p.clause(" ", a.Check)
	case a.To.Name != "" && a.Name.Name == "":
		p.write(" TO " + ident(a.To.Name))
	case a.To.Name != "":
		p.write(" " + ident(a.Name.Name) + " TO " + ident(a.To.Name))
	case a.Name.Name != "":
		p.write(" " + ident(a.Name.Name))
	}
}

// String returns the text of the action.
func (a *AlterAction) String() string {
	var p printer
	p.action(a)
	return p.b.String()
}
