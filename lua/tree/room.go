package tree

import "sync"

// room is where nodes and lists of kids are taken from, many with one
// allocation: a script has hundreds, which are freed together.
type room struct {
	nodes []Node
	kids  []*Node
}

// Sizes of the parts of a room.
const (
	nodesInRoom = 73 // of 56 bytes: 4 KiB
	kidsInRoom  = 128
)

var rooms = sync.Pool{New: func() any { return &room{} }}

// enter takes a room, which leave gives back. What was taken from it stays.
func enter() *room     { return rooms.Get().(*room) }
func (r *room) leave() { rooms.Put(r) }

// make makes a node.
func (r *room) make(op Op, text string, kids ...*Node) *Node {
	if len(r.nodes) == cap(r.nodes) {
		r.nodes = make([]Node, 0, nodesInRoom)
	}
	r.nodes = r.nodes[:len(r.nodes)+1]
	n := &r.nodes[len(r.nodes)-1]
	n.Op, n.Text = op, text
	if len(kids) > 0 {
		n.Kids = r.some(len(kids))
		copy(n.Kids, kids)
	}
	return n
}

// some is a list of n kids.
func (r *room) some(n int) []*Node {
	at := len(r.kids)
	if n > cap(r.kids)-at {
		if n > kidsInRoom/4 {
			return make([]*Node, n)
		}
		r.kids, at = make([]*Node, 0, kidsInRoom), 0
	}
	r.kids = r.kids[:at+n]
	return r.kids[at : at+n : at+n]
}

// made makes one node.
func made(op Op, text string, kids ...*Node) *Node {
	r := enter()
	n := r.make(op, text, kids...)
	r.leave()
	return n
}
