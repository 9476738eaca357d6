package ir

import (
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Children returns the direct operands of an expression.
func Children(x Expr) []Expr {
	switch x := x.(type) {
	case *Deref:
		return []Expr{x.X}
	case *Col:
		if c := x.Col.Coll; c != nil && c.Arg != nil {
			return []Expr{x.X, c.Arg}
		}
		return []Expr{x.X}
	case *Emb:
		return []Expr{x.X}
	case *Member:
		return []Expr{x.X}
	case *At:
		return []Expr{x.X, x.I}
	case *Pluck:
		return []Expr{x.X, x.Body}
	case *Unary:
		return []Expr{x.X}
	case *Binary:
		return []Expr{x.L, x.R}
	case *IsNull:
		return []Expr{x.X}
	case *In:
		if x.List != nil {
			return []Expr{x.X, x.List}
		}
		return append([]Expr{x.X}, x.Items...)
	case *List:
		return x.Items
	case *Object:
		return x.Items
	case *Convert:
		return []Expr{x.X}
	case *Call:
		return x.Args
	case *Key:
		return []Expr{x.X}
	}
	return nil
}

// Walk calls f for x and, while f returns true, for everything below it.
func Walk(x Expr, f func(Expr) bool) {
	if x == nil || !f(x) {
		return
	}
	for _, c := range Children(x) {
		Walk(c, f)
	}
}

// Closed reports whether the value of x is known before the statement is sent:
// it holds only literals, parameters and top-level LET names, and no call
// whose value belongs to the server (now, uuid, ttl).
func Closed(x Expr) bool {
	closed := true
	Walk(x, func(x Expr) bool {
		switch x := x.(type) {
		case *Row, *Old, *Deref, *GroupKey, *AggRef, *Output:
			closed = false
		case *Var:
			closed = closed && x.V.Top
		case *Call:
			closed = closed && !lang.FindFunction(x.Fn).Volatile
		}
		return closed
	})
	return closed
}

// LeafPath names a leaf of the statement's own document, also through refs:
// "age", "home.city", "team>name", "OLD:age". It is "" for any other expression.
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
		if p := LeafPath(r.X); p != "" {
			return p + ">" + c.Col.Name
		}
	}
	return ""
}

// Under returns the columns below a path of embedded fields, presence columns included.
func (m *Model) Under(prefix string) []*Column {
	var out []*Column
	for _, c := range m.Columns {
		if strings.HasPrefix(c.Name, prefix) && (len(c.Name) == len(prefix) || c.Name[len(prefix)] == '.') {
			out = append(out, c)
		}
	}
	return out
}
