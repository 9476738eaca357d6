package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Tape is a recording: cases with their exchanges.
type Tape struct {
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

// add records an exchange.
func (t *Tape) add(command string, reply Value) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cur.said = append(t.cur.said, exchange{command, reply})
}

// play gives the answer to a command.
func (t *Tape) play(command string) Value {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.cur
	if left := s.where[command]; len(left) > 0 {
		s.where[command], s.last[command] = left[1:], left[0]
		return s.said[left[0]].reply
	}
	err := fmt.Errorf("is sent, and was not recorded: %s", command)
	if _, again := s.last[command]; again {
		err = fmt.Errorf("is sent more often than it was recorded: %s", command)
	}
	t.errs = append(t.errs, err)
	return failure("ERR not in the recording")
}

// WriteTo writes the recording.
func (t *Tape) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	for _, s := range t.cases {
		fmt.Fprintf(&b, "== %s\n", s.name)
		for _, x := range s.said {
			fmt.Fprintf(&b, "> %s\n< %s\n", x.command, x.reply)
		}
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// ReadTape reads a recording.
func ReadTape(r io.Reader) (*Tape, error) {
	t := &Tape{}
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 64<<20)
	command := ""
	for n := 1; sc.Scan(); n++ {
		kind, text, _ := strings.Cut(sc.Text(), " ")
		switch {
		case kind == "==":
			t.cur = newSession(text)
			t.cases = append(t.cases, t.cur)
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
