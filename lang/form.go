package lang

// Variants of types in a document stored as JSON.
const (
	VariantBase64 = "base64" // of bytes
	VariantISO    = "iso"    // of a datetime
	VariantJSON   = "json"   // of a list, map or vector
)

// VariantKey is the form of a ref that stores the whole name of its document: User:ann, not ann.
const VariantKey = "key"

// InJSON returns the type with the form that its values have in a document
// stored as JSON: a datetime is ISO 8601 (the variant iso), bytes are base64,
// and inside lists, maps and embedded values the same applies, with an int64 as
// a number. A variant that the type already has takes precedence: it says how a
// foreign program writes the value.
func (t Type) InJSON() Type {
	if t.Variant != "" {
		return t
	}
	t.Variant = t.Kind.Info().InJSON
	return t
}
