package args

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Format is an output format; "" chooses one depending on whether standard output is a terminal.
type Format string

// The formats.
const (
	Table Format = "table"
	JSON  Format = "json"
	JSONL Format = "jsonl"
	CSV   Format = "csv"

	// Pictures of plans.
	Mermaid Format = "mermaid"
	Dot     Format = "dot"
	SVG     Format = "svg"
)

// Picture reports whether only plans have the format.
func (f Format) Picture() bool { return f == Mermaid || f == Dot || f == SVG }

// Formats lists all formats, in the order of the help text.
func Formats() []string { return []string{string(Table), string(JSON), string(JSONL), string(CSV)} }

// UnmarshalText parses a format's name in any case.
func (f *Format) UnmarshalText(text []byte) error {
	name := strings.ToLower(string(text))
	for _, x := range append(Formats(), string(Mermaid), string(Dot), string(SVG)) {
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
