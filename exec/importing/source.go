package importing

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
)

// Pos is a place in an imported file, from 1.
type Pos struct{ Line, Col int }

// RecordError is a record of an imported file that cannot be read or does not fit.
type RecordError struct {
	File    string
	Pos     Pos
	Field   string
	Code    lang.Code
	Message string
}

// Error names file, line and column.
func (e *RecordError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Pos.Line, e.Pos.Col, e.Message)
}

// Source gives the records of an imported file.
type Source interface {
	Columns() []string // nil where each record names its own
	// Next gives the next record by column; io.EOF at the end; a *RecordError for one that cannot be read.
	Next() (row map[string]any, pos Pos, err error)
	Bytes() (read, total int64)
	Close() error
}
