package importing

import (
	"context"
	"errors"
	"io"
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

// read fills batches until the end of the file or the first bad record. Documents before a bad record are still sent.
func (im *importer) read(ctx context.Context, work chan<- *batch) error {
	b := &batch{}
	flush := func() error {
		im.place()
		if len(b.docs) == 0 {
			return nil
		}
		select {
		case work <- b:
		case <-ctx.Done():
			return fail.Ended(ctx)
		}
		b = &batch{}
		return nil
	}
	for {
		row, pos, err := im.src.Next()
		if err == io.EOF {
			return flush()
		}
		var doc map[string]any
		if err == nil {
			doc, err = im.document(row, pos)
		}
		if err != nil {
			if ferr := flush(); ferr != nil {
				return ferr
			}
			return err
		}
		if len(b.docs) == 0 {
			b.first = pos
		}
		b.docs, b.last = append(b.docs, doc), pos
		if len(b.docs) == importBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// document returns the document for a record: by the mapping, or by equal names.
func (im *importer) document(row map[string]any, pos Pos) (map[string]any, error) {
	bad := func(f *ir.Field, err error) error {
		e := &RecordError{File: im.st.File, Pos: pos, Field: f.Name, Message: f.Name + ": " + fail.Message(err)}
		var c *codec.Error
		var fault *eval.Fault
		switch {
		case errors.As(err, &c):
			e.Code = c.Code
		case errors.As(err, &fault):
			e.Code = fault.Code
		default:
			if x, ok := fail.As(err); ok {
				e.Code = x.Code
			}
		}
		return e
	}
	doc := make(map[string]any, len(im.st.Model.Fields))
	if len(im.st.As) == 0 {
		for name, v := range row {
			f := im.st.Model.Lookup(name)
			if f == nil {
				return nil, &RecordError{File: im.st.File, Pos: pos, Message: bind.UnknownField(im.st.Model, name).Error(), Code: lang.CodeBadParam}
			}
			v, given := im.cell(v, f)
			if !given {
				continue
			}
			x, err := im.value(v, f)
			if err != nil {
				return nil, bad(f, err)
			}
			doc[name] = x // two names for one field are an error below
		}
	} else {
		env := im.o.Env
		env.Vars = slices.Clone(env.Vars)
		env.Vars[im.st.In.ID] = texts(row, im.src.Columns())
		for i, c := range im.st.As {
			v, err := im.layout[i](&env)
			if err == nil {
				v, err = im.value(v, c.Field)
			}
			if err != nil {
				return nil, bad(c.Field, err)
			}
			doc[c.Field.Name] = v
		}
	}
	if _, _, err := bind.Document(im.st.Model, doc); err != nil {
		e := &RecordError{File: im.st.File, Pos: pos, Message: fail.Message(err), Code: lang.CodeImport}
		if x, ok := fail.As(err); ok {
			e.Code = x.Code
		}
		return nil, e
	}
	return doc, nil
}

// cell returns the value of a cell for a field. An empty cell without quotes (nil) is null if the field is nullable, and
// otherwise the default or the empty string. JSON files have distinct values for these.
func (im *importer) cell(v any, f *ir.Field) (value any, given bool) {
	text := f.Type.Kind == lang.KString || f.Type.Kind == lang.KBytes || f.Type.Kind == lang.KEnum
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

// texts returns the cells of a record as strings for a mapping: in an expression, an empty cell is the empty string.
func texts(row map[string]any, columns []string) map[string]any {
	for _, name := range columns {
		if row[name] == nil {
			row[name] = ""
		}
	}
	return row
}

// value is importValue, except that a string in a JSON file is also a string in a json field, where a cell of a table is JSON
// text.
func (im *importer) value(v any, f *ir.Field) (any, error) {
	if f.Type.Kind == lang.KJSON && im.src.Columns() == nil {
		return v, nil
	}
	return importValue(v, f)
}
