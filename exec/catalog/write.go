package catalog

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// Define changes the definition of a model, unless it has another version than
// expected, or one that d touches has another than is known here; then it reports false. The number of the new version, which is returned,
// is above the given one. Keys to be deleted go with it. What the model was before is remembered when the
// definition is complete.
func (c *Catalog) Define(ctx context.Context, name, version string, above int64, d *Definition, unlink ...string) (string, bool, error) {
	if m := c.Schema().Model(name); m != nil && m.Version == version {
		d.Past = m.Past
		if d.complete() && d.Def != cmp.Or(m.Complete, m.Def) {
			d.Past = m.History()
		}
	}
	text, err := json.Marshal(d)
	if err != nil {
		return "", false, fmt.Errorf("write a definition: %w", err)
	}
	argv := []any{name, version, string(text), above}
	for _, t := range d.Touch {
		v := ""
		if m := c.Schema().Model(t); m != nil {
			v = m.Version
		}
		argv = append(argv, t, v)
	}
	cmd, err := c.change(ctx, lua.Define(), unlink, argv...)
	if err != nil || cmd == nil {
		return "", false, err
	}
	v, _ := cmd.Text()
	return v, true, nil
}

// Undefine takes a model out of the catalog with the keys of its sets, unless it has
// another version than expected (false) or documents, whose number it gives. Those
// that were there before the model stay; keep says that they are of a catalog that was
// lost, so that the set of their keys stays too and the next MODEL finds them.
func (c *Catalog) Undefine(ctx context.Context, m *ir.Model, keep bool) (documents int64, ok bool, err error) {
	left := "refuse"
	switch {
	case m.Adopted:
		left = "leave"
	case keep:
		left = "keep"
	}
	cmd, err := c.change(ctx, lua.Drop(), append([]string{c.conn.Keys.IDs(m), c.conn.Keys.Ends(m), c.conn.Keys.Shadows(m)}, c.conn.Keys.Indexes(m, m.Indexes, m.Uniques)...), m.Name, m.Version, left)
	if err != nil || cmd == nil {
		return 0, false, err
	}
	n, _ := cmd.Int64()
	return n, true, nil
}

// change runs a script that changes the catalog; nil when it found another version.
func (c *Catalog) change(ctx context.Context, s *lua.Script, keys []string, argv ...any) (*conn.Write, error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, err
	}
	b := script.New(c.conn.Keys.Never(), append([]string{c.conn.Keys.Catalog()}, keys...), argv...)
	cmd := c.conn.Command(ctx, s, b, true).(*conn.Write)
	err := c.conn.Process(ctx, cmd)
	switch {
	case err == nil:
		return cmd, nil
	case err == redis.Nil:
		return nil, nil
	case strings.Contains(err.Error(), "WRONGTYPE"):
		return nil, foreignCatalog(c.conn.Keys.Catalog(), "")
	}
	if _, format, ok := strings.Cut(err.Error(), "RQL catalog format "); ok {
		format, _, _ = strings.Cut(format, " script: ") // which some servers add
		if format == "none" {
			format = ""
		}
		return nil, foreignCatalog(c.conn.Keys.Catalog(), format)
	}
	if _, next, ok := strings.Cut(err.Error(), "RQL catalog next "); ok {
		return nil, &lang.Error{Code: lang.CodeCatalog, Statement: -1, Key: c.conn.Keys.Catalog(), Message: "the catalog's counter is damaged: the field next is " + lang.Quote(fail.Clip(next, 40)),
			Hint: "HSET " + c.conn.Keys.Catalog() + " next to a whole number above those that the versions (fields v:… and pv:…) begin with"}
	}
	return nil, c.conn.Named(ctx, s, conn.ServerError(err, conn.MayHaveRun(cmd, err), c.conn.Keys.Catalog()))
}

// Definition reads the definition that the catalog holds now; nil when there is none.
func (c *Catalog) Definition(ctx context.Context, name string) (*Definition, error) {
	cmd := redis.NewStringCmd(ctx, "hget", c.conn.Keys.Catalog(), "m:"+name)
	switch err := c.conn.Process(ctx, cmd); {
	case err == redis.Nil:
		return nil, nil
	case err != nil:
		return nil, conn.ServerError(err, false, c.conn.Keys.Catalog())
	}
	var d Definition
	if err := json.Unmarshal([]byte(cmd.Val()), &d); err != nil {
		return nil, catalogError(name, err)
	}
	return &d, nil
}

// DefineProcedure enters a procedure, or takes it out when p is nil, unless it has another version than expected; then it reports false.
func (c *Catalog) DefineProcedure(ctx context.Context, name, version string, p *ir.Procedure) (bool, error) {
	text := ""
	if p != nil {
		b, err := json.Marshal(storedProcedure{Def: p.Def})
		if err != nil {
			return false, fmt.Errorf("write a definition: %w", err)
		}
		text = string(b)
	}
	cmd, err := c.change(ctx, lua.Procedure(), nil, name, version, text)
	return cmd != nil, err
}
