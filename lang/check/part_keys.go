package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// keyInPart checks an object that names a document by its partition and its key.
func (c *checker) keyInPart(o *lang.Object, m *ir.Model) (key ir.Expr, many bool) {
	var part ir.Expr
	for i := range o.Entries {
		e := &o.Entries[i]
		if !c.FirstIn(o, i) {
			continue
		}
		switch f := m.Lookup(e.Name); {
		case f == nil:
			c.NoField(e.NameSp, m, e.Name)
			c.Expr(e.Value)
		case f == m.Part:
			part = c.Coerce(c.Expr(e.Value), f.Type)
			c.NotNull(part, "a partition")
		case f == m.Key:
			key, many = c.plainKey(e.Value, m)
		default:
			c.Errorf(lang.CodeNotAllowed, e.NameSp, "%s is neither the partition nor the key of %s", e.Name, m.Name).WithHint("{ %s: …, %s: … }", m.Part.Name, m.Key.Name)
			c.Expr(e.Value)
		}
	}
	if (key == nil || part == nil) && !c.Wrong(o.Sp) {
		c.Errorf(lang.CodePartitionNeeded, o.Sp, "a document of %s is named by its partition and its key", m.Name).WithHint("{ %s: …, %s: … }", m.Part.Name, m.Key.Name)
	}
	if part != nil && c.known(m, part) {
		c.pin(m, part)
	}
	if key == nil {
		key = c.Unknown(o.Sp)
	}
	return key, many
}

// keyOfPart checks the key, or the keys, of documents of a partitioned model.
func (c *checker) keyOfPart(x lang.Expr, m *ir.Model) (ir.Expr, bool) {
	if o, ok := x.(*lang.Object); ok && m.Celled() {
		return c.keyInPart(o, m)
	}
	if m.Celled() {
		if key := c.keyGiven(x, m); key != nil {
			return key, false
		}
		if key, many := c.fullKeys(x, m); key != nil {
			return key, many
		}
	}
	key, many := c.plainKey(x, m)
	switch {
	case m.Celled():
	case many:
		c.partitionNeeded(m, x.Span())
	case c.known(m, key):
		c.pin(m, key)
	}
	return key, many
}

// keysOver checks a list of keys of documents in several partitions. ok is false for any other key.
func (c *checker) keysOver(g *ir.Get, x lang.Expr, m *ir.Model) (ok bool) {
	list, isList := x.(*lang.List)
	if m.Part == nil || c.atomic != nil {
		return false
	}
	if m.Celled() && !isList {
		return c.keysGiven(g, x, m)
	}
	c.Scope.In("a key", false)
	var parts ir.Expr
	if !m.Celled() {
		var many bool
		if g.Keys, many = c.plainKey(x, m); !many {
			if g.Key, g.Keys = g.Keys, nil; c.known(m, g.Key) {
				c.pin(m, g.Key)
			}
			return true
		}
		parts = g.Keys
	} else {
		in := &ir.List{Base: c.Base(lang.ListOf(m.Part.Type), list.Sp)}
		keys := &ir.List{Base: c.Base(lang.ListOf(m.Key.Type), list.Sp)}
		for _, it := range list.Items {
			o, isObject := it.(*lang.Object)
			if !isObject {
				if doc := c.fullKey(c.Expr(it), m); doc != nil {
					in.Items, keys.Items = append(in.Items, c.inRecord(doc, m.Part)), append(keys.Items, c.inRecord(doc, m.Key))
				} else {
					c.partitionNeeded(m, it.Span())
				}
				continue
			}
			n := len(c.Head.Pins)
			key, many := c.keyInPart(o, m)
			if many {
				c.Errorf(lang.CodeTypeMismatch, o.Sp, "in a list of documents, each has one key")
			}
			if len(c.Head.Pins) > n {
				in.Items, keys.Items = append(in.Items, c.Head.Pins[n].X), append(keys.Items, key)
				c.Head.Pins = c.Head.Pins[:n]
			}
		}
		parts, g.Keys = in, keys
	}
	c.keysIn(g, m, parts, x.Span())
	return true
}

// keysIn makes a GET one of documents in several partitions: parts are those of its keys.
func (c *checker) keysIn(g *ir.Get, m *ir.Model, parts ir.Expr, sp lang.Span) {
	if c.known(m, g.Keys) {
		c.Head.Pins = append(c.Head.Pins, ir.Pin{Model: m, X: parts, Several: true})
	}
	g.Key, g.Many = &ir.Var{Base: c.Base(g.Keys.Type(), sp), V: c.Variable("", g.Keys.Type(), true)}, true
}

// keyRecord is the type of an object that names a document of m in a parameter.
func keyRecord(m *ir.Model) lang.Type {
	return lang.Type{Kind: lang.KRecord, Cols: []lang.Col{{Name: m.Part.Name, Type: m.Part.Type.OrNull()}, {Name: m.Key.Name, Type: m.Key.Type.OrNull()}}}
}

// keyGiven checks a parameter that stands for an object with a partition and a key; nil for any other.
func (c *checker) keyGiven(x lang.Expr, m *ir.Model) ir.Expr {
	if _, ok := x.(*lang.Param); !ok {
		return nil
	}
	o := c.Expr(x)
	if o.Type().Kind != lang.KObject {
		return nil
	}
	o = c.Coerce(o, keyRecord(m))
	c.pin(m, c.Step(o, m.Part.Name, x.Span(), x.Span()))
	return c.Step(o, m.Key.Name, x.Span(), x.Span())
}

// keysGiven checks a parameter or a name that stands for a list of objects, each with a partition and a key. ok is false for any other.
func (c *checker) keysGiven(g *ir.Get, x lang.Expr, m *ir.Model) (ok bool) {
	switch x.(type) {
	case *lang.Param, *lang.Name, *lang.Member:
	default:
		return false
	}
	c.Scope.In("a key", false)
	list := c.Expr(x)
	if list.Type().Kind != lang.KList {
		return false
	}
	elem := list.Type().Elem
	_, given := list.(*ir.Param)
	switch {
	case given && (elem == nil || elem.Kind == lang.KObject || elem.Kind == lang.KUnknown): // an empty list has no type of elements
		list = c.Coerce(list, lang.ListOf(keyRecord(m)))
	case elem == nil:
		return false
	case elem.Kind != lang.KRecord && elem.Kind != lang.KRow:
		if list = c.eachFull(list, m); list == nil {
			return false
		}
	}
	g.Keys = c.inRecords(list, m.Key, x.Span())
	c.keysIn(g, m, c.inRecords(list, m.Part, x.Span()), x.Span())
	return true
}

// fullKey returns the partition and the key that a full key names, as a record; nil if x is none by its type. In a block that names the
// partition, keys have none.
func (c *checker) fullKey(x ir.Expr, m *ir.Model) ir.Expr {
	if c.atomic != nil && c.atomic.part != nil {
		return nil
	}
	t := x.Type()
	if t.Kind != lang.KString && !(t.Kind == lang.KRef && t.Full && t.Model == m.Name) {
		return nil
	}
	to := keyRecord(m)
	to.Null = t.Null
	return c.KeyParts(x, m, to)
}

// inRecord returns the partition, or the key, of a record.
func (c *checker) inRecord(doc ir.Expr, f *ir.Field) ir.Expr {
	return c.Coerce(c.Step(doc, f.Name, doc.Span(), doc.Span()), f.Type)
}

// inRecords returns the partitions, or the keys, of a list of records.
func (c *checker) inRecords(list ir.Expr, f *ir.Field, sp lang.Span) ir.Expr {
	if l, ok := list.(*ir.List); ok {
		out := &ir.List{Base: c.Base(lang.ListOf(f.Type), sp), Items: make([]ir.Expr, len(l.Items))}
		for i, doc := range l.Items {
			out.Items[i] = c.inRecord(doc, f)
		}
		return out
	}
	body := c.inRecord(&ir.Elem{Base: c.Base(*list.Type().Elem, sp)}, f)
	return &ir.Pluck{Base: c.Base(lang.ListOf(f.Type), sp), X: list, Body: body}
}

// eachFull is fullKey for the elements of a list.
func (c *checker) eachFull(list ir.Expr, m *ir.Model) ir.Expr {
	if l, ok := list.(*ir.List); ok && len(l.Items) > 0 {
		out := &ir.List{Items: make([]ir.Expr, len(l.Items))}
		for i, x := range l.Items {
			if out.Items[i] = c.fullKey(x, m); out.Items[i] == nil {
				return nil
			}
		}
		out.Base = c.Base(lang.ListOf(out.Items[0].Type()), list.Span())
		return out
	}
	doc := c.fullKey(&ir.Elem{Base: c.Base(*list.Type().Elem, list.Span())}, m)
	if doc == nil {
		return nil
	}
	return &ir.Pluck{Base: c.Base(lang.ListOf(doc.Type()), list.Span()), X: list, Body: doc}
}

// fullKeys checks a full key, or a list of them, in place of keys in one partition; nil for anything else.
func (c *checker) fullKeys(x lang.Expr, m *ir.Model) (key ir.Expr, many bool) {
	c.Scope.In("a key", false)
	full := false
	c.Quietly(func() {
		v := c.Expr(x)
		list := v.Type().Kind == lang.KList && v.Type().Elem != nil
		full = list && c.eachFull(v, m) != nil || c.fullKey(v, m) != nil
	})
	if !full {
		return nil, false
	}
	v := c.Expr(x)
	var part ir.Expr
	if v.Type().Kind == lang.KList {
		list := c.eachFull(v, m)
		part, key, many = c.inRecords(list, m.Part, x.Span()), c.inRecords(list, m.Key, x.Span()), true
	} else {
		doc := c.fullKey(v, m)
		part, key = c.inRecord(doc, m.Part), c.inRecord(doc, m.Key)
	}
	if c.known(m, v) {
		c.pin(m, part)
	}
	return key, many
}
