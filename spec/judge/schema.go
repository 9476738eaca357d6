package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// define declares or changes a model and converts its documents.
func (r *run) define(d *ir.Define) (*Result, error) {
	if d.Alter != nil && d.Alter.Mode == lang.AlterUndo { // a statement is complete here, or has changed nothing
		return nil, fail(lang.CodeNotAllowed, "this ALTER MODEL of %s is not under way", d.Model.Name)
	}
	if d.Alter != nil && d.Alter.Mode == lang.AlterDryRun {
		return r.dryRun(d)
	}
	if d.Moved != nil {
		for name, t := range r.db.data {
			if model, part, _ := strings.Cut(name, "\x00"); model == d.Moved.From {
				delete(r.db.data, name)
				r.db.data[strings.TrimSuffix(d.Model.Name+"\x00"+part, "\x00")] = t
			}
		}
		r.reshape(func() { r.db.schema = d.Moved.Schema })
		return &Result{}, nil
	}
	if d.Older {
		r.warn(lang.CodeOlderModel)
		return &Result{}, nil
	}
	if d.Empty != nil && r.number(d.Was) > 0 {
		return nil, fail(d.Empty.Code, "%s", d.Empty.Message)
	}
	if err := r.db.each(d.Model, func(string) error { return r.documents(d) }); err != nil {
		return nil, err
	}
	if f := r.twice(d.Model); f != nil {
		return nil, f
	}
	r.reshape(func() { r.db.schema = r.db.schema.With(d.Model) })
	return &Result{}, nil
}

// twice reports two documents of a model with PARTITION BY that have one value of a UNIQUE.
func (r *run) twice(m *ir.Model) *failure {
	if m.Part == nil {
		return nil
	}
	for _, ix := range m.Uniques {
		seen, found := map[string]bool{}, false
		_ = r.db.each(m, func(string) error {
			for _, d := range r.db.table(m) {
				if v, ok := tuple(ix, d); ok {
					found, seen[v] = found || seen[v], true
				}
			}
			return nil
		})
		if found {
			return fail(lang.CodeUnique, "two documents of %s have one value of UNIQUE %s", m.Name, ix.Name)
		}
	}
	return nil
}

// number counts the documents of a model, in all its partitions.
func (r *run) number(m *ir.Model) (n int) {
	_ = r.db.each(m, func(string) error { n += len(r.db.table(m)); return nil })
	return n
}

// documents converts the documents of a model, in one of its partitions if it has such.
func (r *run) documents(d *ir.Define) error {
	r.wrote = nil
	var misfits []string
	for key, old := range r.db.table(d.Model) {
		next := clone(old).(doc)
		for _, f := range d.NewFields {
			if _, has := next[f.Name]; has || f.Default == nil {
				continue
			}
			v, err := (&scope{r: r, row: next}).eval(f.Default)
			if err != nil {
				return err
			}
			next[f.Name] = v
		}
		for _, names := range d.Renamed {
			next[names[1]] = next[names[0]]
			delete(next, names[0])
		}
		if !r.convert(d, next) {
			misfits = append(misfits, fmt.Sprint(d.Model.Name, ":", key))
		}
		for _, f := range d.Dropped {
			delete(next, f.Name)
		}
		r.unempty(d.Model.Fields, next)
		r.db.table(d.Model)[key] = next
		r.wrote = append(r.wrote, write{model: d.Model, key: key, sp: d.Sp})
	}
	if len(misfits) > 0 {
		return fail(lang.CodeMisfit, "%d of %d documents of %s cannot be converted: %s", len(misfits), len(r.db.table(d.Model)), d.Model.Name, strings.Join(slices.Sorted(slices.Values(misfits)), ", "))
	}
	for _, key := range r.keysOf(d.Model) {
		if d.Was == nil {
			break
		}
		obeys := d.Model
		if d.Added != nil && len(d.Added.Hidden) == 0 {
			obeys = d.Added
		}
		if f := r.checked(obeys, r.db.table(d.Model)[key]); f != nil {
			return f
		}
	}
	if err := r.askIndexes(r.db.data); err != nil {
		return err
	}
	if f := r.askAll(d); f != nil {
		return f
	}
	return nil
}

// convert gives a document the new values of the fields whose form changes, and reports whether it fits.
func (r *run) convert(d *ir.Define, row doc) bool {
	if d.Added == nil || len(d.Added.Hidden) == 0 {
		return true
	}
	values := make([]any, len(d.Added.Hidden))
	for i, f := range d.Added.Hidden {
		v, err := (&scope{r: r, row: row}).eval(f.Columns[0].Gen)
		if err != nil || v == nil && f.Columns[0].Must {
			return false
		}
		values[i] = v
	}
	for i, f := range d.Added.Hidden {
		row[f.Columns[0].Label()] = values[i]
	}
	return r.checked(d.Model, row) == nil
}

// drop drops a model that has no documents and that no other model refers to.
func (r *run) drop(d *ir.Drop) (*Result, error) {
	n := 0
	_ = r.db.each(d.Model, func(string) error { n += len(r.db.table(d.Model)); return nil })
	if n > 0 && !d.All {
		return nil, fail(lang.CodeNotEmpty, "%s has %d documents", d.Model.Name, n)
	}
	for _, name := range r.db.schema.Names() {
		if name == d.Model.Name {
			continue
		}
		for _, f := range r.db.schema.Model(name).Fields {
			if f.Type.Model == d.Model.Name || f.Type.Elem != nil && f.Type.Elem.Model == d.Model.Name {
				return nil, fail(lang.CodeNotEmpty, "%s.%s refers to %s", name, f.Name, d.Model.Name)
			}
		}
	}
	for _, r.db.part = range r.db.parts(d.Model) {
		delete(r.db.data, r.db.place(d.Model))
	}
	r.reshape(func() { r.db.schema = r.db.schema.Without(d.Model.Name) })
	return &Result{Affected: int64(n)}, nil
}

func (r *run) show(s *ir.Show) (*Result, error) {
	if s.Proc != nil || s.What == "PROCEDURES" {
		return r.showProcedures(s), nil
	}
	if s.What == "PARTITIONS" {
		return r.showParts(s.Model), nil
	}
	if s.Model != nil {
		return &Result{Columns: []string{"model"}, Rows: [][]any{{s.Model.Def}}}, nil
	}
	if s.What == "JOBS" { // a statement is complete here, or has changed nothing
		return &Result{Columns: ir.JobColumns()}, nil
	}
	if s.What == "STATS" {
		return r.stats(s), nil
	}
	res := &Result{Columns: []string{"model"}}
	for _, name := range r.db.schema.Names() {
		res.Rows = append(res.Rows, []any{name})
	}
	return res, nil
}
