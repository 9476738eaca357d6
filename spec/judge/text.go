package judge

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rql-lang/rql/lang"
)

// matches matches a LIKE or MATCHES pattern against a complete string.
func matches(op lang.Op, s, pattern string) (bool, *failure) {
	re := pattern
	if op == lang.OpLike {
		var err *failure
		if re, err = likeToRegexp(pattern); err != nil {
			return false, err
		}
	}
	c, err := regexp.Compile(`\A(?s:` + re + `)\z`)
	if err != nil {
		return false, fail(lang.CodeBadPattern, "%q is not a pattern: %v", pattern, err)
	}
	return c.MatchString(s), nil
}

func likeToRegexp(pattern string) (string, *failure) {
	var b strings.Builder
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch c := runes[i]; c {
		case '%':
			b.WriteString(`.*`)
		case '_':
			b.WriteString(`.`)
		case '\\':
			i++
			if i == len(runes) {
				return "", fail(lang.CodeBadPattern, `%q ends in a single \`, pattern)
			}
			b.WriteString(regexp.QuoteMeta(string(runes[i])))
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	return b.String(), nil
}

// asciiMap shifts only the letters between from and to, by the distance d.
func asciiMap(s string, from, to byte, d int) string {
	b := []byte(s)
	for i, c := range b {
		if c >= from && c <= to {
			b[i] = byte(int(c) + d)
		}
	}
	return string(b)
}

func trim(s string) string { return strings.Trim(s, " \t\n\r\v\f") }

// substr counts code points from 0, or from the end if negative.
func substr(s string, from, n int64) string {
	runes := []rune(s)
	size := int64(len(runes))
	if from < 0 {
		from += size
	}
	from = min(max(from, 0), size)
	return string(runes[from : from+min(max(n, 0), size-from)])
}

// printJSON writes a list or an object as compact JSON.
func printJSON(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if e.Encode(v) != nil {
			return ""
		}
		return strings.TrimSpace(b.String())
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = printJSON(x)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		for i, k := range names {
			names[i] = printJSON(k) + ":" + printJSON(v[k])
		}
		return "{" + strings.Join(names, ",") + "}"
	}
	return printValue(v)
}

// printFloat writes the shortest of the three precisions that reads back as the
// same number.
func printFloat(v float64) string {
	for _, prec := range []int{15, 16, 17} {
		s := fmt.Sprintf("%.*g", prec, v)
		if back, err := strconv.ParseFloat(s, 64); err == nil && back == v {
			return s
		}
	}
	return fmt.Sprint(v)
}

func timeOf(v lang.DateTime) time.Time { return time.UnixMilli(int64(v)).UTC() }

// printTime writes ISO 8601 in UTC, with milliseconds only if there are any.
func printTime(v lang.DateTime) string {
	if v%1000 == 0 {
		return timeOf(v).Format("2006-01-02T15:04:05Z")
	}
	return timeOf(v).Format("2006-01-02T15:04:05.000Z")
}

var units = []struct {
	name string
	ms   int64
}{{"w", 604800000}, {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}}

// printDuration writes a duration in RQL notation: the largest unit first.
func printDuration(v lang.Duration) string {
	n, out := int64(v), ""
	if n < 0 {
		n, out = -n, "-"
	}
	if n == 0 {
		return "0s"
	}
	for _, u := range units {
		if n >= u.ms {
			out += fmt.Sprintf("%d%s", n/u.ms, u.name)
			n %= u.ms
		}
	}
	return out
}

// parseDuration parses integers with units, the largest first, each at most
// once.
func parseDuration(s string) (any, *failure) {
	bad := fail(lang.CodeBadConversion, "%q is not a duration", s)
	m := regexp.MustCompile(`^(-?)(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$`).FindStringSubmatch(s)
	if m == nil || strings.Join(m[2:], "") == "" {
		return nil, bad
	}
	total := 0.0
	for i, u := range units {
		n, _ := strconv.ParseFloat("0"+m[i+2], 64)
		total += n * float64(u.ms)
	}
	if m[1] == "-" {
		total = -total
	}
	v, f := duration(total)
	if f != nil {
		return nil, bad
	}
	return v, nil
}

// parseTime parses ISO 8601; without a zone it is UTC, without a time midnight.
func parseTime(s string) (any, *failure) {
	for _, layout := range []string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04",
		"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04Z07:00", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return datetime(t.UnixMilli())
		}
	}
	return nil, fail(lang.CodeBadConversion, "%q is not a datetime", s)
}

func parseInt(s string) (any, *failure) {
	v, f := parseLong(s)
	if f != nil {
		return nil, f
	}
	return fit(v, lang.TypeInt)
}

// parseLong parses a 64-bit integer.
func parseLong(s string) (any, *failure) {
	if !regexp.MustCompile(`^[-+]?[0-9]+$`).MatchString(s) {
		return nil, fail(lang.CodeBadConversion, "%q is not an int", s)
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return nil, fail(lang.CodeOverflow, "%q is beyond 64 bits", s)
	}
	return v, nil
}

func parseFloat(s string) (any, *failure) {
	v, _ := strconv.ParseFloat(s, 64) // infinite if out of range
	if !regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$`).MatchString(s) {
		return nil, fail(lang.CodeBadConversion, "%q is not a float", s)
	}
	return finite(v)
}

func parseHex(s string) (any, *failure) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, fail(lang.CodeBadConversion, "%q is not hexadecimal", s)
	}
	return lang.Bytes(b), nil
}

// asInt converts an integral float to an int.
func asInt(v float64) (any, *failure) {
	if math.Abs(v) > lang.MaxInt {
		return nil, fail(lang.CodeOverflow, "%v is beyond the range of int", v)
	}
	return int64(v), nil
}
