package schema

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// The register of a model's partitions is used when it is complete. It is completed behind a new version of the model, because programs that
// make documents by this one know the register.

// enroll completes the register of a model that was just defined. Where another client has changed the model since, that one completes it.
func (c *Change) enroll(ctx context.Context, name, version string) error {
	m := c.db.Catalog.Schema().Model(name)
	if m == nil || m.Version != version {
		return nil
	}
	if err := c.db.Enroll(ctx, m); err != fail.ErrStale {
		return err
	}
	return nil
}

// wholeCmd returns the command that asks whether the register of a model is complete; none if the model needs none.
func (c *Change) wholeCmd(ctx context.Context, m *ir.Model) []redis.Cmder {
	if !c.db.Registers(m) {
		return nil
	}
	return []redis.Cmder{redis.NewFloatCmd(ctx, "zscore", c.db.Conn.Keys.Begun(m), "")}
}

// makeWhole completes the register of a model that is not defined anew, unless whole says that it is complete: that of an older database, or
// of a MODEL that was killed. A user who may not write leaves it as it is.
func (c *Change) makeWhole(ctx context.Context, m *ir.Model, whole []redis.Cmder) error {
	if len(whole) == 0 || whole[0].Err() != redis.Nil {
		return nil
	}
	d, err := c.db.Catalog.Definition(ctx, m.Name)
	if err != nil || d == nil {
		return err
	}
	version, ok, err := c.db.Catalog.Define(ctx, m.Name, m.Version, 0, d)
	if err == nil && ok {
		if _, err = c.db.Catalog.Reload(ctx); err == nil {
			err = c.enroll(ctx, m.Name, version)
		}
	}
	if x, is := fail.As(err); is && x.Outcome == lang.OutcomeNone && (x.Code == lang.CodeDenied || x.Code == lang.CodeReadOnly) {
		return nil
	}
	return err
}
