package compile

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// paramList are the parameters of a text, without duplicates, in order of first use, and which of them may be absent.
type paramList struct {
	names    []string
	optional map[string]bool
}

// paramsOf lists the parameters of a shape.
func paramsOf(shape string) paramList {
	const few = 16 // up to this number a linear search is as fast as a map
	var out paramList
	var seen map[string]bool
	last := ""
	for w := range strings.SplitSeq(shape, " ") {
		if w == "?" && last != "" {
			if out.optional == nil {
				out.optional = map[string]bool{}
			}
			out.optional[last] = true
		}
		if last = ""; !strings.HasPrefix(w, "$") {
			continue
		}
		name := w[1:]
		last = name
		if len(out.names) < few {
			if !slices.Contains(out.names, name) {
				out.names = append(out.names, name)
			}
			continue
		}
		if seen == nil {
			seen = make(map[string]bool, len(out.names))
			for _, o := range out.names {
				seen[o] = true
			}
		}
		if !seen[name] {
			seen[name] = true
			out.names = append(out.names, name)
		}
	}
	return out
}

// signature appends one byte for the kind of each parameter. It returns false if a parameter is missing, if its type is more than
// a kind, or if there are other arguments. An optional parameter that is missing is null.
func (l *paramList) signature(dst []byte, args map[string]any) ([]byte, bool) {
	used := 0
	for _, n := range l.names {
		v, ok := args[n]
		if ok {
			used++
		} else if !l.optional[n] {
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
	return dst, used == len(args)
}

// integerKind distinguishes an int from an integer that needs 64 bits.
func integerKind(v int64) byte {
	if v > lang.MaxInt || v < -lang.MaxInt {
		return 'l'
	}
	return 'i'
}
