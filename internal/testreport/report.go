package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// event is one line of go test -json.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// report collects the results of the tests of all packages.
type report struct {
	out     io.Writer
	text    map[string]*strings.Builder // output by package and test
	passed  int
	failed  int
	skipped map[string]int // by reason
	tallies []string       // summary lines of script runners
	times   []event        // of tests that are not part of another
}

func newReport(out io.Writer) *report {
	return &report{out: out, text: map[string]*strings.Builder{}, skipped: map[string]int{}}
}

// read processes the events of a run. Lines that are not events are passed
// through.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(r.out, lines.Text())
			continue
		}
		r.take(e)
	}
	return lines.Err()
}

func (r *report) take(e event) {
	id := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "output":
		if r.text[id] == nil {
			r.text[id] = &strings.Builder{}
		}
		r.text[id].WriteString(e.Output)
	case "pass", "fail", "skip":
		text := ""
		if b := r.text[id]; b != nil {
			text = b.String()
			delete(r.text, id)
		}
		if e.Test == "" {
			r.packageDone(e, text)
		} else {
			r.testDone(e, text)
		}
	}
}

// tally is a line in which a script runner counts what ran and what did not.
var tally = regexp.MustCompile(`(?m)^\s*\S+\.go:\d+: (.*\bblocks ran\b.*)$`)

func (r *report) testDone(e event, text string) {
	for _, m := range tally.FindAllStringSubmatch(text, -1) {
		r.tallies = append(r.tallies, m[1])
	}
	if !strings.Contains(e.Test, "/") && e.Elapsed >= 1 {
		r.times = append(r.times, e)
	}
	switch e.Action {
	case "pass":
		r.passed++
	case "skip":
		r.skip(reason(text), 1)
	case "fail":
		r.failed++
		fmt.Fprintf(r.out, "%s %s\n%s", e.Package, e.Test, text)
	}
}

func (r *report) packageDone(e event, text string) {
	switch {
	case e.Action == "fail":
		r.unfinished(e.Package)
		fmt.Fprintf(r.out, "%sFAIL  %s %.1fs\n", text, e.Package, e.Elapsed)
		if r.failed == 0 {
			r.failed++
		}
	case e.Action == "pass":
		fmt.Fprintf(r.out, "ok    %s %.1fs\n", e.Package, e.Elapsed)
	}
}

// unfinishedText is how many bytes of the output of a test are printed that its package did not live to see the end of: of a test
// that ran out of time, they begin with the test's name and the stacks of its goroutines.
const unfinishedText = 20_000

// unfinished prints what the tests of a package wrote that were running when it ended.
func (r *report) unfinished(pkg string) {
	for _, id := range slices.Sorted(maps.Keys(r.text)) {
		if strings.HasPrefix(id, pkg+" ") {
			text := r.text[id].String()
			delete(r.text, id)
			fmt.Fprintf(r.out, "%s did not end\n%s", id, text[:min(len(text), unfinishedText)])
		}
	}
}

func (r *report) skip(why string, n int) { r.skipped[why] += n }

// place is the position of the call to Skip, which precedes its reason.
var place = regexp.MustCompile(`^\s*\S+\.go:\d+: `)

// reason returns the reason that a test gave for skipping itself.
func reason(text string) string {
	for _, line := range strings.Split(text, "\n") {
		if at := place.FindString(line); at != "" {
			return strings.TrimSpace(line[len(at):])
		}
	}
	return "no reason was given"
}

// slowest is how many of the slowest tests are listed.
const slowest = 15

func (r *report) summary() {
	skips := 0
	for _, n := range r.skipped {
		skips += n
	}
	fmt.Fprintf(r.out, "\n%d tests passed, %d failed, %d skipped\n", r.passed, r.failed, skips)
	for _, why := range slices.Sorted(maps.Keys(r.skipped)) {
		fmt.Fprintf(r.out, "  skipped %d: %s\n", r.skipped[why], why)
	}
	slices.Sort(r.tallies)
	for _, line := range r.tallies {
		fmt.Fprintf(r.out, "  scripts: %s\n", line)
	}
	slices.SortFunc(r.times, func(a, b event) int { return cmp.Compare(b.Elapsed, a.Elapsed) })
	for _, e := range r.times[:min(len(r.times), slowest)] {
		fmt.Fprintf(r.out, "  slow: %5.1fs %s %s\n", e.Elapsed, e.Package, e.Test)
	}
}
