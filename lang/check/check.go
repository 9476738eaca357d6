package check

import (
	"context"
	"sort"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/ir"
)

// Check returns the checked program of a parsed file. schema is the schema before the first statement. The program is nil if a
// diagnostic is an error; the diagnostics of the parser (file.Diags) are not repeated. It is also nil if ctx ended meanwhile: the
// caller checks ctx.Err.
func Check(ctx context.Context, file *lang.File, schema *ir.Schema, opts expr.Options) (*ir.Program, lang.Diags) {
	if schema == nil {
		schema = ir.NewSchema()
	}
	c := newChecker(ctx, file, schema, &opts)
	c.declares(file.Stmts)
	c.useParams()
	p := &ir.Program{Source: file.Source, Params: file.Params, Optional: file.Optional, Stmts: make([]ir.Stmt, 0, len(file.Stmts))}
	whole := c.Run(func() {
		c.Alive()
		c.Mixed()
		if opts.Batch != nil {
			if file.Diags.Err() != nil {
				return // together the texts are longer than the parser reads, and their statements are not all there
			}
			p.Stmts = append(p.Stmts, c.batchBlock(file.Stmts, opts.Batch))
			p.Stmts[0].Info().Schema = c.Schema
			return
		}
		for i, s := range file.Stmts {
			c.Ord = i
			if out := c.topLevel(s); out != nil {
				out.Info().Schema = c.Schema
				p.Stmts = append(p.Stmts, out)
			}
		}
	})
	p.Vars, p.TopVars, p.Schema, p.Uses = c.Nvars, append(c.Session.List, c.Top.List...), c.Schema, c.Uses
	if len(c.Uses) > 1 {
		sort.Slice(p.Uses, func(i, j int) bool { return p.Uses[i].Name < p.Uses[j].Name })
	}
	c.Diags.Sort()
	if !whole || c.Diags.Err() != nil {
		return nil, c.Diags
	}
	return p, c.Diags
}

// declares records the models that the statements declare. Of two with the same name, the first counts.
func (c *checker) declares(stmts []lang.Stmt) {
	for _, s := range stmts {
		if m, ok := s.(*lang.ModelStmt); ok {
			if c.Later == nil {
				c.Later = map[string]*lang.ModelStmt{}
			}
			if c.Later[m.Name.Name] == nil {
				c.Later[m.Name.Name] = m
			}
		}
	}
}

// useParams checks that each parameter that is used is given, and each given one is used. A text with syntax errors may use more
// parameters than were parsed, so unused ones are then not reported.
func (c *checker) useParams() {
	if c.Options.NoParams || len(c.Options.Params) == 0 {
		return // a missing one is reported where it is used
	}
	if c.File.Diags.Err() != nil {
		return
	}
	var unused []string
	used := c.usedParams()
	for name := range c.Options.Params {
		if !used[name] {
			unused = append(unused, name)
		}
	}
	sort.Strings(unused)
	for _, name := range unused {
		d := c.Errorf(lang.CodeUnusedParameter, lang.Span{}, "the parameter %s was given, but the text does not use $%s", name, name)
		if n := lang.Nearest(name, c.File.Params); n != "" {
			d.WithHint("did you mean $%s?", n)
		}
	}
}

// usedParams returns the parameters that the text uses outside procedure bodies, which have parameters of their own.
func (c *checker) usedParams() map[string]bool {
	used := make(map[string]bool, len(c.File.Params))
	inside := false
	for _, s := range c.File.Stmts {
		_, proc := s.(*lang.ProcedureStmt)
		inside = inside || proc
	}
	if !inside {
		for _, name := range c.File.Params {
			used[name] = true
		}
		return used
	}
	lang.WalkFile(c.File, func(n lang.Node) bool {
		if p, ok := n.(*lang.Param); ok {
			used[p.Name] = true
		}
		_, proc := n.(*lang.ProcedureStmt)
		return !proc
	})
	return used
}
