package bind

import (
	"errors"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// Limits of one CREATE. Exceeding them is an error before anything is sent.
const (
	maxDocs     = 10000
	maxDocBytes = 16 << 20
)

// bindDocs encodes the documents of a CREATE or PUT as arguments.
func (x *Binder) bindDocs(b *Call, a *planner.Arg, at int, env *eval.Env) error {
	d := a.Slot.Docs
	var items, names []string
	n, bytes := 0, 0
	add := func(fields []any, given []bool) error {
		if at := d.Model.Key.Pos; b.Key != nil && !given[at] {
			fields, given = slices.Clone(fields), slices.Clone(given)
			fields[at], given[at] = b.Key, true
		}
		if n++; n > maxDocs {
			return fail.Errorf(lang.CodeTooLarge, d.Docs[0].Sp, "one CREATE takes at most %d documents", maxDocs)
		}
		if id, ok := ir.KeyText(fields[d.Model.Key.Pos]); ok {
			names = append(names, x.keys.Doc(d.Model, id))
		}
		before := len(items)
		var err error
		if items, err = appendDoc(items, d, fields, given); err != nil {
			return err
		}
		for _, it := range items[before:] {
			bytes += len(it)
		}
		return Fits(bytes, d.Docs[0].Sp)
	}
	if b.Docs != nil {
		for i := range b.Docs {
			if err := add(b.Docs[i].fields, b.Docs[i].given); err != nil {
				return err
			}
		}
	} else if err := eachDoc(a, env, func(_ int, fields []any, given []bool) error { return add(fields, given) }); err != nil {
		return err
	}
	b.Bytes = bytes
	b.Words[at] = strconv.Itoa(len(b.Words) - b.Argv + 1)
	b.Words[at+1] = strconv.Itoa(n)
	for _, it := range items {
		b.Words = append(b.Words, it)
	}
	b.Declare(names)
	return nil
}

// eachDoc calls f with each document of a CREATE or PUT: the index in Docs of the slot, and its values by Field.Pos.
func eachDoc(a *planner.Arg, env *eval.Env, f func(i int, fields []any, given []bool) error) error {
	d := a.Slot.Docs
	for i := range d.Docs {
		if fn := a.Value[i]; fn != nil {
			if err := eachObject(fn, env, d, i, func(fields []any, given []bool) error { return f(i, fields, given) }); err != nil {
				return err
			}
			continue
		}
		fields, given := make([]any, len(d.Model.Fields)), make([]bool, len(d.Model.Fields))
		for j, fn := range a.Docs[i] {
			if fn == nil {
				continue
			}
			v, err := fn(env)
			if err != nil {
				return fail.Value(err)
			}
			fields[j], given[j] = v, true
		}
		if err := f(i, fields, given); err != nil {
			return err
		}
	}
	return nil
}

// Given is a document of a CREATE or PUT before it is completed.
type Given struct {
	fields []any // by Field.Pos
	given  []bool
	Sp     lang.Span // where it stands in the text
}

// Part returns the value of a field that names its partition; null if it is absent.
func (g *Given) Part(f *ir.Field) any { return g.fields[f.Pos] }

// Has reports whether a field is given.
func (g *Given) Has(f *ir.Field) bool { return g.given[f.Pos] }

// Named completes the field that names the partition of a document, if that has a DEFAULT.
func (g *Given) Named(f *ir.Field, def eval.Fn, env *eval.Env) (err error) {
	if def != nil && !g.given[f.Pos] {
		g.given[f.Pos] = true
		g.fields[f.Pos], err = def(env)
	}
	return fail.Value(err)
}

// GivenDocs evaluates the documents of a CREATE or PUT; none if the plan has no such argument.
func GivenDocs(p *planner.Plan, env *eval.Env) ([]Given, error) {
	var list []Given
	for i := range p.Args {
		a := &p.Args[i]
		if a.Slot.Kind != plan.SlotDocs {
			continue
		}
		err := eachDoc(a, env, func(i int, fields []any, given []bool) error {
			if list = append(list, Given{fields, given, a.Slot.Docs.Docs[i].Sp}); len(list) > maxDocs {
				return fail.Errorf(lang.CodeTooLarge, a.Slot.Docs.Docs[0].Sp, "one CREATE takes at most %d documents", maxDocs)
			}
			return nil
		})
		return list, err
	}
	return nil, nil
}

// Fits returns an error if the documents of one CREATE have too many bytes.
func Fits(bytes int, sp lang.Span) error {
	if bytes > maxDocBytes {
		return fail.Errorf(lang.CodeTooLarge, sp, "the documents of one CREATE have at most 16 MiB")
	}
	return nil
}

// eachObject converts the objects of a parameter or variable.
func eachObject(fn eval.Fn, env *eval.Env, d *plan.DocSlot, i int, add func([]any, []bool) error) error {
	v, err := fn(env)
	if err != nil {
		return fail.Value(err)
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, x := range list {
		fields, given, err := values(x, d)
		if err != nil {
			return fail.ValueAt(err, d.Docs[i].Sp)
		}
		if err := add(fields, given); err != nil {
			return err
		}
	}
	return nil
}

// values returns the values of a document by Field.Pos, and which of them it has.
func values(x any, d *plan.DocSlot) ([]any, []bool, error) {
	switch x := x.(type) {
	case map[string]any:
		return document(d.Model, x, d.Restore)
	case *Fitted:
		if x.model == d.Model {
			return x.fields, x.given, nil
		}
		return document(d.Model, x.object(), d.Restore) // the model has changed
	}
	return nil, nil, fail.Errorf(lang.CodeBadParam, lang.Span{}, "a document is an object, not %T", x)
}

// PartOf returns the value of the field that names the partition of a document given as an object; null if it is absent.
func PartOf(m *ir.Model, x any) (v any, err error) {
	given := false
	switch x := x.(type) {
	case map[string]any:
		for name, of := range x {
			if f, err := member(m, name); err == nil && f == m.Part {
				if v, err = fit(of, f); err != nil {
					return nil, err
				}
				given = true
			}
		}
	case *Fitted:
		v, given = x.fields[m.Part.Pos], x.given[m.Part.Pos]
	default:
		return nil, fail.Errorf(lang.CodeBadParam, lang.Span{}, "a document is an object, not %T", x)
	}
	if !given && m.Part.Default == nil {
		return nil, fail.Errorf(lang.CodeRequired, lang.Span{}, "%s of %s is missing", m.Part.Name, m.Name)
	}
	return v, nil
}

// NewKey computes the key of a new document, which has a DEFAULT: of one given as an object or, if that is nil, of one whose fields are
// given by functions. See planner.Pin.
func NewKey(m *ir.Model, defaults, written []eval.Fn, x any, env *eval.Env) (any, error) {
	var fields []any
	given := make([]bool, len(m.Fields))
	switch x := x.(type) {
	case map[string]any:
		var err error
		if fields, given, err = document(m, x, true); err != nil {
			return nil, err
		}
	case *Fitted:
		fields, given = x.fields, x.given
	}
	row, was := make([]any, len(m.Columns)), env.Row
	defer func() { env.Row = was }()
	env.Row = row
	for i, fn := range defaults {
		if written != nil && written[i] != nil {
			fn = written[i]
		}
		var v any
		switch {
		case given[i]:
			v = fields[i]
		case fn != nil:
			var err error
			if v, err = fn(env); err != nil {
				return nil, fail.Value(err)
			}
		}
		setField(row, m.Fields[i], v)
	}
	return row[m.KeyColumn().Slot], nil
}

// WithKey returns a document given as an object, which has no key, with that key.
func WithKey(m *ir.Model, x, key any) any {
	switch x := x.(type) {
	case map[string]any:
		x = maps.Clone(x)
		x[m.Key.Name] = key
		return x
	case *Fitted:
		d := &Fitted{model: x.model, fields: slices.Clone(x.fields), given: slices.Clone(x.given)}
		d.fields[m.Key.Pos], d.given[m.Key.Pos] = key, true
		return d
	}
	return x
}

// document fits an object to a model. It returns the values by Field.Pos, and which of them the object has; with restore the
// object may have a REVISION.
func document(m *ir.Model, obj map[string]any, restore bool) ([]any, []bool, error) {
	fields, given := make([]any, len(m.Fields)), make([]bool, len(m.Fields))
	wrong := firstFault{at: len(m.Fields)}
	for name, v := range obj {
		f, err := member(m, name)
		if err != nil {
			wrong.unknown(name, err)
			continue
		}
		switch {
		case given[f.Pos]:
			err = givenTwice(f)
		case f.Revision && !restore:
			err = revisionSet(m, f)
		default:
			fields[f.Pos], err = fit(v, f)
		}
		if given[f.Pos] = true; err != nil {
			wrong.field(f.Pos, err)
		}
	}
	if wrong.err != nil {
		return nil, nil, wrong.err
	}
	return fields, given, complete(m, given)
}

// complete reports a field that is missing.
func complete(m *ir.Model, given []bool) error {
	for _, f := range m.Fields {
		if !given[f.Pos] && f.Default == nil && !f.Type.Null && !f.Collection() {
			return fail.Errorf(lang.CodeRequired, lang.Span{}, "%s of %s is missing", f.Name, m.Name)
		}
	}
	return nil
}

// firstFault keeps one of the errors of an object, whose members have no order: that of the first unknown name, or else that of the
// first field of the model.
type firstFault struct {
	err  error
	name string // "": of no unknown name
	at   int    // position of the field
}

func (w *firstFault) unknown(name string, err error) {
	if w.name == "" || name < w.name {
		w.name, w.err = name, err
	}
}

func (w *firstFault) field(at int, err error) {
	if w.name == "" && at < w.at {
		w.at, w.err = at, err
	}
}

// member returns the field for a member of an object: the field with its name, or else the one whose name differs only in case
// and underscores, as with Go struct fields that have no tag.
func member(m *ir.Model, name string) (*ir.Field, error) {
	if f := m.Lookup(name); f != nil {
		return f, nil
	}
	var found *ir.Field
	for _, f := range m.Fields {
		if codec.Fold(f.Name) != codec.Fold(name) {
			continue
		}
		if found != nil {
			return nil, UnknownField(m, name)
		}
		found = f
	}
	if found == nil {
		return nil, UnknownField(m, name)
	}
	return found, nil
}

func revisionSet(m *ir.Model, f *ir.Field) error {
	return fail.Errorf(lang.CodeRevisionSet, lang.Span{}, "%s is the REVISION of %s, which each write increments and which cannot be set", f.Name, m.Name).
		WithHint("leave it out of the document")
}

func givenTwice(f *ir.Field) error {
	return fail.Errorf(lang.CodeDuplicateField, lang.Span{}, "two members of the object are the field %s", f.Name)
}

// UnknownField returns the error for a member that is not a field of the model.
func UnknownField(m *ir.Model, name string) *lang.Error {
	names := make([]string, len(m.Fields))
	for i, f := range m.Fields {
		names[i] = f.Name
	}
	e := fail.Errorf(lang.CodeUnknownField, lang.Span{}, "%s has no field %s", m.Name, name)
	if to := m.Renamed[name]; to != "" {
		e.Hint = "it was renamed to " + to
		return e
	}
	if n := lang.Nearest(name, names); n != "" {
		e.Hint = "did you mean " + n + "?"
	}
	return e
}

// fit converts a value to a field's type.
func fit(v any, f *ir.Field) (any, error) {
	if v == nil || f.Type.Null && codec.IsNil(v) {
		if !f.Type.Null {
			return nil, fail.Errorf(lang.CodeRequired, lang.Span{}, "%s may not be null", f.Name)
		}
		return nil, nil
	}
	if f.Type.Kind == lang.KEmbedded {
		obj, ok := v.(map[string]any)
		if !ok {
			return nil, fail.Errorf(lang.CodeBadParam, lang.Span{}, "%s takes an object", f.Name)
		}
		return fitEmbedded(obj, f)
	}
	x, err := codec.FromGo(v, f.Value())
	if err == nil {
		return x, nil
	}
	e := fail.Errorf(lang.CodeBadParam, lang.Span{}, "%s: %s", f.Name, fail.Message(err))
	var c *codec.Error
	if errors.As(err, &c) {
		e.Code = c.Code
	}
	e.Cause = err
	return nil, e
}

// fitEmbedded converts an object to an embedded value and fills in its defaults.
func fitEmbedded(obj map[string]any, f *ir.Field) (any, error) {
	out := make(map[string]any, len(obj))
	names := make([]string, 0, len(obj))
	for n := range obj {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		sub, err := member(f.Emb, n)
		if err != nil {
			return nil, err
		}
		if _, twice := out[sub.Name]; twice {
			return nil, givenTwice(sub)
		}
		x, err := fit(obj[n], sub)
		if err != nil {
			return nil, err
		}
		out[sub.Name] = x
	}
	for _, sub := range f.Emb.Fields {
		if _, ok := out[sub.Name]; ok {
			continue
		}
		if sub.Default != nil {
			fn, err := eval.Compile(sub.Default, eval.Layout{})
			if err != nil {
				return nil, err
			}
			v, err := fn(&eval.Env{})
			if err != nil {
				return nil, err
			}
			out[sub.Name] = v
			continue
		}
		if !sub.Type.Null {
			return nil, fail.Errorf(lang.CodeRequired, lang.Span{}, "%s.%s is missing", f.Name, sub.Name)
		}
	}
	return out, nil
}

// appendDoc appends the encoded columns of one document.
func appendDoc(items []string, d *plan.DocSlot, fields []any, given []bool) ([]string, error) {
	for _, c := range d.Cols {
		f := c.Field
		if !given[f.Pos] {
			items = append(items, lua.Absent)
			continue
		}
		v := LeafOf(fields[f.Pos], c)
		text, err := lua.AppendArg(v, c.Type)
		if err != nil {
			return nil, fail.ValueAt(err, d.Docs[0].Sp)
		}
		items = append(items, text)
	}
	return items, nil
}

// LeafOf returns the value of a column, given the value of its field.
func LeafOf(v any, c *ir.Column) any {
	if c.Field.Type.Kind != lang.KEmbedded {
		return v
	}
	obj, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(c.Name, c.Field.Name), ".")
	for rest != "" {
		name, more, _ := strings.Cut(rest, ".")
		next := obj[name]
		if more == "" {
			if c.Presence {
				if next == nil {
					return nil
				}
				return true
			}
			return next
		}
		if obj, ok = next.(map[string]any); !ok {
			return nil
		}
		rest = more
	}
	return true // the field's own presence column
}
