package main

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

//go:embed peers.py
var script string

// peer is a library in a Python process that executes jobs on request.
type peer struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
}

// start runs the process and waits until its documents are written.
func (p *peer) start(ctx context.Context, o options) error {
	p.cmd = exec.CommandContext(ctx, o.python, "-c", script, p.name, o.url, strconv.Itoa(o.docs))
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("talk to %s: %w", p.name, err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("listen to %s: %w", p.name, err)
	}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start Python for %s: %w", p.name, err)
	}
	p.out = bufio.NewScanner(out)
	for p.out.Scan() {
		if p.out.Text() == "ready" {
			return nil
		}
	}
	p.stop()
	return fmt.Errorf("%s did not start: see what Python printed", p.name)
}

// do executes the job and returns the seconds of one execution; false if the
// library cannot do it.
func (p *peer) do(job string, times int) (float64, bool, error) {
	if _, err := fmt.Fprintf(p.in, "%s %d\n", job, times); err != nil {
		return 0, false, fmt.Errorf("%s has ended: %w", p.name, err)
	}
	if !p.out.Scan() {
		return 0, false, fmt.Errorf("%s has ended in the job %s", p.name, job)
	}
	switch line := p.out.Text(); {
	case line == "skip":
		return 0, false, nil
	case strings.HasPrefix(line, "error"):
		return 0, false, fmt.Errorf("%s could not do the job %s: %s", p.name, job, strings.TrimPrefix(line, "error "))
	default:
		d, err := strconv.ParseFloat(line, 64)
		return d, err == nil, err
	}
}

// stop ends the process.
func (p *peer) stop() {
	_ = p.in.Close()
	_ = p.cmd.Wait()
}
