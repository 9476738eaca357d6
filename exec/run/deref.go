package run

import (
	"context"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// Fetch reads a document as an object by its fields; nil if there is none.
func (db *Database) Fetch(ctx context.Context, m *ir.Model, key any) (map[string]any, error) {
	db, id, ok := db.Holding(m, key)
	if !ok {
		return nil, nil
	}
	docs := document.NewReader(m, m.Columns)
	cmd := docs.Cmd(ctx, db.Conn.Keys.Doc(m, id))
	if err := db.Conn.Process(ctx, cmd); conn.IsConnection(err) {
		return nil, conn.ServerError(err, false, "")
	}
	var row document.Row
	there, err := docs.Take(cmd, &row)
	if err != nil {
		return nil, conn.DocumentError(err, db.Conn.Keys.Doc(m, id), nil)
	}
	if !there {
		return nil, nil
	}
	if err := docs.Decode(db.Conn.Keys, id, &row, nil); err != nil {
		return nil, err
	}
	v, err := composing(m, db.Catalog.Schema())(&eval.Env{Row: row.Values()})
	obj, _ := v.(map[string]any)
	return obj, err
}

// composing returns the function that makes an object of the columns of a document.
func composing(m *ir.Model, schema *ir.Schema) eval.Fn {
	fn, err := eval.Compile(&ir.Row{Base: ir.Base{T: lang.Type{Kind: lang.KRow, Model: m.Name}}}, eval.ModelLayout(schema, m))
	if err != nil {
		return func(*eval.Env) (any, error) { return nil, err }
	}
	return fn
}
