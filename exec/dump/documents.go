package dump

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// batch is a RESTORE that grows.
type batch struct {
	text
	m    *ir.Model
	docs int
	ends []string // of the documents of a model that has any, as expressions
	part any      // the partition whose documents are written
}

// where is the condition for the documents of the partition.
func (b *batch) where() string {
	if b.part == nil {
		return ""
	}
	return " WHERE " + lang.NameText(b.m.Part.Name) + " = $part"
}

// key is the operand that names documents by their key.
func (b *batch) key(part, key string) string {
	if !b.m.Celled() {
		return key
	}
	return "{ " + name(b.m.Part.Name) + ": " + part + ", " + name(b.m.Key.Name) + ": " + key + " }"
}

// params adds the partition to parameters.
func (b *batch) params(p map[string]any) map[string]any {
	if b.part != nil {
		if p == nil {
			p = map[string]any{}
		}
		p["part"] = b.part
	}
	return p
}

// endless is the end of a document that has none.
const endless = "null"

func (d *dumper) batch(m *ir.Model) *batch {
	return &batch{text: text{schema: d.schema}, m: m}
}

// documents writes those of a model, in the order of their keys.
func (d *dumper) documents(ctx context.Context, m *ir.Model) error {
	b := d.batch(m)
	if m.Part == nil {
		return d.within(ctx, b)
	}
	if !m.Celled() {
		return d.e.Keys(ctx, m, func(key any) error {
			b.part = key
			err := d.rows(ctx, b, "GET "+lang.NameText(m.Name)+" $part SKIP MISSING"+returns(m, nil), b.params(nil))
			if tooLarge(err) {
				err = d.large(ctx, b, key)
			}
			if err == nil {
				err = d.flush(b)
			}
			return err
		})
	}
	var parts []any
	err := d.each(ctx, "SHOW PARTITIONS "+lang.NameText(m.Name), nil, func(row []any, _ map[string]int) error {
		parts = append(parts, row[0])
		return nil
	})
	for _, b.part = range parts {
		if err == nil {
			err = d.within(ctx, b)
		}
	}
	return err
}

// within writes the documents of a partition, or of a model that has none.
func (d *dumper) within(ctx context.Context, b *batch) error {
	d.print("")
	m := b.m
	var err error
	if len(m.Collections()) > 0 || m.Scanned() {
		err = d.byKeys(ctx, b)
	} else {
		err = d.rows(ctx, b, "FIND "+lang.NameText(m.Name)+b.where()+returns(m, nil)+" ORDER BY "+lang.NameText(m.Key.Name), b.params(nil))
	}
	if err == nil {
		err = d.flush(b)
	}
	return err
}

// mortal reports a model whose documents may have ends.
func mortal(m *ir.Model) bool { return m.Expires || m.Foreign }

// returns is the FETCH and RETURN of a statement that reads documents, with the collections that are not left out; the end comes last.
func returns(m *ir.Model, out map[string]bool) string {
	var fetch []string
	for _, f := range m.Collections() {
		if !out[f.Name] {
			fetch = append(fetch, lang.NameText(f.Name))
		}
	}
	s := ""
	if len(fetch) > 0 {
		s = " FETCH " + strings.Join(fetch, ", ")
	}
	if mortal(m) {
		s += " RETURN *, ends() AS " + endName(m)
	}
	return s
}

// endName is the name of the column of the end, which no field has.
func endName(m *ir.Model) string {
	name := "_end"
	for m.Lookup(name) != nil {
		name += "_"
	}
	return name
}

// rows writes the documents that a statement gives.
func (d *dumper) rows(ctx context.Context, b *batch, stmt string, params map[string]any) error {
	return d.each(ctx, stmt, params, func(row []any, places map[string]int) error { return d.add(b, row, places) })
}

// each runs a statement, and do with each of its rows and the places of its columns.
func (d *dumper) each(ctx context.Context, stmt string, params map[string]any, do func(row []any, places map[string]int) error) error {
	return d.s.Run(ctx, lang.NewSource("", stmt), params, func(rows *exec.Rows) error {
		places := map[string]int{}
		for i, c := range rows.Columns {
			places[c] = i
		}
		for rows.Next() {
			if err := do(rows.Values(), places); err != nil {
				return err
			}
		}
		for _, w := range rows.Warnings() {
			d.warned.Warn(w)
		}
		return rows.Err()
	})
}

// add appends a document, in a statement of its own where it would be too long with those before it.
func (d *dumper) add(b *batch, row []any, places map[string]int) error {
	at, tokens, docs, ends := len(b.buf), b.tokens, b.docs, len(b.ends)
	b.append(row, places)
	if docs > 0 && (b.docs > maxDocs || len(b.buf) > maxBytes || b.tokens > maxTokens) {
		b.buf, b.tokens, b.docs, b.ends = b.buf[:at], tokens, docs, b.ends[:ends]
		if err := d.flush(b); err != nil {
			return err
		}
		b.append(row, places)
	}
	if err := b.fits(row[places[b.m.Key.Name]], 0); err != nil {
		return err
	}
	d.n.Documents++
	if d.progress != nil && d.n.Documents%1000 == 0 {
		d.progress(exec.Progress{What: "dump " + b.m.Name, Rows: d.n.Documents})
	}
	return d.err
}

// fits is an error if a statement cannot have the text, which is of a document. Around it are so many bytes, and names and an end.
func (x *text) fits(key any, around int) error {
	switch {
	case len(x.buf)+around+1000 > lang.MaxSource, x.tokens > lang.MaxTokens-1000:
		return fmt.Errorf("the document %v is longer than a statement may be, %d bytes and %d words and signs", key, lang.MaxSource, lang.MaxTokens)
	case x.deep+1 > lang.MaxDepth: // one is around the documents
		return fmt.Errorf("the document %v is nested deeper than a statement may be, %d brackets", key, lang.MaxDepth-1)
	}
	return nil
}

// append appends a document and its end.
func (b *batch) append(row []any, places map[string]int) {
	if b.docs > 0 {
		b.add(",\n", 1)
	}
	b.add("  ", 0)
	b.fields(b.m.Fields, func(f *ir.Field) any {
		if i, ok := places[f.Name]; ok {
			return row[i]
		}
		return nil
	})
	b.docs++
	if !mortal(b.m) {
		return
	}
	end := endless
	if v, ok := row[places[endName(b.m)]].(lang.DateTime); ok {
		end = instant(v)
	}
	b.ends = append(b.ends, end)
	b.tokens += 2
}

// flush writes the statement, if it has documents.
func (d *dumper) flush(b *batch) error {
	if b.docs == 0 {
		return d.err
	}
	open, shut := " [\n", "\n]"
	if b.m.Part != nil && !b.m.Celled() { // there is but one
		open, shut = "\n", ""
	}
	d.print("\nRESTORE " + lang.NameText(b.m.Name) + open)
	d.write(b.buf)
	d.print(shut)
	switch {
	case shut == "" && len(b.ends) == 1 && b.ends[0] != endless:
		d.print(" TTL AT " + b.ends[0])
	case slices.ContainsFunc(b.ends, func(end string) bool { return end != endless }):
		d.print(" TTL AT [" + strings.Join(b.ends, ", ") + "]")
	case b.m.TTL > 0:
		d.print(" TTL null")
	}
	d.print(";\n")
	b.buf, b.ends, b.tokens, b.docs = b.buf[:0], b.ends[:0], 0, 0
	return d.err
}

// tooLarge reports a collection that grew beyond what is read at once.
func tooLarge(err error) bool {
	var e *lang.Error
	return errors.As(err, &e) && e.Code == lang.CodeTooLarge
}
