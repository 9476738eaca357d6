package catalog

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/search"
)

// loaded is what was last read of the catalog. A model is read again only if its own definition has changed, or that of a model
// that it names. A model that is part of a schema is immutable.
type loaded struct {
	all    map[string]string
	byName map[string]*ir.Model // except models with an unfinished definition
}

// changed lists the models to read again, in byte order: those of the given names whose definition has changed, and the models
// that name one of them.
func (l *loaded) changed(schema *ir.Schema, all map[string]string, names iter.Seq[string]) []string {
	changed := map[string]bool{}
	for name := range names {
		if l.byName[name] == nil || l.all["m:"+name] != all["m:"+name] || l.all["v:"+name] != all["v:"+name] {
			changed[name] = true
		}
	}
	schema.Naming(changed)
	return slices.Sorted(maps.Keys(changed))
}

// load reads the whole catalog. schema is the last one read, or nil.
func (l *loaded) load(schema *ir.Schema, all map[string]string) (*ir.Schema, error) {
	byName := map[string]*ir.Model{}
	changed := l.changed(schema, all, func(yield func(string) bool) {
		for k := range all {
			if name, ok := strings.CutPrefix(k, "m:"); ok && !yield(name) {
				return
			}
		}
		for name := range l.byName {
			if all["m:"+name] == "" && !yield(name) {
				return
			}
		}
	})
	var kept []*ir.Model
	for name, m := range l.byName {
		if _, is := slices.BinarySearch(changed, name); !is {
			kept, byName[name] = append(kept, m), m
		}
	}
	schema, err := loadProcedures(ir.NewSchema(kept...), all)
	if err != nil {
		return nil, err
	}
	schema, err = loadModels(schema, all, changed, byName)
	if err == nil {
		l.all, l.byName = all, byName
	}
	return schema, err
}

// loadSome reads some definitions, and those that name one of them, into the last schema.
func (l *loaded) loadSome(schema *ir.Schema, read map[string]string, names []string) (*ir.Schema, error) {
	changed := l.changed(schema, read, slices.Values(names))
	for _, name := range changed {
		if schema = schema.Without(name); !slices.Contains(names, name) {
			read["m:"+name], read["v:"+name] = l.all["m:"+name], l.all["v:"+name]
		}
	}
	byName := map[string]*ir.Model{}
	schema, err := loadModels(schema, read, changed, byName)
	if err != nil {
		return nil, err
	}
	for _, name := range changed {
		delete(l.byName, name)
	}
	maps.Copy(l.byName, byName)
	for field, text := range read {
		if l.all[field] = text; text == "" {
			delete(l.all, field)
		}
	}
	return schema, nil
}

// loadModels reads the definitions of models and adds those that exist to a schema. It adds the complete ones to byName.
func loadModels(schema *ir.Schema, all map[string]string, names []string, byName map[string]*ir.Model) (*ir.Schema, error) {
	names = slices.DeleteFunc(names, func(name string) bool { return all["m:"+name] == "" })
	defs, stored := make([]check.Definition, len(names)), make([]Definition, len(names))
	for i, name := range names {
		if err := json.Unmarshal([]byte(all["m:"+name]), &stored[i]); err != nil {
			return nil, catalogError(name, err)
		}
		defs[i] = check.Definition{Def: stored[i].Def, Version: all["v:"+name], Names: stored[i].Names}
	}
	schema, err := check.LoadSchema(schema, defs, parser.Parse)
	if err != nil {
		return nil, catalogError("a model", err)
	}
	for i, name := range names { // a change is computed from all of them
		stored[i].name(schema.Model(name))
	}
	for i, name := range names {
		if stored[i].Changing != "" {
			m, err := loadChanging(schema, schema.Model(name), &stored[i])
			if err != nil {
				return nil, catalogError(name, err)
			}
			schema = schema.With(m)
		}
	}
	for i, name := range names {
		if stored[i].complete() { // an unfinished model may have depended on models that it no longer names
			byName[name] = schema.Model(name)
		}
		if err := loadState(schema, schema.Model(name), &stored[i]); err != nil {
			return nil, err
		}
	}
	return schema, nil
}

// loadChanging returns a model whose stored values are being converted: the previous definition with the ALTER applied.
func loadChanging(schema *ir.Schema, m *ir.Model, d *Definition) (*ir.Model, error) {
	before, err := check.LoadModel(d.Was, schema, "", parser.Parse)
	if err != nil {
		return nil, err
	}
	d.nameWas(before)
	src := lang.NewSource("catalog", d.Changing)
	file := parser.Parse(src)
	if err := file.Diags.Err(); err != nil {
		return nil, err
	}
	st, is := file.Stmts[0].(*lang.AlterStmt)
	if !is {
		return nil, fmt.Errorf("%q is no ALTER MODEL", d.Changing)
	}
	a, bad := check.LoadAltered(schema, before, st, src)
	switch {
	case bad != nil:
		return nil, bad
	case a.Added.Def != d.Def:
		return nil, fmt.Errorf("%q does not lead to it", d.Changing)
	}
	a.Added.Version = m.Version
	return a.Added, nil
}

// name sets the stored names and the earlier names of a model's fields.
func (d *Definition) name(m *ir.Model) {
	m.SetPlaces(d.Places)
	m.Aliases, m.Renamed = d.Aliases, d.Renamed
}

// nameWas does the same for the model's previous definition.
func (d *Definition) nameWas(m *ir.Model) {
	m.SetPlaces(d.WasPlaces)
	m.Aliases, m.Renamed = d.Aliases, d.Renamed
}

// loadState sets the state of a model's indexes and new fields.
func loadState(schema *ir.Schema, m *ir.Model, d *Definition) error {
	m.Search = loadSearch(m, d)
	loadLife(m, d)
	m.Unlisted = slices.Contains(d.Building, MarkKeys)
	m.Past, m.Leaving = d.Past, d.Leaving
	if d.complete() {
		return nil
	}
	m.Unfinished = true
	if m.Complete = d.Was; d.Was != "" { // the previous definition may need a model that is gone: then no statement can be the one that was interrupted
		if m.Before, _ = check.LoadModel(d.Was, schema, "", parser.Parse); m.Before != nil {
			d.nameWas(m.Before)
		}
	}
	for _, name := range d.Dropping {
		if c, is := strings.CutPrefix(name, collectionMark); is {
			m.Unlinking = append(m.Unlinking, c)
		} else if strings.HasPrefix(name, keyspace.IndexMark) || strings.HasPrefix(name, keyspace.UniqueMark) || strings.HasPrefix(name, keyspace.GlobalMark) {
			m.Emptying = append(m.Emptying, name)
		} else {
			m.Dropping = append(m.Dropping, name)
		}
	}
	for _, c := range m.Guarded() {
		c.Asked = slices.Contains(d.Building, (&ir.Check{Ref: c}).Mark())
	}
	for _, c := range m.Checks {
		c.Building = slices.Contains(d.Building, c.Mark())
	}
	for _, ix := range m.Ordered() {
		ix.Building = slices.Contains(d.Building, MarkIndex(ix))
	}
	for _, ix := range m.Uniques {
		ix.Building = slices.Contains(d.Building, MarkUnique(ix))
	}
	for _, f := range m.Fields {
		if slices.Contains(d.Building, MarkField(f)) {
			if err := fill(f); err != nil {
				return catalogError(m.Name, err)
			}
		}
	}
	return nil
}

// fill makes a new field read as its default in documents that do not have it.
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

// catalogError returns the error of a definition that cannot be read.
func catalogError(name string, err error) error {
	return &lang.Error{Code: lang.CodeCatalog, Statement: -1, Message: fmt.Sprintf("the definition of %s in the catalog cannot be read: %v", name, err), Cause: err}
}

// loadSearch returns the Search index of a model as the catalog describes it. If the index was created for an earlier form of the
// model, or by another version of RQL, only the attributes that are still defined the same way are used.
func loadSearch(m *ir.Model, d *Definition) *ir.SearchIndex {
	next := ""
	if slices.Contains(d.Building, MarkSearch) {
		next = ft.Name(m.StoredName(), ft.NumberOf(m.Version))
	}
	if d.Search == nil || d.Search.N == 0 {
		if next == "" {
			return nil
		}
		return &ir.SearchIndex{Name: next, Fields: search.FieldsFor(m), Building: true}
	}
	out := &ir.SearchIndex{Name: ft.Name(m.StoredName(), d.Search.N), Next: next}
	for _, f := range search.FieldsFor(m) {
		if f = ft.MadeAs(m, f, d.Search.Fields); f != nil {
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}

// loadLife sets what the definition says about expiration.
func loadLife(m *ir.Model, d *Definition) {
	if m.Expires = m.Expires || d.Expires; m.Expires {
		m.SetShadow(d.Shadow)
	}
}

// loadProcedures adds the procedures of a catalog to a schema. It parses but does not check them; each CALL does.
func loadProcedures(schema *ir.Schema, all map[string]string) (*ir.Schema, error) {
	var names []string
	for k := range all {
		if name, ok := strings.CutPrefix(k, "p:"); ok {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		var d storedProcedure
		err := json.Unmarshal([]byte(all["p:"+name]), &d)
		var p *ir.Procedure
		if err == nil {
			p, err = check.LoadProcedure(check.Definition{Def: d.Def, Version: all["pv:"+name]}, parser.Parse)
		}
		if err != nil {
			return nil, catalogError("the procedure "+name, err)
		}
		schema = schema.WithProcedure(p)
	}
	return schema, nil
}

// Pretended is the model that a stored one would be with the definition, before anybody else knows of it: what a statement asks of
// the documents is asked of their stored version. m is changed.
func (d *Definition) Pretended(schema *ir.Schema, m *ir.Model, version string) (*ir.Model, error) {
	m.Version = version
	return m, loadState(schema, m, d)
}
