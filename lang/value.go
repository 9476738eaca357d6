package lang

// The values of RQL inside the program. A value is one of
//
//	nil                null
//	bool               bool
//	int64              int (±9007199254740991), int64
//	float64            float
//	string             string, enum, text
//	Bytes              bytes
//	DateTime           datetime: milliseconds since 1970, UTC
//	Duration           duration: milliseconds
//	Geo                geo: its canonical text "lon,lat", so that equal points are equal strings
//	Vector             vector: its elements as float32, little-endian, one after the other
//	[]any              list
//	map[string]any     map, embedded value, object, or a row by field name
//
// A json value is nil, bool, int64, float64, string, []any or map[string]any. A
// ref is the key of its target: string or int64. Values of different types may
// share a Go type; the static type, known to the checker, distinguishes them.
type (
	Bytes    string
	DateTime int64
	Duration int64
	Geo      string
	Vector   string
)

// Integer is a value of a ReprInt kind other than int: an integer with a type of
// its own.
type Integer interface {
	Kind() Kind
	Number() int64
}

// Kind returns datetime.
func (d DateTime) Kind() Kind { return KDateTime }

// Number returns the datetime in milliseconds.
func (d DateTime) Number() int64 { return int64(d) }

// Kind returns duration.
func (d Duration) Kind() Kind { return KDuration }

// Number returns the duration in milliseconds.
func (d Duration) Number() int64 { return int64(d) }

// MaxInt is the largest int; the smallest is -MaxInt. Redis, Lua and JSON
// numbers are doubles, and beyond this range a double skips integers.
const MaxInt = 1<<53 - 1
