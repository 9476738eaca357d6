package eval

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// Agg computes an aggregate over the rows of a group. Nulls are skipped, except
// by count() without an argument, to which true is passed for each row.
type Agg interface {
	Add(v any) error
	// Result may be called at any time. Over no rows, count and sum are 0,
	// collect is [], and the others are null.
	Result() (any, error)
}

// New returns the aggregate fn: count, sum, avg, min, max, collect or
// percentile. t is the type of its result; p, from 0 to 100, is used by
// percentile. If the final int sum is out of range, the error is overflow,
// whatever the order of rows; the same holds for a float sum that is not
// finite.
func New(fn string, t lang.Type, distinct bool, p any) (Agg, error) {
	var a Agg
	switch fn {
	case "count":
		a = &counter{}
	case "sum":
		a = &summer{t: t}
	case "avg":
		a = &summer{t: t, avg: true}
	case "min":
		a = &best{want: -1}
	case "max":
		a = &best{want: 1}
	case "collect":
		a = &collector{list: []any{}}
	case "percentile":
		rank := toFloat(p)
		if p == nil || !(rank >= 0 && rank <= 100) {
			return nil, faultf(lang.CodeBadArgument, "percentile(x, p) takes a p from 0 to 100")
		}
		a = &percentile{p: rank}
	default:
		return nil, fmt.Errorf("there is no aggregate %s", fn)
	}
	if distinct {
		a = &distinctly{of: a, seen: map[string]bool{}}
	}
	return a, nil
}

// Known returns the result of count, sum, avg, min, or max over n integers, of which the sum, the least and the greatest are known. t is
// the type of the result.
func Known(fn string, t lang.Type, n, sum, least, greatest int64) (any, error) {
	switch fn {
	case "count":
		return n, nil
	case "min", "max":
		if n == 0 {
			return nil, nil
		}
		if fn == "max" {
			least = greatest
		}
		return t.Kind.Info().Value(least), nil
	}
	a := summer{t: t, avg: fn == "avg", n: n}
	a.addInt(sum)
	return a.Result()
}

type distinctly struct {
	of   Agg
	seen map[string]bool
	buf  []byte
}

func (a *distinctly) Add(v any) error {
	if v == nil {
		return nil
	}
	a.buf = codec.AppendIdentity(a.buf[:0], v)
	if a.seen[string(a.buf)] {
		return nil
	}
	a.seen[string(a.buf)] = true
	return a.of.Add(v)
}

func (a *distinctly) Result() (any, error) { return a.of.Result() }

type counter struct{ n int64 }

func (a *counter) Add(v any) error {
	if v != nil {
		a.n++
	}
	return nil
}

func (a *counter) Result() (any, error) { return a.n, nil }

// summer adds integers in 128 bits, so that intermediate sums never overflow in
// any order, and floats by Neumaier's compensated summation.
type summer struct {
	t      lang.Type
	avg    bool
	n      int64
	hi     int64
	lo     uint64
	sum, c float64
}

func (a *summer) Add(v any) error {
	switch x := v.(type) {
	case nil:
		return nil
	case int64:
		a.addInt(x)
	case lang.Integer:
		a.addInt(x.Number())
	case float64:
		t := a.sum + x
		if math.Abs(a.sum) >= math.Abs(x) {
			a.c += (a.sum - t) + x
		} else {
			a.c += (x - t) + a.sum
		}
		a.sum = t
	default:
		return wrongArgument("sum")
	}
	a.n++
	return nil
}

func (a *summer) addInt(x int64) {
	lo, carry := bits.Add64(a.lo, uint64(x), 0)
	a.lo = lo
	a.hi += x>>63 + int64(carry)
}

// float returns the sum.
func (a *summer) float() float64 {
	whole := float64(int64(a.lo))
	if a.hi != int64(a.lo)>>63 {
		whole = float64(a.hi)*(1<<64) + float64(a.lo)
	}
	if a.sum-a.sum != 0 {
		return a.sum
	}
	return whole + (a.sum + a.c)
}

func (a *summer) Result() (any, error) {
	if a.avg {
		switch {
		case a.n == 0:
			return nil, nil
		case a.t.Repr() == lang.ReprInt:
			return roundInteger(a.float()/float64(a.n), a.t)
		}
		return finite(a.float() / float64(a.n))
	}
	if a.t.Kind == lang.KFloat {
		return finite(a.float())
	}
	v := int64(a.lo)
	if a.hi != v>>63 || a.t.Repr() != lang.ReprLong && magnitude(v) > lang.MaxInt || a.t.Repr() == lang.ReprInt && !a.t.Kind.Info().Holds(v) {
		return nil, faultf(lang.CodeOverflow, "the sum is beyond the range of "+a.t.NotNull().String())
	}
	return a.t.Kind.Info().Value(v), nil
}

type best struct {
	v    any
	want int
}

func (a *best) Add(v any) error {
	if v != nil && (a.v == nil || codec.Compare(v, a.v) == a.want) {
		a.v = v
	}
	return nil
}

func (a *best) Result() (any, error) { return a.v, nil }

type collector struct{ list []any }

func (a *collector) Add(v any) error {
	if v != nil {
		a.list = append(a.list, v)
	}
	return nil
}

func (a *collector) Result() (any, error) { return a.list, nil }

// percentile is the nearest rank: the smallest value that at least p percent
// of the values do not exceed.
type percentile struct {
	p    float64
	list []any
}

func (a *percentile) Add(v any) error {
	if v != nil {
		a.list = append(a.list, v)
	}
	return nil
}

func (a *percentile) Result() (any, error) {
	if len(a.list) == 0 {
		return nil, nil
	}
	slices.SortFunc(a.list, codec.Compare)
	rank := int(math.Ceil(a.p * float64(len(a.list)) / 100))
	return a.list[min(max(rank, 1), len(a.list))-1], nil
}
