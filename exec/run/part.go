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
	if len(j.p.Pins) == 0 || j.p.Over != nil {
		return nil
	}
	db, key, err := j.db.partition(j.p, &j.Env)
	j.bound.Key = key
	if n := j.p.KeyParam; n > 0 {
		params := make([]any, n)
		copy(params, j.Env.Params)
		params[n-1], j.Env.Params = key, params
	}
	if err != nil || db == j.db {
		return err
	}
	j.db = db
	j.Env.Vars = keysWithin(j.p, j.Env.Vars, db.Conn.Keys)
	if j.Env.Deref != nil {
		j.Env.Deref = func(m *ir.Model, key any) (map[string]any, error) { return db.Fetch(ctx, m, key) }
	}
	return nil
}

// InBucket reports whether a job that was started works in a bucket, whose keys may be in another slot than those of other jobs.
func (j *task) InBucket() bool {
	_, is := j.db.Conn.Keys.InBucket()
	return is
}

// partition returns the database of the partition that the statement of a plan names, and db itself if it names none. key is that of a
// new document, if it was computed to know its bucket.
func (db *Database) partition(p *planner.Plan, env *eval.Env) (in *Database, key any, err error) {
	f := finder{p: p}
	for i := range p.Pins {
		pin := &p.Pins[i]
		if pin.Value == nil {
			if p.KeyParam > 0 || db.Conn.Keys.Divides(pin.Model) {
				err = f.made(pin, nil, env)
			}
		} else {
			err = f.named(db, pin, env)
		}
		if err != nil {
			return nil, nil, fail.InProcedure(err, pin.In)
		}
	}
	if !f.known {
		return db, nil, nil
	}
	return db.In(f.text), f.key, nil
}

// finder finds the partition that the pins of a plan name.
type finder struct {
	p     *planner.Plan
	text  string
	known bool
	key   any // of a new document, if it was computed
}

// named reads a pin that has a value.
func (f *finder) named(db *Database, pin *planner.Pin, env *eval.Env) error {
	v, err := pin.Value(env)
	if err != nil {
		return fail.Value(err)
	}
	values := []any{v}
	if list, ok := v.([]any); ok {
		values = list
	}
	for _, v := range values {
		if pin.Docs {
			doc := v
			if v, err = bind.PartOf(pin.Model, doc); err != nil {
				return fail.ValueAt(err, pin.X.Span())
			}
			if v == nil && pin.Model.Part.Default != nil {
				if _, block := f.p.Stmt.(*ir.Atomic); block {
					return fail.Errorf(lang.CodePartitionNeeded, pin.X.Span(), "a document of this block has no %s, which names its partition", pin.Model.Part.Name)
				}
				if db.Conn.Keys.Divides(pin.Model) {
					if err := f.made(pin, doc, env); err != nil {
						return err
					}
				}
				continue
			}
		}
		if err := f.is(v, pin); err != nil {
			return err
		}
	}
	return nil
}

// made computes the key of a new document, which names its partition.
func (f *finder) made(pin *planner.Pin, doc any, env *eval.Env) error {
	if pin.Defaults == nil {
		return fail.Errorf(lang.CodeNotAllowed, pin.Model.Decl.Sp, "the DEFAULT of %s is computed after the bucket of the document must be known", pin.Model.Key.Name).WithHint("write a value for " + pin.Model.Key.Name)
	}
	key, err := bind.NewKey(pin.Model, pin.Defaults, pin.Given, doc, env)
	if err != nil {
		return err
	}
	f.key = key
	return f.is(key, pin)
}

// is records a value that names the partition.
func (f *finder) is(v any, pin *planner.Pin) error {
	t, err := partText(v, pin)
	if err != nil {
		return err
	}
	if f.known && t != f.text {
		return fail.Errorf(lang.CodeOtherPartition, spanOf(pin), "a statement works in one partition, and these are two: %s and %s", lang.Quote(fail.Clip(f.text, 40)), lang.Quote(fail.Clip(t, 40))).
			WithHint("use a statement, or a block, for each partition")
	}
	f.text, f.known = t, true
	return nil
}

// spanOf returns the position of what names a partition.
func spanOf(pin *planner.Pin) lang.Span {
	if pin.X == nil {
		return lang.Span{}
	}
	return pin.X.Span()
}

// partText returns the text of the value of a partition.
func partText(v any, pin *planner.Pin) (string, error) {
	t, ok := ir.KeyText(v)
	sp := spanOf(pin)
	switch {
	case v == nil && (pin.New || pin.X == nil):
		return "", fail.Errorf(lang.CodeRequired, sp, "%s of %s may not be null", pin.Model.Part.Name, pin.Model.Name)
	case v == nil:
		return "", fail.Errorf(lang.CodeNullValue, sp, "a partition may not be null")
	case !ok:
		return "", fail.Errorf(lang.CodeBadParam, sp, "a partition is a string or an integer, not %T", v)
	case t == "" || len(t) > ir.MaxPart:
		return "", fail.Errorf(lang.CodeBadKey, sp, "the value of a partition has 1 to %d bytes; this one has %d", ir.MaxPart, len(t))
	}
	return t, nil
}
