package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/migrate"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/run"
)

// migrate carries rql migrate out.
func (p *program) migrate(ctx context.Context) error {
	m := &p.args.Migration
	switch {
	case m.Action == "new":
		return p.newMigration(m, "\n\nDOWN;\n\n")
	case m.Action == "diff":
		return p.diffMigration(ctx, m)
	case m.Action == "down" && m.Steps < 1:
		return &args.UsageError{Message: "--steps is how many migrations to undo, 1 or more", Hint: "--to VERSION undoes all that follow it"}
	}
	load := migrate.Read
	if m.Action == "check" || m.Action == "snapshot" {
		load = migrate.Load
	}
	set, err := p.migrations(ctx, m, load)
	if err != nil {
		return err
	}
	switch m.Action {
	case "check":
		p.out.Note("%d migrations are valid", len(set.Files))
		return nil
	case "snapshot":
		if err := p.snapshot(m, set); err != nil {
			return fmt.Errorf("cannot write the snapshot: %w", err)
		}
		p.out.Note("%s is written", filepath.Join(m.Dir, migrate.Snapshot))
		return nil
	}
	r, closeAll, err := p.connect(ctx, exec.SessionOptions{})
	if err != nil {
		return err
	}
	defer closeAll()
	if p.args.ReadOnly && (m.Action == "up" && !m.DryRun || m.Action == "down" || m.Action == "redo" || m.Action == "baseline" || m.Action == "accept") {
		return &args.UsageError{Message: "rql migrate " + m.Action + " changes something, and this session only reads", Hint: "leave out --read-only"}
	}
	return p.onDatabase(ctx, m, set, r)
}

func (p *program) migrations(ctx context.Context, m *args.Migration, load func(context.Context, fs.FS) (*migrate.Set, error)) (*migrate.Set, error) {
	if s, err := os.Stat(m.Dir); err != nil || !s.IsDir() {
		return nil, &args.UsageError{Message: "there is no directory " + m.Dir, Hint: "rql migrate new NAME makes it; --dir names another one"}
	}
	return load(ctx, os.DirFS(m.Dir)) //nolint:wrapcheck // it is an error of RQL
}

// onDatabase does what needs a server.
func (p *program) onDatabase(ctx context.Context, m *args.Migration, set *migrate.Set, r *run.Runner) error {
	mr := migrate.New(r.Engine(), set, migrate.Options{To: m.Version, AllowOrder: m.AllowOrder, Wait: m.Wait, Replicas: m.Replicas,
		Begin: func(f *migrate.File, undo bool, from int) {
			what := "runs"
			if undo {
				what = "is undone"
			}
			if from > 0 {
				what += ", from statement " + strconv.Itoa(from+1) + " on"
			}
			p.out.Note("%s %s", f.Name, what)
		},
		Each:     p.migrated,
		Progress: r.Progress(),
	})
	var done []migrate.Ran
	var err error
	verb := "carried out"
	switch m.Action {
	case "status":
		return p.migrateStatus(ctx, m, mr)
	case "verify":
		return p.verifyModels(ctx, mr)
	case "plan":
		return p.planned(ctx, mr)
	case "baseline":
		return mr.Baseline(ctx, m.Version) //nolint:wrapcheck // it is an error of RQL
	case "accept":
		return mr.Accept(ctx, m.Version) //nolint:wrapcheck // as above
	case "up":
		if m.DryRun {
			return p.planned(ctx, mr)
		}
		done, err = mr.Up(ctx)
	case "down":
		verb = "undone"
		done, err = mr.Down(ctx, m.Steps)
	case "redo":
		done, err = mr.Redo(ctx)
	}
	for _, x := range done {
		p.out.Note("%s %s in %s", x.File.Name, verb, x.Took.Round(time.Millisecond))
	}
	switch {
	case err != nil:
		return err //nolint:wrapcheck // it is an error of RQL
	case len(done) == 0:
		p.out.Note("nothing to do")
	}
	if err := p.snapshot(m, set); err != nil { // a folder that is only read, as in an image
		p.out.Note("%s was not written: %s", filepath.Join(m.Dir, migrate.Snapshot), err)
	}
	return nil
}

// migrated shows the rows of a query; of what changes documents, how many.
func (p *program) migrated(_ *migrate.File, rows *exec.Rows) error {
	switch rows.Kind {
	case "FIND", "GET", "COUNT", "EXISTS", "VERIFY", "SHOW", "EXPLAIN", "PROFILE":
		return p.out.Rows(rows) //nolint:wrapcheck // it is an error of RQL
	}
	for rows.Next() { // documents that are read nowhere
	}
	if n := rows.Affected(); n > 0 {
		p.out.Note("%s: %d affected", rows.Kind, n)
	}
	return rows.Err() //nolint:wrapcheck // as above
}

func (p *program) migrateStatus(ctx context.Context, m *args.Migration, mr *migrate.Runner) error {
	list, err := mr.Status(ctx)
	if err != nil {
		return err //nolint:wrapcheck // it is an error of RQL
	}
	rows := make([][]any, len(list))
	open := false
	for i, s := range list {
		open = open || s.State != migrate.Done
		var at, by, ms, why any
		if s.At != "" {
			at, by, ms = s.At, s.By, s.Millis
		}
		if s.Error != "" {
			why = s.Error
		}
		var next any
		if s.State == migrate.Running || s.State == migrate.Failed {
			next = fmt.Sprintf("%d of %d", s.Statement+1, s.Of)
		}
		rows[i] = []any{s.Version, s.Name, string(s.State), next, at, ms, by, why}
	}
	if err := p.list("SHOW", []string{"version", "file", "state", "statement", "at", "ms", "by", "error"}, rows); err != nil {
		return err
	}
	if open && m.ExitCode {
		return &run.Printed{Status: run.StatusFound}
	}
	return nil
}

func (p *program) verifyModels(ctx context.Context, mr *migrate.Runner) error {
	list, err := mr.Verify(ctx)
	if err != nil {
		return err //nolint:wrapcheck // it is an error of RQL
	}
	if len(list) == 0 {
		p.out.Note("the models are those that the migrations make")
		return nil
	}
	rows := make([][]any, len(list))
	for i, d := range list {
		rows[i] = []any{d.Model, d.What}
	}
	if err := p.list("SHOW", []string{"model", "difference"}, rows); err != nil {
		return err
	}
	return &run.Printed{Status: run.StatusFailed}
}

func (p *program) planned(ctx context.Context, mr *migrate.Runner) error {
	list, err := mr.Plan(ctx)
	if err != nil {
		return err //nolint:wrapcheck // it is an error of RQL
	}
	if len(list) == 0 {
		p.out.Note("nothing to do")
		return nil
	}
	rows := make([][]any, len(list))
	for i, x := range list {
		var n any
		if x.Rows >= 0 {
			n = x.Rows
		}
		var bytes, seconds any
		if x.Bytes != nil {
			bytes = *x.Bytes
		}
		if x.Seconds != nil {
			seconds = *x.Seconds
		}
		rows[i] = []any{x.File.Name, x.Text, n, bytes, seconds, strings.Join(x.Plan, "\n")}
	}
	return p.list("EXPLAIN", []string{"file", "statement", "documents", "bytes", "seconds", "plan"}, rows)
}

// list shows rows that no statement gave.
func (p *program) list(kind string, columns []string, rows [][]any) error {
	if err := p.out.Rows(exec.NewRows(kind, columns, rows, 0)); err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	return nil
}

var (
	numbered = regexp.MustCompile(`^([0-9]{1,14})_`)
	notWord  = regexp.MustCompile(`[^a-z0-9]+`)
)

// newMigration makes a file with the next number.
func (p *program) newMigration(m *args.Migration, text string) error {
	name := strings.Trim(notWord.ReplaceAllString(strings.ToLower(m.Name), "_"), "_")
	if name == "" {
		return &args.UsageError{Message: "the name of a migration has letters or digits", Hint: "rql migrate new add_age"}
	}
	if err := os.MkdirAll(m.Dir, 0o777); err != nil {
		return fmt.Errorf("cannot make the directory: %w", err)
	}
	entries, err := os.ReadDir(m.Dir)
	if err != nil {
		return fmt.Errorf("cannot read the directory: %w", err)
	}
	last, width := uint64(0), 4
	for _, e := range entries {
		if d := numbered.FindStringSubmatch(e.Name()); d != nil {
			n, _ := strconv.ParseUint(d[1], 10, 64) // 14 digits at most
			if n >= last {
				last, width = n, len(d[1])
			}
		}
	}
	path := filepath.Join(m.Dir, fmt.Sprintf("%0*d_%s.rql", width, last+1, name))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return fmt.Errorf("cannot make the file: %w", err)
	}
	_, err = f.WriteString("-- " + m.Name + "\n" + text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("cannot write the file: %w", err)
	}
	if _, err := fmt.Fprintln(p.stdout, path); err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	return nil
}

// snapshot writes the models that all files make, if the file has others.
func (p *program) snapshot(m *args.Migration, set *migrate.Set) error {
	path := filepath.Join(m.Dir, migrate.Snapshot)
	text := "-- The models after " + strconv.Itoa(len(set.Files)) + " migrations, written by rql migrate.\n\n" + set.Models()
	if have, err := os.ReadFile(path); err == nil && string(have) == text {
		return nil
	}
	return os.WriteFile(path, []byte(text), 0o666) //nolint:wrapcheck // it names the file
}
