package lang

// Replace returns an expression in which f has replaced parts. f is called for each part, from the outermost inwards; if it
// returns nil, the part is kept. The given expression is not changed.
func Replace(x Expr, f func(Expr) Expr) Expr {
	if x == nil {
		return nil
	}
	if to := f(x); to != nil {
		return to
	}
	in := func(x Expr) Expr { return Replace(x, f) }
	all := func(list []Expr) []Expr {
		out := make([]Expr, len(list))
		for i, x := range list {
			out[i] = in(x)
		}
		return out
	}
	switch x := x.(type) {
	case *Member:
		c := *x
		c.X = in(x.X)
		return &c
	case *Index:
		c := *x
		c.X, c.I = in(x.X), in(x.I)
		return &c
	case *Call:
		c := *x
		c.Args = all(x.Args)
		return &c
	case *Method:
		c := *x
		c.X, c.Args = in(x.X), all(x.Args)
		return &c
	case *Unary:
		c := *x
		c.X = in(x.X)
		return &c
	case *Binary:
		c := *x
		c.L, c.R = in(x.L), in(x.R)
		return &c
	case *Between:
		c := *x
		c.X, c.Lo, c.Hi = in(x.X), in(x.Lo), in(x.Hi)
		return &c
	case *IsNull:
		c := *x
		c.X = in(x.X)
		return &c
	case *List:
		c := *x
		c.Items = all(x.Items)
		return &c
	case *Object:
		c := *x
		c.Entries = append([]Entry(nil), x.Entries...)
		for i := range c.Entries {
			c.Entries[i].Value = in(c.Entries[i].Value)
		}
		return &c
	}
	return x
}

// Renamed returns an expression over a document in which a field is renamed.
func Renamed(x Expr, from, to string) Expr {
	return Replace(x, func(x Expr) Expr {
		n, is := x.(*Name)
		if !is || n.Name != from {
			return nil
		}
		return &Name{Sp: n.Sp, Name: to}
	})
}
