package compile

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// paramNames lists the parameters of a shape without duplicates, in order of first use.
func paramNames(shape string) []string {
	const few = 16 // up to this number a linear search is as fast as a map
	var out []string
	var seen map[string]bool
	for w := range strings.SplitSeq(shape, " ") {
		if !strings.HasPrefix(w, "$") {
			continue
		}
		name := w[1:]
		if len(out) < few {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
			continue
		}
		if seen == nil {
			seen = make(map[string]bool, len(out))
			for _, o := range out {
				seen[o] = true
			}
		}
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

// signature appends one byte for the kind of each parameter. It returns false if a parameter is missing, or if its type is more
// than a kind.
func signature(dst []byte, names []string, args map[string]any) ([]byte, bool) {
	for _, n := range names {
		v, ok := args[n]
		if !ok {
			return nil, false
		}
		var k byte
		switch v := v.(type) {
		case int:
			k = integerKind(int64(v))
		case int64:
			k = integerKind(v)
		case int32, uint8, uint16, uint32:
			k = 'i'
		case string:
			k = 's'
		case float64, float32:
			k = 'f'
		case bool:
			k = 'b'
		default:
			k = 0
		}
		if k != 0 {
			dst = append(dst, k)
			continue
		}
		dst = append(dst, '<')
		dst = append(dst, codec.TypeOf(v).String()...)
		dst = append(dst, '>')
	}
	return dst, true
}

// integerKind distinguishes an int from an integer that needs 64 bits.
func integerKind(v int64) byte {
	if v > lang.MaxInt || v < -lang.MaxInt {
		return 'l'
	}
	return 'i'
}
