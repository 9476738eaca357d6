package lang

import (
	"strings"
	"unicode"
)

// isWord reports whether a name can be written without quotes.
func isWord(s string) bool {
	for i, r := range s {
		if r == '_' || unicode.IsLetter(r) || i > 0 && (unicode.IsDigit(r) || unicode.In(r, unicode.Mn, unicode.Mc)) {
			continue
		}
		return false
	}
	return s != ""
}

func (p *printer) stmt(s Stmt) {
	switch s := s.(type) {
	case *GetStmt, *FindStmt, *CountStmt, *ExistsStmt:
		p.query(s)
	case *CreateStmt, *PutStmt, *UpdateStmt, *DeleteStmt, *CopyStmt, *ExpireStmt, *PersistStmt:
		p.writing(s)
	case *AtomicStmt, *IfStmt, *ForStmt, *ReturnStmt, *EnsureStmt, *LetStmt:
		p.control(s)
	case *ModelStmt, *AlterStmt, *DropStmt, *VerifyStmt, *AdoptStmt, *ShowStmt, *ProcedureStmt:
		p.schema(s)
	case *CallStmt:
		p.write("CALL " + ident(s.Name.Name) + "(")
		p.exprs(s.Args)
		p.write(")")
	case *ExplainStmt:
		if s.Profile {
			p.write("PROFILE ")
		} else {
			p.write("EXPLAIN ")
		}
		p.stmt(s.Stmt)
	case *ImportStmt:
		p.write("IMPORT ")
		p.exprs(s.Files)
		p.write(" INTO " + ident(s.Model.Name))
		if s.As != nil {
			p.write(" AS ")
			p.object(s.As)
		}
		p.conflict(s.Conflict)
		if r := s.Rejects; r != nil {
			p.operandClause(" ON ERROR SKIP TO ", r.File)
			p.operandClause(" LIMIT ", r.Limit)
		}
		p.with(s.With)
	case *ExportStmt:
		p.write("EXPORT ")
		p.query(s.Find)
		p.operandClause(" TO ", s.File)
		p.with(s.With)
	case *IncludeStmt:
		p.write("INCLUDE " + quoteString(s.File))
	case *PrintStmt:
		p.write("PRINT ")
		p.items(s.Items.Items)
	case *DownStmt:
		p.write("DOWN")
	}
}

// with prints the options of a file.
func (p *printer) with(list []With) {
	for i := range list {
		if i == 0 {
			p.write(" WITH (")
		} else {
			p.write(", ")
		}
		p.operandClause(strings.ToUpper(list[i].Name.Name)+" ", list[i].Value)
	}
	if len(list) > 0 {
		p.write(")")
	}
}

func (p *printer) query(s Stmt) {
	switch s := s.(type) {
	case *GetStmt:
		p.write("GET " + ident(s.Model.Name) + " ")
		p.key(s.Key, s.SkipMissing)
		p.fetch(s.Fetch)
		p.returns(s.Return)
	case *FindStmt:
		p.find(s)
	case *CountStmt:
		p.write("COUNT " + ident(s.Model.Name))
		p.clause(" WHERE ", s.Where)
	case *ExistsStmt:
		p.write("EXISTS " + ident(s.Model.Name))
		p.clause(" WHERE ", s.Where)
		p.operandClause(" ", s.Key)
	}
}

func (p *printer) find(s *FindStmt) {
	p.write("FIND " + ident(s.Model.Name))
	if n := s.Near; n != nil {
		p.operandClause(" NEAREST ", n.K)
		if len(n.Field) > 0 {
			p.write(" " + n.Field.text())
		}
		p.operandClause(" TO ", n.To)
	}
	if s.Stale {
		p.write(" STALE")
	}
	p.clause(" WHERE ", s.Where)
	if len(s.GroupBy) > 0 {
		p.write(" GROUP BY ")
		p.items(s.GroupBy)
	}
	p.clause(" HAVING ", s.Having)
	p.rows(s)
	p.operandClause(" AFTER ", s.After)
}

// rows prints what a query gives of what it found.
func (p *printer) rows(s *FindStmt) {
	p.fetch(s.Fetch)
	p.returns(s.Return)
	p.orderBy(s.OrderBy)
	p.operandClause(" LIMIT ", s.Limit)
	p.operandClause(" OFFSET ", s.Offset)
}

func (p *printer) clause(word string, x Expr) {
	if x != nil {
		p.write(word)
		p.expr(x, 0)
	}
}

func (p *printer) operandClause(word string, x Expr) {
	if x != nil {
		p.write(word)
		p.operand(x)
	}
}

func (p *printer) key(x Expr, skip bool) {
	p.operand(x)
	if skip {
		p.write(" SKIP MISSING")
	}
}

func (p *printer) fetch(list []Fetch) {
	for i, f := range list {
		if i == 0 {
			p.write(" FETCH ")
		} else {
			p.write(", ")
		}
		p.write(f.Path.text())
		if f.Of != nil {
			var of printer
			of.clause(" WHERE ", f.Of.Where)
			of.rows(f.Of)
			p.write(" (" + strings.TrimPrefix(of.b.String(), " ") + ")")
		}
	}
}

func (p *printer) paths(paths []Path) {
	for i, path := range paths {
		p.comma(i)
		p.write(path.text())
	}
}

func (p *printer) returns(r *Returns) {
	if r != nil {
		p.write(" RETURN ")
		p.returned(r)
	}
}

func (p *printer) returned(r *Returns) {
	if r.Distinct {
		p.write("DISTINCT ")
	}
	p.items(r.Items)
}

func (p *printer) items(items []Item) {
	for i, it := range items {
		p.comma(i)
		if it.Star {
			p.write("*")
			continue
		}
		p.guarded(it.X, 0)
		if it.As.Name != "" {
			p.write(" AS " + ident(it.As.Name))
		}
	}
}

func (p *printer) orderBy(os []Order) {
	for i, o := range os {
		if i == 0 {
			p.write(" ORDER BY ")
		} else {
			p.write(", ")
		}
		p.expr(o.X, 0)
		if o.Desc {
			p.write(" DESC")
		}
	}
}

func (p *printer) target(t *Target) {
	switch {
	case t.Where != nil:
		p.clause(" WHERE ", t.Where)
		p.orderBy(t.OrderBy)
		p.operandClause(" LIMIT ", t.Limit)
	case t.All:
		p.write(" ALL")
	case t.Key != nil:
		p.write(" ")
		p.key(t.Key, t.SkipMissing)
	}
}

func (p *printer) sets(word string, ss []Set) {
	for i, s := range ss {
		if i == 0 {
			p.write(word)
		} else {
			p.write(", ")
		}
		p.expr(s.Place, bindOperand)
		switch {
		case s.Op != "":
			p.write(" " + s.Op + " ")
			p.expr(s.Value, 0)
		case s.As.Name != "":
			p.write(" AS " + ident(s.As.Name))
		}
	}
}

func (p *printer) writing(s Stmt) {
	switch s := s.(type) {
	case *CreateStmt:
		p.write("CREATE " + ident(s.Model.Name) + " ")
		p.operand(s.Doc)
		p.life(s.Life)
		p.conflict(s.Conflict)
		p.returns(s.Return)
	case *PutStmt:
		verb := "PUT "
		if s.Restore {
			verb = "RESTORE "
		}
		p.write(verb + ident(s.Model.Name) + " ")
		p.operand(s.Doc)
		p.life(s.Life)
		p.returns(s.Return)
	case *UpdateStmt:
		p.write("UPDATE " + ident(s.Model.Name))
		p.target(&s.Target)
		p.sets(" SET ", s.Sets)
		p.returns(s.Return)
	case *DeleteStmt:
		p.write("DELETE " + ident(s.Model.Name))
		p.target(&s.Target)
		p.returns(s.Return)
	case *CopyStmt:
		p.write("COPY " + ident(s.Model.Name) + " ")
		p.key(s.Key, s.SkipMissing)
		p.operandClause(" TIMES ", s.Times)
		p.life(s.Life)
		p.sets(" SET ", s.Sets)
		p.returns(s.Return)
	case *ExpireStmt:
		p.write("EXPIRE " + ident(s.Model.Name))
		p.target(&s.Target)
		p.operandClause(" AFTER ", s.After)
		p.operandClause(" AT ", s.At)
	case *PersistStmt:
		p.write("PERSIST " + ident(s.Model.Name))
		p.target(&s.Target)
	}
}

func (p *printer) life(l *Life) {
	switch {
	case l == nil:
	case l.At:
		p.operandClause(" TTL AT ", l.X)
	default:
		p.operandClause(" TTL ", l.X)
	}
}

func (p *printer) conflict(c *Conflict) {
	if c == nil {
		return
	}
	p.write(" ON CONFLICT " + c.Action)
	p.sets(" ", c.Sets)
}

func (p *printer) control(s Stmt) {
	switch s := s.(type) {
	case *AtomicStmt:
		p.write("ATOMIC ")
		if s.Part != nil {
			p.operandClause("PARTITION ", s.Part)
			p.write(" ")
		}
		if s.Key != nil {
			p.operandClause("KEY ", s.Key)
			p.operandClause(" FOR ", s.For)
			p.write(" ")
		}
		p.write("<")
		p.block(s.Body)
		p.write(">")
	case *IfStmt:
		p.ifStmt(s)
	case *ForStmt:
		p.write("FOR " + ident(s.Var.Name) + " IN ")
		if s.Query != nil {
			p.stmt(s.Query)
		} else {
			p.expr(s.X, 0)
		}
		p.write(" DO")
		p.block(s.Body)
		p.write("END")
	case *ReturnStmt:
		p.write("RETURN ")
		p.returned(s.Items)
	case *EnsureStmt:
		p.write("ENSURE ")
		p.expr(s.Cond, 0)
		p.clause(" ELSE ", s.Else)
		if s.CodeSp != (Span{}) {
			p.write(" CODE " + quoteString(s.Code))
		}
	case *LetStmt:
		p.write("LET " + ident(s.Name.Name) + " = ")
		if s.Stmt != nil {
			p.stmt(s.Stmt)
		} else {
			p.expr(s.X, 0)
		}
	}
}

// block prints statements one per line, and the line break after them.
func (p *printer) block(ss []Stmt) {
	p.indent++
	for _, s := range ss {
		p.line()
		p.stmt(s)
		p.write(";")
	}
	p.indent--
	p.line()
}

func (p *printer) ifStmt(s *IfStmt) {
	p.write("IF ")
	p.expr(s.Cond, 0)
	p.write(" THEN")
	p.block(s.Then)
	if len(s.Else) == 1 {
		if inner, ok := s.Else[0].(*IfStmt); ok {
			p.write("ELSE ")
			p.ifStmt(inner)
			return
		}
	}
	if len(s.Else) > 0 {
		p.write("ELSE")
		if _, ok := s.Else[0].(*IfStmt); ok {
			p.write(";") // ELSE IF would be a branch of this statement
		}
		p.block(s.Else)
	}
	p.write("END")
}
