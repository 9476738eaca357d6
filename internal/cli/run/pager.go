package run

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// pager passes a table to a program that shows it page by page, if it has more lines than the terminal.
type pager struct {
	out      io.Writer
	terminal io.Writer // the program's output
	command  string
	rows     func() int
	whole    bool // read all rows, even if the program ends early
	held     bytes.Buffer
	lines    int
	cmd      *exec.Cmd
	in       io.WriteCloser // of the program, if it is running
	ended    bool           // it reads no more
}

// errPagerEnded ends a result that is not read further.
var errPagerEnded = errors.New("the pager ended")

// Write buffers what fits on the terminal.
func (p *pager) Write(text []byte) (int, error) {
	switch {
	case p.ended && p.whole:
		return len(text), nil
	case p.ended:
		return 0, errPagerEnded
	case p.in != nil:
		return len(text), p.pass(text)
	}
	p.held.Write(text)
	p.lines += bytes.Count(text, []byte("\n"))
	if rows := p.rows(); rows <= 0 || p.lines < rows-1 {
		return len(text), nil
	}
	if err := p.start(); err != nil {
		return 0, err
	}
	return len(text), p.pass(p.held.Bytes())
}

func (p *pager) start() (err error) {
	p.cmd = exec.Command("sh", "-c", p.command)
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Env = p.terminal, p.terminal, os.Environ()
	if os.Getenv("LESS") == "" {
		p.cmd.Env = append(p.cmd.Env, "LESS=FRX")
	}
	if p.in, err = p.cmd.StdinPipe(); err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("cannot run the pager %s: %w", p.command, err)
	}
	return nil
}

func (p *pager) pass(text []byte) error {
	if _, err := p.in.Write(text); err != nil {
		p.ended = true
		if !p.whole {
			return errPagerEnded
		}
	}
	return nil
}

// end shows what is buffered, or waits for the program to end. err is how the result ended.
func (p *pager) end(err error) error {
	if p.in == nil {
		_, werr := p.out.Write(p.held.Bytes())
		return errors.Join(err, werr)
	}
	_ = p.in.Close() // it may have ended already
	_ = p.cmd.Wait() // its exit status does not matter
	if errors.Is(err, errPagerEnded) {
		return nil
	}
	return err
}
