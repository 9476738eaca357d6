package testredis

import (
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// Computed is a server whose documents are computed when they are read: partitions of a model
//
//	MODEL Event { id int KEY, tenant string, n int INDEX } PARTITION BY tenant
//
// named t0, t1, …, with the keys 0 to Docs-1 in each. The values of n are those from 0 to Parts*Docs-1, spread over the partitions.
// Writes of these documents are not supported.
type Computed struct {
	Addr        string
	Parts, Docs int
}

// stride and its inverse permute the keys of a partition, if Docs is a power of ten.
const stride = 7919

// NewComputed starts such a server for the namespace "wide". It ends with the test. Docs is a power of ten.
func NewComputed(t testing.TB, parts, docs int) *Computed {
	t.Helper()
	m := miniredis.RunT(t)
	c := &Computed{Addr: m.Addr(), Parts: parts, Docs: docs}
	inverse := 1
	for inverse*stride%docs != 1 {
		inverse++
	}
	m.Server().SetPreHook(func(p *server.Peer, cmd string, args ...string) bool { return c.answer(p, cmd, args, inverse) })
	return c
}

// Fill writes the list of partitions.
func (c *Computed) Fill(do func(args ...any) error) error {
	for i := range c.Parts {
		if err := do("ZADD", "wide:rql:parts", 0, "Event@t"+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return nil
}

// N returns the value of n in the document of a partition with a key.
func (c *Computed) N(part, id, inverse int) int { return id*inverse%c.Docs*c.Parts + part }

// answer replies to a command that reads documents, their keys or their index; other commands are the server's own.
func (c *Computed) answer(p *server.Peer, cmd string, args []string, inverse int) bool {
	if len(args) == 0 {
		return false
	}
	if rest, ok := strings.CutPrefix(args[0], "wide:Event@t"); ok {
		text, key, _ := strings.Cut(rest, ":")
		return c.document(p, cmd, args[1:], atoi(text), atoi(key), inverse)
	}
	if strings.HasPrefix(args[0], "wide:rql:ids:Event@t") {
		return c.set(p, cmd, args[1:], number)
	}
	if rest, ok := strings.CutPrefix(args[0], "wide:rql:ix:Event@t"); ok {
		part := atoi(strings.TrimSuffix(rest, ":n"))
		return c.set(p, cmd, args[1:], func(j int) string { return number(j*c.Parts+part) + "\x00" + number(j*stride%c.Docs) })
	}
	return false
}

// document replies to a command on a document.
func (c *Computed) document(p *server.Peer, cmd string, args []string, part, id, inverse int) bool {
	there := id < c.Docs && part < c.Parts
	value := func(name string) (string, bool) {
		switch {
		case !there:
		case name == "id":
			return strconv.Itoa(id), true
		case name == "tenant":
			return "t" + strconv.Itoa(part), true
		case name == "n":
			return strconv.Itoa(c.N(part, id, inverse)), true
		}
		return "", false
	}
	switch cmd {
	case "HMGET":
		p.WriteLen(len(args))
		for _, name := range args {
			if v, ok := value(name); ok {
				p.WriteBulk(v)
			} else {
				p.WriteNull()
			}
		}
	case "TYPE":
		p.WriteInline("hash")
	case "EXISTS":
		p.WriteInt(map[bool]int{true: 1}[there])
	default:
		return false
	}
	return true
}

// set replies to a command on a sorted set with the members 0 to Docs-1.
func (c *Computed) set(p *server.Peer, cmd string, args []string, member func(j int) string) bool {
	// rank returns the number of members before a bound.
	rank := func(bound string, upper bool) int {
		switch bound {
		case "-":
			return 0
		case "+":
			return c.Docs
		}
		after := upper == (bound[0] == '[') // whether the member itself is before the bound
		return sort.Search(c.Docs, func(j int) bool {
			if m := member(j); m != bound[1:] {
				return m > bound[1:]
			}
			return !after
		})
	}
	switch cmd {
	case "ZCARD":
		p.WriteInt(c.Docs)
	case "ZLEXCOUNT":
		p.WriteInt(max(0, rank(args[1], true)-rank(args[0], false)))
	case "ZRANGEBYLEX", "ZREVRANGEBYLEX":
		lo, hi := args[0], args[1]
		if cmd == "ZREVRANGEBYLEX" {
			lo, hi = hi, lo
		}
		from, to := rank(lo, false), rank(hi, true)
		n := max(0, to-from)
		if len(args) == 5 {
			n = min(n, atoi(args[4]))
		}
		p.WriteLen(n)
		for i := range n {
			if cmd == "ZREVRANGEBYLEX" {
				p.WriteBulk(member(to - 1 - i))
			} else {
				p.WriteBulk(member(from + i))
			}
		}
	default:
		return false
	}
	return true
}

// number returns the component of an integer in an entry of an index: numbers with more digits come later.
func number(n int) string {
	digits := strconv.Itoa(n)
	return string(rune('`'+len(digits))) + digits
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
