package exec

import (
	"strings"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// noIndex reports the answer of a Search command over an index that is not there.
func noIndex(err error) bool {
	return !isConnection(err) && saysMissing(err.Error())
}

// withoutSearch makes plans do without the Search index of a model, which somebody dropped, until a MODEL
// makes another. fail.ErrStale asks for another plan: RQL's own indexes give the
// same rows, and what only Search can do says what is missing.
func (e *Engine) withoutSearch(m *ir.Model) error {
	e.catalogMu.Lock()
	defer e.catalogMu.Unlock()
	schema := e.schema.Load()
	if now := schema.Model(m.Name); now != nil && now.Search != nil && now.Version == m.Version {
		without := *now
		without.Search = nil
		e.lost.Store(m.Name, now)
		e.schema.Store(schema.With(&without))
	}
	return fail.ErrStale
}

// can is what plans are made for.
func (e *Engine) can() planner.Caps {
	c := e.caps
	c.SearchInScript = c.SearchInScript && !e.noScriptSearch.Load()
	return c
}

// refusesBlocking reports that a script was not given what a server of several
// shards has to wait for. Of an index that is not there it says that first, so trying does not show it.
func refusesBlocking(err error) bool {
	x, ok := fail.As(err)
	return ok && x.Code == lang.CodeServer && strings.Contains(x.Message, "Cannot block")
}

// withoutScriptSearch makes plans do without searches in scripts, of which one was refused, and asks for another plan.
func (e *Engine) withoutScriptSearch() error {
	e.catalogMu.Lock()
	defer e.catalogMu.Unlock()
	e.noScriptSearch.Store(true)
	schema := *e.schema.Load()
	e.schema.Store(&schema) // no plan is kept of the one before
	return fail.ErrStale
}

// asInCatalog gives a model its Search index back, for statements that look after it.
func (e *Engine) asInCatalog(model string) {
	e.catalogMu.Lock()
	defer e.catalogMu.Unlock()
	if v, ok := e.lost.LoadAndDelete(model); ok {
		schema, was := e.schema.Load(), v.(*ir.Model)
		if now := schema.Model(model); now != nil && now.Version == was.Version {
			e.schema.Store(schema.With(was))
		}
	}
}
