package codec

import (
	"time"

	"github.com/rql-lang/rql/lang"
)

// ToGo returns the public Go form of a value: a datetime as time.Time in UTC, a
// duration as time.Duration, bytes as []byte, a geo as [2]float64 (longitude,
// latitude), a vector as []float32, also inside lists and maps; the
// others as they are. A duration beyond 292 years is the longest time.Duration.
func ToGo(v any) any {
	switch x := v.(type) {
	case lang.DateTime:
		return time.UnixMilli(int64(x)).UTC()
	case lang.Duration:
		return time.Duration(min(max(int64(x), -maxNanoMS), maxNanoMS)) * time.Millisecond
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
