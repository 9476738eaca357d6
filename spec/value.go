package spec

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/rql-lang/rql/lang"
)

// Notation of values in scripts: JSON, in which a number without decimal point
// and exponent is an int. Types that JSON lacks are an object with one member:
// {"$time":"2026-01-02T03:04:05Z"}, {"$duration":"1h30m"}, {"$bytes":"00ff"} in
// hexadecimal, {"$geo":"13.4,52.5"}, {"$vector":[0.5,1]}, {"$raw":"ff"} for a
// string of these bytes, and {"$repeat":["ab",3]} for ababab.

// decodeObject parses one JSON object and keeps the order of its members.
func decodeObject(text string) (Row, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		return nil, fmt.Errorf("expected a JSON object: %q", text)
	}
	row := Row{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var raw any
		if err := d.Decode(&raw); err != nil {
			return nil, err
		}
		v, err := fromJSON(raw)
		if err != nil {
			return nil, err
		}
		row = append(row, Cell{Name: name.(string), Value: v})
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the object: %q", text)
	}
	return row, nil
}

func fromJSON(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return v.Float64()
		}
		return v.Int64()
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			var err error
			if out[i], err = fromJSON(x); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			if strings.HasPrefix(k, "$") && len(v) == 1 {
				return fromTag(k, x)
			}
			var err error
			if out[k], err = fromJSON(x); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

func fromTag(tag string, v any) (any, error) {
	s, _ := v.(string)
	switch tag {
	case "$time":
		t, err := time.Parse(time.RFC3339, s)
		return lang.DateTime(t.UnixMilli()), err
	case "$duration":
		return parseDuration(s)
	case "$bytes":
		b, err := hex.DecodeString(s)
		return lang.Bytes(b), err
	case "$geo":
		return lang.Geo(s), nil
	case "$vector":
		return toVector(v)
	case "$raw":
		b, err := hex.DecodeString(s)
		return string(b), err
	case "$repeat":
		if xs, ok := v.([]any); ok && len(xs) == 2 {
			what, isText := xs[0].(string)
			n, isNumber := xs[1].(json.Number)
			if times, err := n.Int64(); isText && isNumber && err == nil && times >= 0 {
				return strings.Repeat(what, int(times)), nil
			}
		}
		return nil, fmt.Errorf("$repeat takes a string and a number")
	}
	return nil, fmt.Errorf("%s is no kind of value", tag)
}

// toVector reads the numbers of a vector.
func toVector(v any) (any, error) {
	list, _ := v.([]any)
	var out []byte
	for _, x := range list {
		n, ok := x.(json.Number)
		if !ok {
			return nil, fmt.Errorf("$vector takes numbers")
		}
		f, err := n.Float64()
		if err != nil {
			return nil, err
		}
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(f)))
	}
	return lang.Vector(out), nil
}

// parseDuration parses 1w2d3h4m5s6ms.
func parseDuration(s string) (lang.Duration, error) {
	units := map[string]int64{"w": 604800000, "d": 86400000, "h": 3600000, "m": 60000, "s": 1000, "ms": 1}
	rest, negative := strings.CutPrefix(s, "-")
	total := int64(0)
	for rest != "" {
		n := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		value, err := strconv.ParseInt(rest[:n], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a duration", s)
		}
		rest = rest[n:]
		u := len(rest) - len(strings.TrimLeft(rest, "wdhms"))
		if units[rest[:u]] == 0 {
			return 0, fmt.Errorf("%q is not a duration", s)
		}
		total += value * units[rest[:u]]
		rest = rest[u:]
	}
	if negative {
		total = -total
	}
	return lang.Duration(total), nil
}

// formatDuration is the inverse of parseDuration.
func formatDuration(d lang.Duration) string {
	if d < 0 {
		return "-" + formatDuration(-d)
	}
	if d%1000 == 0 {
		return fmt.Sprintf("%ds", d/1000)
	}
	return fmt.Sprintf("%dms", int64(d))
}

// formatRow formats a row as in a script.
func formatRow(columns []string, values []any) string {
	parts := make([]string, len(values))
	for i, v := range values {
		name := "?"
		if i < len(columns) {
			name = columns[i]
		}
		parts[i] = quoteJSON(name) + ":" + formatValue(v)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func quoteJSON(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return strconv.Quote(s)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// formatValue formats a value as in a script. Equal texts mean equal values.
func formatValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(s, ".e") && !math.IsInf(v, 0) && !math.IsNaN(v) {
			s += ".0"
		}
		return s
	case string:
		return quoteJSON(v)
	case lang.Bytes:
		return `{"$bytes":"` + hex.EncodeToString([]byte(v)) + `"}`
	case lang.Geo:
		return `{"$geo":"` + string(v) + `"}`
	case lang.Vector:
		parts := make([]string, len(v)/4)
		for i := range parts {
			f := math.Float32frombits(binary.LittleEndian.Uint32([]byte(v[4*i:])))
			parts[i] = strconv.FormatFloat(float64(f), 'g', -1, 32)
		}
		return `{"$vector":[` + strings.Join(parts, ",") + `]}`
	case lang.DateTime:
		return `{"$time":"` + time.UnixMilli(int64(v)).UTC().Format(time.RFC3339Nano) + `"}`
	case lang.Duration:
		return `{"$duration":"` + formatDuration(v) + `"}`
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = formatValue(x)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		names := make([]string, 0, len(v))
		for k := range v {
			names = append(names, k)
		}
		sort.Strings(names)
		for i, k := range names {
			names[i] = quoteJSON(k) + ":" + formatValue(v[k])
		}
		return "{" + strings.Join(names, ",") + "}"
	}
	return fmt.Sprintf("%v", v)
}

// same compares an expected value with an actual one: of the same Go type,
// floats to 12 digits.
func same(want, got any) bool {
	switch w := want.(type) {
	case float64:
		g, ok := got.(float64)
		if w == 0 || g == 0 {
			return ok && w == g && math.Signbit(w) == math.Signbit(g)
		}
		return ok && (math.Abs(w-g) <= 1e-12*math.Max(math.Abs(w), math.Abs(g)))
	case []any:
		g, ok := got.([]any)
		if !ok || len(w) != len(g) {
			return false
		}
		for i := range w {
			if !same(w[i], g[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(w) != len(g) {
			return false
		}
		for k := range w {
			if x, has := g[k]; !has || !same(w[k], x) {
				return false
			}
		}
		return true
	}
	switch got.(type) {
	case []any, map[string]any:
		return false
	}
	return want == got
}
