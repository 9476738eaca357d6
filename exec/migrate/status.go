package migrate

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// Status is the status of a migration.
type Status struct {
	Version, Name string
	State         State
	Statement     int    // of a running or failed migration, the index of the next statement
	Of            int    // number of statements in the file
	By, At        string // who ran it, and when
	Millis        int64
	Error         string
}

// Status lists the migrations in the files and in the database, in order.
func (r *Runner) Status(ctx context.Context) ([]Status, error) {
	var shown *lang.Error // a file that is missing or was edited
	if err := r.valid(ctx); err != nil && !errors.As(err, &shown) {
		return nil, err
	}
	if err := r.s.load(ctx); err != nil {
		return nil, err
	}
	return r.statuses(), nil
}

func (r *Runner) statuses() []Status {
	var out []Status
	known := map[string]bool{}
	last := uint64(0)
	for _, f := range r.set.Files {
		if rec := r.s.records[f.Version]; rec != nil && rec.State == Done {
			last = f.number
		}
	}
	for _, f := range r.set.Files {
		known[f.Version] = true
		st := Status{Version: f.Version, Name: f.Name, State: Pending, Of: len(f.up.sums)}
		rec := r.s.records[f.Version]
		switch {
		case rec != nil:
			st.State, st.Statement, st.By, st.At, st.Millis, st.Error = rec.State, rec.place.Statement, rec.By, rec.At, rec.Millis, rec.Error
			if rec.State == Done && rec.Sum != f.Sum {
				st.State = Edited
			}
		case f.number < last:
			st.State = Late
		}
		out = append(out, st)
	}
	for version, rec := range r.s.records {
		if !known[version] {
			out = append(out, Status{Version: version, Name: rec.Name, State: Missing, By: rec.By, At: rec.At, Millis: rec.Millis, Of: len(rec.Parts)})
		}
	}
	slices.SortFunc(out, func(a, b Status) int {
		x, y := strings.TrimLeft(a.Version, "0"), strings.TrimLeft(b.Version, "0")
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		return strings.Compare(x, y)
	})
	return out
}

// Difference is a difference between the models of a database and those of the migrations.
type Difference struct{ Model, What string }

// Differences compares the models and procedures of a database with those of the migrations.
func Differences(have, want *ir.Schema) []Difference {
	var out []Difference
	for _, name := range want.Names() {
		h, w := have.Model(name), want.Model(name)
		if h != nil && sameLines(h.Def, w.Def) {
			continue
		}
		found := len(out)
		for _, l := range check.Needs(have, ir.NewSchema().With(w)) {
			out = append(out, Difference{name, "in the database: " + l.What})
		}
		if h != nil && len(out) == found {
			out = append(out, Difference{name, "it is " + h.Def + " in the database, and " + w.Def + " by the migrations"})
		}
	}
	for _, name := range have.Names() {
		if want.Model(name) == nil {
			out = append(out, Difference{name, "no migration makes it"})
		}
	}
	for _, name := range want.Procedures() {
		if h := have.Procedure(name); h == nil {
			out = append(out, Difference{name, "there is no such procedure in the database"})
		} else if h.Def != want.Procedure(name).Def {
			out = append(out, Difference{name, "the procedure has another text in the database"})
		}
	}
	for _, name := range have.Procedures() {
		if want.Procedure(name) == nil {
			out = append(out, Difference{name, "no migration makes this procedure"})
		}
	}
	return out
}

// sameLines reports whether two definitions differ in the order of their lines at most: a migration that ran late adds its fields behind those
// of a later one.
func sameLines(a, b string) bool {
	lines := func(s string) []string { return slices.Sorted(strings.SplitSeq(s, "\n")) }
	return slices.Equal(lines(a), lines(b))
}

// drift returns an error that lists the differences; nil if there are none.
func drift(list []Difference) error {
	if len(list) == 0 {
		return nil
	}
	var lines []string
	for _, d := range list {
		lines = append(lines, d.Model+": "+d.What)
	}
	return &lang.Error{Code: lang.CodeMigrationDrift, Statement: -1, Message: "the models of the database differ from those of the migrations: " + strings.Join(lines, "; ")}
}

// Verify compares the models of the database with those that result from the migrations that have run.
func (r *Runner) Verify(ctx context.Context) ([]Difference, error) {
	if err := r.valid(ctx); err != nil {
		return nil, err
	}
	if err := r.s.load(ctx); err != nil {
		return nil, err
	}
	want := ir.NewSchema()
	for _, f := range r.set.Files {
		if rec := r.s.records[f.Version]; rec != nil && rec.State == Done {
			want = f.up.prog.Schema
		}
	}
	return Differences(r.e.Schema(), want), nil
}

// Planned is a statement that Up would run.
type Planned struct {
	File *File
	Text string
	Plan []string // EXPLAIN output, if the statement has a plan
	Rows int64    // how many documents match its condition now; -1 if an earlier statement affects that, or it has no condition
	// What ALTER … DRY RUN estimates: the memory that the server needs more, or less, and for how long it is occupied; nil if
	// that is not known.
	Bytes   *int64
	Seconds *float64
}

// Plan returns what Up would run. It writes nothing.
func (r *Runner) Plan(ctx context.Context) ([]Planned, error) {
	to, err := r.set.number(r.o.To)
	if err != nil {
		return nil, err
	}
	if err := r.valid(ctx); err != nil {
		return nil, err
	}
	if err := r.s.load(ctx); err != nil {
		return nil, err
	}
	if err := r.refuse(); err != nil {
		return nil, err
	}
	var out []Planned
	changed := map[string]bool{}   // models whose documents an earlier statement changes
	redefined := map[string]bool{} // models that an earlier statement changes
	for _, f := range r.set.Files {
		rec, from := r.s.records[f.Version], 0
		switch {
		case f.number > to:
			return out, nil
		case rec != nil && rec.State == Done:
			continue
		case rec != nil:
			from = r.carriedOut(&f.up, rec.place).Statement
		}
		for i, st := range f.up.prog.Stmts[from:] {
			p := Planned{File: f, Text: f.up.src.Slice(st.Info().Sp), Rows: -1}
			if plan, err := run.Build(st, f.up.prog, r.e.Can()); err == nil {
				p.Plan = planner.Explain(plan, f.up.src, nil)
			}
			if text := counting(f.up.file.Stmts[from+i]); text != "" && known(st, r.e.Schema(), changed) {
				if p.Rows, err = r.count(ctx, text); err != nil {
					return nil, err
				}
			}
			if alter, ok := f.up.file.Stmts[from+i].(*lang.AlterStmt); ok && known(st, r.e.Schema(), redefined) {
				if err := r.rehearse(ctx, alter, &p); err != nil {
					return nil, err
				}
			}
			touch(st, changed)
			if m := defined(st); m != nil {
				redefined[m.Name] = true
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// counting returns a query that counts the documents that a statement would change; "" if it has no condition.
func counting(s lang.Stmt) string {
	var name lang.Ident
	var t lang.Target
	switch s := s.(type) {
	case *lang.UpdateStmt:
		name, t = s.Model, s.Target
	case *lang.DeleteStmt:
		name, t = s.Model, s.Target
	case *lang.ExpireStmt:
		name, t = s.Model, s.Target
	}
	switch {
	case name.Name == "" || t.Key != nil || t.Limit != nil:
		return ""
	case t.Where == nil:
		return "COUNT " + name.Name
	}
	return "COUNT " + name.Name + " WHERE " + lang.Print(t.Where)
}

// known reports whether a statement only uses models that exist, and that no earlier statement changes.
func known(st ir.Stmt, schema *ir.Schema, changed map[string]bool) bool {
	for _, m := range st.Info().Uses {
		if changed[m.Name] || schema.Model(m.Name) == nil {
			return false
		}
	}
	return true
}

// touch records the models that a statement may change.
func touch(st ir.Stmt, changed map[string]bool) {
	switch st.(type) {
	case *ir.Let, *ir.Ensure, *ir.Print, *ir.Get, *ir.Find, *ir.Count, *ir.Exists, *ir.Show, *ir.Explain:
		return
	}
	if m := defined(st); m != nil {
		changed[m.Name] = true
	}
	for _, m := range st.Info().Uses {
		changed[m.Name] = true
	}
}

// rehearse adds what a DRY RUN says of an ALTER MODEL. One that the server refuses has no estimates: up reports that.
func (r *Runner) rehearse(ctx context.Context, st *lang.AlterStmt, p *Planned) error {
	dry := *st
	dry.Mode = lang.AlterDryRun
	bytes, seconds, sized, timed := int64(0), 0.0, true, true
	err := r.e.Run(ctx, lang.Print(&dry), nil, func(rows *exec.Rows) error {
		at := func(name string) int { return slices.Index(rows.Columns, name) }
		for rows.Next() {
			v := rows.Values()
			b, haveBytes := v[at("bytes")].(int64)
			s, haveSeconds := v[at("seconds")].(float64)
			bytes, seconds, sized, timed = bytes+b, seconds+s, sized && haveBytes, timed && haveSeconds
			if n, ok := v[at("documents")].(int64); ok {
				p.Rows = max(p.Rows, n)
			}
		}
		return rows.Err() //nolint:wrapcheck // it is an error of RQL
	})
	var failed *lang.Error
	switch {
	case err == nil:
	case ctx.Err() != nil, errors.As(err, &failed) && failed.Code == lang.CodeConnection:
		return err //nolint:wrapcheck // it is an error of RQL
	default:
		return nil
	}
	if sized {
		p.Bytes = &bytes
	}
	if timed {
		p.Seconds = &seconds
	}
	return nil
}

// defined is the model that a statement declares, changes or drops; nil: none.
func defined(st ir.Stmt) *ir.Model {
	switch st := st.(type) {
	case *ir.Define:
		return st.Model
	case *ir.Drop:
		return st.Model
	}
	return nil
}

func (r *Runner) count(ctx context.Context, text string) (int64, error) {
	n := int64(-1)
	err := r.e.Run(ctx, text, nil, func(rows *exec.Rows) error {
		for rows.Next() {
			n, _ = rows.Values()[0].(int64)
		}
		return rows.Err() //nolint:wrapcheck // it is an error of RQL
	})
	if err != nil {
		return -1, err //nolint:wrapcheck // as above
	}
	return n, nil
}
