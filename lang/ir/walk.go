package ir

import (
	"strings"
)

// Children returns the direct operands of an expression.
func Children(x Expr) []Expr {
	a, b, more := operands(x)
	switch {
	case b != nil:
		return []Expr{a, b}
	case a == nil:
		return more
	}
	return append([]Expr{a}, more...)
}

// operands returns the direct operands of an expression in order: one or two,
// or a list, or one and a list.
func operands(x Expr) (a, b Expr, more []Expr) {
	switch x := x.(type) {
	case *Deref:
		return x.X, nil, nil
	case *Referrers:
		return x.Key, nil, nil
	case *Col:
		if c := x.Col.Coll; c != nil {
			return x.X, c.Arg, nil
		}
		return x.X, nil, nil
	case *Emb:
		return x.X, nil, nil
	case *Member:
		return x.X, nil, nil
	case *At:
		return x.X, x.I, nil
	case *Pluck:
		return x.X, x.Body, nil
	case *Unary:
		return x.X, nil, nil
	case *Binary:
		return x.L, x.R, nil
	case *IsNull:
		return x.X, nil, nil
	case *In:
		if x.List != nil {
			return x.X, x.List, nil
		}
		return x.X, nil, x.Items
	case *List:
		return nil, nil, x.Items
	case *Object:
		return nil, nil, x.Items
	case *Convert:
		return x.X, nil, nil
	case *Call:
		return nil, nil, x.Args
	case *Key:
		return x.X, nil, nil
	case *FullKey:
		return x.Part, x.Key, nil
	case *KeyParts:
		return x.X, nil, nil
	case *Away:
		return x.In, nil, nil
	}
	return nil, nil, nil
}

// Replace returns x with f(y) in place of each part y, x itself included, for which that is not nil.
func Replace(x Expr, f func(Expr) Expr) Expr {
	if x == nil {
		return nil
	}
	if y := f(x); y != nil {
		return y
	}
	in := func(y Expr) Expr { return Replace(y, f) }
	all := func(list []Expr) []Expr {
		out := make([]Expr, len(list))
		for i, y := range list {
			out[i] = in(y)
		}
		return out
	}
	switch x := x.(type) {
	case *Deref:
		return &Deref{x.Base, in(x.X), x.Target, x.Far}
	case *Referrers:
		return &Referrers{x.Base, in(x.Key), x.Col}
	case *Col:
		return &Col{x.Base, in(x.X), x.Col}
	case *Emb:
		return &Emb{x.Base, in(x.X), x.Prefix, x.Of, x.Pres}
	case *Member:
		return &Member{x.Base, in(x.X), x.Name}
	case *At:
		return &At{x.Base, in(x.X), in(x.I)}
	case *Pluck:
		return &Pluck{x.Base, in(x.X), in(x.Body)}
	case *Unary:
		return &Unary{x.Base, x.Op, in(x.X)}
	case *Binary:
		return &Binary{x.Base, x.Op, in(x.L), in(x.R)}
	case *IsNull:
		return &IsNull{x.Base, in(x.X)}
	case *In:
		return &In{x.Base, in(x.X), all(x.Items), in(x.List)}
	case *List:
		return &List{x.Base, all(x.Items)}
	case *Object:
		return &Object{x.Base, x.Names, all(x.Items)}
	case *Convert:
		return &Convert{x.Base, in(x.X)}
	case *Call:
		return &Call{x.Base, x.Fn, all(x.Args)}
	case *Key:
		return &Key{x.Base, in(x.X)}
	case *FullKey:
		return &FullKey{x.Base, in(x.Part), in(x.Key)}
	case *KeyParts:
		return &KeyParts{x.Base, in(x.X), x.Model}
	}
	return x
}

// Walk calls f for x and, while f returns true, for all its subexpressions.
func Walk(x Expr, f func(Expr) bool) {
	if x == nil || !f(x) {
		return
	}
	a, b, more := operands(x)
	Walk(a, f)
	Walk(b, f)
	for _, c := range more {
		Walk(c, f)
	}
}

// LeafPath names a leaf of the statement's own document, also through refs within its partition: "age", "home.city", "team>name",
// "OLD:age". It is "" for any other expression.
func LeafPath(x Expr) string {
	c, ok := x.(*Col)
	if !ok {
		return ""
	}
	switch r := c.X.(type) {
	case *Row:
		return c.Col.Name
	case *Old:
		return "OLD:" + c.Col.Name
	case *Deref:
		if p := LeafPath(r.X); p != "" && !r.Far {
			return p + ">" + c.Col.Name
		}
	}
	return ""
}

// Under returns the columns below a path of embedded fields, including presence columns.
func (m *Model) Under(prefix string) []*Column {
	var out []*Column
	for _, c := range m.Columns {
		if strings.HasPrefix(c.Name, prefix) && (len(c.Name) == len(prefix) || c.Name[len(prefix)] == '.') {
			out = append(out, c)
		}
	}
	return out
}
