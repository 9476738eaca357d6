package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
)

// Value is a value of the protocol.
type Value struct {
	Kind byte    // its first byte, in the third version of the protocol
	Text string  // of all but those with parts
	List []Value // the parts of an array, set or map
}

// Null, and makers of other values.
var null = Value{Kind: '_'}

func bulk(s string) Value    { return Value{Kind: '$', Text: s} }
func simple(s string) Value  { return Value{Kind: '+', Text: s} }
func failure(s string) Value { return Value{Kind: '-', Text: s} }

// read reads one value.
func read(r *bufio.Reader) (Value, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return Value{}, err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return Value{}, errors.New("an empty line where a value should be")
	}
	v := Value{Kind: line[0], Text: line[1:]}
	switch v.Kind {
	case '$', '=', '!':
		n, err := strconv.Atoi(v.Text)
		if err != nil || n < 0 {
			return null, err
		}
		buf := make([]byte, n+2)
		if _, err := io.ReadFull(r, buf); err != nil {
			return Value{}, err
		}
		v.Text = string(buf[:n])
		switch v.Kind {
		case '=':
			v = bulk(v.Text[min(4, n):]) // without its format
		case '!':
			v = failure(v.Text)
		}
	case '*', '~', '%', '>':
		n, err := strconv.Atoi(v.Text)
		if err != nil || n < 0 {
			return null, err
		}
		if v.Text = ""; v.Kind == '%' {
			n *= 2
		}
		v.List = make([]Value, n)
		for i := range v.List {
			if v.List[i], err = read(r); err != nil {
				return Value{}, err
			}
		}
	case '_':
		v.Text = ""
	}
	return v, nil
}

// write writes a value as the third version of the protocol has it.
func write(w *bufio.Writer, v Value) {
	switch v.Kind {
	case '$':
		fmt.Fprintf(w, "$%d\r\n%s\r\n", len(v.Text), v.Text)
	case '*', '~', '%', '>':
		n := len(v.List)
		if v.Kind == '%' {
			n /= 2
		}
		fmt.Fprintf(w, "%c%d\r\n", v.Kind, n)
		for _, x := range v.List {
			write(w, x)
		}
	default:
		fmt.Fprintf(w, "%c%s\r\n", v.Kind, v.Text)
	}
}

// command is the words of a command.
func (v Value) command() ([]string, error) {
	words := make([]string, len(v.List))
	for i, x := range v.List {
		words[i] = x.Text
	}
	if v.Kind != '*' || len(words) == 0 {
		return nil, errors.New("no command")
	}
	return words, nil
}

// each changes every text in a value.
func (v Value) each(f func(string) string) Value {
	if v.List == nil {
		v.Text = f(v.Text)
		return v
	}
	list := make([]Value, len(v.List))
	for i, x := range v.List {
		list[i] = x.each(f)
	}
	v.List = list
	return v
}

// sorted puts the members of sets and the names of maps in order.
func (v Value) sorted() Value {
	step := 1
	switch v.Kind {
	case '%':
		step = 2
	case '*', '~':
	default:
		return v
	}
	list := make([]Value, len(v.List))
	for i, x := range v.List {
		list[i] = x.sorted()
	}
	v.List = list
	if v.Kind == '*' {
		return v
	}
	sort.Sort(&groups{list, step})
	return v
}

// groups sorts a list by its elements, or by the first of each pair.
type groups struct {
	list []Value
	step int
}

func (g *groups) Len() int { return len(g.list) / g.step }
func (g *groups) Less(i, j int) bool {
	return g.list[i*g.step].String() < g.list[j*g.step].String()
}
func (g *groups) Swap(i, j int) {
	for k := range g.step {
		a, b := i*g.step+k, j*g.step+k
		g.list[a], g.list[b] = g.list[b], g.list[a]
	}
}
