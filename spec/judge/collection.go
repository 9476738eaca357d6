package judge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// The members of a set are stored in the document as a list ordered by value,
// those of a pqueue as a list of { value, priority } in the order of pop: by
// priority, then by the bytes of the stored value.

// stored returns the stored text of a value, which identifies a member.
func stored(v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.Itoa(boolInt(v))
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return printFloat(v)
	case lang.Integer:
		return strconv.FormatInt(v.Number(), 10)
	}
	return text(v)
}

// entry is a member of a pqueue.
func entry(value, priority any) map[string]any {
	return map[string]any{"value": value, "priority": number(priority)}
}

// collect builds a collection from the elements of a list.
func collect(v any, t lang.Type) (any, *failure) {
	xs, _ := v.([]any)
	var out []any
	var f *failure
	for _, x := range xs {
		if t.Kind == lang.KSet {
			out, f = join(out, x, nil, t)
		} else {
			e, _ := x.(map[string]any)
			out, f = join(out, e["value"], e["priority"], t)
		}
		if f != nil {
			return nil, f
		}
	}
	if out == nil {
		out = []any{}
	}
	return out, nil
}

// join inserts a member at its position, replacing an equal one.
func join(xs []any, v, priority any, t lang.Type) ([]any, *failure) {
	if v == nil || t.Kind == lang.KPQueue && priority == nil {
		return nil, fail(lang.CodeNullValue, "null in a collection")
	}
	v, f := fit(v, *t.Elem)
	if f != nil {
		return nil, f
	}
	xs = leave(xs, v, t)
	if t.Kind == lang.KSet {
		xs = append(xs, v)
		slices.SortFunc(xs, compare)
		return xs, nil
	}
	xs = append(xs, entry(v, priority))
	slices.SortFunc(xs, func(a, b any) int {
		x, y := a.(map[string]any), b.(map[string]any)
		if c := compare(x["priority"], y["priority"]); c != 0 {
			return c
		}
		return strings.Compare(stored(x["value"]), stored(y["value"]))
	})
	return xs, nil
}

// leave removes a member.
func leave(xs []any, v any, t lang.Type) []any {
	i := find(xs, v, t)
	if i < 0 {
		return xs
	}
	return slices.Delete(slices.Clone(xs), i, i+1)
}

// find returns the index of a member, or -1.
func find(xs []any, v any, t lang.Type) int {
	if v == nil {
		return -1
	}
	v, f := fit(v, *t.Elem)
	if f != nil {
		return -1
	}
	return slices.IndexFunc(xs, func(x any) bool { return stored(member0(x, t)) == stored(v) })
}

// member0 returns the value of a member.
func member0(x any, t lang.Type) any {
	if t.Kind == lang.KPQueue {
		return x.(map[string]any)["value"]
	}
	return x
}

// collectionOp changes a collection and returns what was removed.
func collectionOp(a ir.Assign, was any, value any, args []any) (v, taken any, f *failure) {
	t := a.Place.Col.Field.Type
	xs, _ := clone(was).([]any)
	switch a.Op {
	case "=":
		v, f = collect(value, t)
		return v, nil, f
	case "clear":
		return []any{}, nil, nil
	case "intersect":
		list, ok := args[0].([]any)
		if !ok {
			return nil, nil, fail(lang.CodeNullValue, "null as a list")
		}
		kept := []any{}
		for _, x := range xs {
			if find(list, x, lang.Type{Kind: lang.KSet, Elem: t.Elem}) >= 0 {
				kept = append(kept, x)
			}
		}
		return kept, nil, nil
	case "push":
		xs, f = join(xs, args[0], args[1], t)
	case "add", "remove":
		for i, x := range args {
			list, many := x.([]any)
			if a.Args[i].Type().Kind != lang.KList {
				list = []any{x}
			} else if !many && a.Op == "add" {
				return nil, nil, fail(lang.CodeNullValue, "null added to a collection")
			}
			for _, x := range list {
				if a.Op == "remove" {
					xs = leave(xs, x, t)
				} else if xs, f = join(xs, x, nil, t); f != nil {
					return nil, nil, f
				}
			}
		}
	case "pop":
		return pop(xs, args, t)
	}
	if xs == nil {
		xs = []any{}
	}
	return xs, nil, f
}

func pop(xs, args []any, t lang.Type) (v, taken any, f *failure) {
	if xs == nil {
		xs = []any{}
	}
	if len(args) == 0 {
		if len(xs) == 0 {
			return xs, nil, nil
		}
		return xs[1:], member0(xs[0], t), nil
	}
	n, ok := args[0].(int64)
	if !ok || n < 0 {
		return nil, nil, fail(lang.CodeBadArgument, "pop of %v members", args[0])
	}
	n = min(n, int64(len(xs)))
	out := []any{}
	for _, x := range xs[:n] {
		out = append(out, member0(x, t))
	}
	return xs[n:], out, nil
}

// ask reads from a collection.
func (s *scope) ask(x *ir.Col) (any, error) {
	d, err := s.withCollections(x.X)
	if err != nil {
		return nil, err
	}
	c := x.Col.Coll
	switch c.Op {
	case ir.OpTTL:
		return s.r.rest(d), nil
	case ir.OpEnd:
		return d[endKey], nil
	case ir.OpLink:
		return s.link(c, d)
	}
	xs, _ := d[c.Field.Name].([]any)
	switch t := c.Field.Type; c.Op {
	case "has":
		v, err := s.eval(c.Arg)
		if err != nil {
			return nil, err
		}
		return find(xs, v, t) >= 0, nil
	case "size":
		if d == nil {
			return nil, nil
		}
		return int64(len(xs)), nil
	case ir.OpLacks:
		return slices.ContainsFunc(xs, func(x any) bool { return s.r.db.named(s.r.db.data, c.Target.Name)[keyIn(x)] == nil }), nil
	case "peek":
		if len(xs) == 0 {
			return nil, nil
		}
		return member0(xs[0], t), nil
	}
	if d == nil {
		return nil, nil
	}
	if xs == nil {
		xs = []any{}
	}
	return clone(xs), nil
}

// link asks the documents that refer to d by a backlink.
func (s *scope) link(c *ir.Collection, d doc) (any, error) {
	m := s.r.schema.Model(c.Link.Column(s.r.schema.Model(c.Link.Model)).Target())
	if d == nil {
		return nil, nil
	}
	return s.r.linked(c, d[m.Key.Name])
}

// referrers asks the documents of all partitions that refer to one by a backlink.
func (s *scope) referrers(x *ir.Referrers) (any, error) {
	key, err := s.eval(x.Key)
	if key == nil || err != nil {
		return nil, err
	}
	was := s.r.db.part
	defer func() { s.r.db.part = was }()
	if x.Col.Coll.Apart.To.Celled() {
		key = escaped(was) + ":" + fmt.Sprint(key)
	}
	if err := s.r.enter(x.Col.Coll.Query.Info()); err != nil {
		return nil, err
	}
	return s.r.linked(x.Col.Coll, key)
}

// linked asks the documents that refer to a key by a backlink.
func (r *run) linked(c *ir.Collection, key any) (any, error) {
	was, had := r.vars[c.Of]
	r.vars[c.Of] = key
	res, err := r.dispatch(c.Query)
	if had { // of the same query around this one
		r.vars[c.Of] = was
	}
	if err != nil {
		return nil, err
	}
	t := lang.TypeInt
	if _, list := c.Query.(*ir.Find); list {
		t = lang.ListOf(lang.TypeUnknown)
	}
	return named(&ir.Let{Stmt: c.Query, Var: &ir.Variable{Type: t}}, res), nil
}

// withCollections returns a document including its collections.
func (s *scope) withCollections(x ir.Expr) (doc, error) {
	switch x := x.(type) {
	case *ir.Row:
		return s.row, nil
	case *ir.Deref:
		v, err := s.eval(x.X)
		if v == nil || err != nil {
			return nil, err
		}
		return s.r.referred(x, v), nil
	}
	return nil, fail(lang.CodeNotAllowed, "judge: a collection of %T", x)
}

// bare returns a document as a value: without its collections and its end.
func (s *scope) bare(d doc, model string) any {
	m := s.r.schema.Model(model)
	if _, ends := d[endKey]; d == nil || m == nil || len(m.Collections()) == 0 && !ends {
		return nullable(d)
	}
	out := doc{}
	for _, f := range m.Stored() {
		out[f.Name] = d[f.Name]
	}
	return out
}
