package eval

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// col reads a leaf: from its slot of the row, or by its path from a document
// held as a map, such as a LET name or a list element.
func (c *compiler) col(x *ir.Col) (Fn, error) {
	if ir.LeafPath(x) != "" {
		slot, err := c.layout.slot(x)
		if err != nil {
			return nil, err
		}
		return func(e *Env) (any, error) { return e.Row[slot], nil }, nil
	}
	return c.path(x.X, x.Col.Name, x.Col.Presence)
}

// path reads a dotted path from a document held as a map. For a presence column
// it is true if there is a value, else null.
func (c *compiler) path(doc ir.Expr, path string, presence bool) (Fn, error) {
	o, err := c.operand(doc)
	if err != nil {
		return nil, err
	}
	names := strings.Split(path, ".")
	return func(e *Env) (any, error) {
		v, err := o.get(e)
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			m, _ := v.(map[string]any)
			v = m[n]
		}
		if presence && v != nil {
			return true, nil
		}
		return v, nil
	}, nil
}

// document composes a complete document from its leaves; null if its key is
// null.
func (c *compiler) document(x ir.Expr) (Fn, error) {
	m := modelOf(c.layout.Schema, x)
	if m == nil {
		return nil, fmt.Errorf("the model %q of a whole row is not known", x.Type().Model)
	}
	if !rooted(x) {
		d, ok := x.(*ir.Deref)
		if !ok {
			return nil, fmt.Errorf("a document of kind %T cannot be computed here", x)
		}
		return c.fetched(d, m)
	}
	there, err := c.layout.slot(leaf(x, m.KeyColumn()))
	if err != nil {
		return nil, err
	}
	fill, err := c.compose(x, "", m)
	if err != nil {
		return nil, err
	}
	return func(e *Env) (any, error) {
		if e.Row[there] == nil {
			return nil, nil
		}
		return fill(e), nil
	}, nil
}

// fetched reads a document through a ref that does not come from the row.
func (c *compiler) fetched(x *ir.Deref, m *ir.Model) (Fn, error) {
	o, err := c.operand(x.X)
	if err != nil {
		return nil, err
	}
	full := x.X.Type().Full
	return func(e *Env) (any, error) {
		k, err := o.get(e)
		if k == nil || err != nil {
			return nil, err
		}
		if full {
			k = asFull(k)
		}
		if e.Deref == nil {
			return nil, fmt.Errorf("the document %v of %s was not fetched", k, m.Name)
		}
		doc, err := e.Deref(m, k)
		if doc == nil || err != nil {
			return nil, err
		}
		return doc, nil
	}, nil
}

// referrers gives what a backlink leads to elsewhere.
func (c *compiler) referrers(x *ir.Referrers) (Fn, error) {
	o, err := c.operand(x.Key)
	if err != nil {
		return nil, err
	}
	return func(e *Env) (any, error) {
		k, err := o.get(e)
		if k == nil || err != nil {
			return nil, err
		}
		if e.Referrers == nil {
			return nil, fmt.Errorf("the documents that refer to %v by %s were not fetched", k, x.Col.Coll.Link.Name)
		}
		return e.Referrers(x.Col, k)
	}, nil
}

// compose returns a function that builds the map of a model's fields from the
// leaves of document x below a prefix.
func (c *compiler) compose(x ir.Expr, prefix string, m *ir.Model) (func(*Env) map[string]any, error) {
	type member struct {
		name string
		slot int // of a leaf, or of the presence column of fill; -1: always present
		fill func(*Env) map[string]any
	}
	fields := m.Stored()
	members := make([]member, len(fields))
	for i, f := range fields {
		mb := member{name: f.Name, slot: -1}
		var err error
		if f.Emb != nil {
			mb.fill, err = c.compose(x, prefix+f.Name+".", f.Emb)
		}
		if err == nil && (f.Emb == nil || f.Type.Null) {
			mb.slot, err = c.layout.slot(leaf(x, &ir.Column{Name: prefix + f.Name}))
		}
		if err != nil {
			return nil, err
		}
		members[i] = mb
	}
	return func(e *Env) map[string]any {
		out := make(map[string]any, len(members))
		for i := range members {
			mb := &members[i]
			switch {
			case mb.fill == nil:
				out[mb.name] = e.Row[mb.slot]
			case mb.slot >= 0 && e.Row[mb.slot] != true:
				out[mb.name] = nil
			default:
				out[mb.name] = mb.fill(e)
			}
		}
		return out
	}, nil
}

// emb reads a complete embedded value.
func (c *compiler) emb(x *ir.Emb) (Fn, error) {
	if !rooted(x.X) {
		return c.path(x.X, x.Prefix, false)
	}
	if x.Of == nil || x.Of.Emb == nil {
		return nil, fmt.Errorf("the model of the embedded value %s is not known", x.Prefix)
	}
	there := -1
	if cols, ok := nullColumns(c.layout.Schema, x); ok {
		var err error
		if there, err = c.layout.slot(leaf(x.X, cols[0])); err != nil {
			return nil, err
		}
	}
	fill, err := c.compose(x.X, x.Prefix+".", x.Of.Emb)
	if err != nil {
		return nil, err
	}
	return func(e *Env) (any, error) {
		if there >= 0 && absent(e.Row[there]) {
			return nil, nil
		}
		return fill(e), nil
	}, nil
}

// absent reports, by a presence column or a key, that there is no value.
func absent(v any) bool { return v == nil || v == false }

func (c *compiler) member(x *ir.Member) (Fn, error) {
	o, err := c.operand(x.X)
	if err != nil {
		return nil, err
	}
	name := x.Name
	return func(e *Env) (any, error) {
		v, err := o.get(e)
		m, _ := v.(map[string]any)
		return m[name], err
	}, nil
}

// at reads an element of a list or the value of a map key; a missing one is
// null.
func (c *compiler) at(x *ir.At) (Fn, error) {
	o, err := c.operand(x.X)
	if err != nil {
		return nil, err
	}
	sub, err := c.operand(x.I)
	if err != nil {
		return nil, err
	}
	return func(e *Env) (any, error) {
		v, err := o.get(e)
		if err != nil {
			return nil, err
		}
		i, err := sub.get(e)
		if err != nil {
			return nil, err
		}
		return element(v, i), nil
	}, nil
}

func element(v, i any) any {
	switch x := v.(type) {
	case []any:
		n, ok := i.(int64)
		if !ok {
			return nil
		}
		if n < 0 {
			n += int64(len(x))
		}
		if n >= 0 && n < int64(len(x)) {
			return x[n]
		}
	case map[string]any:
		if k, ok := i.(string); ok {
			return x[k]
		}
	}
	return nil
}

// pluck evaluates the body for each element; the result for a null list is
// null.
func (c *compiler) pluck(x *ir.Pluck) (Fn, error) {
	o, err := c.operand(x.X)
	if err != nil {
		return nil, err
	}
	body, err := c.expr(x.Body)
	if err != nil {
		return nil, err
	}
	return func(e *Env) (any, error) {
		v, err := o.get(e)
		if err != nil {
			return nil, err
		}
		list, ok := v.([]any)
		if !ok {
			return nil, nil
		}
		outer := e.elem
		defer func() { e.elem = outer }()
		out := make([]any, len(list))
		for i, elem := range list {
			e.elem = elem
			if out[i], err = body(e); err != nil {
				return nil, err
			}
		}
		return out, nil
	}, nil
}

// key reads the key of a document; for a ref, which is itself a key, its value.
func (c *compiler) key(x *ir.Key) (Fn, error) {
	if !isDocument(x.X) {
		return c.expr(x.X)
	}
	m := modelOf(c.layout.Schema, x.X)
	if m == nil {
		return nil, fmt.Errorf("the model %q of key(…) is not known", x.X.Type().Model)
	}
	return c.col(leaf(x.X, m.KeyColumn()))
}

// nullTest is x IS NULL.
func (c *compiler) nullTest(x ir.Expr) (Cond, error) {
	if cols, ok := nullColumns(c.layout.Schema, x); ok {
		slot, err := c.layout.slot(leaf(docOf(x), cols[0]))
		if err != nil {
			return nil, err
		}
		return func(e *Env) (bool, error) { return absent(e.Row[slot]), nil }, nil
	}
	o, err := c.operand(x)
	if err != nil {
		return nil, err
	}
	return func(e *Env) (bool, error) {
		v, err := o.get(e)
		return v == nil && err == nil, err
	}, nil
}

// equalTo is = between values of any type.
func equalTo(l, r operand) Cond {
	return func(e *Env) (bool, error) {
		a, err := l.get(e)
		if err != nil {
			return false, err
		}
		b, err := r.get(e)
		if err != nil {
			return false, err
		}
		return codec.Equal(a, b), nil
	}
}

// isDocument reports whether the value of an expression is a row rather than a
// key.
func isDocument(x ir.Expr) bool { return x.Type().Kind == lang.KRow }
