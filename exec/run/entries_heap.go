package run

import (
	"strings"

	"github.com/rql-lang/rql/lang/codec"
)

// entryHeap is a heap of the next entries of partitions.
type entryHeap struct {
	e  *entries
	of []*entryList
}

func (h *entryHeap) Len() int      { return len(h.of) }
func (h *entryHeap) Swap(i, j int) { h.of[i], h.of[j] = h.of[j], h.of[i] }
func (h *entryHeap) Push(x any)    { h.of = append(h.of, x.(*entryList)) }

func (h *entryHeap) Less(i, j int) bool {
	a, b := h.of[i], h.of[j]
	c := strings.Compare(a.order, b.order)
	if c == 0 {
		c = codec.Compare(a.u.part, b.u.part)
	}
	if h.e.rev {
		c = -c
	}
	return c < 0
}

func (h *entryHeap) Pop() any {
	x := h.of[len(h.of)-1]
	h.of = h.of[:len(h.of)-1]
	return x
}

// head sets what is compared of the first entry of a partition.
func (e *entries) head(l *entryList) {
	if e.turns {
		return
	}
	if l.order = l.buf[0]; !e.whole {
		l.order = leadingValues(l.buf[0], len(e.sc.Index.Cols))
	}
}
