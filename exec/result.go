package exec

import (
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
)

// What a run gives: rows, warnings and errors.
type (
	Rows       = rows.Rows
	Warning    = rows.Warning
	Error      = fail.Error
	CheckError = fail.CheckError
	Outcome    = fail.Outcome
)

// Outcomes of a failed call.
const (
	OutcomeNone    = fail.OutcomeNone
	OutcomePartial = fail.OutcomePartial
	OutcomeUnknown = fail.OutcomeUnknown
)

// Options are the settings of a connection.
type Options = conn.Options
