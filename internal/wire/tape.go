package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// Tape is a recording: cases with their exchanges.
type Tape struct {
	// Prefix begins the names of the indexes that belong to the recording; those of others are left out.
	Prefix string

	mu    sync.Mutex
	cases []*session
	cur   *session
	errs  []error // of the case that runs
}

// session is what was said in one case.
type session struct {
	name  string
	said  []exchange
	where map[string][]int // the exchanges of a command that were not played yet
	last  map[string]int   // the one that was played last
	names names
	known map[string]string // sum of a script → what it is known by
}

type exchange struct {
	command string
	reply   Value
}

func newSession(name string) *session {
	return &session{name: name, where: map[string][]int{}, last: map[string]int{}, known: map[string]string{}, names: newNames(time.Now)}
}

// Begin starts a case.
func (t *Tape) Begin(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errs = nil
	i := slices.IndexFunc(t.cases, func(s *session) bool { return s.name == name })
	t.cur = newSession(name)
	if i < 0 {
		t.cases = append(t.cases, t.cur)
		return
	}
	t.cur.said = t.cases[i].said
	for k, x := range t.cur.said {
		t.cur.where[x.command] = append(t.cur.where[x.command], k)
	}
	t.cases[i] = t.cur
}

// End ends a case that was played and gives what was sent and is not in the
// recording, and the commands in the recording that were never sent.
func (t *Tape) End() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	errs := t.errs
	for _, x := range t.cur.said {
		if _, sent := t.cur.last[x.command]; !sent {
			errs = append(errs, fmt.Errorf("was recorded, and is not sent any more: %s", x.command))
			t.cur.last[x.command] = -1
		}
	}
	return errors.Join(errs...)
}

// learn notes a script that was sent whole, and gives what it is known by.
func (t *Tape) learn(script string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := identity(script)
	t.cur.known[sum(script)] = id
	return id
}

// script is what a script is known by, or "".
func (t *Tape) script(sum string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cur.known[sum]
}

// add records an exchange.
func (t *Tape) add(sent []string, reply Value) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.cur
	command := s.names.line(sent)
	if reply, ok := t.worth(sent[0], reply); ok {
		s.said = append(s.said, exchange{command, reply.each(s.names.hideKnown).sorted()})
	}
}

// once records a command without its answer, the first time it is sent; in a replay it has to be there.
func (t *Tape) once(command string, replay bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.cur
	if _, done := s.last[command]; done {
		return
	}
	s.last[command] = 0
	switch {
	case !replay:
		s.said = append(s.said, exchange{command, null})
	case len(s.where[command]) == 0:
		t.errs = append(t.errs, fmt.Errorf("a script has other JSON commands than those that were recorded: %s", command))
	}
}

// play gives the answer to a command.
func (t *Tape) play(sent []string) Value {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.cur
	command := s.names.line(sent)
	if left := s.where[command]; len(left) > 0 {
		s.where[command], s.last[command] = left[1:], left[0]
		return s.said[left[0]].reply.each(s.names.show)
	}
	err := fmt.Errorf("is sent, and was not recorded: %s", command)
	if _, again := s.last[command]; again {
		err = fmt.Errorf("is sent more often than it was recorded: %s", command)
	}
	t.errs = append(t.errs, err)
	return failure("ERR not in the recording")
}

// worth leaves out of an answer what differs from run to run; false: all of it.
func (t *Tape) worth(name string, v Value) (Value, bool) {
	out := Value{Kind: v.Kind, List: []Value{}}
	switch {
	case name == "FT._LIST" && v.List != nil:
		for _, x := range v.List {
			if strings.HasPrefix(x.Text, t.Prefix) {
				out.List = append(out.List, x)
			}
		}
		return out, true
	case name != "FT.INFO" || v.Kind != '%':
		return v, true
	}
	for i := 0; i+1 < len(v.List); i += 2 {
		switch v.List[i].Text {
		case "indexing":
			if v.List[i+1].Text != "0" {
				return v, false // it is asked again
			}
			fallthrough
		case "num_docs", "hash_indexing_failures", "Index Errors":
			out.List = append(out.List, v.List[i:i+2]...)
		}
	}
	return out, true
}

// every is the name of what all cases begin with.
const every = "every case"

// WriteTo writes the recording, what all cases begin with only once.
func (t *Tape) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	n := t.common()
	write := func(name string, said []exchange) {
		fmt.Fprintf(&b, "== %s\n", name)
		for _, x := range said {
			fmt.Fprintf(&b, "> %s\n< %s\n", x.command, x.reply)
		}
	}
	if n > 0 {
		write(every, t.cases[0].said[:n])
	}
	for _, s := range t.cases {
		write(s.name, s.said[n:])
	}
	k, err := io.WriteString(w, b.String())
	return int64(k), err
}

// common is how many exchanges all cases begin with.
func (t *Tape) common() int {
	if len(t.cases) < 2 {
		return 0
	}
	n := 0
	for ; ; n++ {
		for _, s := range t.cases {
			if n >= len(s.said) || !reflect.DeepEqual(s.said[n], t.cases[0].said[n]) {
				return n
			}
		}
	}
}

// ReadTape reads a recording.
func ReadTape(r io.Reader) (*Tape, error) {
	t := &Tape{}
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 64<<20)
	command := ""
	var first []exchange
	for n := 1; sc.Scan(); n++ {
		kind, text, _ := strings.Cut(sc.Text(), " ")
		switch {
		case kind == "==":
			all := t.cur
			if t.cur = newSession(text); all != nil && all.name == every {
				first = all.said
			}
			t.cur.said = slices.Clone(first)
			if text != every {
				t.cases = append(t.cases, t.cur)
			}
		case kind == ">":
			command = text
		case kind == "<" && t.cur != nil:
			v, rest, err := parse(text)
			if err != nil || rest != "" {
				return nil, fmt.Errorf("line %d: no answer: %.80s", n, text)
			}
			t.cur.said = append(t.cur.said, exchange{command, v})
		default:
			return nil, fmt.Errorf("line %d: %.80s", n, sc.Text())
		}
	}
	return t, sc.Err()
}

// Names lists the cases.
func (t *Tape) Names() []string {
	out := make([]string, len(t.cases))
	for i, s := range t.cases {
		out[i] = s.name
	}
	return out
}
