package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/doctor"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/run"
	"github.com/rql-lang/rql/lang"
)

// doctor examines a database and its server, and prints what was found.
func (p *program) doctor() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	r, closeAll, err := p.connect(ctx, exec.SessionOptions{})
	if err != nil {
		return err
	}
	defer closeAll()
	o := doctor.Options{Quick: p.args.Quick}
	if tell := r.Progress(); tell != nil {
		o.Progress = func(keys int64) { tell(exec.Progress{What: "keys", Rows: keys}) }
	}
	report, err := r.Engine().Doctor(ctx, o)
	if o.Progress != nil {
		r.Progress()(exec.Progress{Done: true})
	}
	if err != nil {
		return err //nolint:wrapcheck // it is an error of RQL
	}
	write := writeReport
	if f := p.args.Format; f == args.JSON || f == args.JSONL {
		write = func(w io.Writer, r *doctor.Report) error {
			e := json.NewEncoder(w)
			e.SetEscapeHTML(false) // rules are meant to be pasted
			return e.Encode(r)
		}
	}
	if err := write(p.stdout, report); err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	if slices.ContainsFunc(report.Findings, func(f doctor.Finding) bool { return f.Level == doctor.Problem }) {
		return &run.Printed{Status: run.StatusFound}
	}
	return nil
}

// writeReport writes a report as text.
func writeReport(w io.Writer, r *doctor.Report) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Server: %s\n", serverText(&r.Server))
	var found, not []string
	for _, c := range r.Capabilities {
		if c.Found {
			found = append(found, c.Name)
		} else {
			not = append(not, c.Name)
		}
	}
	fmt.Fprintf(&b, "It has: %s\nIt lacks: %s\n", cmp.Or(strings.Join(found, ", "), "nothing"), cmp.Or(strings.Join(not, ", "), "nothing"))
	if r.Keys != nil {
		fmt.Fprintf(&b, "Keys: %d, %d of them of other programs\n", r.Keys.All, r.Keys.Other)
	}
	writeModels(&b, r.Models)
	b.WriteString("\n")
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s: %s: %s: %s\n", f.Level, f.Code, lang.Visible(f.About), lang.Visible(f.Text))
		if f.Help != "" {
			fmt.Fprintf(&b, "  help: %s\n", lang.VisibleLines(strings.ReplaceAll(f.Help, "\n", "\n        ")))
		}
	}
	if len(r.Findings) == 0 {
		b.WriteString("Nothing is wrong.\n")
	}
	if r.ACL != nil {
		fmt.Fprintf(&b, "\nA user for every statement, and one who only reads:\n\n%s\n\n%s\n", lang.Visible(r.ACL.Write), lang.Visible(r.ACL.Read))
	}
	_, err := w.Write(b.Bytes())
	return err //nolint:wrapcheck // the caller says what failed
}

func serverText(s *doctor.Server) string {
	if s.Embedded {
		return "the embedded one, which is lost at the end"
	}
	parts := []string{cmp.Or(s.Name, "unknown")}
	if s.Role == "slave" {
		parts = append(parts, "a replica")
	}
	if s.Memory > 0 {
		limit := "no limit"
		if s.MaxMemory > 0 {
			limit = "of " + size64(s.MaxMemory)
		}
		parts = append(parts, size64(s.Memory)+" in use, "+limit)
	}
	if s.Policy != "" {
		parts = append(parts, "maxmemory-policy "+s.Policy)
	}
	if s.AOF != nil {
		switch {
		case *s.AOF:
			parts = append(parts, "append-only file"+prefixed(", appendfsync ", s.AppendFsync))
		case s.Save != "":
			parts = append(parts, "snapshots (save "+s.Save+")")
		default:
			parts = append(parts, "no append-only file")
		}
	}
	return lang.Visible(strings.Join(parts, "; "))
}

func prefixed(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

// writeModels writes a line for each model.
func writeModels(b *bytes.Buffer, models []doctor.Model) {
	if len(models) == 0 {
		b.WriteString("Models: none\n")
		return
	}
	b.WriteString("\n")
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "documents\tindexes\tmemory\t  model\t")
	for _, m := range models {
		documents, memory := "?", "?"
		if m.Documents != nil {
			documents = strconv.FormatInt(*m.Documents, 10)
		}
		if m.Bytes != nil {
			memory = size64(*m.Bytes)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t  %s\t\n", documents, m.Indexes, memory, m.Name)
	}
	_ = w.Flush() // writing to a buffer never fails
}

// size64 formats a number of bytes with a unit.
func size64(n int64) string {
	units := []string{"bytes", "KB", "MB", "GB", "TB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d %s", n, units[0])
	}
	return fmt.Sprintf("%.3g %s", f, units[i])
}
