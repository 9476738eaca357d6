package lang

import "strings"

// Type is the type of a value. Types are immutable.
type Type struct {
	Kind    Kind
	Null    bool     // may be null
	Elem    *Type    // of KList, KMap, KSet, KPQueue, and the key of a KRef
	Model   string   // of KEmbedded, KRef, KRow
	Values  []string // of KEnum; of a KRef in the variant key, what precedes and follows the key in the name of its document
	Far     bool     // of a KRef: its document is not in the partition of the one that refers to it
	Full    bool     // of a KRef that is Far: it holds the full key of its document, because only that says in which partition it is
	N       int      // of KVector
	Metric  string   // of KVector: MetricCosine, or "" for Euclidean
	Variant string   // the form in which another program writes it: bool<text>, datetime<iso>, …
	Cols    []Col    // of KRecord; of KEmbedded, the fields of its model in order, so that a value inside a list or map can be written and read
}

// Col is a named member of a KRecord.
type Col struct {
	Name string
	Type Type
}

// Simple types.
var (
	TypeUnknown  = Type{Kind: KUnknown, Null: true}
	TypeNull     = Type{Kind: KNull, Null: true}
	TypeBool     = Type{Kind: KBool}
	TypeInt      = Type{Kind: KInt}
	TypeInt64    = Type{Kind: KInt64}
	TypeFloat    = Type{Kind: KFloat}
	TypeString   = Type{Kind: KString}
	TypeBytes    = Type{Kind: KBytes}
	TypeDateTime = Type{Kind: KDateTime}
	TypeDuration = Type{Kind: KDuration}
	TypeJSON     = Type{Kind: KJSON, Null: true}
	TypeGeo      = Type{Kind: KGeo}
)

// ListOf returns list<t>.
func ListOf(t Type) Type { return Type{Kind: KList, Elem: &t} }

// MetricCosine selects cosine distance, as written after the type.
const MetricCosine = "cosine"

// VectorOf returns vector<n>.
func VectorOf(n int) Type { return Type{Kind: KVector, N: n} }

// MapOf returns map<t>.
func MapOf(t Type) Type { return Type{Kind: KMap, Elem: &t} }

// OrNull returns the type with null allowed.
func (t Type) OrNull() Type { t.Null = true; return t }

// NotNull returns the type with null not allowed.
func (t Type) NotNull() Type { t.Null = false; return t }

// Member returns the type of the part with that name of a map, an embedded value or a record; unknown if there is none.
func (t Type) Member(name string) Type {
	if t.Kind == KMap && t.Elem != nil {
		return *t.Elem
	}
	for i := range t.Cols {
		if t.Cols[i].Name == name {
			return t.Cols[i].Type
		}
	}
	return TypeUnknown
}

// IsNumber reports whether the type is int or float.
func (t Type) IsNumber() bool { return t.Kind == KInt || t.Kind == KFloat }

// Cosine reports whether the type is a vector with cosine distance.
func (t Type) Cosine() bool { return t.Metric == MetricCosine }

// Scalar returns the type in which the value is stored and compared: for a ref that of its key, for an enum and a text string.
func (t Type) Scalar() Type {
	switch t.Kind {
	case KRef:
		if t.Elem != nil {
			return Type{Kind: t.Elem.Kind, Null: t.Null}
		}
		return Type{Kind: KString, Null: t.Null}
	case KEnum, KText:
		return Type{Kind: KString, Null: t.Null}
	}
	return t
}

// Same reports whether two types are equal apart from null.
func (t Type) Same(u Type) bool {
	if t.Kind != u.Kind || t.Model != u.Model || t.Full != u.Full || t.N != u.N || t.Metric != u.Metric || t.Variant != u.Variant ||
		len(t.Values) != len(u.Values) || len(t.Cols) != len(u.Cols) {
		return false
	}
	for i := range t.Values {
		if t.Values[i] != u.Values[i] {
			return false
		}
	}
	for i := range t.Cols {
		if t.Cols[i].Name != u.Cols[i].Name || !t.Cols[i].Type.Same(u.Cols[i].Type) {
			return false
		}
	}
	if t.Kind == KRef || t.Elem == nil || u.Elem == nil {
		return t.Kind == KRef || t.Elem == u.Elem
	}
	return t.Elem.Same(*u.Elem)
}

// String returns the type as written in a MODEL.
func (t Type) String() string {
	s := t.Kind.Info().Name
	switch t.Kind {
	case KEnum:
		q := make([]string, len(t.Values))
		for i, v := range t.Values {
			q[i] = Quote(v)
		}
		s += "(" + strings.Join(q, ", ") + ")"
	case KList, KMap, KSet, KPQueue:
		if t.Elem != nil {
			s += "<" + t.Elem.String() + ">"
		}
	case KRefs:
		s += "<" + t.Model + "." + strings.Join(t.Values, "") + ">"
	case KRef:
		if t.Variant == VariantKey {
			s, t.Variant = s+"<"+t.Model+", "+VariantKey+">", ""
			break
		}
		s += "<" + t.Model + ">"
	case KEmbedded, KRow:
		s = t.Model
	case KVector:
		s += "<" + itoa(t.N) + ">"
		if t.Metric != "" {
			s += "(" + Quote(t.Metric) + ")"
		}
	}
	if t.Variant != "" {
		s += "<" + t.Variant + ">"
	}
	if t.Null && t.Kind != KNull && t.Kind != KUnknown {
		s += "?"
	}
	return s
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// Quote returns a string as an RQL literal in single quotes.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			b.WriteString(`\'`)
		case c == '\\':
			b.WriteString(`\\`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\r':
			b.WriteString(`\r`)
		case c < 0x20 || c == 0x7f:
			const hex = "0123456789abcdef"
			b.WriteString(`\x`)
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
