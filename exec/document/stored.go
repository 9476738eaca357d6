package document

import (
	"unicode/utf8"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// Decode decodes the columns of one document. It adds warnings to out for values that read as null.
func Decode(keys keyspace.Keys, m *ir.Model, cols []*ir.Column, vals []any, id string, out *rows.Rows) ([]any, error) {
	row := make([]any, len(cols))
	for i, c := range cols {
		reply := vals[i]
		if reply == nil && c.Fill != nil {
			reply = *c.Fill
		}
		if m.Adopted && c.Slot == m.KeyColumn().Slot && c.Coll == nil {
			reply = id
		}
		v, err := StoredIn(c, reply)
		if err != nil {
			text, _ := reply.(string)
			if !c.Lenient() {
				return nil, fail.BadValue(keys.Doc(m, id), c.Name, text, m)
			}
			if out != nil {
				out.Warn(Lenient(keys.Doc(m, id), c.Name))
			}
			v = nil
		}
		row[i] = v
	}
	return row, nil
}

// Stored decodes the reply for a hash field. A missing field is null, or an error if null is not allowed.
func Stored(reply any, t *lang.Type) (any, error) {
	text, ok := reply.(string)
	switch {
	case !ok && t.Null:
		return nil, nil
	case !ok:
		return nil, errAbsent
	case t.Kind == lang.KString && t.Variant == "" && utf8.ValidString(text):
		return reply, nil // the text is the value
	}
	return codec.Parse(text, *t)
}

// StoredIn decodes the text of a column from its storage format.
func StoredIn(c *ir.Column, reply any) (any, error) {
	if c.Own() {
		return Stored(reply, &c.Type)
	}
	if (reply == "" || reply == codec.Misfit+`""`) && c.EmptyNull() {
		reply = nil
	}
	t := c.Stored()
	return Stored(reply, &t)
}

// Lenient returns the warning for a stored value that does not fit and reads as null.
func Lenient(key, field string) rows.Warning {
	return rows.Warning{Code: lang.CodeBadValue, Key: key, Field: field,
		Text: "what is stored in the field " + field + " of " + lang.Quote(fail.Clip(key, 60)) + " does not fit its type and is read as null"}
}

var errAbsent = &codec.Error{Code: lang.CodeBadValue, Message: "absent"}
