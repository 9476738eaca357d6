package codec

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/rql-lang/rql/lang"
)

// VectorFloats returns the elements of a vector.
func VectorFloats(v lang.Vector) []float32 {
	out := make([]float32, len(v)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32([]byte(v[4*i : 4*i+4])))
	}
	return out
}

// toVector converts a list of numbers to a vector, each rounded to the nearest
// float32. A list of another length, or a number out of the range of float32,
// is rejected.
func toVector(v any, t lang.Type) (any, error) {
	switch x := v.(type) {
	case lang.Vector:
		if len(x) != 4*t.N {
			return nil, errorf(lang.CodeBadConversion, "a vector of %d numbers where %s is needed", len(x)/4, t.NotNull())
		}
		return v, directed([]byte(x), t)
	case []any:
		if len(x) != t.N {
			return nil, errorf(lang.CodeBadConversion, "a list of %d numbers where %s is needed", len(x), t.NotNull())
		}
		out := make([]byte, 0, 4*t.N)
		for _, e := range x {
			f, err := floatOf(e, lang.TypeFloat)
			if err != nil {
				return nil, err
			}
			if math.IsInf(float64(float32(f)), 0) {
				return nil, errorf(lang.CodeOverflow, "%s is beyond the range of the numbers of a vector", AppendFloat(nil, f))
			}
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(f)+0))
		}
		return lang.Vector(out), directed(out, t)
	}
	return nil, wrongKind(v, t)
}

// storedVector reads the bytes of a stored vector.
func storedVector(text string, t lang.Type) (any, error) {
	if len(text) != 4*t.N {
		return nil, badValue(text, "not a "+t.NotNull().String()+": it has "+strconv.Itoa(len(text))+" bytes")
	}
	for i := 0; i < len(text); i += 4 {
		if text[i+3]&0x7f == 0x7f && text[i+2]&0x80 != 0 {
			return nil, badValue(text, "a vector with an element that is infinite or NaN")
		}
	}
	if directed([]byte(text), t) != nil {
		return nil, badValue(text, "a vector of zeros, which has no direction")
	}
	return lang.Vector(text), nil
}

// appendVector writes a vector as a JSON array.
func appendVector(dst []byte, v lang.Vector) []byte {
	dst = append(dst, '[')
	for i, f := range VectorFloats(v) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendFloat32(dst, f)
	}
	return append(dst, ']')
}

// appendFloat32 writes the first of %.6g to %.9g that reads back as the same float32.
func appendFloat32(dst []byte, f float32) []byte {
	if f == 0 {
		return append(dst, '0')
	}
	n := len(dst)
	for prec := 6; prec < 9; prec++ {
		dst = strconv.AppendFloat(dst[:n], float64(f), 'g', prec, 64)
		if back, err := strconv.ParseFloat(string(dst[n:]), 64); err == nil && float32(back) == f {
			return dst
		}
	}
	return strconv.AppendFloat(dst[:n], float64(f), 'g', 9, 64)
}

// VectorDistance returns the distance of two vectors of equal length: Euclidean, or one minus the cosine of their angle. It is
// computed in float64, element by element.
func VectorDistance(a, b lang.Vector, cosine bool) float64 {
	sum, aa, bb := 0.0, 0.0, 0.0
	for i := 0; i+4 <= len(a); i += 4 {
		x, y := element(a, i), element(b, i)
		if !cosine {
			sum += (x - y) * (x - y)
			continue
		}
		sum += x * y
		aa += x * x
		bb += y * y
	}
	if !cosine {
		return math.Sqrt(sum)
	}
	return 1 - sum/(math.Sqrt(aa)*math.Sqrt(bb))
}

func element(v lang.Vector, at int) float64 {
	return float64(math.Float32frombits(binary.LittleEndian.Uint32([]byte(v[at : at+4]))))
}

// directed rejects a zero vector if the metric is cosine, which is undefined for it.
func directed(v []byte, t lang.Type) error {
	if !t.Cosine() {
		return nil
	}
	for i, b := range v {
		if b != 0 && (b != 0x80 || i%4 != 3) {
			return nil
		}
	}
	return errorf(lang.CodeBadConversion, "a vector of zeros has no direction, which %s asks for", t.NotNull())
}
