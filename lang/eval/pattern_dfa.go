package eval

import (
	"encoding/binary"
	"slices"
)

// maxWork bounds the steps of building a table, so that no pattern takes longer
// than a few tenths of a second.
const maxWork = 10_000_000

// determine builds the deterministic table by subset construction.
func (n *nfa) determine(start int32) (*Pattern, error) {
	p := &Pattern{}
	p.width = n.classes(&p.classes)
	d := subsets{nfa: n, p: p, ids: map[string]uint16{}, mark: make([]int32, len(n.nodes))}
	d.sets = append(d.sets, nil) // the dead state
	p.next = make([]uint16, p.width)
	first := d.state([]int32{start})
	p.accepts = first&acceptBit != 0
	for i := 1; i < len(d.sets); i++ {
		d.expand(i)
		if len(d.sets) > maxStates+1 || d.work > maxWork {
			return nil, tooBig()
		}
	}
	p.work = d.work
	return p, nil
}

// classes assigns bytes that no node distinguishes to the same class.
func (n *nfa) classes(of *[256]byte) (width int) {
	var begins [257]bool
	for _, x := range n.nodes {
		if !x.branch && x.lo <= x.hi {
			begins[x.lo] = true
			begins[int(x.hi)+1] = true
		}
	}
	class := 0
	for b := range 256 {
		if b > 0 && begins[b] {
			class++
		}
		of[b] = byte(class)
	}
	return class + 1
}

type subsets struct {
	nfa   *nfa
	p     *Pattern
	ids   map[string]uint16 // the nodes of a state → its number, with the accept bit
	sets  [][]int32         // by state: its consuming nodes
	mark  []int32           // by node: the last round that visited it
	round int32
	work  int // nodes visited so far
}

// state returns the state of the nodes that are reachable without consuming
// input.
func (d *subsets) state(from []int32) uint16 {
	d.round++
	accepts := false
	var set []int32
	stack := slices.Clone(from)
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		d.work++
		if d.mark[i] == d.round {
			continue
		}
		d.mark[i] = d.round
		switch x := d.nfa.nodes[i]; {
		case i == 0:
			accepts = true
		case x.branch:
			stack = append(stack, x.out, x.alt)
		default:
			set = append(set, i)
		}
	}
	if len(set) == 0 && !accepts {
		return 0
	}
	slices.Sort(set)
	key := make([]byte, 0, 4*len(set)+1)
	for _, i := range set {
		key = binary.BigEndian.AppendUint32(key, uint32(i))
	}
	if accepts {
		key = append(key, 1)
	}
	id, ok := d.ids[string(key)]
	if !ok {
		id = uint16(len(d.sets))
		d.sets = append(d.sets, set)
		d.p.next = append(d.p.next, make([]uint16, d.p.width)...)
		if accepts {
			id |= acceptBit
		}
		d.ids[string(key)] = id
	}
	return id
}

// expand fills the row of a state.
func (d *subsets) expand(state int) {
	targets := make([][]int32, d.p.width)
	for _, i := range d.sets[state] {
		x := d.nfa.nodes[i]
		if x.lo > x.hi {
			continue
		}
		for c := d.p.classes[x.lo]; ; c++ {
			targets[c] = append(targets[c], x.out)
			if c == d.p.classes[x.hi] {
				break
			}
		}
	}
	for c, from := range targets {
		if len(from) > 0 && d.work <= maxWork {
			d.p.next[state*d.p.width+c] = d.state(from)
		}
	}
}
