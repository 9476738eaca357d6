package run

import (
	"context"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// enter makes the run one of the partition that the statement names, before anything is sent.
func (j *task) enter(ctx context.Context) error {
	if len(j.p.Pins) == 0 {
		return nil
	}
	db, err := j.db.partition(j.p, &j.Env)
	if err != nil || db == j.db {
		return err
	}
	j.db = db
	if j.Env.Deref != nil {
		j.Env.Deref = func(m *ir.Model, key any) (map[string]any, error) { return db.Fetch(ctx, m, key) }
	}
	return nil
}

// partition returns the database of the partition that the statement of a plan names, and db itself if it names none.
func (db *Database) partition(p *planner.Plan, env *eval.Env) (*Database, error) {
	text, known := "", false
	for i := range p.Pins {
		pin := &p.Pins[i]
		if pin.Value == nil {
			continue
		}
		v, err := pin.Value(env)
		if err != nil {
			return nil, fail.Value(err)
		}
		values := []any{v}
		if list, ok := v.([]any); ok {
			values = list
		}
		for _, v := range values {
			if pin.Docs {
				if v, err = bind.PartOf(pin.Model, v); err != nil {
					return nil, fail.ValueAt(err, pin.X.Span())
				}
				if v == nil && pin.Model.Part.Default != nil {
					continue
				}
			}
			t, err := partText(v, pin)
			if err != nil {
				return nil, err
			}
			if known && t != text {
				return nil, fail.Errorf(lang.CodeOtherPartition, pin.X.Span(), "a statement works in one partition, and these are two: %s and %s", lang.Quote(fail.Clip(text, 40)), lang.Quote(fail.Clip(t, 40))).
					WithHint("use a statement, or a block, for each partition")
			}
			text, known = t, true
		}
	}
	if !known {
		return db, nil
	}
	return db.In(text), nil
}

// partText returns the text of the value of a partition.
func partText(v any, pin *planner.Pin) (string, error) {
	t, ok := ir.KeyText(v)
	x := pin.X
	switch {
	case v == nil && pin.New:
		return "", fail.Errorf(lang.CodeRequired, x.Span(), "%s of %s may not be null", pin.Model.Part.Name, pin.Model.Name)
	case v == nil:
		return "", fail.Errorf(lang.CodeNullValue, x.Span(), "a partition may not be null")
	case !ok:
		return "", fail.Errorf(lang.CodeBadParam, x.Span(), "a partition is a string or an integer, not %T", v)
	case t == "" || len(t) > ir.MaxPart:
		return "", fail.Errorf(lang.CodeBadKey, x.Span(), "the value of a partition has 1 to %d bytes; this one has %d", ir.MaxPart, len(t))
	}
	return t, nil
}
