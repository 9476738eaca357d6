package bind

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// newDocs completes the documents of a CREATE, checks them, and encodes each column as an argument.
type newDocs struct {
	keys  keyspace.Keys
	b     *Call
	n     *planner.NewDocs
	cols  []*ir.Column // columns to send
	sp    lang.Span
	env   *eval.Env
	count int
	bytes int
	ids   []string // keys of the documents
	rows  [][]any  // the documents by Column.Slot, if rows are returned
	room  []any    // of a document, if none are
}

// bindNew binds the documents of a slot, and keeps the rows that the statement returns.
func (x *Binder) bindNew(b *Call, a *planner.Arg, at int, env *eval.Env) error {
	d, n := a.Slot.Docs, a.New
	w := &newDocs{keys: x.keys, b: b, n: n, cols: d.Cols, sp: n.Span, env: env}
	first := len(b.Words) - b.Argv + 1
	b.Words, w.ids = slices.Grow(b.Words, len(b.Docs)*(len(d.Cols)+2)), make([]string, 0, len(b.Docs))
	for i := range b.Docs {
		w.sp = b.Docs[i].Sp
		if err := w.add(b.Docs[i].fields, b.Docs[i].given); err != nil {
			return err
		}
	}
	for i := range d.Docs {
		if b.Docs != nil {
			break
		}
		w.sp = d.Docs[i].Sp
		if fn := a.Value[i]; fn != nil {
			if err := eachObject(fn, env, d, i, w.add); err != nil {
				return err
			}
			continue
		}
		row := make([]any, len(n.Model.Columns))
		for j, fn := range a.Docs[i] {
			if fn == nil {
				continue
			}
			v, err := fn(env)
			if err != nil {
				return fail.Value(err)
			}
			setField(row, n.Model.Fields[j], v)
		}
		given := make([]bool, len(n.Model.Fields))
		for j, fn := range a.Docs[i] {
			given[j] = fn != nil
		}
		if err := w.finish(row, given); err != nil {
			return err
		}
	}
	b.Bytes = w.bytes
	b.Words[at], b.Words[at+1] = first, w.count
	b.Declare(x.keys.Named(n.Model, w.ids))
	if n.Rows != nil {
		b.Made = rows.Project(n.Rows, rows.List(w.rows), env)
	}
	return nil
}

// Check completes and checks documents as bindNew does, and sends nothing.
func (x *Binder) Check(n *planner.NewDocs, docs []Given, env *eval.Env) error {
	w := &newDocs{keys: x.keys, b: &Call{}, n: n, sp: n.Span, env: env}
	for i := range docs {
		w.sp, w.b.Words, w.b.Texts = docs[i].Sp, nil, nil
		if err := w.add(docs[i].fields, docs[i].given); err != nil {
			return err
		}
	}
	return nil
}

// setField sets the columns of a field to its value.
func setField(row []any, f *ir.Field, v any) {
	for _, c := range f.Columns {
		row[c.Slot] = LeafOf(v, c)
	}
}

// add adds a document given as an object.
func (w *newDocs) add(fields []any, given []bool) error {
	row := w.room
	switch {
	case w.n.Rows != nil:
		row = make([]any, len(w.n.Model.Columns))
	case row == nil:
		row = make([]any, len(w.n.Model.Columns))
		w.room = row
	default:
		clear(row)
	}
	for _, f := range w.n.Model.Fields {
		if given[f.Pos] {
			setField(row, f, fields[f.Pos])
		}
	}
	return w.finish(row, given)
}

// finish fills in defaults, checks a document, and encodes it.
func (w *newDocs) finish(row []any, given []bool) error {
	if w.count++; w.count > maxDocs {
		return fail.Errorf(lang.CodeTooLarge, w.sp, "one CREATE takes at most %d documents", maxDocs)
	}
	was := w.env.Row
	defer func() { w.env.Row = was }()
	w.env.Row = row
	for j, fn := range w.n.Defaults {
		f := w.n.Model.Fields[j]
		if fn == nil || given[f.Pos] {
			continue
		}
		v := w.b.Key
		if v == nil || !f.Key {
			var err error
			if v, err = fn(w.env); err != nil {
				return w.fault(err)
			}
		}
		setField(row, f, v)
	}
	if err := w.check(row); err != nil {
		return err
	}
	w.globals(row)
	for _, c := range w.n.Model.Columns {
		v, n, err := w.column(row, c)
		if err != nil {
			return err
		}
		if !w.n.Model.JSON {
			w.b.Words = append(w.b.Words, v)
		}
		w.bytes += n
	}
	if w.n.Model.JSON {
		if err := w.document(row); err != nil {
			return err
		}
	}
	if err := Fits(w.bytes, w.sp); err != nil {
		return err
	}
	if w.n.Rows != nil {
		w.rows = append(w.rows, row)
	}
	return nil
}

// globals notes the values of UNIQUEs GLOBAL of a document. Of one that is too long there is an error when the document is written.
func (w *newDocs) globals(row []any) {
	m := w.n.Model
	for i, ix := range m.Uniques {
		if !ix.Global {
			continue
		}
		vals, types := make([]any, len(ix.Cols)), make([]lang.Type, len(ix.Cols))
		for j, c := range ix.Cols {
			vals[j], types[j] = row[c.Slot], c.Type
		}
		if value, ok, err := codec.UniqueField(vals, types); ok && err == nil && len(value) <= lang.MaxIndexed {
			key, _ := ir.KeyText(row[m.KeyColumn().Slot])
			w.b.Globals = append(w.b.Globals, Global{m, i, key, value})
		}
	}
}

// fault moves an error in a value that the model computes to the position of the statement.
func (w *newDocs) fault(err error) error {
	if e, ok := fail.As(fail.Value(err)); ok {
		c := *e
		c.Span = w.n.Span
		return &c
	}
	return fail.Value(err)
}

// check checks a document's key, its NOT NULL fields, and its CHECKs.
func (w *newDocs) check(row []any) error {
	m := w.n.Model
	key := m.KeyColumn()
	id, ok := ir.KeyText(row[key.Slot])
	if !ok {
		return w.refuse(lang.CodeRequired, "", key.Name, "")
	}
	if len(id) == 0 || len(id) > lang.MaxIndexed {
		return w.refuse(lang.CodeBadKey, id, key.Name, "")
	}
	w.ids = append(w.ids, id)
	for _, c := range m.Columns {
		if row[c.Slot] != nil {
			continue
		}
		if !c.Type.Null && !(c.Presence && c.Parent == nil) || c.Required && c.Parent != nil && row[c.Parent.Slot] != nil {
			return w.refuse(lang.CodeRequired, w.keys.Doc(m, id), c.Name, "")
		}
	}
	for _, ck := range w.n.Checks {
		if ck.Col != nil && row[ck.Col.Slot] == nil {
			continue
		}
		good, err := ck.Cond(w.env)
		if err != nil {
			return w.fault(err)
		}
		if !good {
			field := ""
			if ck.Col != nil {
				field = ck.Col.Name
			}
			return w.refuse(lang.CodeCheckFailed, w.keys.Doc(m, id), field, ck.Text)
		}
	}
	return nil
}

// ErrRefused is the cause of the error of a document that was rejected before it was sent. No script has compared the model's
// version then, so the catalog may have changed.
var ErrRefused = errors.New("refused by the definition that is known here")

// Refusal returns the error without ErrRefused as its cause, which is internal.
func Refusal(err error) error {
	x, ok := fail.As(err)
	if !ok {
		return err
	}
	c := *x
	c.Cause = nil
	return &c
}

// refuse returns the error of a document that its model does not allow.
func (w *newDocs) refuse(code lang.Code, key, field, text string) error {
	e := &lang.Error{Code: code, Key: key, Field: field, Statement: -1, Span: w.n.Span, Cause: ErrRefused}
	e.Message, e.Hint = fail.Describe(code, key, field, text)
	return e
}

// document encodes the arguments of a document stored as JSON.
func (w *newDocs) document(row []any) error {
	for _, c := range w.cols {
		v, _, err := w.column(row, c)
		if err != nil {
			return err
		}
		w.b.Words = append(w.b.Words, v)
	}
	text, err := docText(w.n.Model, row)
	if err != nil {
		return fail.ValueAt(err, w.sp)
	}
	w.b.Words = append(w.b.Words, text)
	return nil
}

// column encodes a column as an argument, and returns its approximate size in bytes.
func (w *newDocs) column(row []any, c *ir.Column) (arg any, n int, err error) {
	v := row[c.Slot]
	if v == nil {
		return "", 0, nil
	}
	t := c.Type
	t.Variant = ""
	if !t.Null {
		switch x := v.(type) {
		case string:
			if t.Kind == lang.KString && utf8.ValidString(x) {
				return v, len(x), nil
			}
		case int64:
			if t.Kind == lang.KInt && x <= lang.MaxInt && x >= -lang.MaxInt {
				return v, 8, nil
			}
		case bool:
			return v, 1, nil
		}
	}
	text, err := codec.Text(v, t.NotNull())
	if err != nil {
		return nil, 0, fail.ValueAt(err, w.sp)
	}
	switch v.(type) {
	case []any, map[string]any, float64:
		// Return the value as it is stored.
		if row[c.Slot], err = codec.Parse(text, t.NotNull()); err != nil {
			return nil, 0, fail.ValueAt(err, w.sp)
		}
	}
	if t.Null {
		text = "'" + text
	}
	w.b.Texts = append(w.b.Texts, text)
	return &w.b.Texts[len(w.b.Texts)-1], len(text), nil
}
