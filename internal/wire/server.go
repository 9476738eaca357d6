package wire

import (
	"bufio"
	"net"
	"slices"
	"strings"
	"sync"
)

// Server stands in front of another server.
type Server struct {
	tape   *Tape
	listen net.Listener
	behind string // the address of the server behind
	replay bool
	wg     sync.WaitGroup
	mu     sync.Mutex
	conns  map[net.Conn]bool
}

// Record starts a server in front of one that has the modules, at host:port, and records what is said to these.
func Record(t *Tape, behind string) (*Server, error) { return start(t, behind, false) }

// Replay starts a server that plays a recording, in front of one at host:port that need not have Search.
func Replay(t *Tape, behind string) (*Server, error) { return start(t, behind, true) }

func start(t *Tape, behind string, replay bool) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{tape: t, listen: l, behind: behind, replay: replay, conns: map[net.Conn]bool{}}
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
	s  *Server
	br *bufio.Reader
	bw *bufio.Writer
}

func (s *Server) serve(c net.Conn) error {
	back, err := net.Dial("tcp", s.behind)
	if err != nil {
		return err
	}
	defer back.Close()
	p := &peer{s: s, br: bufio.NewReader(back), bw: bufio.NewWriter(back)}
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

// answer gives the answer to a command.
func (p *peer) answer(words []string) (Value, error) {
	t, name := p.s.tape, strings.ToUpper(words[0])
	sent := slices.Clone(words)
	sent[0] = name
	if script, ok := strings.CutPrefix(name, "EVAL"); ok && len(words) > 1 {
		if strings.HasPrefix(script, "SHA") {
			sent[0], sent[1] = strings.Replace(name, "SHA", "", 1), t.script(words[1])
		} else {
			sent[1] = t.learn(words[1])
		}
		if sent[1] == "" {
			return failure("NOSCRIPT No matching script. Please use EVAL."), nil
		}
	}
	switch whose := module(sent); {
	case whose == "":
		return p.forward(words)
	case whose == "JSON" && len(sent) > 1 && strings.HasPrefix(name, "EVAL"):
		// What it does is done by the server behind; which commands it has is compared.
		t.once(strings.Join(sent[:2], " "), p.s.replay)
		return p.forward(words)
	case whose == "JSON" && p.s.replay:
		if _, err := p.forward(words); err != nil {
			return Value{}, err
		}
		return t.play(sent), nil
	case p.s.replay:
		return t.play(sent), nil
	}
	reply, err := p.forward(words)
	if err == nil {
		t.add(sent, reply)
	}
	return reply, err
}

// module is the module that a command is for, FT or JSON, or "". A script with commands of both is of FT.
func module(sent []string) string {
	name, of, _ := strings.Cut(sent[0], ".")
	if strings.HasPrefix(sent[0], "EVAL") && len(sent) > 1 {
		name, of, _ = strings.Cut(sent[1], ":")
	}
	if of == "" || name != "FT" && name != "JSON" {
		return ""
	}
	return name
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
