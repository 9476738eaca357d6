package exec

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/parser"
)

// definition is a model as the catalog holds it.
type definition struct {
	Def      string   `json:"def"`                // canonical MODEL statement
	Building []string `json:"building,omitempty"` // "ix:age", "uq:email": not filled yet
}

// reload reads the catalog and reports whether it is another than before.
func (e *Engine) reload(ctx context.Context) (bool, error) {
	all, err := e.client.HGetAll(ctx, e.keys.catalog()).Result()
	if err != nil {
		x := serverError(err, false, e.keys.catalog())
		if x.Code == lang.CodeBadValue {
			x.Message, x.Hint = "the key "+lang.Quote(e.keys.catalog())+" is not RQL's catalog", "another program uses this name: choose a namespace with ?ns=name"
		}
		if x.Code == lang.CodeDenied && e.keys.prefix == "" && strings.Contains(x.Message, "key") {
			x.Hint = "this user's ACL does not allow the key " + e.keys.catalog() + "; one that is limited to keys such as ~shop:* needs ?ns=shop in the URL"
		}
		return false, x
	}
	if f := all["format"]; f != "" && f != "1" {
		return false, &Error{Code: lang.CodeCatalog, Statement: -1, Message: "the catalog has format " + f + ", which this version does not know", Hint: "use a newer rql"}
	}
	e.catalogMu.Lock()
	defer e.catalogMu.Unlock()
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
	return n == len(s.Names())
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
	defs := make([]check.Definition, len(names))
	building := map[string]bool{}
	for i, name := range names {
		var d definition
		if err := json.Unmarshal([]byte(all["m:"+name]), &d); err != nil {
			return nil, catalogError(name, err)
		}
		defs[i] = check.Definition{Def: d.Def, Version: all["v:"+name]}
		for _, b := range d.Building {
			building[name+" "+b] = true
		}
	}
	schema, err := check.LoadSchema(defs, parser.Parse)
	if err != nil {
		return nil, catalogError("a model", err)
	}
	if len(building) == 0 {
		return schema, nil
	}
	for _, name := range names {
		m := schema.Model(name)
		for _, ix := range m.Indexes {
			ix.Building = building[name+" ix:"+ix.Name]
		}
		for _, ix := range m.Uniques {
			ix.Building = building[name+" uq:"+ix.Name]
		}
	}
	return schema, nil
}

func catalogError(name string, err error) error {
	return &Error{Code: lang.CodeCatalog, Statement: -1, Message: fmt.Sprintf("the definition of %s in the catalog cannot be read: %v", name, err), Cause: err}
}

// define changes the definition of a model, unless it has another version than
// expected; then it reports false. The new version is returned.
func (e *Engine) define(ctx context.Context, name, version string, d *definition) (string, bool, error) {
	what, text := "del", ""
	if d != nil {
		b, err := json.Marshal(d)
		if err != nil {
			return "", false, err
		}
		what, text = "set", string(b)
	}
	s := lua.Define()
	b := &bound{args: []any{nil, nil, 1, e.keys.catalog(), name, version, what, text}}
	cmd := e.command(ctx, s, b, true)
	err := e.client.Process(ctx, cmd)
	if err == redis.Nil {
		return "", false, nil
	}
	if err != nil {
		return "", false, serverError(err, true, e.keys.catalog())
	}
	v, _ := cmd.(onceCmd).Text()
	return v, true, nil
}
