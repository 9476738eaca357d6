package codec

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rql-lang/rql/lang"
)

// The first and the last datetime: years 1 to 9999, in milliseconds since 1970.
const (
	MinDateTime lang.DateTime = lang.MinDateTime
	MaxDateTime lang.DateTime = lang.MaxDateTime
)

// FormatDateTime formats a datetime as string(t) does: 2026-11-23T14:05:00Z,
// with three digits of milliseconds unless they are 0.
func FormatDateTime(d lang.DateTime) string {
	t := time.UnixMilli(int64(d)).UTC()
	if d%1000 == 0 {
		return t.Format("2006-01-02T15:04:05Z")
	}
	return t.Format("2006-01-02T15:04:05.000Z")
}

// ParseDateTime parses ISO 8601: a date, or a date, T or a blank, and hh:mm,
// hh:mm:ss or hh:mm:ss.fraction, then Z, ±hh:mm or nothing, which means UTC.
// Fractions of a millisecond are truncated. The code of an error is
// bad-conversion.
func ParseDateTime(s string) (lang.DateTime, error) {
	bad := func(what string) (lang.DateTime, error) {
		return 0, errorf(lang.CodeBadConversion, "%s is not a datetime: %s", lang.Quote(s), what)
	}
	var c clock
	rest, ok := c.date(s)
	if !ok {
		return bad("expected YYYY-MM-DD")
	}
	if rest != "" {
		if rest[0] != 'T' && rest[0] != ' ' {
			return bad("expected T after the date")
		}
		if rest, ok = c.time(rest[1:]); !ok {
			return bad("expected hh:mm or hh:mm:ss after the date")
		}
		if rest, ok = c.zone(rest); !ok || rest != "" {
			return bad("expected Z or ±hh:mm at the end")
		}
	}
	d, ok := c.value()
	if !ok {
		return bad("there is no such day or time")
	}
	return d, nil
}

// clock collects the parts of a datetime in reading order.
type clock struct {
	year, month, day, hour, min, sec, ms int
	offset                               int // minutes east of UTC
}

func (c *clock) date(s string) (rest string, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return s, false
	}
	ok = digits(s[:4], &c.year) && digits(s[5:7], &c.month) && digits(s[8:10], &c.day)
	return s[10:], ok
}

func (c *clock) time(s string) (rest string, ok bool) {
	if len(s) < 5 || s[2] != ':' || !digits(s[:2], &c.hour) || !digits(s[3:5], &c.min) {
		return s, false
	}
	s = s[5:]
	if s == "" || s[0] != ':' {
		return s, true
	}
	if len(s) < 3 || !digits(s[1:3], &c.sec) {
		return s, false
	}
	s = s[3:]
	if len(s) < 2 || s[0] != '.' || !isDigit(s[1]) {
		return s, true
	}
	end := skipDigits(s, 1)
	digits((s[1:end] + "00")[:3], &c.ms)
	return s[end:], true
}

func (c *clock) zone(s string) (rest string, ok bool) {
	switch {
	case s == "":
		return s, true
	case s[0] == 'Z':
		return s[1:], true
	case len(s) != 6 || s[3] != ':' || s[0] != '+' && s[0] != '-':
		return s, false
	}
	var h, m int
	if !digits(s[1:3], &h) || !digits(s[4:6], &m) || h > 23 || m > 59 {
		return s, false
	}
	c.offset = h*60 + m
	if s[0] == '-' {
		c.offset = -c.offset
	}
	return "", true
}

func (c *clock) value() (lang.DateTime, bool) {
	if c.hour > 23 || c.min > 59 || c.sec > 59 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 {
		return 0, false
	}
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.min, c.sec, c.ms*1e6, time.UTC)
	if t.Day() != c.day {
		return 0, false
	}
	d := lang.DateTime(t.UnixMilli() - int64(c.offset)*60_000)
	return d, lang.KDateTime.Info().Holds(int64(d))
}

// digits parses a text that consists of digits.
func digits(s string, to *int) bool {
	if s == "" || skipDigits(s, 0) != len(s) {
		return false
	}
	n, err := strconv.Atoi(s)
	*to = n
	return err == nil
}

// ParseDateTimeAs parses a datetime (UTC) by a format of YYYY, MM, DD, HH, mm,
// ss and SSS, each of exactly that many digits; every other character except a
// letter matches itself, and so do T and Z. Parts that the format lacks have
// their minimum value. An invalid format has the code bad-argument.
func ParseDateTimeAs(s, format string) (lang.DateTime, error) {
	c := clock{month: 1, day: 1}
	parts := []struct {
		name string
		to   *int
	}{{"YYYY", &c.year}, {"SSS", &c.ms}, {"MM", &c.month}, {"DD", &c.day}, {"HH", &c.hour}, {"mm", &c.min}, {"ss", &c.sec}}
	bad := errorf(lang.CodeBadConversion, "%s is not a datetime of the form %s", lang.Quote(s), lang.Quote(format))
	if !strings.Contains(format, "YYYY") {
		return 0, errorf(lang.CodeBadArgument, "the format %s lacks YYYY", lang.Quote(format))
	}
	rest := s
next:
	for f := format; f != ""; {
		for _, p := range parts {
			if strings.HasPrefix(f, p.name) {
				n := len(p.name)
				if len(rest) < n || !digits(rest[:n], p.to) {
					return 0, bad
				}
				f, rest = f[n:], rest[n:]
				continue next
			}
		}
		if isLetter(f[0]) && f[0] != 'T' && f[0] != 'Z' {
			return 0, errorf(lang.CodeBadArgument, "the format %s holds %q; it may hold YYYY MM DD HH mm ss SSS", lang.Quote(format), f[:1])
		}
		if rest == "" || rest[0] != f[0] {
			return 0, bad
		}
		f, rest = f[1:], rest[1:]
	}
	d, ok := c.value()
	if !ok || rest != "" {
		return 0, bad
	}
	return d, nil
}

// FormatDateTimeAs formats a datetime as ParseDateTimeAs parses it; parts that the format lacks are lost.
func FormatDateTimeAs(d lang.DateTime, format string) string {
	t := time.UnixMilli(int64(d)).UTC()
	return strings.NewReplacer("YYYY", t.Format("2006"), "SSS", fmt.Sprintf("%03d", t.Nanosecond()/1e6), "MM", t.Format("01"), "DD", t.Format("02"),
		"HH", t.Format("15"), "mm", t.Format("04"), "ss", t.Format("05")).Replace(format)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// units of a duration, largest first.
var units = [...]struct {
	name string
	ms   int64
}{{"w", 604_800_000}, {"d", 86_400_000}, {"h", 3_600_000}, {"m", 60_000}, {"s", 1000}, {"ms", 1}}

// FormatDuration formats a duration as string(d) does: 1w2d3h4m5s6ms without
// the units that are 0, "0s" for zero, a leading minus sign if negative.
func FormatDuration(d lang.Duration) string {
	if d == 0 {
		return "0s"
	}
	var b []byte
	ms := int64(d)
	if ms < 0 {
		b, ms = append(b, '-'), -ms
	}
	for _, u := range units {
		if n := ms / u.ms; n > 0 {
			b = append(strconv.AppendInt(b, n, 10), u.name...)
			ms -= n * u.ms
		}
	}
	return string(b)
}

// ParseDuration parses 1w2d3h4m5s6ms: integers, the largest unit first, each at
// most once, with an optional leading minus sign. The code of an error is
// bad-conversion, or overflow.
func ParseDuration(s string) (lang.Duration, error) {
	bad := func(what string) (lang.Duration, error) {
		return 0, errorf(lang.CodeBadConversion, "%s is not a duration: %s", lang.Quote(s), what)
	}
	rest := strings.TrimPrefix(s, "-")
	if rest == "" {
		return bad("expected a number and a unit such as 1h30m")
	}
	var total int64
	for next := 0; rest != ""; {
		n := skipDigits(rest, 0)
		v, err := strconv.ParseInt(rest[:n], 10, 64)
		if n == 0 || err != nil {
			return bad("expected a whole number")
		}
		rest = rest[n:]
		u := 0
		for rest[u:] != "" && isLetter(rest[u]) {
			u++
		}
		i := unitIndex(rest[:u])
		switch {
		case i < 0:
			return bad("the units are w d h m s ms")
		case i < next:
			return bad("the largest unit comes first, each once")
		case v > lang.MaxInt/units[i].ms:
			return 0, CheckInteger(lang.MaxInt+1, lang.KDuration)
		}
		total += v * units[i].ms
		if err := CheckInteger(total, lang.KDuration); err != nil {
			return 0, err
		}
		next, rest = i+1, rest[u:]
	}
	if s[0] == '-' {
		total = -total
	}
	return lang.Duration(total), nil
}

func unitIndex(name string) int {
	for i, u := range units {
		if u.name == name {
			return i
		}
	}
	return -1
}
