package tree

// Scalars replaces, in place, each local table of which only members with constant names or numbers are used by one local per
// member, at most most of them, and returns the block. A name that is declared more than once is left alone.
func Scalars(b *Node, most int) *Node {
	x := scalars{tables: map[string]*members{}, declared: map[string]int{}}
	x.declare(b, false)
	for name := range x.tables {
		if x.declared[name] > 1 {
			delete(x.tables, name)
		}
	}
	if len(x.tables) == 0 {
		return b
	}
	x.use(b)
	for _, name := range x.order {
		m := x.tables[name]
		if m == nil || m.other || len(m.order) > most {
			delete(x.tables, name)
			continue
		}
		most -= len(m.order)
	}
	return x.block(b)
}

type scalars struct {
	tables   map[string]*members
	order    []string // their names, as they are declared
	declared map[string]int
}

// declare notes what statements and functions declare. Tables inside functions are left alone.
func (x *scalars) declare(n *Node, inside bool) {
	for _, d := range declares(n) {
		x.declared[d.Text]++
	}
	if name, m := tableOf(n); name != "" && !inside && x.tables[name] == nil {
		x.tables[name] = m
		x.order = append(x.order, name)
	}
	for _, k := range n.Kids {
		x.declare(k, inside || n.Op == OpFunction)
	}
}

// use notes the members that are used, and the tables of which more than members is used.
func (x *scalars) use(n *Node) {
	switch n.Op {
	case OpIndex:
		if m := x.tables[n.Kids[0].Text]; m != nil && n.Kids[0].Op == OpName {
			if name := memberName(n.Kids[1]); name != "" {
				m.note(name)
				return
			}
		}
	case OpName:
		if m := x.tables[n.Text]; m != nil {
			m.other = true
		}
	case OpLocal:
		x.use(n.Kids[1])
		return
	}
	for _, k := range n.Kids {
		x.use(k)
	}
}

// block replaces the tables by the locals.
func (x *scalars) block(b *Node) *Node {
	out := make([]*Node, 0, len(b.Kids)+8)
	for _, s := range b.Kids {
		if s.Op == OpCall {
			out = append(out, x.expr(s))
			continue
		}
		edit(s, x.expr, x.block)
		m := (*members)(nil)
		if s.Op == OpLocal && len(s.Kids[0].Kids) == 1 {
			m = x.tables[s.Kids[0].Kids[0].Text]
		}
		if m == nil {
			out = append(out, s)
			continue
		}
		for _, name := range m.order {
			value := List()
			if v := m.values[name]; v != nil {
				value = List(x.expr(v))
			}
			out = append(out, made(OpLocal, "", List(Name(s.Kids[0].Kids[0].Text+"_"+name)), value))
		}
	}
	b.Kids = out
	return b
}

func (x *scalars) expr(n *Node) *Node {
	return Rewrite(n, func(n *Node) *Node {
		if n.Op == OpIndex && n.Kids[0].Op == OpName && x.tables[n.Kids[0].Text] != nil {
			return Name(n.Kids[0].Text + "_" + memberName(n.Kids[1]))
		}
		return n
	})
}

// members are those of a table, in the order in which they occur.
type members struct {
	order  []string
	values map[string]*Node
	seen   map[string]bool
	other  bool // more than members is used
}

func (m *members) note(name string) {
	if !m.seen[name] {
		m.seen[name] = true
		m.order = append(m.order, name)
	}
}

// tableOf returns the name of the local table that a statement makes, and its members.
func tableOf(s *Node) (string, *members) {
	if s.Op != OpLocal || len(s.Kids[0].Kids) != 1 || len(s.Kids[1].Kids) != 1 {
		return "", nil
	}
	t := s.Kids[1].Kids[0].Filled()
	if t.Op != OpTable {
		return "", nil
	}
	m := &members{values: map[string]*Node{}, seen: map[string]bool{}}
	at := 0
	for i, item := range t.Kids {
		var key *Node
		if item = item.Filled(); item.Op != OpItem {
			return "", nil
		}
		value := item.Kids[len(item.Kids)-1].Filled()
		if len(item.Kids) == 2 {
			key = item.Kids[0].Filled()
		} else {
			at++
			key = Int(at)
		}
		name := memberName(key)
		many := value.Op == OpCall && len(item.Kids) == 1 && i == len(t.Kids)-1
		if name == "" || value.Op == OpList || many || m.values[name] != nil {
			return "", nil
		}
		if value.Op == OpWord && value.Text == "nil" {
			continue
		}
		m.note(name)
		m.values[name] = value
	}
	return s.Kids[0].Kids[0].Text, m
}

// memberName is the part of a local's name that stands for a member; "" if the key is no constant name or number.
func memberName(key *Node) string {
	switch key.Op {
	case OpString:
		if isIdentifier(key.Text) {
			return key.Text
		}
	case OpNumber:
		for _, c := range key.Text {
			if c < '0' || c > '9' {
				return ""
			}
		}
		return key.Text
	}
	return ""
}

// Unread removes, in place, locals that nothing reads and whose values are names, constants or members of them, and
// assignments of such values to the names in vain, and local tables into which such values are stored and nothing else, and returns the block.
func Unread(b *Node, vain map[string]bool) *Node {
	u := unread{vain: vain, used: map[string]int{}, stored: map[string]int{}, empty: map[string]bool{}}
	u.count(b, 1)
	return u.block(b)
}

type unread struct {
	vain map[string]bool
	used map[string]int // how often each name occurs, other than where it is declared
	// stored is how often a member of each name gets a value that can be left out; empty are the locals that begin as empty tables.
	stored map[string]int
	empty  map[string]bool
}

func (u *unread) count(n *Node, by int) {
	if n.Op == OpName {
		u.used[n.Text] += by
	}
	if to := n.storesTo(); to != "" {
		u.stored[to] += by
	}
	kids := n.Kids
	if n.Op == OpLocal {
		if n.makesTable() {
			u.empty[n.only()] = true
		}
		kids = kids[1:]
	}
	for _, k := range kids {
		u.count(k, by)
	}
}

func (u *unread) block(b *Node) *Node {
	same := func(n *Node) *Node { return n }
	at := len(b.Kids)
	for i := len(b.Kids) - 1; i >= 0; i-- {
		s := b.Kids[i]
		switch to := s.only(); {
		case to != "" && plain(s.Kids[1]) && (s.Op == OpLocal && u.used[to] == 0 || s.Op == OpAssign && u.vain[to]):
			u.count(s, -1)
			continue
		case u.unasked(s.storesTo()), s.makesTable() && u.unasked(to):
			u.count(s, -1)
			continue
		case s.Op != OpLocalFunction:
			if edit(s, same, u.block); s.Op == OpDo && len(s.Kids[0].Kids) == 0 {
				continue
			}
		}
		at--
		b.Kids[at] = s
	}
	b.Kids = b.Kids[at:]
	return b
}

// unasked reports a table into which values are stored, and from which none is read.
func (u *unread) unasked(name string) bool { return u.empty[name] && u.used[name] == u.stored[name] }

// storesTo returns the name of the table into which a statement stores a value that can be left out; "" for other statements.
func (n *Node) storesTo() string {
	if n.Op != OpAssign || len(n.Kids[0].Kids) != 1 || !plain(n.Kids[1]) || !plain(n.Kids[0]) {
		return ""
	}
	if at := n.Kids[0].Kids[0]; at.Op == OpIndex && at.Kids[0].Op == OpName {
		return at.Kids[0].Text
	}
	return ""
}

// makesTable reports the declaration of one local that is an empty table.
func (n *Node) makesTable() bool {
	return n.Op == OpLocal && n.only() != "" && len(n.Kids[1].Kids) == 1 && n.Kids[1].Kids[0].Filled().Op == OpTable && len(n.Kids[1].Kids[0].Filled().Kids) == 0
}

// only returns the name that a local or an assignment has on its left side; "" for other statements, and for several names.
func (n *Node) only() string {
	if (n.Op == OpLocal || n.Op == OpAssign) && len(n.Kids[0].Kids) == 1 && n.Kids[0].Kids[0].Op == OpName {
		return n.Kids[0].Kids[0].Text
	}
	return ""
}

// plain reports whether values can be left out: they call nothing and cannot fail.
func plain(values *Node) bool {
	ok := true
	Walk(values, func(n *Node) bool {
		switch n.Op {
		case OpList, OpLate, OpName, OpString, OpNumber, OpWord, OpIndex:
		default:
			ok = false
		}
		return ok
	})
	return ok
}
