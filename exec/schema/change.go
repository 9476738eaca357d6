package schema

import (
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
)

// Change changes the catalog for a statement of one text.
type Change struct {
	db       *run.Database
	src      *lang.Source
	progress func(run.Progress) // how far long work is
	// begun: an ALTER has entered an unfinished definition, so a complete one that is not its own was put there by somebody else.
	begun bool
}

// New makes the changes of the statements of a text; tell hears how far long work is.
func New(db *run.Database, src *lang.Source, tell func(run.Progress)) *Change {
	return &Change{db: db, src: src, progress: tell}
}

// mistake is the error of a definition that does not fit the one that is there.
func mistake(d *lang.Diag, sp lang.Span) error {
	return &lang.Error{Code: d.Code, Message: d.Message, Hint: d.Hint, Span: sp, Statement: -1}
}
