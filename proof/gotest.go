package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// digest runs the tests that compare the complete contents of a server before
// and after every kind of failure.
func digest(ctx context.Context, _ options, p *printer) error {
	r, err := goTest(ctx, "github.com/rql-lang/rql/exec", "^TestFault")
	if err != nil {
		return err
	}
	return r.digests(p)
}

// cluster runs the conformance scripts and random programs on a cluster.
func cluster(ctx context.Context, _ options, p *printer) error {
	r, err := goTest(ctx, "github.com/rql-lang/rql/spec", "^TestCluster$")
	if err != nil {
		return err
	}
	if r.blocks == 0 {
		return errors.New("no block ran")
	}
	p.line(r.blocks, "blocks of the conformance scripts gave on a cluster what they have to, in a namespace in braces")
	p.line(r.programs, "random programs gave there what the judge gives")
	return nil
}

// tested is the result of a go test run.
type tested struct {
	passed   int
	failed   []string
	skipped  []string
	same     map[string]int // code of a failure → how often it left every byte unchanged
	blocks   int
	programs int
}

// goTest runs tests of a package of this module.
func goTest(ctx context.Context, pkg, run string) (*tested, error) {
	if _, err := redisServer(); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "-count=1", "-run", run, pkg)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start go test: %w", err)
	}
	r := &tested{same: map[string]int{}}
	readErr := r.read(out)
	if err := cmd.Wait(); err != nil || r.failed != nil {
		return nil, fmt.Errorf("go test %s: %w; %s %s", pkg, err, strings.Join(r.failed, ", "), errs.String())
	}
	switch {
	case readErr != nil:
		return nil, readErr
	case r.skipped != nil:
		return nil, fmt.Errorf("skipped: %s", strings.Join(r.skipped, ", "))
	case r.passed == 0:
		return nil, errors.New("no test ran")
	}
	return r, nil
}

var (
	sameLine    = regexp.MustCompile(`nothing changed: ([a-z0-9-]+) `)
	blocksLine  = regexp.MustCompile(`: (\d+) blocks ran`)
	programLine = regexp.MustCompile(`: (\d+) programs;`)
)

// read reads the events of go test -json.
func (t *tested) read(r io.Reader) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var e struct{ Action, Test, Output string }
		if json.Unmarshal(in.Bytes(), &e) != nil {
			continue // compiler errors are printed as they are, and go test fails
		}
		switch e.Action {
		case "pass":
			if e.Test != "" {
				t.passed++
			}
		case "fail":
			t.failed = append(t.failed, e.Test)
		case "skip":
			t.skipped = append(t.skipped, e.Test)
		case "output":
			t.output(e.Output)
		}
	}
	return in.Err()
}

func (t *tested) output(line string) {
	if m := sameLine.FindStringSubmatch(line); m != nil {
		t.same[m[1]]++
	}
	if m := blocksLine.FindStringSubmatch(line); m != nil {
		t.blocks, _ = strconv.Atoi(m[1])
	}
	if m := programLine.FindStringSubmatch(line); m != nil {
		t.programs, _ = strconv.Atoi(m[1])
	}
}

// digests prints how often each failure left everything unchanged.
func (t *tested) digests(p *printer) error {
	n := 0
	for _, code := range slices.Sorted(maps.Keys(t.same)) {
		p.line(t.same[code], "times %s", code)
		n += t.same[code]
	}
	if n == 0 {
		return errors.New("no digest was taken")
	}
	p.line(n, "failures of %d kinds; the digest of the whole database before and after was the same", len(t.same))
	return nil
}
