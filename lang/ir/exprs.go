package ir

// Exprs calls f for every expression directly in a statement or in the
// statements nested in it, but not for their subexpressions.
func Exprs(st Stmt, f func(Expr)) {
	one := func(xs ...Expr) {
		for _, x := range xs {
			if x != nil {
				f(x)
			}
		}
	}
	items := func(list []Item) {
		for _, it := range list {
			one(it.X)
		}
	}
	order := func(list []Order) {
		for _, o := range list {
			one(o.X)
		}
	}
	sets := func(list []Assign) {
		for i := range list {
			one(list[i].Value)
			one(list[i].Args...)
			one(list[i].Place.Steps...)
		}
	}
	target := func(t *Target) {
		one(t.Key, t.Where, t.Limit)
		order(t.Order)
	}
	life := func(l *Life) {
		if l != nil {
			one(l.X)
		}
	}
	once := func(o *BlockKey) {
		if o != nil {
			one(o.Key, o.For)
		}
	}
	all := func(list []Stmt) {
		for _, s := range list {
			Exprs(s, f)
		}
	}
	for _, l := range st.Info().Pre {
		Exprs(l, f)
	}
	for _, p := range st.Info().Pins {
		one(p.X)
	}
	switch st := st.(type) {
	case *Get:
		one(st.Key, st.Keys)
		items(st.Items)
	case *Find:
		if st.Near != nil {
			one(st.Near.K, st.Near.To)
		}
		one(st.Where, st.Having, st.Limit, st.Offset, st.After)
		items(st.Group)
		items(st.Items)
		order(st.Order)
		for i := range st.Aggs {
			one(st.Aggs[i].X, st.Aggs[i].P)
		}
	case *Count:
		one(st.Where)
	case *Exists:
		one(st.Where, st.Key)
	case *Create:
		for i := range st.Docs {
			one(st.Docs[i].Fields...)
			one(st.Docs[i].Value)
		}
		life(st.Life)
		sets(st.Sets)
		items(st.Items)
	case *Update:
		target(&st.Target)
		sets(st.Sets)
		items(st.Items)
	case *Delete:
		target(&st.Target)
		items(st.Items)
	case *Copy:
		one(st.Key, st.Times)
		life(st.Life)
		sets(st.Sets)
		items(st.Items)
	case *Expire:
		target(&st.Target)
		life(st.End)
	case *Let:
		one(st.X)
		if st.Stmt != nil {
			Exprs(st.Stmt, f)
		}
	case *Ensure:
		one(st.Cond, st.Else)
	case *Atomic:
		once(st.Key)
		all(st.Body)
	case *Invoke:
		once(st.Key)
		for _, l := range st.Binds {
			one(l.X)
		}
		all(st.Body)
	case *If:
		one(st.Cond)
		all(st.Then)
		all(st.Else)
	case *For:
		one(st.X)
		if st.Stmt != nil {
			Exprs(st.Stmt, f)
		}
		all(st.Body)
	case *Return:
		items(st.Items)
	case *Print:
		items(st.Items)
	case *Explain:
		Exprs(st.Stmt, f)
	case *Export:
		Exprs(st.Find, f)
		one(st.File)
	case *Import:
		one(st.Files...)
		for i := range st.As {
			one(st.As[i].X)
		}
		sets(st.Sets)
		if st.Rejects != nil {
			one(st.Rejects.File, st.Rejects.Limit)
		}
	}
}
