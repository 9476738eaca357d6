package importing

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"slices"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// place records how much of the file has been read.
func (im *importer) place() {
	read, total := im.src.Bytes()
	im.bytes.Store(read)
	im.total.Store(total)
}

// read fills batches until the end of the file or the first bad record, which is only noted with ON ERROR. Documents before a bad
// record are still sent.
func (im *importer) read(ctx context.Context, work chan<- *batch) error {
	b := &batch{file: im.file}
	flush := func() error {
		im.place()
		if len(b.docs)+len(b.rejects) == 0 {
			return nil
		}
		select {
		case work <- b:
		case <-ctx.Done():
			return fail.Ended(ctx)
		}
		b = &batch{file: im.file}
		return nil
	}
	for {
		row, pos, err := im.src.Next()
		if err == io.EOF {
			return flush()
		}
		var doc *bind.Fitted
		if err == nil {
			doc, err = im.document(row, pos)
		}
		if err == nil {
			err = im.doubles(ctx, doc)
		}
		var bad *RecordError
		switch {
		case err == nil && im.rejects != nil:
			b.add(doc, pos)
			b.records = append(b.records, maps.Clone(row))
		case err == nil:
			b.add(doc, pos)
		case im.rejects != nil && errors.As(err, &bad):
			b.rejects = append(b.rejects, refused(pos, err, recordOf(row, bad)))
		case im.o.DryRun && errors.As(err, &bad):
			im.misfits.add(bad)
		default:
			return cmp.Or(flush(), err)
		}
		if len(b.docs)+len(b.rejects) >= importBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// recordOf returns a rejected record as the file has it; nil if it cannot be read.
func recordOf(row map[string]any, bad *RecordError) any {
	if row != nil {
		return maps.Clone(row)
	}
	return bad.Record
}

// document returns the document for a record: by the mapping, or by equal names.
func (im *importer) document(row map[string]any, pos Pos) (*bind.Fitted, error) {
	doc := bind.NewFitted(im.st.Model)
	var err error
	switch {
	case len(im.st.As) > 0:
		err = im.mapped(doc, row)
	case im.of != nil:
		for i, name := range im.src.Columns() {
			if err = im.set(doc, im.of[i], row[name]); err != nil {
				break
			}
		}
	default:
		err = im.named(doc, row)
	}
	if err == nil {
		err = doc.Complete()
	}
	if err != nil {
		return nil, misfit(im.file, pos, err)
	}
	return doc, nil
}

// fieldError is the error of the value for a field.
type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string { return e.field + ": " + fail.Message(e.err) }

func (e *fieldError) Unwrap() error { return e.err }

// misfit returns the error of a record that does not fit.
func misfit(file string, pos Pos, err error) error {
	e := &RecordError{File: file, Pos: pos, Message: fail.Message(err)}
	var of *fieldError
	var c *codec.Error
	var fault *eval.Fault
	if errors.As(err, &of) {
		e.Field, e.Message = of.field, of.Error()
	}
	if errors.As(err, &c) {
		e.Code = c.Code
	} else if errors.As(err, &fault) {
		e.Code = fault.Code
	} else if x, ok := fail.As(err); ok {
		e.Code = x.Code
	}
	return e
}

// named sets the fields that have the names of the members of a record.
func (im *importer) named(doc *bind.Fitted, row map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(row)) {
		f := im.st.Model.Lookup(name)
		if f == nil {
			return bind.UnknownField(im.st.Model, name)
		}
		if err := im.set(doc, f, row[name]); err != nil {
			return err
		}
	}
	return nil
}

// mapped sets the fields of the mapping. A column by itself is read as the field's type.
func (im *importer) mapped(doc *bind.Fitted, row map[string]any) error {
	im.env.Vars[im.st.In.ID] = row
	for i, c := range im.st.As {
		if name, bare := column(c.X, im.st.In); bare {
			if err := im.set(doc, c.Field, row[name]); err != nil {
				return err
			}
			continue
		}
		v, err := im.layout[i](&im.env)
		if err == nil {
			v, err = im.value(v, c.Field)
		}
		if err != nil {
			return &fieldError{c.Field.Name, err}
		}
		if err := doc.Set(c.Field, v); err != nil {
			return err
		}
	}
	return nil
}

// column returns the column that an expression is.
func column(x ir.Expr, in *ir.Variable) (name string, ok bool) {
	m, ok := x.(*ir.Member)
	if !ok {
		return "", false
	}
	v, ok := m.X.(*ir.Var)
	return m.Name, ok && v.V == in
}

// set sets the field of a document to the value of a column.
func (im *importer) set(doc *bind.Fitted, f *ir.Field, v any) error {
	v, given := im.cell(v, f)
	if !given {
		return nil
	}
	v, err := im.value(v, f)
	if err != nil {
		return &fieldError{f.Name, err}
	}
	return doc.Set(f, v)
}

// cell returns the value of a cell for a field. An empty cell without quotes (nil) is null if the field is nullable, and
// otherwise the default or the empty string. JSON files have distinct values for these.
func (im *importer) cell(v any, f *ir.Field) (value any, given bool) {
	repr := f.Type.Kind.Info().Repr
	text := repr == lang.ReprString || repr == lang.ReprBytes
	switch {
	case im.src.Columns() == nil && (v != "" || f.Type.Kind == lang.KJSON), v != nil && v != "":
		return v, true
	case v == "" && text, v == nil && f.Type.Null:
		return v, true
	case f.Default != nil || f.Collection():
		return nil, false
	case text:
		return "", true
	}
	return nil, true
}

// value is imported, except that a string in a JSON file is also a string in a json field, where a cell of a table is JSON
// text.
func (im *importer) value(v any, f *ir.Field) (any, error) {
	if f.Type.Kind == lang.KJSON && im.src.Columns() == nil {
		return v, nil
	}
	return im.imported(v, f)
}
