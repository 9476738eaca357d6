package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// NewDropping generates one step that removes places of documents and collections, which the model has no more,
// from all its documents by key. It can be repeated.
//
// Reply: as of a stepped block.
func NewDropping(schema *ir.Schema, of *ir.Model, places, collections []string) (*Script, error) {
	return upkeep(schema, of, plan.Deletes, func(g *writer, m *model) {
		g.eachID(m, g.captured(func() {
			g.dropped(m, places, collections)
			g.w("AF=AF+1")
		}), "apply")
	})
}

// dropped removes what the document with the key text t, under its name k, may still have.
func (g *writer) dropped(m *model, places, collections []string) {
	for _, name := range collections {
		g.w("apply('UNLINK',%s..t)", g.collectionsOf(m.Model, name))
	}
	if len(places) == 0 {
		return
	}
	g.w("if %s then", m.present(g))
	if m.JSON {
		for _, place := range places {
			g.w("apply('JSON.DEL',k,%s)", tree.Str(jsonPath(place)))
		}
	} else {
		names := make([]*tree.Node, len(places))
		for i, place := range places {
			names[i] = tree.Str(place)
		}
		g.w("apply('HDEL',k,%s)", g.several(names))
	}
	g.w("end")
}
