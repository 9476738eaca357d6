// Command report makes tables and plots of what benchmarks wrote:
//
//	make bench-report     # in the repository: runs them, and writes docs/bench
//
// Its plots are drawn by a library, which is why it is a module of its own.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rql-lang/rql/bench/rig"
)

func main() { rig.Main("report", run) }

func run(_ context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("report", flag.ContinueOnError)
	dir := f.String("out", "", "folder for README.md and the plots")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *dir == "" || f.NArg() == 0 {
		return errors.New("needs -out and the files that benchmarks wrote with -json")
	}
	var reports []rig.Report
	for _, path := range f.Args() {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var r rig.Report
		if err := json.Unmarshal(text, &r); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		reports = append(reports, r)
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return err
	}
	text, err := page(*dir, reports)
	if err != nil {
		return err
	}
	path := filepath.Join(*dir, "README.md")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return err
	}
	fmt.Fprintln(out, "wrote", path)
	return nil
}

const intro = `# Measured

Written by ` + "`make bench-report`" + `; numbers are of the machine below. Every ratio is RQL's time divided by that of code by hand, which does the same
work on the same server in the same run: the median of alternating samples, with quartiles, because times of one side alone change with
whatever else the machine does. Server time is the least of all samples.
`

// page returns the text of the page, and writes its plots.
func page(dir string, reports []rig.Report) (string, error) {
	var b strings.Builder
	b.WriteString(intro)
	for _, r := range reports {
		m := r.Machine
		fmt.Fprintf(&b, "\n## %s\n\n%s, %s, %d cores, %s, %s, %s\n\n", r.Name, r.Date.Format("2006-01-02"), cmp.Or(m.CPU, "unknown processor"), m.Cores, m.System, m.Go, m.Server)
		name := strings.ReplaceAll(strings.ToLower(r.Name), " ", "-") + ".svg"
		var err error
		switch {
		case len(r.Figures) > 0:
			figures(&b, r.Figures)
			err = ratios(filepath.Join(dir, name), &r)
		case len(r.Callers) > 0:
			callers(&b, r.Callers)
			err = throughput(filepath.Join(dir, name), &r)
		default:
			return "", fmt.Errorf("%s has no figures", r.Name)
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "\n![%s](%s)\n", r.Name, name)
	}
	return b.String(), nil
}

// figures writes the table of ratios.
func figures(b *strings.Builder, list []rig.Figure) {
	b.WriteString("| | by hand | RQL | ratio | quartiles | server µs by hand | RQL |\n|---|---|---|---|---|---|---|\n")
	for _, f := range list {
		fmt.Fprintf(b, "| %s | %s | %s | %.2f | %.2f–%.2f | %.1f | %.1f |\n", strings.ReplaceAll(f.Name, "|", "\\|"), rig.Round(f.Hand), rig.Round(f.RQL), f.Ratio, f.Low, f.High, f.HandServer, f.RQLServer)
	}
}

// callers writes the table of clients: one line for each job and number of callers, with the calls a second of each client.
func callers(b *strings.Builder, list []rig.Callers) {
	names := clients(list)
	fmt.Fprintf(b, "Calls a second, and the time within which 99 of 100 end.\n\n| job | callers | %s |\n|---|---|%s\n", strings.Join(names, " | "), strings.Repeat("---|", len(names)))
	for i, c := range list {
		if i == 0 || c.Job != list[i-1].Job || c.Callers != list[i-1].Callers {
			fmt.Fprintf(b, "%s| %s | %d |", []string{"", "\n"}[min(i, 1)], c.Job, c.Callers)
		}
		fmt.Fprintf(b, " %.0f, %s |", c.PerSecond, rig.Round(c.P99))
	}
	b.WriteString("\n")
}

// clients are the names of the clients, in the order of the first job.
func clients(list []rig.Callers) (names []string) {
	for _, c := range list {
		if !slices.Contains(names, c.Client) {
			names = append(names, c.Client)
		}
	}
	return names
}
