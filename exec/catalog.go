package exec

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/parser"
)

// definition is a model as the catalog holds it.
type definition struct {
	Def      string   `json:"def"`                // canonical MODEL statement
	Building []string `json:"building,omitempty"` // "ix:age", "uq:email", "f:level", "ck:age:age >= 0", "drop:old", "ft": not in all documents yet
	Was      string   `json:"was,omitempty"`      // with Building: the last definition that was whole
	Past     []string `json:"past,omitempty"`     // hashes of those before it
	// Search is the Search index in use; with the number 0 none was made, because documents did not fit.
	Search *searchRecord `json:"search,omitempty"`
	// Expires: documents may have ends. Shadow are the columns that the shadow of such a document keeps, in their order.
	Expires bool     `json:"expires,omitempty"`
	Shadow  []string `json:"shadow,omitempty"`
}

// reload reads the catalog and reports whether it is another than before.
func (e *Engine) reload(ctx context.Context) (bool, error) {
	e.catalogMu.Lock() // from before it is read: else an older answer could come last
	defer e.catalogMu.Unlock()
	cmd := redis.NewMapStringStringCmd(ctx, "hgetall", e.conn.Keys.Catalog())
	if err := e.conn.Process(ctx, cmd); err != nil {
		x := conn.ServerError(err, false, e.conn.Keys.Catalog())
		if x.Code == lang.CodeBadValue {
			return false, foreignCatalog(e.conn.Keys.Catalog(), "")
		}
		e.conn.DeniedKey(x, e.conn.Keys.Catalog())
		return false, x
	}
	all := cmd.Val()
	if f := all["format"]; f != "1" && len(all) > 0 {
		return false, foreignCatalog(e.conn.Keys.Catalog(), f)
	}
	old := e.schema.Load()
	if old != nil && sameVersions(old, all) {
		return false, nil
	}
	schema, err := loadModels(all)
	if err != nil {
		return false, err
	}
	e.schema.Store(schema)
	return true, nil
}

// sameVersions compares a schema with the versions in the catalog.
func sameVersions(s *ir.Schema, all map[string]string) bool {
	n := 0
	for k, v := range all {
		if name, ok := strings.CutPrefix(k, "v:"); ok {
			n++
			if m := s.Model(name); m == nil || m.Version != v {
				return false
			}
		}
	}
	return n == len(s.Names()) && sameProcedures(s, all)
}

// loadModels reads the definitions.
func loadModels(all map[string]string) (*ir.Schema, error) {
	var names []string
	for k := range all {
		if name, ok := strings.CutPrefix(k, "m:"); ok {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	defs, stored := make([]check.Definition, len(names)), make([]definition, len(names))
	for i, name := range names {
		d := &stored[i]
		if err := json.Unmarshal([]byte(all["m:"+name]), d); err != nil {
			return nil, catalogError(name, err)
		}
		defs[i] = check.Definition{Def: d.Def, Version: all["v:"+name]}
	}
	schema, err := check.LoadSchema(defs, parser.Parse)
	if err != nil {
		return nil, catalogError("a model", err)
	}
	if schema, err = loadProcedures(schema, all); err != nil {
		return nil, err
	}
	for i, name := range names {
		if err := loadState(schema.Model(name), &stored[i]); err != nil {
			return nil, err
		}
	}
	return schema, nil
}

// loadState gives a model what its definition says of its indexes and new fields.
func loadState(m *ir.Model, d *definition) error {
	m.Search = loadSearch(m, d)
	loadLife(m, d)
	m.Unlisted = slices.Contains(d.Building, listMark)
	m.Past = d.Past
	if len(d.Building) == 0 {
		return nil
	}
	m.Whole = d.Was
	for _, c := range m.Checks {
		c.Building = slices.Contains(d.Building, c.Mark())
	}
	for _, ix := range m.Indexes {
		ix.Building = slices.Contains(d.Building, "ix:"+ix.Name)
	}
	for _, ix := range m.Uniques {
		ix.Building = slices.Contains(d.Building, "uq:"+ix.Name)
	}
	for _, f := range m.Fields {
		if slices.Contains(d.Building, "f:"+f.Name) {
			if err := fill(f); err != nil {
				return catalogError(m.Name, err)
			}
		}
	}
	return nil
}

// fill makes documents without a new field be read with its default.
func fill(f *ir.Field) error {
	fn, err := eval.Compile(f.Default, eval.Layout{})
	if err != nil {
		return fmt.Errorf("compile the default of %s: %w", f.Name, err)
	}
	v, err := fn(&eval.Env{})
	if err != nil {
		return fmt.Errorf("compute the default of %s: %w", f.Name, err)
	}
	for _, c := range f.Columns {
		x := bind.LeafOf(v, c)
		if x == nil {
			continue
		}
		text := "1" // of a presence column
		if !c.Presence {
			if text, err = codec.Text(x, c.Stored().NotNull()); err != nil {
				return fmt.Errorf("write the default of %s: %w", f.Name, err)
			}
		}
		c.Fill = &text
	}
	return nil
}

func catalogError(name string, err error) error {
	return &lang.Error{Code: lang.CodeCatalog, Statement: -1, Message: fmt.Sprintf("the definition of %s in the catalog cannot be read: %v", name, err), Cause: err}
}

// define changes the definition of a model, unless it has another version than
// expected; then it reports false. The number of the new version, which is returned,
// is above the given one. Keys to be deleted go with it. What the model was before is remembered when the
// definition is complete.
func (e *Engine) define(ctx context.Context, name, version string, above int64, d *definition, unlink ...string) (string, bool, error) {
	if m := e.schema.Load().Model(name); m != nil && m.Version == version {
		d.Past = m.Past
		if len(d.Building) == 0 && d.Def != cmp.Or(m.Whole, m.Def) {
			d.Past = m.History()
		}
	}
	text, err := json.Marshal(d)
	if err != nil {
		return "", false, fmt.Errorf("write a definition: %w", err)
	}
	cmd, err := e.catalogScript(ctx, lua.Define(), unlink, name, version, string(text), above)
	if err != nil || cmd == nil {
		return "", false, err
	}
	v, _ := cmd.Text()
	return v, true, nil
}

// undefine takes a model out of the catalog with the keys of its sets, unless it has
// another version than expected (false) or documents, whose number it gives. Those
// that were there before the model stay; keep says that they are of a catalog that was
// lost, so that the set of their keys stays too and the next MODEL finds them.
func (e *Engine) undefine(ctx context.Context, m *ir.Model, keep bool) (documents int64, ok bool, err error) {
	left := "refuse"
	switch {
	case m.Adopted:
		left = "leave"
	case keep:
		left = "keep"
	}
	cmd, err := e.catalogScript(ctx, lua.Drop(), append([]string{e.conn.Keys.IDs(m), e.conn.Keys.Ends(m), e.conn.Keys.Shadows(m)}, e.conn.Keys.Indexes(m, m.Indexes, m.Uniques)...), m.Name, m.Version, left)
	if err != nil || cmd == nil {
		return 0, false, err
	}
	n, _ := cmd.Int64()
	return n, true, nil
}

// catalogScript runs a script that changes the catalog; nil when it found another version.
func (e *Engine) catalogScript(ctx context.Context, s *lua.Script, keys []string, argv ...any) (*conn.Write, error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, err
	}
	b := script.New(e.conn.Keys.Never(), append([]string{e.conn.Keys.Catalog()}, keys...), argv...)
	cmd := e.conn.Command(ctx, s, b, true).(*conn.Write)
	err := e.conn.Process(ctx, cmd)
	switch {
	case err == nil:
		return cmd, nil
	case err == redis.Nil:
		return nil, nil
	case strings.Contains(err.Error(), "WRONGTYPE"):
		return nil, foreignCatalog(e.conn.Keys.Catalog(), "")
	}
	if _, format, ok := strings.Cut(err.Error(), "RQL catalog format "); ok {
		format, _, _ = strings.Cut(format, " script: ") // which some servers add
		if format == "none" {
			format = ""
		}
		return nil, foreignCatalog(e.conn.Keys.Catalog(), format)
	}
	if _, next, ok := strings.Cut(err.Error(), "RQL catalog next "); ok {
		return nil, &lang.Error{Code: lang.CodeCatalog, Statement: -1, Key: e.conn.Keys.Catalog(), Message: "the catalog's counter is damaged: the field next is " + lang.Quote(fail.Clip(next, 40)),
			Hint: "HSET " + e.conn.Keys.Catalog() + " next to a whole number above those that the versions (fields v:… and pv:…) begin with"}
	}
	return nil, e.conn.Named(ctx, s, conn.ServerError(err, conn.MayHaveRun(cmd, err), e.conn.Keys.Catalog()))
}

// definitionOf reads the definition that the catalog holds now; nil when there is none.
func (e *Engine) definitionOf(ctx context.Context, name string) (*definition, error) {
	cmd := redis.NewStringCmd(ctx, "hget", e.conn.Keys.Catalog(), "m:"+name)
	switch err := e.conn.Process(ctx, cmd); {
	case err == redis.Nil:
		return nil, nil
	case err != nil:
		return nil, conn.ServerError(err, false, e.conn.Keys.Catalog())
	}
	var d definition
	if err := json.Unmarshal([]byte(cmd.Val()), &d); err != nil {
		return nil, catalogError(name, err)
	}
	return &d, nil
}

// foreignCatalog is the error of a catalog that this version cannot read, or that is none.
func foreignCatalog(key, format string) error {
	if format != "" {
		return &lang.Error{Code: lang.CodeCatalog, Statement: -1, Key: key, Message: "the catalog has format " + lang.Quote(fail.Clip(format, 20)) + ", which this version does not know", Hint: "use a newer rql"}
	}
	return &lang.Error{Code: lang.CodeCatalog, Statement: -1, Key: key, Message: "the key " + lang.Quote(key) + " is not RQL's catalog", Hint: "another program uses this name: choose a namespace with ?ns=name"}
}
