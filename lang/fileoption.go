package lang

import (
	"slices"
	"strings"
)

// FileOptions are the options of WITH after IMPORT and EXPORT. The zero value is a file as EXPORT writes it.
type FileOptions struct {
	Format    string   // suffix of FileKinds; "": that of the name
	Encoding  string   // one of the values of ENCODING; "": UTF-8, unless a byte order mark says UTF-16
	Delimiter byte     // between cells; 0: that of the kind of file
	Quote     byte     // around cells; 0: `"`
	NoQuote   bool     // cells have no quotes
	Null      string   // text of a cell without quotes that is null
	NoHeader  bool     // the first line is a record
	Columns   []string // names of the columns of a file without header; nil: c1, c2, …
	Comma     bool     // floats have a decimal comma
	DateTime  string   // format of datetimes, as of datetime(s, format); "": ISO 8601
}

// Kind returns the suffix that determines the format of a file with these options.
func (o *FileOptions) Kind(name string) string {
	if o.Format != "" {
		return o.Format
	}
	return FileKind(name)
}

// FileOption describes an option of WITH.
type FileOption struct {
	Name   string
	Values []string // the texts that it may have; nil: see Doc
	Table  bool     // of CSV and TSV files only
	Bool   bool     // its value is TRUE or FALSE
	Doc    string   // one line
}

// FileOptionRows lists the options of WITH, in the order of the reference. The list belongs to the caller.
func FileOptionRows() []FileOption {
	return []FileOption{
		{Name: "FORMAT", Values: []string{"csv", "tsv", "json", "jsonl"}, Doc: "the format, if the name of the file does not end in it"},
		{Name: "ENCODING", Values: []string{"utf-8", "utf-16", "utf-16le", "utf-16be", "latin1", "windows-1252"}, Doc: "without it UTF-8; a byte order mark takes precedence. A value with bytes that are no character is an error with its place"},
		{Name: "DELIMITER", Table: true, Doc: "the ASCII character between cells, such as `';'`"},
		{Name: "QUOTE", Table: true, Doc: "the ASCII character around cells, such as `''''`; `''`: there are no quotes"},
		{Name: "NULL", Table: true, Doc: "a cell without quotes that is null, such as `'NA'`; without it the empty cell"},
		{Name: "HEADER", Table: true, Bool: true, Doc: "FALSE: the first line is a record; its columns are the fields in the order of the model, or c1, c2, … with AS"},
		{Name: "DECIMAL", Table: true, Values: []string{".", ","}, Doc: "the decimal point of floats that are not in JSON text"},
		{Name: "DATETIME", Table: true, Doc: "the format of datetimes that are not in JSON text, as of `datetime(s, 'DD.MM.YYYY')`"},
	}
}

// FindFileOption returns the option of a name in any case; nil if there is none.
func FindFileOption(name string) *FileOption {
	rows := FileOptionRows()
	i := slices.IndexFunc(rows, func(o FileOption) bool { return strings.EqualFold(o.Name, name) })
	if i < 0 {
		return nil
	}
	return &rows[i]
}

// IsDateTimeFormat reports whether datetime(s, format) accepts a format: it has YYYY, and no letters but those of its parts, T and Z.
func IsDateTimeFormat(format string) bool {
	rest := format
	for _, part := range []string{"YYYY", "SSS", "MM", "DD", "HH", "mm", "ss", "T", "Z"} {
		rest = strings.ReplaceAll(rest, part, " ")
	}
	return strings.Contains(format, "YYYY") && !strings.ContainsFunc(rest, func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' })
}
