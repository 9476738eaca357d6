package exec

import (
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/ir"
)

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

// replan makes no plan that was made before be taken again.
func (e *Engine) replan() {
	e.catalogMu.Lock()
	defer e.catalogMu.Unlock()
	schema := *e.schema.Load()
	e.schema.Store(&schema)
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
