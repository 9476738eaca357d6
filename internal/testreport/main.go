// Command testreport runs go test and lists, at the end, the tests that were
// skipped and why. Its arguments and its exit status are those of go test.
//
// On a laptop a test may skip itself because a server is missing; in CI that
// must not go unnoticed. A missing server fails the run if RQL_REQUIRE lists
// it: redis,redis8,valkey,search,search-only,json.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"

	"github.com/rql-lang/rql/internal/testredis"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout)) }

// run runs the tests and prints the report.
func run(args []string, out io.Writer) int {
	required, err := testredis.Required()
	if err != nil {
		fmt.Fprintln(out, "FAIL:", err)
		return 1
	}
	for _, k := range testredis.Kinds() {
		if why := k.Missing(); why != "" && slices.Contains(required, k.Name) {
			fmt.Fprintln(out, "FAIL: RQL_REQUIRE asks for it, and", why)
			return 1
		}
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
	r.summary()
	if err != nil {
		return 1
	}
	return 0
}
