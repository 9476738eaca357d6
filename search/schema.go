package search

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Separator is the TAG separator given to FT.CREATE: the byte least likely to
// occur in a string. Values that contain it are not looked up in the index.
const Separator = "\x01"

// FieldsFor lists the attributes of a model's Search index: the fields with an
// INDEX that Search can store, every text, geo and vector field and, if there are
// any, the field of PARTITION BY. It is empty if there are none.
func FieldsFor(m *ir.Model) []*ir.SearchField {
	indexed := map[*ir.Column]bool{}
	for _, ix := range m.Indexes {
		for _, c := range ix.Cols {
			indexed[c] = true
		}
	}
	var out []*ir.SearchField
	several := false
	used := map[string]bool{} // in lower case
	for _, c := range m.Columns {
		used[strings.ToLower(c.Place())] = true
	}
	for _, c := range m.Columns {
		kind := kindOf(m, c)
		switch kind {
		case "":
			continue
		case ir.SearchTag, ir.SearchNumeric:
			if !indexed[c] && (!m.Celled() || c.Leaf != m.Part) {
				continue
			}
		}
		several = several || c.Leaf != m.Part || indexed[c]
		out = append(out, &ir.SearchField{Col: c, Attr: attrName(c, used), Kind: kind,
			Missing: kind == ir.SearchTag && c.Type.Null && c.Own() && !m.JSON})
	}
	if !several {
		return nil
	}
	return out
}

// kindOf returns the type of the attribute for a column, or "".
func kindOf(m *ir.Model, c *ir.Column) ir.SearchKind {
	if c.Presence {
		return ""
	}
	switch t := c.Type; t.Kind {
	case lang.KText:
		return ir.SearchText
	case lang.KGeo:
		return ir.SearchGeo
	case lang.KVector:
		return ir.SearchVector
	case lang.KList:
		if !m.JSON || t.Elem == nil { // in a hash a list is one text
			return ""
		}
		return scalarKind(c, t.Elem.InJSON())
	}
	return scalarKind(c, c.Stored())
}

// scalarKind is kindOf for a single value. Search drops a document from the
// index altogether if a NUMERIC field is not a number, so a NUMERIC is only
// used for columns that must be numbers.
func scalarKind(c *ir.Column, t lang.Type) ir.SearchKind {
	variant := t.Variant
	if variant == lang.VariantKey {
		return ir.SearchTag
	}
	switch t.Repr() {
	case lang.ReprString, lang.ReprBytes:
		return ir.SearchTag
	case lang.ReprBool:
		if variant == "" {
			return ir.SearchTag
		}
	case lang.ReprInt, lang.ReprLong, lang.ReprFloat:
		if variant != lang.VariantISO { // stored as text, which has no order in Search
			return numeric(c)
		}
	}
	return ""
}

func numeric(c *ir.Column) ir.SearchKind {
	if c.Leaf != nil && (c.Leaf.Lenient || c.Leaf.EmptyNull) {
		return ""
	}
	return ir.SearchNumeric
}

// attrName returns the name of a column's attribute: its path, with __ for the
// dots and a trailing _. It differs from the name of every column, because
// Search returns a field that has the name of a NUMERIC attribute as a double
// instead of as stored.
func attrName(c *ir.Column, used map[string]bool) string {
	var b strings.Builder
	for _, r := range strings.TrimLeft(strings.ReplaceAll(c.Place(), ".", "__"), "_") { // names such as __key are reserved by Search
		if r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "u%x_", r)
		}
	}
	name := b.String() + "_"
	for n := 2; name == "_" || used[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s%d_", b.String(), n)
	}
	used[strings.ToLower(name)] = true
	return name
}

// Create returns the command that creates a Search index over the documents
// whose keys begin with one of the prefixes. Name and prefixes include the namespace.
func Create(m *ir.Model, index *ir.SearchIndex, name string, prefixes []string) []any {
	on := "HASH"
	if m.JSON {
		on = "JSON"
	}
	args := []any{"FT.CREATE", name, "ON", on, "PREFIX", len(prefixes)}
	for _, p := range prefixes {
		args = append(args, p)
	}
	args = append(args, "STOPWORDS", 0, "SCHEMA")
	for _, f := range index.Fields {
		args = append(args, Path(m, f.Col), "AS", f.Attr, string(f.Kind))
		switch f.Kind {
		case ir.SearchTag:
			if !m.JSON {
				args = append(args, "SEPARATOR", Separator)
			}
			args = append(args, "CASESENSITIVE")
		case ir.SearchText:
			args = append(args, "NOSTEM")
		case ir.SearchVector:
			metric := "L2"
			if f.Col.Type.Cosine() {
				metric = "COSINE"
			}
			args = append(args, "FLAT", 6, "TYPE", "FLOAT32", "DIM", f.Col.Type.N, "DISTANCE_METRIC", metric)
		}
		if f.Missing {
			args = append(args, "INDEXMISSING")
		}
		if f.Sortable {
			args = append(args, "SORTABLE")
			if f.Kind == ir.SearchTag || f.Kind == ir.SearchText {
				args = append(args, "UNF")
			}
		}
	}
	return args
}

// Path returns the location of a column in a document: the name of its hash field, or a JSONPath.
func Path(m *ir.Model, c *ir.Column) string {
	if !m.JSON {
		return c.Place()
	}
	path := `$["` + strings.ReplaceAll(c.Place(), ".", `"]["`) + `"]`
	if c.Type.Kind == lang.KList {
		path += "[*]"
	}
	return path
}
