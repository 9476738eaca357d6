package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
)

// clients are the processes that move money, and their reports.
type clients struct {
	url  string
	o    options
	mu   sync.Mutex
	said map[string]string // id of a transfer → report about it
	n    map[string]int    // number of each report
	err  error             // the first inconsistency
	each func(answer)      // hears each answer
	soak bool              // they are writers of soak

	running []*client
	started int
}

// client is one process.
type client struct {
	cmd  *exec.Cmd
	in   io.Closer
	done chan struct{} // closed when all its output was read and it has ended
}

func newClients(url string, o options) *clients {
	c := &clients{url: url, o: o, said: map[string]string{}, n: map[string]int{}}
	c.each = c.take
	return c
}

// start starts all processes.
func (c *clients) start() error {
	for range c.o.processes {
		x, err := c.startOne(len(c.running))
		if err != nil {
			return err
		}
		c.running = append(c.running, x)
	}
	return nil
}

// startOne starts the process with an index, which says how many connections it
// has.
func (c *clients) startOne(place int) (*client, error) {
	n := c.o.connections / c.o.processes
	if place < c.o.connections%c.o.processes {
		n++
	}
	text, err := json.Marshal(order{URL: c.url, ID: c.started, Connections: n, Accounts: c.o.accounts, Soak: c.soak})
	if err != nil {
		return nil, fmt.Errorf("write an order: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	c.started++
	x := &client{cmd: exec.Command(self), done: make(chan struct{})}
	x.cmd.Env = append(os.Environ(), workerOrder+"="+string(text))
	x.cmd.Stderr = os.Stderr
	in, err1 := x.cmd.StdinPipe()
	out, err2 := x.cmd.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("make pipes: %w", err)
	}
	if err := x.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a client: %w", err)
	}
	x.in = in
	go func() {
		defer close(x.done)
		if err := answers(out, c.each); err != nil {
			c.wrong(err)
		}
		_ = x.cmd.Wait()
	}()
	return x, nil
}

// take records an answer.
func (c *clients) take(a answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[a.says]++
	if a.text == saysAgain {
		c.n[saysAgain]++
	}
	if before, twice := c.said[a.id]; twice {
		c.err = errors.Join(c.err, fmt.Errorf("%s was reported twice: %s, %s", a.id, before, a.says))
	}
	c.said[a.id] = a.says
	if a.says == saysWrong && c.err == nil {
		c.err = fmt.Errorf("transfer %s: %s", a.id, a.text)
	}
}

func (c *clients) wrong(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = errors.Join(c.err, err)
}

// progress returns the number of answered transfers, and the first
// inconsistency.
func (c *clients) progress() (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[saysDone] + c.n[saysRefused], c.err
}

// replace kills the process with an index by SIGKILL and starts another.
func (c *clients) replace(place int) error {
	x := c.running[place]
	select {
	case <-x.done:
		return errors.New("a client ended by itself")
	default:
	}
	x.kill()
	y, err := c.startOne(place)
	if err == nil {
		c.running[place] = y
	}
	return err
}

func (x *client) kill() {
	_ = x.cmd.Process.Kill()
	<-x.done
	_ = x.in.Close()
}

// finish lets every client finish its current work.
func (c *clients) finish() error {
	for _, x := range c.running {
		_ = x.in.Close()
	}
	for _, x := range c.running {
		<-x.done
	}
	_, err := c.progress()
	return err
}

// stop kills what still runs.
func (c *clients) stop() {
	for _, x := range c.running {
		x.kill()
	}
}
