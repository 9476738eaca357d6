package lang

import (
	"path"
	"slices"
	"strings"
)

// FileKinds returns the suffixes of files that IMPORT reads and EXPORT writes. Each may be followed by .gz.
func FileKinds() []string { return []string{".csv", ".tsv", ".json", ".jsonl", ".ndjson"} }

// FileKind returns the suffix that determines the format of a file, in lower case and without .gz; "" if it is not one of
// FileKinds.
func FileKind(name string) string {
	ext := path.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz"))
	if slices.Contains(FileKinds(), ext) {
		return ext
	}
	return ""
}

// Zipped reports whether a file is compressed.
func Zipped(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".gz") }

// Tabular reports whether a kind of file has text cells in named columns.
func Tabular(kind string) bool { return kind == ".csv" || kind == ".tsv" }
