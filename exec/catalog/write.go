package catalog

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// Define stores a new definition of a model, and deletes the given keys with it. It reports false if the model has another
// version than expected, or a model that d reads or touches has another version than is known here. It returns the number of the new
// version, which is greater than above, or d.Empty if there are documents that it does not go with. What lies in buckets it then makes known
// in all of them; an error of that comes after the definition was stored. Once a definition is complete, the previous one is added to its history.
func (c *Catalog) Define(ctx context.Context, name, version string, above int64, d *Definition, unlink ...string) (string, bool, error) {
	var free []string
	if m := c.Schema().Model(name); m != nil && m.Version == version {
		d.Past, free = m.Past, m.NoLonger(d.Names)
		if d.complete() && d.Def != cmp.Or(m.Complete, m.Def) {
			d.Past = m.History()
		}
		if d.complete() && m.Unfinished {
			unlink = append(unlink, c.conn.Keys.Job(m))
		}
	}
	if d.Buckets = 0; d.Partitioned && c.conn.Keys.Buckets() > 1 {
		d.Buckets = c.conn.Keys.Buckets()
	}
	text, err := json.Marshal(d)
	if err != nil {
		return "", false, fmt.Errorf("write a definition: %w", err)
	}
	next := ""
	if d.Alone {
		next = c.next()
	}
	docs := c.conn.Keys.Never()
	if d.Empty != nil {
		docs = c.conn.Keys.IDs(c.Schema().Model(name))
	}
	argv := append([]any{name, version, string(text), above, next, len(d.Reads)}, c.versions(d.Reads)...)
	argv = append(append(argv, len(free)), words(free)...)
	argv = append(argv, c.versions(d.Touch)...)
	cmd, err := c.change(ctx, lua.Define(), append([]string{docs}, unlink...), argv...)
	if err != nil || cmd == nil {
		return "", false, err
	}
	if _, there := cmd.Val().(int64); there {
		return "", false, d.Empty
	}
	v, _ := cmd.Text()
	if d.Partitioned || c.embedded(name) {
		if err = c.Raise(ctx, append([]string{name}, d.Touch...)...); err == nil {
			err = c.raiseFormer(ctx, d.Names, v)
		}
		err = halfway(err)
	}
	return v, true, err
}

// raiseFormer puts a version into the copies under the earlier names of a model, so that no plan that was made for one of them is valid.
func (c *Catalog) raiseFormer(ctx context.Context, names ir.Names, v string) error {
	if c.conn.Keys.Buckets() == 1 {
		return nil
	}
	for _, name := range slices.Concat(names.Formerly, names.Gone) {
		if err := c.raiseField(ctx, "v:"+name, v); err != nil {
			return err
		}
	}
	return nil
}

// RaiseRenamed makes a model that was renamed known in all buckets, with what names it.
func (c *Catalog) RaiseRenamed(ctx context.Context, m *ir.Model) error {
	err := c.Raise(ctx)
	if err == nil && m.Part != nil {
		err = c.raiseFormer(ctx, m.Names, m.Version)
	}
	return halfway(err)
}

// versions returns names of models, each followed by its version as last read.
func (c *Catalog) versions(names []string) []any {
	out := make([]any, 0, 2*len(names))
	for _, name := range names {
		v := ""
		if m := c.Schema().Model(name); m != nil {
			v = m.Version
		}
		out = append(out, name, v)
	}
	return out
}

func words(names []string) []any {
	out := make([]any, len(names))
	for i, name := range names {
		out[i] = name
	}
	return out
}

// Rename gives a model another name, with everything that names it. It reports false if anything in the catalog has changed since
// it was last read.
func (c *Catalog) Rename(ctx context.Context, moved *ir.Moved) (bool, error) {
	schema := c.Schema()
	was, now := schema.Model(moved.From), moved.Model
	def, err := c.definitionOf(ctx, was.Name, now)
	if err != nil || def == "" {
		return false, err
	}
	keep, free := now.Reserved(), was.NoLonger(now.Names)
	argv := append([]any{c.next(), was.Name, was.Version, now.Name, def, len(keep)}, words(keep)...)
	argv = append(append(argv, len(free)), words(free)...)
	for _, m := range moved.Others {
		other := schema.Model(m.Name)
		if def, err = c.definitionOf(ctx, m.Name, m); err != nil || def == "" {
			return false, err
		}
		argv = append(argv, "m", m.Name, other.Version, def)
	}
	for _, p := range moved.Procedures {
		text, err := json.Marshal(storedProcedure{Def: p.Def})
		if err != nil {
			return false, fmt.Errorf("write a definition: %w", err)
		}
		argv = append(argv, "p", p.Name, schema.Procedure(p.Name).Version, string(text))
	}
	cmd, err := c.change(ctx, lua.Rename(), nil, argv...)
	if err != nil || cmd == nil {
		return false, err
	}
	to := *now
	to.Version, _ = cmd.Text()
	return true, c.RaiseRenamed(ctx, &to)
}

// definitionOf returns the stored definition of a model with another declaration and other names; "" if there is none.
func (c *Catalog) definitionOf(ctx context.Context, name string, m *ir.Model) (string, error) {
	d, err := c.Definition(ctx, name)
	if err != nil || d == nil {
		return "", err
	}
	d.Def, d.Names, d.Past = m.Def, m.Names, m.Past
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("write a definition: %w", err)
	}
	return string(text), nil
}

// next returns the counter of the catalog as last read as a whole.
func (c *Catalog) next() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.loaded.all["next"]
}

// Undefine removes a model from the catalog, and the keys of its sets. It returns false if the model has another version than
// expected. If there are documents, it does nothing and returns their number; documents of an adopted model are left alone. keep
// is for a catalog that was lost: the set of keys stays too, so that the next MODEL finds the documents.
func (c *Catalog) Undefine(ctx context.Context, m *ir.Model, keep bool) (documents int64, ok bool, err error) {
	left := "refuse"
	switch {
	case m.Adopted:
		left = "leave"
	case keep:
		left = "keep"
	}
	if c.conn.Keys.Divides(m) && c.conn.Keys.Buckets() > 1 {
		if !keep {
			return 0, false, fmt.Errorf("%s is in buckets: it is forgotten", m.Name)
		}
		_, ok, err := c.Forget(ctx, m)
		return 0, ok, err
	}
	if m.Celled() {
		if !keep {
			left = "parts:" + m.StoredName() + "@"
		}
		cmd, err := c.change(ctx, lua.Drop(), append([]string{c.conn.Keys.Parts()}, c.conn.Keys.Globals(m)...), append([]any{m.Name, m.Version, left}, words(m.Reserved())...)...)
		if err != nil || cmd == nil {
			return 0, false, err
		}
		n, _ := cmd.Int64()
		return n, true, nil
	}
	cmd, err := c.change(ctx, lua.Drop(), append([]string{c.conn.Keys.IDs(m), c.conn.Keys.Ends(m), c.conn.Keys.Shadows(m), c.conn.Keys.Job(m)}, append(c.conn.Keys.Indexes(m, m.Ordered(), m.Uniques), c.conn.Keys.Globals(m)...)...), append([]any{m.Name, m.Version, left}, words(m.Reserved())...)...)
	if err != nil || cmd == nil {
		return 0, false, err
	}
	n, _ := cmd.Int64()
	return n, true, nil
}

// change runs a script that changes the catalog. It returns nil if the script found another version.
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
		format, _, _ = strings.Cut(format, " script: ") // some servers add it
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

// Definition reads the current definition from the catalog; nil if there is none.
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

// DefineProcedure stores a procedure, or removes it if p is nil, and makes that known in all buckets. It returns false if the procedure has
// another version than expected.
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
	if err != nil || cmd == nil {
		return false, err
	}
	if p != nil {
		return true, c.RaiseProcedure(ctx, name)
	}
	if v, _ := cmd.Text(); v != "" {
		err = c.raiseField(ctx, "pv:"+name, v)
	}
	return true, halfway(err)
}

// RaiseProcedure makes the present version of a procedure known in all buckets.
func (c *Catalog) RaiseProcedure(ctx context.Context, name string) error {
	return halfway(c.raiseAll(ctx, "pv:"+name))
}
