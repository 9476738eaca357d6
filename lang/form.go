package lang

// Variants of types as they appear in a document stored as JSON.
const (
	VariantBase64 = "base64" // of bytes
	VariantISO    = "iso"    // of a datetime
	VariantJSON   = "json"   // of a list, map or vector
)

// InJSON is the type with the form that its values have in a document stored
// as JSON: a datetime is ISO 8601 (the variant iso), bytes are base64, and
// inside lists, maps and embedded values the same holds, with an int64 as a
// number. A variant that the type has already says how a foreign program writes it.
func (t Type) InJSON() Type {
	if t.Variant != "" {
		return t
	}
	t.Variant = t.Kind.Info().InJSON
	return t
}
