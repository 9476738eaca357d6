package schema

import (
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
)

// Change changes the catalog for the statements of one text.
type Change struct {
	db       *run.Database
	src      *lang.Source
	progress func(run.Progress) // receives the progress of long work
	// begun says that an ALTER has stored an unfinished definition. A complete one that is not its own was then stored by another
	// client.
	begun bool
	// forbidden says that an ALTER was reverted, because other models use what it removes.
	forbidden bool
}

// New returns a Change for the statements of a text. tell receives the progress of long work.
func New(db *run.Database, src *lang.Source, tell func(run.Progress)) *Change {
	return &Change{db: db, src: src, progress: tell}
}

// mistake returns the error of a definition that is incompatible with the existing one.
func mistake(d *lang.Diag, sp lang.Span) error {
	return &lang.Error{Code: d.Code, Message: d.Message, Hint: d.Hint, Span: sp, Statement: -1}
}
