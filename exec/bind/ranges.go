package bind

import (
	"sort"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// Ranges computes the ranges of an index scan: pairs of min and max, in order and disjoint.
func (x *Binder) Ranges(a *planner.ScanArgs, env *eval.Env) ([]string, error) {
	out, err := x.spans(a, env)
	for i, b := range out {
		switch b {
		case "-":
			out[i] = Lowest
		case "+":
			out[i] = Highest
		}
	}
	return out, err
}

func (x *Binder) spans(a *planner.ScanArgs, env *eval.Env) ([]string, error) {
	sc := a.Scan
	if len(sc.Bounds) == 0 {
		return []string{"-", "+"}, nil
	}
	if a.Plain {
		return plainSpan(a, env)
	}
	prefixes := []string{""}
	for i := range sc.Bounds {
		c, fns := &sc.Bounds[i], &a.Bounds[i]
		switch c.Kind {
		case plan.Eq, plan.In:
			values, err := compValues(c, fns, env)
			if err != nil {
				return nil, err
			}
			prefixes, err = extend(sc, c, prefixes, values)
			if err != nil {
				return nil, err
			}
			if i == len(sc.Bounds)-1 {
				return allOf(sc, prefixes), nil
			}
		case plan.NotIn:
			values, err := compValues(c, fns, env)
			if err != nil {
				return nil, err
			}
			return between(c, prefixes, values)
		default:
			return spanOf(sc, c, fns, prefixes, env)
		}
	}
	return nil, nil
}

// plainSpan computes the range if there is only one: all components are compared with =, except perhaps the last, which has
// bounds.
func plainSpan(a *planner.ScanArgs, env *eval.Env) ([]string, error) {
	var lo, hi [128]byte
	min, max := append(lo[:0], '['), append(hi[:0], '(')
	for i := range a.Bounds {
		c, fns := &a.Scan.Bounds[i], &a.Bounds[i]
		if c.Kind == plan.Eq {
			v, err := fns.X(env)
			if err != nil {
				return nil, fail.Value(err)
			}
			n := len(min)
			if min, err = codec.AppendMember(min, v, c.T); err != nil {
				return nil, fail.Value(err)
			}
			max = append(max, min[n:]...)
			min, max = append(min, 0), append(max, 0)
			continue
		}
		var empty bool
		var err error
		if min, empty, err = edge(min, fns.Lo, c.T, c.LoInc, env); err != nil || empty {
			return nil, err
		}
		if fns.Hi == nil {
			break
		}
		max, empty, err = edge(max, fns.Hi, c.T, !c.HiInc, env)
		if err != nil || empty {
			return nil, err
		}
		if string(min[1:]) >= string(max[1:]) {
			return nil, nil
		}
		return both(min, max), nil
	}
	if len(max) == 1 {
		return []string{string(min), "+"}, nil
	}
	max[len(max)-1]++ // everything after the preceding components
	return both(min, max), nil
}

// both returns the ends of one range.
func both(min, max []byte) []string {
	text := string(append(min, max...))
	return []string{text[:len(min)], text[len(min):]}
}

// edge appends one end of a range: before v if before is set, else after v. Without v, it is the end just above null, because no
// comparison with null is true. empty says that v is null.
func edge(dst []byte, v eval.Fn, t lang.Type, before bool, env *eval.Env) (out []byte, empty bool, err error) {
	if v == nil {
		return append(append(dst, codec.NullMember...), 1), false, nil
	}
	x, err := v(env)
	if err != nil || x == nil {
		return dst, x == nil, fail.Value(err)
	}
	if dst, err = codec.AppendMember(dst, x, t); err != nil {
		return dst, false, fail.Value(err)
	}
	if before {
		return append(dst, 0), false, nil
	}
	return append(dst, 1), false, nil
}

// compValues returns the values of an equality or an IN.
func compValues(c *plan.Bound, fns *planner.BoundArgs, env *eval.Env) ([]any, error) {
	if fns.X != nil {
		v, err := fns.X(env)
		return []any{v}, fail.Value(err)
	}
	if fns.List != nil {
		v, err := fns.List(env)
		if err != nil {
			return nil, fail.Value(err)
		}
		list, _ := v.([]any)
		return list, nil
	}
	out := make([]any, len(fns.Items))
	for i, fn := range fns.Items {
		v, err := fn(env)
		if err != nil {
			return nil, fail.Value(err)
		}
		out[i] = v
	}
	return out, nil
}

// extend appends each of the values to each of the prefixes.
func extend(sc *plan.Scan, c *plan.Bound, prefixes []string, values []any) ([]string, error) {
	out := make([]string, 0, len(prefixes)*len(values))
	for _, p := range prefixes {
		for _, v := range values {
			if sc.Index == nil {
				if t, ok := ir.KeyText(v); ok {
					m, err := codec.KeyMember(v, sc.Model.Key.Type)
					if err != nil {
						return nil, fail.Value(err)
					}
					_ = t
					out = append(out, p+m)
				}
				continue
			}
			m, err := codec.Member(v, c.T)
			if err != nil {
				return nil, fail.Value(err)
			}
			out = append(out, p+m+"\x00")
		}
	}
	if len(out) > 1000 {
		return nil, fail.Errorf(lang.CodeTooLarge, lang.Span{}, "an IN of an indexed field takes at most 1,000 values; this one makes %d", len(out))
	}
	sort.Strings(out)
	return dedupe(out), nil
}

// dedupe removes adjacent duplicates.
func dedupe(s []string) []string {
	out := s[:0]
	for i, x := range s {
		if i == 0 || x != s[i-1] {
			out = append(out, x)
		}
	}
	return out
}

// allOf returns the range of everything after each prefix; if the prefixes are whole keys, the keys themselves.
func allOf(sc *plan.Scan, prefixes []string) []string {
	out := make([]string, 0, 2*len(prefixes))
	for _, p := range prefixes {
		if sc.Index == nil {
			out = append(out, "["+p, "["+p)
			continue
		}
		r := codec.All(p)
		out = append(out, r.Min, r.Max)
	}
	return out
}

// between returns the ranges after each prefix of a component that is none of some values.
func between(c *plan.Bound, prefixes []string, values []any) ([]string, error) {
	members := make([]string, len(values))
	for i, v := range values {
		m, err := codec.Member(v, c.T)
		if err != nil {
			return nil, fail.Value(err)
		}
		members[i] = m
	}
	sort.Strings(members)
	var out []string
	for _, p := range prefixes {
		rest := codec.All(p)
		for _, m := range dedupe(members) {
			r := codec.Compared(p, lang.OpEq, m)
			if before := (codec.Range{Min: rest.Min, Max: "(" + r.Min[1:]}); !before.Empty() {
				out = append(out, before.Min, before.Max)
			}
			rest.Min = "[" + r.Max[1:]
		}
		if !rest.Empty() {
			out = append(out, rest.Min, rest.Max)
		}
	}
	return out, nil
}

// spanOf returns the ranges after each prefix of a component that is not an equality.
func spanOf(sc *plan.Scan, c *plan.Bound, fns *planner.BoundArgs, prefixes []string, env *eval.Env) ([]string, error) {
	values := make([]any, 3)
	for i, fn := range []eval.Fn{fns.Lo, fns.Hi, fns.X} {
		if fn == nil {
			continue
		}
		v, err := fn(env)
		if err != nil {
			return nil, fail.Value(err)
		}
		if v == nil {
			return nil, nil // a comparison with null is never true
		}
		values[i] = v
	}
	var out []string
	if c.Kind == plan.Circle {
		return circle(prefixes, values), nil
	}
	for _, p := range prefixes {
		r, err := oneSpan(sc, c, values, p)
		if err != nil {
			return nil, fail.Value(err)
		}
		if !r.Empty() {
			out = append(out, r.Min, r.Max)
		}
	}
	return out, nil
}

// circle returns the ranges of the cells that cover a circle; values are nil, the radius and the centre.
func circle(prefixes []string, values []any) []string {
	center, _ := values[2].(lang.Geo)
	radius, _ := values[1].(float64)
	var out []string
	for _, p := range prefixes {
		for _, r := range codec.GeoCover(center, radius) {
			lo, hi := codec.GeoMembers(r)
			out = append(out, "["+p+lo, "("+p+hi+"\x01")
		}
	}
	return out
}

// oneSpan returns the range after one prefix; values are lo, hi and the string of a prefix match.
func oneSpan(sc *plan.Scan, c *plan.Bound, values []any, p string) (codec.Range, error) {
	if sc.Index == nil {
		return keySpan(sc, c, values)
	}
	switch c.Kind {
	case plan.NotNull:
		return codec.NotNull(p), nil
	case plan.Prefix:
		s, _ := values[2].(string)
		if c.Like {
			s = likePrefix(s)
		}
		return codec.StartsWith(p, s), nil
	}
	r := codec.NotNull(p)
	for i, inc := range []bool{c.LoInc, c.HiInc} {
		if values[i] == nil {
			continue
		}
		m, err := codec.Member(values[i], c.T)
		if err != nil {
			return r, err
		}
		op := [][2]lang.Op{{lang.OpGt, lang.OpGe}, {lang.OpLt, lang.OpLe}}[i][0]
		if inc {
			op = [][2]lang.Op{{lang.OpGt, lang.OpGe}, {lang.OpLt, lang.OpLe}}[i][1]
		}
		r = r.Intersect(codec.Compared(p, op, m))
	}
	return r, nil
}

// keySpan returns the range of keys between two bounds.
func keySpan(sc *plan.Scan, c *plan.Bound, values []any) (codec.Range, error) {
	r := codec.Range{Min: "-", Max: "+"}
	edge := func(v any, inc bool) (string, error) {
		m, err := codec.KeyMember(v, sc.Model.Key.Type)
		if inc {
			return "[" + m, err
		}
		return "(" + m, err
	}
	var err error
	if values[0] != nil {
		r.Min, err = edge(values[0], c.LoInc)
	}
	if err == nil && values[1] != nil {
		r.Max, err = edge(values[1], c.HiInc)
	}
	return r, err
}
