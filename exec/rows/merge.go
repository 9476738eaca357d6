package rows

import (
	"container/heap"

	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// InOrder gives rows in the requested order, from the cursor on. They come in the order of so many of its first terms.
func InOrder(s *planner.Sort, src Source, env *eval.Env, b Bounds, terms int) Source {
	switch terms {
	case All:
		return after(s, src, env, b)
	case 0:
		return top(s, src, env, b)
	}
	return runs(s, src, env, b, terms)
}

// Merge gives the rows of sources, each of which is in an order, in that order.
func Merge(s *planner.Sort, srcs []Source, env *eval.Env) Source {
	h := &heads{s: s}
	begun := false
	next := func(src Source) (head, error) {
		row, err := src()
		if err != nil || row == nil {
			return head{}, err
		}
		k, err := keyOf(s, row, env)
		return head{k, src}, err
	}
	return func() ([]any, error) {
		for i := 0; !begun && i < len(srcs); i++ {
			x, err := next(srcs[i])
			if err != nil {
				return nil, err
			}
			if x.src != nil {
				h.of = append(h.of, x)
			}
		}
		if !begun {
			begun = true
			heap.Init(h)
		}
		if len(h.of) == 0 {
			return nil, nil
		}
		row := h.of[0].row
		x, err := next(h.of[0].src)
		switch {
		case err != nil:
			return nil, err
		case x.src == nil:
			heap.Pop(h)
		default:
			h.of[0] = x
			heap.Fix(h, 0)
		}
		return row, nil
	}
}

// head is the next row of a source.
type head struct {
	orderKey
	src Source
}

// heads is a heap of the next rows of sources.
type heads struct {
	s  *planner.Sort
	of []head
}

func (h *heads) Len() int           { return len(h.of) }
func (h *heads) Less(i, j int) bool { return compare(h.s, h.of[i].vals, h.of[j].vals) < 0 }
func (h *heads) Swap(i, j int)      { h.of[i], h.of[j] = h.of[j], h.of[i] }
func (h *heads) Push(x any)         { h.of = append(h.of, x.(head)) }

func (h *heads) Pop() any {
	x := h.of[len(h.of)-1]
	h.of = h.of[:len(h.of)-1]
	return x
}

// Summed adds up the numbers of documents of equal groups, each row of which has the values of a group and a number.
func Summed(src Source) (Source, error) {
	var list [][]any
	at := map[string]int{}
	var buf []byte
	for {
		row, err := src()
		if err != nil {
			return nil, err
		}
		if row == nil {
			return List(list), nil
		}
		n := len(row) - 1
		buf = buf[:0]
		for _, v := range row[:n] {
			buf = codec.AppendIdentity(buf, v)
		}
		if i, ok := at[string(buf)]; ok {
			list[i][n] = list[i][n].(int64) + row[n].(int64)
			continue
		}
		at[string(buf)] = len(list)
		list = append(list, row)
	}
}
