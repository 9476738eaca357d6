package wire

import (
	"bufio"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Server answers commands: those of a recording, or of a server behind it.
type Server struct {
	tape   *Tape
	listen net.Listener
	dial   func() (net.Conn, error) // nil: it stands alone
	wg     sync.WaitGroup
	mu     sync.Mutex
	conns  map[net.Conn]bool
}

// Record starts a server in front of the one at host:port, and records what is said.
func Record(t *Tape, behind *url.URL) (*Server, error) {
	return start(t, func() (net.Conn, error) { return net.Dial("tcp", behind.Host) })
}

// Replay starts a server that plays a recording.
func Replay(t *Tape) (*Server, error) { return start(t, nil) }

func start(t *Tape, dial func() (net.Conn, error)) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{tape: t, listen: l, dial: dial, conns: map[net.Conn]bool{}}
	s.wg.Go(s.accept)
	return s, nil
}

// URL is where it listens.
func (s *Server) URL() string { return "redis://" + s.listen.Addr().String() }

// Close ends the server and its connections.
func (s *Server) Close() error {
	err := s.listen.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
	return err
}

func (s *Server) accept() {
	for {
		c, err := s.listen.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		s.wg.Go(func() {
			defer c.Close()
			_ = s.serve(c) // the client went away
		})
	}
}

// peer is one connection.
type peer struct {
	s    *Server
	back net.Conn // to the server behind, or nil
	br   *bufio.Reader
	bw   *bufio.Writer
}

func (s *Server) serve(c net.Conn) error {
	p := &peer{s: s}
	if s.dial != nil {
		back, err := s.dial()
		if err != nil {
			return err
		}
		defer back.Close()
		p.back, p.br, p.bw = back, bufio.NewReader(back), bufio.NewWriter(back)
	}
	r, w := bufio.NewReader(c), bufio.NewWriter(c)
	for {
		v, err := read(r)
		if err != nil {
			return err
		}
		words, err := v.command()
		if err != nil {
			return err
		}
		reply, err := p.answer(words)
		if err != nil {
			return err
		}
		write(w, reply)
		if r.Buffered() == 0 {
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
}

// setup are the commands that belong to a connection, not to the work.
var setup = []string{"HELLO", "AUTH", "CLIENT", "SELECT", "PING", "QUIT", "RESET"}

// answer gives the answer to a command.
func (p *peer) answer(words []string) (Value, error) {
	name := strings.ToUpper(words[0])
	if slices.Contains(setup, name) {
		if p.back != nil {
			return p.forward(words)
		}
		return alone(name), nil
	}
	sent := slices.Clone(words)
	sent[0] = name
	t := p.s.tape
	if script, ok := strings.CutPrefix(name, "EVAL"); ok && len(words) > 1 {
		t.mu.Lock()
		known := t.cur.known
		if strings.HasPrefix(script, "SHA") {
			sent[0], sent[1] = strings.Replace(name, "SHA", "", 1), known[words[1]]
		} else {
			sent[1] = identity(words[1])
			known[sum(words[1])] = sent[1]
		}
		t.mu.Unlock()
		if sent[1] == "" {
			return failure("NOSCRIPT No matching script. Please use EVAL."), nil
		}
	}
	t.mu.Lock()
	names := &t.cur.names
	for i, w := range sent[1:] {
		sent[i+1] = names.hide(w)
	}
	t.mu.Unlock()
	command := line(sent)
	if p.back == nil {
		reply := t.play(command)
		t.mu.Lock()
		defer t.mu.Unlock()
		return reply.each(names.show), nil
	}
	reply, err := p.forward(words)
	if err != nil {
		return reply, err
	}
	if kept, keep := worth(name, reply); keep {
		t.mu.Lock()
		kept = kept.each(names.hideKnown)
		t.mu.Unlock()
		t.add(command, kept.sorted())
	}
	return reply, nil
}

// forward asks the server behind.
func (p *peer) forward(words []string) (Value, error) {
	v := Value{Kind: '*'}
	for _, w := range words {
		v.List = append(v.List, bulk(w))
	}
	write(p.bw, v)
	if err := p.bw.Flush(); err != nil {
		return Value{}, err
	}
	for {
		reply, err := read(p.br)
		if err != nil || reply.Kind != '>' {
			return reply, err
		}
	}
}

// alone answers the commands of a connection where there is no server behind.
func alone(name string) Value {
	switch name {
	case "PING":
		return simple("PONG")
	case "HELLO":
		return Value{Kind: '%', List: []Value{bulk("server"), bulk("redis"), bulk("version"), bulk("7.4.0"), bulk("proto"), {Kind: ':', Text: "3"},
			bulk("id"), {Kind: ':', Text: "1"}, bulk("mode"), bulk("standalone"), bulk("role"), bulk("master"), bulk("modules"), {Kind: '*', List: []Value{}}}}
	}
	return simple("OK")
}

// worth leaves out of an answer what differs from run to run; false: all of it.
func worth(name string, v Value) (Value, bool) {
	if name != "FT.INFO" || v.Kind != '%' {
		return v, true
	}
	out := Value{Kind: '%', List: []Value{}}
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
