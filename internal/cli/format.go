package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/rql-lang/rql/format"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/exporter"
	"github.com/rql-lang/rql/internal/cli/run"
)

// format lays files out. One that does not parse is reported, and the others are laid out all the same.
func (p *program) format() error {
	files, err := scripts(p.args.Files)
	if err != nil {
		return err
	}
	failed, found := run.StatusOK, false
	for _, name := range files {
		changed, err := p.formatFile(name)
		if err != nil {
			p.out.Error(err)
			failed = max(failed, run.Status(err))
		}
		found = found || changed
	}
	switch {
	case failed != run.StatusOK:
		return &run.Printed{Status: failed}
	case found && (p.args.List || p.args.Diff):
		return &run.Printed{Status: run.StatusFound}
	}
	return nil
}

// scripts lists the files, and those with RQL in the folders, that are named.
func scripts(names []string) (out []string, err error) {
	for _, name := range names {
		info, err := os.Stat(name)
		if name == "-" || err == nil && !info.IsDir() {
			out = append(out, name)
			continue
		}
		if err != nil {
			return nil, &args.UsageError{Message: "cannot read " + name + ": " + errors.Unwrap(err).Error()}
		}
		err = filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && filepath.Ext(path) == ".rql" {
				out = append(out, path)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", name, err)
		}
	}
	return out, nil
}

// replace gives a file another text, all of it at once.
func replace(name, text string) error {
	f, err := exporter.Open(name)
	if err != nil {
		return err //nolint:wrapcheck // it names the file
	}
	defer f.Abort()
	if _, err := io.WriteString(f, text); err != nil {
		return err //nolint:wrapcheck // as above
	}
	return f.Commit() //nolint:wrapcheck // as above
}

// formatFile lays one file out, and reports whether that changes it.
func (p *program) formatFile(name string) (bool, error) {
	read := os.ReadFile
	if name == "-" {
		read = func(string) ([]byte, error) { return io.ReadAll(p.stdin) }
	}
	text, err := read(name)
	if err != nil {
		return false, fmt.Errorf("cannot read %s: %w", name, err)
	}
	out, err := format.Source(name, string(text))
	if err != nil {
		return false, err //nolint:wrapcheck // it is an error of RQL
	}
	changed := out != string(text)
	a := p.args
	if changed && a.Write {
		if err := replace(name, out); err != nil {
			return false, err
		}
	}
	switch {
	case changed && a.List:
		_, err = fmt.Fprintln(p.stdout, name)
	case changed && a.Diff:
		_, err = p.stdout.Write(diff.Diff(name, text, name+" (formatted)", []byte(out)))
	case !a.List && !a.Diff && !a.Write:
		_, err = io.WriteString(p.stdout, out)
	}
	if err != nil {
		return false, fmt.Errorf("cannot write: %w", err)
	}
	return changed, nil
}
