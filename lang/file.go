package lang

import (
	"path"
	"slices"
	"strings"
)

// FileKinds are the suffixes of the files that IMPORT reads and EXPORT writes; each may be followed by .gz.
func FileKinds() []string { return []string{".csv", ".tsv", ".json", ".jsonl", ".ndjson"} }

// FileKind is the suffix, in small letters and without .gz, that says what a file holds; "" if it is none of FileKinds.
func FileKind(name string) string {
	ext := path.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz"))
	if slices.Contains(FileKinds(), ext) {
		return ext
	}
	return ""
}

// Zipped reports a file that holds its text compressed.
func Zipped(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".gz") }

// Tabular reports a kind of file that has cells of text under named columns.
func Tabular(kind string) bool { return kind == ".csv" || kind == ".tsv" }
