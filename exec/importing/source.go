package importing

import (
	"cmp"
	"fmt"

	"github.com/rql-lang/rql/lang"
)

// Pos is a position in an imported file, from 1.
type Pos struct{ Line, Col int }

// RecordError says that a record of an imported file cannot be read or does not fit.
type RecordError struct {
	File    string
	Pos     Pos
	Field   string
	Code    lang.Code
	Message string
	Record  any // what can be read of the record, for a file of rejected ones
}

// code returns the code of the error.
func (e *RecordError) code() lang.Code { return cmp.Or(e.Code, lang.CodeImport) }

// Error returns the message with file, line and column.
func (e *RecordError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Pos.Line, e.Pos.Col, e.Message)
}

// Source reads the records of a file.
type Source interface {
	Columns() []string // nil if each record names its own
	// Next returns the next record by column, until the next call. It returns io.EOF at the end, and a *RecordError for a record that cannot be read.
	Next() (row map[string]any, pos Pos, err error)
	Bytes() (read, total int64)
	Close() error
}
