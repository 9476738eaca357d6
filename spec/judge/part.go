package judge

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// enter makes the statement one of the partition that its pins name.
func (r *run) enter(pins []ir.Pin) error {
	known := false
	for _, pin := range pins {
		if pin.X == nil { // it is made with the document
			continue
		}
		v, err := (&scope{r: r}).eval(pin.X)
		if err != nil {
			return err
		}
		values := []any{v}
		if list, ok := v.([]any); ok {
			values = list
		}
		for _, v := range values {
			if pin.Docs {
				d, ok := v.(map[string]any)
				if !ok {
					return fail(lang.CodeBadParam, "a %T where a document is needed", v).in(pin.X.Span())
				}
				if v = d[pin.Model.Part.Name]; v == nil && pin.Model.Part.Default != nil {
					continue
				}
			}
			text, bad := partText(v, pin)
			if bad != nil {
				return bad.in(pin.X.Span())
			}
			if known && text != r.db.part {
				return fail(lang.CodeOtherPartition, "%q and %q are two partitions", r.db.part, text).in(pin.X.Span())
			}
			r.db.part, known = text, true
		}
	}
	return nil
}

func partText(v any, pin ir.Pin) (string, *failure) {
	text := ""
	switch v := v.(type) {
	case nil:
		if pin.New || pin.Docs {
			return "", fail(lang.CodeRequired, "a document without its partition")
		}
		return "", fail(lang.CodeNullValue, "a partition is null")
	case string:
		text = v
	case int64:
		text = strconv.FormatInt(v, 10)
	default:
		return "", fail(lang.CodeBadParam, "a %T names no partition", v)
	}
	if text == "" || len(text) > 256 {
		return "", fail(lang.CodeBadKey, "a partition of %d bytes", len(text))
	}
	return text, nil
}

// place is the name of the table of a model: in the partition of the statement if it has one of its own.
func (d *DB) place(m *ir.Model) string {
	if m.Part == nil || m.Part == m.Key {
		return m.Name
	}
	return m.Name + "\x00" + d.part
}

// named is the table of the model with a name.
func (d *DB) named(tables map[string]table, name string) table {
	m := d.schema.Model(name)
	if m == nil {
		return nil
	}
	return tables[d.place(m)]
}

// parts lists the partitions of a model that have documents; that of no partition for a model without.
func (d *DB) parts(m *ir.Model) []string {
	if m.Part == nil || m.Part == m.Key {
		return []string{""}
	}
	var out []string
	for name, t := range d.data {
		if part, ok := strings.CutPrefix(name, m.Name+"\x00"); ok && len(t) > 0 {
			out = append(out, part)
		}
	}
	return out
}

// each calls f in each partition of a model that has documents.
func (d *DB) each(m *ir.Model, f func(part string) error) error {
	was := d.part
	defer func() { d.part = was }()
	for _, d.part = range d.parts(m) {
		if err := f(d.part); err != nil {
			return err
		}
	}
	return nil
}

// showParts lists the partitions of a model with the number of their documents.
func (r *run) showParts(m *ir.Model) *Result {
	res := &Result{Columns: []string{"partition", "documents"}}
	_ = r.db.each(m, func(part string) error {
		var v any = part
		if k := m.Part.Type.Kind; k == lang.KInt || k == lang.KInt64 {
			v, _ = strconv.ParseInt(part, 10, 64)
		}
		res.Rows = append(res.Rows, []any{v, int64(len(r.db.table(m)))})
		return nil
	})
	slices.SortFunc(res.Rows, func(a, b []any) int { return compare(a[0], b[0]) })
	return res
}
