package importing

import (
	"context"
	"fmt"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// doubles warns, before the first document is written, if it has no key and the model has documents: if they are from an earlier
// import of the file, there will be two of each.
func (im *importer) doubles(ctx context.Context, first *bind.Fitted) error {
	if im.seen {
		return nil
	}
	im.seen = true
	m := im.st.Model
	if first.Has(m.Key) {
		return nil
	}
	count := &ir.Count{Head: ir.Head{Sp: im.st.Sp, Uses: []*ir.Model{m}}, Model: m}
	plan, err := run.Build(count, &ir.Program{Source: im.o.Text, Schema: im.o.Schema}, im.db.Conn.Can())
	if err != nil {
		return fmt.Errorf("plan the number of documents: %w", err)
	}
	n := int64(0)
	err = im.db.Each(ctx, m, func(part *run.Database) error {
		out, err := part.Run(ctx, plan)
		if err != nil || !out.Next() {
			return err
		}
		more, _ := out.Values()[0].(int64)
		n += more
		return nil
	})
	if err != nil {
		return nil // the import itself will say what is wrong
	}
	if n > 0 {
		im.warned.Warn(rows.Warning{Code: lang.CodeMayDouble, Field: m.Key.Name,
			Text: fmt.Sprintf("%s has no %s, so each record gets a new one; if the %d documents of %s are from an earlier import of it, they are doubled now", im.file, m.Key.Name, n, m.Name)})
	}
	return nil
}
