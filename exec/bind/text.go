package bind

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// docText returns the JSON text of a document; row holds its columns by slot.
func docText(m *ir.Model, row []any) (string, error) {
	b, err := appendObject(nil, m, m.Stored(), "", row)
	return string(b), err
}

func appendObject(dst []byte, m *ir.Model, fields []*ir.Field, prefix string, row []any) ([]byte, error) {
	dst = append(dst, '{')
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), f.Place()...), '"', ':')
		c := m.Column(prefix + f.Name)
		var err error
		switch {
		case f.Type.Kind == lang.KEmbedded && f.Emb != nil && c != nil && row[c.Slot] == nil:
			dst = append(dst, "null"...)
		case f.Type.Kind == lang.KEmbedded && f.Emb != nil:
			dst, err = appendObject(dst, m, f.Emb.Stored(), prefix+f.Name+".", row)
		case row[c.Slot] == nil && c.EmptyNull():
			dst = append(dst, `""`...)
		case row[c.Slot] == nil:
			dst = append(dst, "null"...)
		default:
			dst, err = codec.AppendNatural(dst, row[c.Slot], c.Stored().NotNull())
		}
		if err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}
