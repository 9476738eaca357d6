package exec

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/parser"
)

// storedProcedure is a procedure as the catalog holds it.
type storedProcedure struct {
	Def string `json:"def"` // canonical PROCEDURE statement
}

// loadProcedures adds the procedures of a catalog to a schema. They are read, not
// checked: that is done by each CALL.
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

// sameProcedures compares the procedures of a schema with the versions in the catalog.
func sameProcedures(s *ir.Schema, all map[string]string) bool {
	n := 0
	for k, v := range all {
		if name, ok := strings.CutPrefix(k, "pv:"); ok {
			n++
			if p := s.Procedure(name); p == nil || p.Version != v {
				return false
			}
		}
	}
	return n == len(s.Procedures())
}

// defineProcedure enters a procedure in the catalog; nil takes it out.
func (r *runner) defineProcedure(ctx context.Context, name string, p *ir.Procedure, sp lang.Span) (*Rows, error) {
	e, text := r.s.e, ""
	kind := "DROP"
	if p != nil {
		kind = "PROCEDURE"
		b, err := json.Marshal(storedProcedure{Def: p.Def})
		if err != nil {
			return nil, fmt.Errorf("write a definition: %w", err)
		}
		text = string(b)
	}
	if _, err := e.reload(ctx); err != nil { // whether there is nothing to do, only the catalog knows
		return nil, err
	}
	for t := e.conn.Turns(); ; {
		version, was := "", e.schema.Load().Procedure(name)
		if was != nil {
			version = was.Version
		}
		switch {
		case p != nil && was != nil && was.Def == p.Def:
			return &Rows{Kind: kind}, nil
		case p == nil && was == nil:
			return nil, fail.Errorf(lang.CodeStale, sp, "%s was dropped by somebody else", name)
		}
		cmd, err := e.catalogScript(ctx, lua.Procedure(), nil, name, version, text)
		if err != nil {
			return nil, err
		}
		if _, err := e.reload(ctx); err != nil {
			return nil, err
		}
		if cmd != nil {
			return &Rows{Kind: kind}, nil
		}
		if more, err := t.Next(ctx); err != nil {
			return nil, err
		} else if !more {
			return nil, keepsChanging(name, sp)
		}
	}
}

// change runs a statement that changes the catalog, and warns of the
// procedures that do not work any more after it.
func (r *runner) change(ctx context.Context, f func() (*Rows, error)) (*Rows, error) {
	before := r.s.e.schema.Load()
	rows, err := f()
	if err != nil {
		return nil, err
	}
	after := r.s.e.schema.Load()
	if after == before || len(after.Procedures()) == 0 {
		return rows, nil
	}
	names, mistakes := check.Broken(ctx, before, after)
	for i, name := range names {
		rows.Warn(Warning{Code: lang.CodeBrokenProcedure, Field: name,
			Text: "the procedure " + name + " does not work any more: " + mistakes[i].Error()})
	}
	return rows, nil
}

// showProcedures carries SHOW PROCEDURES and SHOW PROCEDURE out.
func (r *runner) showProcedures(st *ir.Show) *Rows {
	if st.Proc != nil {
		return rows.Strings("SHOW", "procedure", []string{st.Proc.Def})
	}
	return rows.Strings("SHOW", "procedure", r.s.e.schema.Load().Procedures())
}
