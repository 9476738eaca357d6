package exec

import (
	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/importing"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
)

// Rows, warnings and errors of a run.
type (
	Rows       = rows.Rows
	Warning    = rows.Warning
	Error      = lang.Error
	CheckError = lang.CheckError
	Outcome    = lang.Outcome
)

// Outcomes of a failed call.
const (
	OutcomeNone    = lang.OutcomeNone
	OutcomePartial = lang.OutcomePartial
	OutcomeUnknown = lang.OutcomeUnknown
)

// Options are the settings of a connection.
type Options = conn.Options

// Progress reports the progress of long work.
type Progress = run.Progress

// RowSink receives the rows of an EXPORT, or of the rejected records of an IMPORT.
type RowSink = importing.Sink

// The input of IMPORT.
type (
	Pos         = importing.Pos
	RecordError = importing.RecordError
	RowSource   = importing.Source
)

// NewRows returns a result with the given rows.
func NewRows(kind string, columns []string, list [][]any, affected int64) *Rows {
	out := rows.New(kind, columns, list)
	out.Types = make([]lang.Type, len(columns))
	out.Count(affected)
	return out
}

// The shape of a text's result, and what reads its rows.
type (
	Shape  = compile.Shape
	Column = compile.Column
	Target = compile.Target
	Last   = compile.Last
)
