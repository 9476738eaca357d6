package codec

import (
	"time"

	"github.com/rql-lang/rql/lang"
)

// ToGo returns the public Go form of a value: a datetime as time.Time in UTC, a
// duration as time.Duration, bytes as []byte, a geo as [2]float64 (longitude,
// latitude), a vector as []float32, including those inside lists and maps;
// other values are unchanged. A duration beyond 292 years, which time.Duration
// cannot hold, stays a lang.Duration.
func ToGo(v any) any {
	switch x := v.(type) {
	case lang.DateTime:
		return time.UnixMilli(int64(x)).UTC()
	case lang.Duration:
		if d, ok := GoDuration(x); ok {
			return d
		}
		return x
	case lang.Bytes:
		return []byte(x)
	case lang.Geo:
		lon, lat := GeoAt(x)
		return [2]float64{lon, lat}
	case lang.Vector:
		return VectorFloats(x)
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = ToGo(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = ToGo(e)
		}
		return out
	}
	return v
}

// GoDuration converts a duration to a time.Duration, if it fits: up to 292 years.
func GoDuration(d lang.Duration) (time.Duration, bool) {
	return time.Duration(d) * time.Millisecond, d >= -maxNanoMS && d <= maxNanoMS
}
