package lang

// Codes of what goes wrong with values while a statement runs. The evaluator
// in Go and the generated Lua use the same ones. Where rows are chosen or
// shown the first group are warnings and the value is null; where something is
// written or decided they are errors and nothing happens.
const (
	// CodeDivisionByZero: the right side of /, // or % is 0.
	CodeDivisionByZero Code = "division-by-zero"
	// CodeOverflow: an int beyond ±9007199254740991, an int64 beyond 64 bits, a datetime outside years 1 to 9999,
	// a duration beyond the range of int.
	CodeOverflow Code = "overflow"
	// CodeNotFinite: a float operation gave an infinity or NaN, or one was given.
	CodeNotFinite Code = "not-finite"
	// CodeNegativeExponent: int ** a negative int.
	CodeNegativeExponent Code = "negative-exponent"
	// CodeBadConversion: int(), float(), datetime(), hex() …, or a string beside a datetime, duration, enum or bytes,
	// that cannot be read as that type.
	CodeBadConversion Code = "bad-conversion"
	// CodeBadArgument: an argument of the right type but an impossible value: date_trunc('fortnight', t), percentile(x, 2).
	CodeBadArgument Code = "bad-argument"
	// CodeInvalidUTF8: a string that is not valid UTF-8.
	CodeInvalidUTF8 Code = "invalid-utf8"
	// CodeStringTooLong: + , * or replace() would make a string longer than MaxString bytes.
	CodeStringTooLong Code = "string-too-long"
	// CodeIndexOutOfRange: SET of a list element past the end.
	CodeIndexOutOfRange Code = "index-out-of-range"
	// CodeNullValue: null where a value is required.
	CodeNullValue Code = "null-value"

	// CodeBadValue: a stored value that is not of its field's type.
	CodeBadValue Code = "bad-value"
	// CodeBadPattern: the right side of LIKE or MATCHES is not a pattern.
	CodeBadPattern Code = "bad-pattern"
	// CodePatternTooBig: a pattern whose table has more than 1,000 states.
	CodePatternTooBig Code = "pattern-too-big"
	// CodeIndexedTooLong: an indexed or unique string, or tuple, longer than 1 KB.
	CodeIndexedTooLong Code = "indexed-too-long"
)

// MaxString is the length in bytes that + , * and replace() may reach.
const MaxString = 1 << 20

// MaxJSON is how many bytes a list, a map or a json has at most as the JSON
// text in which it is stored and sent: a script that changes one reads and
// writes all of it.
const MaxJSON = 1 << 20

// MaxIndexed is the length in bytes of the longest indexed or unique string or tuple.
const MaxIndexed = 1024
