package codec

import "github.com/rql-lang/rql/lang"

// writing is the text notation of a ReprInt kind other than int.
type writing struct {
	parse  func(string) (lang.Integer, error)
	format func(int64) string
}

// writingOf returns the notation of a kind; nil if it has none.
func writingOf(k lang.Kind) *writing {
	switch k {
	case lang.KDateTime:
		return &writing{
			parse:  func(s string) (lang.Integer, error) { return ParseDateTime(s) },
			format: func(n int64) string { return FormatDateTime(lang.DateTime(n)) },
		}
	case lang.KDuration:
		return &writing{
			parse:  func(s string) (lang.Integer, error) { return ParseDuration(s) },
			format: func(n int64) string { return FormatDuration(lang.Duration(n)) },
		}
	}
	return nil
}

// FormatInteger formats a datetime, a duration or a similar value as string(x)
// does.
func FormatInteger(v lang.Integer) string { return writingOf(v.Kind()).format(v.Number()) }

// ParseInteger parses text as a value of a ReprInt kind other than int. The code
// of an error is bad-conversion, or overflow.
func ParseInteger(s string, k lang.Kind) (any, error) {
	v, err := writingOf(k).parse(s)
	if err != nil {
		return nil, err
	}
	return v, nil
}

// CheckInteger rejects a number that is not in the range of a ReprInt kind.
func CheckInteger(n int64, k lang.Kind) error {
	info := k.Info()
	if !info.Holds(n) {
		return errorf(lang.CodeOverflow, "%d is beyond %s, the range of %s", n, info.Range, info.Name)
	}
	return nil
}

// intOf returns the number of a value of a ReprInt or ReprLong type after
// checking the type's range.
func intOf(v any, t lang.Type) (int64, error) {
	k := t.Kind.Info()
	switch x := v.(type) {
	case int64:
		if k.Repr == lang.ReprLong {
			return x, nil
		}
		if k.Repr == lang.ReprInt && k.Make == nil {
			return x, CheckInteger(x, t.Kind)
		}
	case lang.Integer:
		if x.Kind() == t.Kind {
			return x.Number(), CheckInteger(x.Number(), t.Kind)
		}
	}
	return 0, wrongKind(v, t)
}

// parseInt parses the decimal text of a value of a ReprInt or ReprLong type.
func parseInt(text string, t lang.Type) (any, error) {
	var c Cell
	if err := c.integer(text, &t); err != nil {
		return nil, err
	}
	return c.Value(), nil
}
