package lang

// Codes for faults of values while a statement runs. The evaluator in Go and
// the generated Lua use the same ones. Where rows are selected or projected,
// the codes of the first group are warnings and the value is null; where
// something is written or decided they are errors and nothing happens.
const (
	CodeDivisionByZero   Code = "division-by-zero"
	CodeOverflow         Code = "overflow"
	CodeNotFinite        Code = "not-finite"
	CodeNegativeExponent Code = "negative-exponent"
	CodeBadConversion    Code = "bad-conversion"
	CodeBadArgument      Code = "bad-argument"
	CodeInvalidUTF8      Code = "invalid-utf8"
	CodeStringTooLong    Code = "string-too-long"
	CodeIndexOutOfRange  Code = "index-out-of-range"
	CodeNullValue        Code = "null-value"
	CodeBadValue         Code = "bad-value"
	CodeBadPattern       Code = "bad-pattern"
	CodePatternTooBig    Code = "pattern-too-big"
	CodeIndexedTooLong   Code = "indexed-too-long"
	CodeBadTarget        Code = "bad-target"
)

func evalCodes() []CodeInfo {
	return []CodeInfo{
		{Code: CodeDivisionByZero, Section: sectionValues, Status: 1, Summary: "the right side of `/`, `//` or `%` is 0"},
		{Code: CodeOverflow, Section: sectionValues, Status: 1, Summary: "an int beyond ±9007199254740991, an integer of that size where a float is required, an int64 beyond 64 bits, a datetime outside the years 1 to 9999, a duration beyond an int of milliseconds"},
		{Code: CodeNotFinite, Section: sectionValues, Status: 1, Summary: "a float operation produced an infinity or NaN"},
		{Code: CodeNegativeExponent, Section: sectionValues, Status: 1, Summary: "int `**` a negative int"},
		{Code: CodeBadConversion, Section: sectionValues, Status: 1, Summary: "a value that cannot be converted to the type; status 2 for a literal"},
		{Code: CodeBadArgument, Section: sectionValues, Status: 1, Summary: "an argument of the right type with an invalid value"},
		{Code: CodeInvalidUTF8, Section: sectionValues, Status: 1, Summary: "a string that is not valid UTF-8"},
		{Code: CodeStringTooLong, Section: sectionValues, Status: 1, Summary: "`+`, `*` or replace() would produce a string of more than 1 MiB"},
		{Code: CodeIndexOutOfRange, Section: sectionValues, Status: 1, Summary: "SET of a list element past the end"},
		{Code: CodeNullValue, Section: sectionValues, Status: 1, Summary: "null where a value is required"},
		{Code: CodeBadValue, Section: sectionValues, Status: 1, Summary: "a stored value or key, written by another program, that does not fit; the hint names a type that can read it, if there is one"},
		{Code: CodeBadPattern, Section: sectionValues, Status: 2, Summary: "the right side of LIKE or MATCHES is not a valid pattern; status 1 if it comes from a parameter"},
		{Code: CodePatternTooBig, Section: sectionValues, Status: 2, Summary: "a pattern of more than 1,000 states; status 1 if it comes from a parameter"},
		{Code: CodeBadTarget, Section: sectionValues, Status: 1, Summary: "the rows do not fit the Go type that they are read into"},
		{Code: CodeIndexedTooLong, Section: sectionValues, Status: 1, Summary: "an indexed or unique value of more than 1,024 bytes"},
	}
}
