package lang

// Walk calls visit for n and, if visit returns true, for every statement,
// expression and type inside it, in the order of the text. Nil nodes are
// skipped, so a caller need not check which clauses a statement has.
func Walk(n Node, visit func(Node) bool) {
	w := walker{visit}
	w.node(n)
}

// WalkFile walks every statement of a file.
func WalkFile(f *File, visit func(Node) bool) {
	w := walker{visit}
	w.stmts(f.Stmts)
}

type walker struct{ visit func(Node) bool }

func (w walker) node(n Node) {
	switch n := n.(type) {
	case Expr:
		w.expr(n)
	case Stmt:
		w.stmt(n)
	case *TypeExpr:
		w.typ(n)
	}
}

func (w walker) exprs(xs []Expr) {
	for _, x := range xs {
		w.expr(x)
	}
}

func (w walker) expr(x Expr) {
	if x == nil || !w.visit(x) {
		return
	}
	switch x := x.(type) {
	case *Member:
		w.expr(x.X)
	case *Index:
		w.expr(x.X)
		w.expr(x.I)
	case *Call:
		w.exprs(x.Args)
		w.expr(x.Where)
	case *Method:
		w.expr(x.X)
		w.exprs(x.Args)
	case *Unary:
		w.expr(x.X)
	case *Binary:
		w.expr(x.L)
		w.expr(x.R)
	case *Between:
		w.expr(x.X)
		w.expr(x.Lo)
		w.expr(x.Hi)
	case *IsNull:
		w.expr(x.X)
	case *List:
		w.exprs(x.Items)
	case *Object:
		w.object(x)
	case *Subquery:
		w.stmt(x.Query)
	}
}

func (w walker) object(x *Object) {
	for _, e := range x.Entries {
		w.expr(e.Value)
	}
}

func (w walker) stmts(ss []Stmt) {
	for _, s := range ss {
		w.stmt(s)
	}
}

func (w walker) items(items []Item) {
	for _, it := range items {
		w.expr(it.X)
	}
}

func (w walker) returns(r *Returns) {
	if r != nil {
		w.items(r.Items)
	}
}

func (w walker) orders(os []Order) {
	for _, o := range os {
		w.expr(o.X)
	}
}

func (w walker) target(t *Target) {
	w.expr(t.Where)
	w.orders(t.OrderBy)
	w.expr(t.Limit)
	w.expr(t.Key)
}

func (w walker) sets(ss []Set) {
	for _, s := range ss {
		w.expr(s.Place)
		w.expr(s.Value)
	}
}

func (w walker) with(list []With) {
	for _, o := range list {
		w.expr(o.Value)
	}
}

func (w walker) typ(t *TypeExpr) {
	if t == nil || !w.visit(t) {
		return
	}
	w.typ(t.Of)
	w.exprs(t.Args)
}

func (w walker) field(f *FieldDecl) {
	if f == nil {
		return
	}
	w.typ(f.Type)
	w.expr(f.Default)
	w.expr(f.Check)
}

func (w walker) stmt(s Stmt) {
	if s == nil || !w.visit(s) {
		return
	}
	switch s := s.(type) {
	case *GetStmt, *FindStmt, *CountStmt, *ExistsStmt:
		w.query(s)
	case *CreateStmt, *PutStmt, *UpdateStmt, *DeleteStmt, *CopyStmt, *ExpireStmt, *PersistStmt:
		w.write(s)
	case *ModelStmt, *AlterStmt, *ProcedureStmt, *ImportStmt:
		w.schema(s)
	case *CallStmt:
		w.exprs(s.Args)
	case *LetStmt:
		w.expr(s.X)
		w.stmt(s.Stmt)
	case *ExplainStmt:
		w.stmt(s.Stmt)
	case *AtomicStmt:
		w.expr(s.Part)
		w.expr(s.Key)
		w.expr(s.For)
		w.stmts(s.Body)
	case *IfStmt:
		w.expr(s.Cond)
		w.stmts(s.Then)
		w.stmts(s.Else)
	case *ForStmt:
		w.expr(s.X)
		w.stmt(s.Query)
		w.stmts(s.Body)
	case *ReturnStmt:
		w.returns(s.Items)
	case *PrintStmt:
		w.returns(s.Items)
	case *EnsureStmt:
		w.expr(s.Cond)
		w.expr(s.Else)
	case *ExportStmt:
		if s.Find != nil {
			w.stmt(s.Find)
		}
		w.expr(s.File)
		w.with(s.With)
	}
}

func (w walker) query(s Stmt) {
	switch s := s.(type) {
	case *GetStmt:
		w.expr(s.Key)
		w.fetch(s.Fetch)
		w.returns(s.Return)
	case *FindStmt:
		if s.Near != nil {
			w.expr(s.Near.K)
			w.expr(s.Near.To)
		}
		w.expr(s.Where)
		w.items(s.GroupBy)
		w.expr(s.Having)
		w.fetch(s.Fetch)
		w.returns(s.Return)
		w.orders(s.OrderBy)
		w.expr(s.Limit)
		w.expr(s.Offset)
		w.expr(s.After)
	case *CountStmt:
		w.expr(s.Where)
	case *ExistsStmt:
		w.expr(s.Where)
		w.expr(s.Key)
	}
}

// fetch walks the clauses in parentheses after a path, which are not a statement.
func (w walker) fetch(list []Fetch) {
	for _, f := range list {
		if f.Of != nil {
			w.query(f.Of)
		}
	}
}

func (w walker) life(l *Life) {
	if l != nil {
		w.expr(l.X)
	}
}

func (w walker) write(s Stmt) {
	switch s := s.(type) {
	case *CreateStmt:
		w.expr(s.Doc)
		w.life(s.Life)
		if s.Conflict != nil {
			w.sets(s.Conflict.Sets)
		}
		w.returns(s.Return)
	case *PutStmt:
		w.expr(s.Doc)
		w.life(s.Life)
		w.returns(s.Return)
	case *UpdateStmt:
		w.target(&s.Target)
		w.sets(s.Sets)
		w.returns(s.Return)
	case *DeleteStmt:
		w.target(&s.Target)
		w.returns(s.Return)
	case *CopyStmt:
		w.expr(s.Key)
		w.expr(s.Times)
		w.life(s.Life)
		w.sets(s.Sets)
		w.returns(s.Return)
	case *ExpireStmt:
		w.target(&s.Target)
		w.expr(s.After)
		w.expr(s.At)
	case *PersistStmt:
		w.target(&s.Target)
	}
}

func (w walker) schema(s Stmt) {
	switch s := s.(type) {
	case *ModelStmt:
		for _, f := range s.Fields {
			w.field(f)
		}
		for _, r := range s.Rules {
			w.expr(r.Check)
		}
		for _, o := range s.Options {
			w.expr(o.TTL)
		}
	case *AlterStmt:
		for _, a := range s.Actions {
			w.field(a.Field)
			w.expr(a.Check)
			w.expr(a.Using)
			if a.Option != nil {
				w.expr(a.Option.TTL)
			}
		}
	case *ProcedureStmt:
		for _, p := range s.Params {
			w.typ(p.Type)
			w.expr(p.Default)
		}
		if s.Body != nil {
			w.stmt(s.Body)
		}
	case *ImportStmt:
		w.exprs(s.Files)
		if s.As != nil {
			w.expr(s.As)
		}
		if s.Conflict != nil {
			w.sets(s.Conflict.Sets)
		}
		if s.Rejects != nil {
			w.expr(s.Rejects.File)
			w.expr(s.Rejects.Limit)
		}
		w.with(s.With)
	}
}
