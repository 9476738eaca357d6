// Command testreport runs go test and says, at the end, what was not tested
// and why. Its arguments are those of go test; its exit status too.
//
// A test that skips itself because no redis-server is there is one thing on a
// laptop and another where the servers are to be proved: with RQL_REQUIRE=redis
// such a skip, and a missing redis-server, fail the run.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout)) }

// run runs the tests and prints the report.
func run(args []string, out io.Writer) int {
	require := os.Getenv("RQL_REQUIRE")
	_, missing := exec.LookPath("redis-server")
	if missing != nil && strings.Contains(require, "redis") {
		fmt.Fprintln(out, "FAIL: RQL_REQUIRE asks for redis, and redis-server is not installed")
		return 1
	}
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(out, "FAIL: go test cannot be started:", err)
		return 1
	}
	r := newReport(out)
	readErr := r.read(stdout)
	err = cmd.Wait()
	_, _ = out.Write(errs.Bytes())
	if readErr != nil {
		fmt.Fprintln(out, "FAIL: the output of go test cannot be read:", readErr)
		return 1
	}
	if missing != nil {
		r.skip("redis-server is not installed: what needs it ran on the embedded server alone", 1)
	}
	r.summary()
	if err != nil {
		return 1
	}
	if require != "" && r.skippedFor(require) {
		fmt.Fprintf(out, "FAIL: RQL_REQUIRE=%s, and tests were skipped for want of it\n", require)
		return 1
	}
	return 0
}
