package args

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Format is the form of results; "" chooses by whether standard output is a terminal.
type Format string

// The formats.
const (
	Table Format = "table"
	JSON  Format = "json"
	JSONL Format = "jsonl"
	CSV   Format = "csv"
)

// Formats lists every format, in the order of help.
func Formats() []string { return []string{string(Table), string(JSON), string(JSONL), string(CSV)} }

// UnmarshalText reads a format's name in any case.
func (f *Format) UnmarshalText(text []byte) error {
	name := strings.ToLower(string(text))
	for _, x := range Formats() {
		if name == x {
			*f = Format(x)
			return nil
		}
	}
	if near := lang.Nearest(name, Formats()); near != "" {
		return fmt.Errorf("unknown format %q; did you mean %s?", text, near)
	}
	return fmt.Errorf("unknown format %q; the formats are %s", text, strings.Join(Formats(), ", "))
}
