package rqltest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// Dump returns all documents of a database as text, one per line, in the order of models and keys:
//
//	Order {"id":"o1","owner":"u1","total":12}
//
// Fields are in the order of the model. Null fields are omitted, and collections are included. The same documents always give the
// same text.
func Dump(t testing.TB, db *rql.DB) string {
	t.Helper()
	out, err := dump(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func dump(ctx context.Context, db *rql.DB) (string, error) {
	schema, err := schemaOf(ctx, db)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, name := range schema.Names() {
		res, err := db.Exec(ctx, findAll(schema.Model(name)))
		if err != nil {
			return "", err
		}
		for _, row := range res.Rows {
			line, err := object(res.Columns, row)
			if err != nil {
				return "", fmt.Errorf("%s: %w", name, err)
			}
			b.WriteString(name + " " + line + "\n")
		}
	}
	return b.String(), nil
}

// schemaOf reads the models of a database.
func schemaOf(ctx context.Context, db *rql.DB) (*ir.Schema, error) {
	names, err := db.Exec(ctx, `SHOW MODELS`)
	if err != nil {
		return nil, err
	}
	var defs []check.Definition
	for _, row := range names.Rows {
		def, err := db.Exec(ctx, fmt.Sprintf(`SHOW MODEL %s`, row[0]))
		if err != nil {
			return nil, err
		}
		text, _ := def.Rows[0][0].(string)
		defs = append(defs, check.Definition{Def: text})
	}
	return check.LoadSchema(ir.NewSchema(), defs, parser.Parse)
}

// findAll returns the statement that finds all documents of a model, with their collections.
func findAll(m *ir.Model) string {
	var fetch []string
	for _, f := range m.Fields {
		if f.Collection() {
			fetch = append(fetch, f.Name)
		}
	}
	text := "FIND " + m.Name
	if len(fetch) > 0 {
		text += " FETCH " + strings.Join(fetch, ", ")
	}
	return text + " ORDER BY " + m.Key.Name
}

// object returns a row as a JSON object, without null values.
func object(columns []string, row []any) (string, error) {
	var parts []string
	for i, v := range row {
		if v == nil {
			continue
		}
		text, err := value(v)
		if err != nil {
			return "", fmt.Errorf("%s: %w", columns[i], err)
		}
		name, err := value(columns[i])
		if err != nil {
			return "", err
		}
		parts = append(parts, name+":"+text)
	}
	return "{" + strings.Join(parts, ",") + "}", nil
}

// value returns a value of a result as JSON text, with times and durations as RQL writes them.
func value(v any) (string, error) {
	switch x := v.(type) {
	case time.Time:
		v = x.UTC().Format(time.RFC3339Nano)
	case time.Duration:
		v = x.String()
	case lang.Duration:
		v = codec.FormatDuration(x)
	case []any:
		parts := make([]string, len(x))
		for i := range x {
			text, err := value(x[i])
			if err != nil {
				return "", err
			}
			parts[i] = text
		}
		return "[" + strings.Join(parts, ",") + "]", nil
	}
	b := &strings.Builder{}
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}
