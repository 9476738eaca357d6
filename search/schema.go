package search

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Separator is what FT.CREATE is told to split TAGs at: of the bytes that a
// string may hold the one least likely in it. A value that holds it is not
// asked of the index.
const Separator = "\x01"

// FieldsFor lists the attributes that a Search index of a model has: the
// fields with an INDEX that Search can hold, and every text, geo and vector
// field. It is empty where there are none.
func FieldsFor(m *ir.Model) []*ir.SearchField {
	indexed := map[*ir.Column]bool{}
	for _, ix := range m.Indexes {
		for _, c := range ix.Cols {
			indexed[c] = true
		}
	}
	var out []*ir.SearchField
	used := map[string]bool{} // in lower case
	for _, c := range m.Columns {
		used[strings.ToLower(c.Name)] = true
	}
	for _, c := range m.Columns {
		kind := kindOf(m, c)
		switch kind {
		case "":
			continue
		case ir.SearchTag, ir.SearchNumeric:
			if !indexed[c] {
				continue
			}
		}
		out = append(out, &ir.SearchField{Col: c, Attr: attrName(c, used), Kind: kind,
			Missing: kind == ir.SearchTag && c.Type.Null && c.Own() && !m.JSON})
	}
	return out
}

// kindOf is the type of attribute that holds a column, or "".
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

// scalarKind is kindOf for a single value. A document with a value that is no
// number is missing from a Search index altogether, so a NUMERIC is made only
// of what has to be one.
func scalarKind(c *ir.Column, t lang.Type) ir.SearchKind {
	variant := t.Variant
	switch t.Repr() {
	case lang.ReprString, lang.ReprBytes:
		return ir.SearchTag
	case lang.ReprBool:
		if variant == "" {
			return ir.SearchTag
		}
	case lang.ReprInt, lang.ReprLong, lang.ReprFloat:
		if variant != lang.VariantISO { // a text, which has no order in Search
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

// attrName is the name of a column's attribute: its path, with __ for the dots
// and a _ behind it. It differs from the name of every column: Search gives a
// field that has the name of a NUMERIC attribute as a double, not as it is stored.
func attrName(c *ir.Column, used map[string]bool) string {
	var b strings.Builder
	for _, r := range strings.TrimLeft(strings.ReplaceAll(c.Name, ".", "__"), "_") { // names such as __key are Search's own
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

// Create is the command that makes a Search index over the documents whose keys
// begin with keyPrefix. Name and prefix are whole names, the namespace included.
func Create(m *ir.Model, index *ir.SearchIndex, name, keyPrefix string) []any {
	on := "HASH"
	if m.JSON {
		on = "JSON"
	}
	args := []any{"FT.CREATE", name, "ON", on, "PREFIX", 1, keyPrefix, "STOPWORDS", 0, "SCHEMA"}
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

// Path is where a column stands in a document: the name of its hash field, or a JSONPath.
func Path(m *ir.Model, c *ir.Column) string {
	if !m.JSON {
		return c.Name
	}
	path := `$["` + strings.ReplaceAll(c.Name, ".", `"]["`) + `"]`
	if c.Type.Kind == lang.KList {
		path += "[*]"
	}
	return path
}
