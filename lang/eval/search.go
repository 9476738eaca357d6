package eval

import (
	"github.com/rql-lang/rql/lang/fulltext"
	"github.com/rql-lang/rql/lang/ir"
)

// search compiles x SEARCH query. With null it is false.
func (c *compiler) search(x *ir.Binary) (Cond, error) {
	l, r, err := c.sides(x)
	if err != nil {
		return nil, err
	}
	return func(e *Env) (bool, error) {
		v, err := l.get(e)
		if err != nil {
			return false, err
		}
		w, err := r.get(e)
		if err != nil {
			return false, err
		}
		text, ok1 := v.(string)
		query, ok2 := w.(string)
		return ok1 && ok2 && e.query(query).Match(text), nil
	}, nil
}

// query parses a query of SEARCH, once for each text.
func (e *Env) query(text string) fulltext.Query {
	if q, ok := e.queries[text]; ok {
		return q
	}
	q := fulltext.Parse(text)
	if e.queries == nil {
		e.queries = map[string]fulltext.Query{}
	}
	e.queries[text] = q
	return q
}

// scored compiles score(); a null text scores 0.
func scored(args []operand) Fn {
	return func(e *Env) (any, error) {
		v, err := args[0].get(e)
		if err != nil {
			return nil, err
		}
		w, err := args[1].get(e)
		if err != nil {
			return nil, err
		}
		text, ok1 := v.(string)
		query, ok2 := w.(string)
		if !ok1 || !ok2 {
			return 0.0, nil
		}
		return e.query(query).Score(text), nil
	}
}
