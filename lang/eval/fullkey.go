package eval

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// fullKey computes the full key of a document; null for no document.
func (c *compiler) fullKey(x *ir.FullKey) (Fn, error) {
	part, err := c.operand(x.Part)
	if err != nil {
		return nil, err
	}
	key, err := c.operand(x.Key)
	if err != nil {
		return nil, err
	}
	return func(e *Env) (any, error) {
		p, err := part.get(e)
		if err != nil {
			return nil, err
		}
		k, err := key.get(e)
		if err != nil {
			return nil, err
		}
		in, is := ir.KeyText(p)
		of, named := ir.KeyText(k)
		if !is || !named {
			return nil, nil
		}
		return ir.JoinKey(in, of), nil
	}, nil
}

// keyParts reads the partition and the key in a full key.
func (c *compiler) keyParts(x *ir.KeyParts) (Fn, error) {
	o, err := c.operand(x.X)
	if err != nil {
		return nil, err
	}
	m, inPredicate := x.Model, c.inPredicate
	return func(e *Env) (any, error) {
		v, err := o.get(e)
		text, is := v.(string)
		if !is || err != nil {
			return nil, err
		}
		part, key, err := readKey(text, m)
		if err != nil {
			return e.fail(err, x.Sp, inPredicate)
		}
		return map[string]any{m.Part.Name: part, m.Key.Name: key}, nil
	}, nil
}

// readKey returns the partition and the key in a full key, which has one spelling only.
func readKey(text string, m *ir.Model) (part, key any, err error) {
	p, k, ok := ir.SplitKey(text)
	if !ok {
		return nil, nil, faultf(lang.CodePartitionNeeded, lang.Quote(text)+" does not say in which partition of "+m.Name+" it is: a full key is "+m.Part.Name+", a colon and "+m.Key.Name)
	}
	if part, err = written(p, m.Part.Type); err == nil {
		key, err = written(k, m.Key.Type)
	}
	if err != nil {
		return nil, nil, faultf(lang.CodeBadKey, lang.Quote(text)+" is no full key of "+m.Name+": it is not written as "+m.Part.Name+" and "+m.Key.Name+" are")
	}
	return part, key, nil
}

// written returns the value of a key, or of a partition, that is written in its only form.
func written(text string, t lang.Type) (any, error) {
	v, err := codec.Parse(text, t.NotNull())
	if again, _ := ir.KeyText(v); err == nil && again != text {
		err = faultf(lang.CodeBadKey, "")
	}
	return v, err
}

// CompileKeys compiles an expression whose value is the key of a document, or a list of keys. It gives a full key as an ir.Full.
func CompileKeys(x ir.Expr, layout Layout) (Fn, error) {
	fn, err := Compile(x, layout)
	t := x.Type()
	for t.Kind == lang.KList && t.Elem != nil {
		t = *t.Elem
	}
	if err != nil || !t.Full {
		return fn, err
	}
	return func(e *Env) (any, error) {
		v, err := fn(e)
		return asFull(v), err
	}, nil
}

// asFull returns a full key, or each in a list, as an ir.Full.
func asFull(v any) any {
	switch v := v.(type) {
	case string:
		return ir.Full(v)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = asFull(x)
		}
		return out
	}
	return v
}
