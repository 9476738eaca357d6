package ft

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/search"
)

// Attribute returns the arguments of FT.CREATE for one attribute.
func Attribute(m *ir.Model, f *ir.SearchField) string {
	args := search.Create(m, &ir.SearchIndex{Fields: []*ir.SearchField{f}}, "", nil)
	return strings.TrimSuffix(fmt.Sprintln(args[slices.Index(args, any("SCHEMA"))+1:]...), "\n")
}

// Attributes returns the arguments of FT.CREATE for each attribute, as the catalog stores them.
func Attributes(m *ir.Model, fields []*ir.SearchField) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = Attribute(m, f)
	}
	return out
}

// MadeAs returns an attribute in the form in which the index has it, possibly without INDEXMISSING; nil if the index does not
// have it.
func MadeAs(m *ir.Model, f *ir.SearchField, made []string) *ir.SearchField {
	for _, f := range []*ir.SearchField{f, WithoutMissing(f)} {
		if slices.Contains(made, Attribute(m, f)) {
			return f
		}
	}
	return nil
}

// WithoutMissing returns the attribute for servers without INDEXMISSING.
func WithoutMissing(f *ir.SearchField) *ir.SearchField {
	c := *f
	c.Missing = false
	return &c
}
