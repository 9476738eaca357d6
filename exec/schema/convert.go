package schema

import (
	"context"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// misfits are the documents whose values cannot be converted.
type misfits struct {
	model  *ir.Model
	docs   int64 // number of documents examined
	number int64 // number of documents that do not fit
	keys   []string
}

// add adds the result of a step.
func (m *misfits) add(docs int64, found []any, _ time.Duration) {
	m.docs += docs
	for _, x := range found {
		switch x := x.(type) {
		case int64:
			m.number += x
		case string:
			if len(m.keys) < asked {
				m.keys = append(m.keys, lang.Quote(x))
			}
		}
	}
}

// err returns the error for the documents that do not fit.
func (m *misfits) err() error {
	if m.number == 0 {
		return nil
	}
	more, what, hint := "", "converted", "USING computes the new value from the document; change these documents first, or handle them there"
	if names := m.added(); names != "" {
		what, hint = "given "+names, "DEFAULT computes the value from the document; change these documents first, or handle them there"
	}
	if int(m.number) > len(m.keys) {
		more = ", …"
	}
	return fail.Errorf(lang.CodeMisfit, lang.Span{}, "%d of %d documents of %s cannot be %s: %s%s", m.number, m.docs, m.model.Name, what, strings.Join(m.keys, ", "), more).
		WithHint(hint)
}

// added returns the names of the new fields, if no other is computed.
func (m *misfits) added() string {
	var names []string
	for _, f := range m.model.Hidden {
		if !f.Columns[0].Once {
			return ""
		}
		names = append(names, f.Columns[0].Label())
	}
	return strings.Join(names, ", ")
}

// carryOn continues an ALTER that another client has begun and that converts stored values: no other change may come between its
// steps.
func (c *Change) carryOn(ctx context.Context, st *ir.Define, was *ir.Model, there *redis.StringSliceCmd) error {
	text := lang.Print(was.Change)
	other := New(c.db, lang.NewSource("catalog", text), c.progress)
	its := &ir.Define{Head: st.Head, Model: was, Alter: was.Change}
	_, err := other.altered(ctx, its, was, there, &rows.Rows{})
	if x, is := fail.As(err); is && err != fail.ErrStale {
		if takenBack(x.Code) || other.forbidden {
			return nil
		}
		x.Span = st.Sp
	}
	return err
}
