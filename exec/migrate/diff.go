package migrate

import (
	"context"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// Models reads the models and procedures that a text declares, which has nothing else. Errors: *lang.CheckError.
func Models(ctx context.Context, name, text string) (*ir.Schema, error) {
	d, err := exec.Declare(ctx, []*lang.Source{lang.NewSource(name, text)})
	if err != nil {
		return nil, err //nolint:wrapcheck // it is an error of RQL
	}
	return d.Schema(), nil
}

// Schema returns the models and procedures that result from all migrations.
func (s *Set) Schema() *ir.Schema { return s.schema }

// Diff returns the text of a migration that leads from the models and procedures of one schema to those of another, with the part that
// undoes it; "" if there is nothing that a migration can do without deleting values. The notes, which are comments in the text too, say what it
// leaves to be done. Both parts have been checked. Errors: *lang.CheckError, if a change cannot be made in one migration.
func Diff(ctx context.Context, from, to *ir.Schema) (text string, notes []string, err error) {
	statements, notes := check.Transition(ctx, from, to, false)
	if len(statements) == 0 {
		return "", notes, nil
	}
	up := strings.Join(append(statements, notes...), "\n")
	p := newPart("the migration", up)
	if err := p.check(ctx, from); err != nil {
		return "", nil, err
	}
	statements, _ = check.Transition(ctx, p.prog.Schema, from, true)
	down := strings.Join(statements, "\n")
	back := newPart("the part behind DOWN", down)
	if err := back.check(ctx, p.prog.Schema); err != nil {
		return "", nil, err
	}
	return up + "\n\nDOWN;\n\n" + down + "\n", notes, nil
}
