package dump

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Bounds of one statement of several documents. One script puts them back, whose work is bounded: it reads and writes each list, map
// and json, and their entries in indexes, and when it is run again also what the documents had before.
const (
	maxDocs    = 250
	maxBytes   = 64 << 10
	maxTokens  = 20_000
	maxMembers = 4000 // of all collections of its documents
)

// last is what every complete dump ends with.
const last = "-- end of the dump\n"

// Counts say what a dump holds.
type Counts struct {
	Models, Procedures int
	Documents          int64
	Broken             []string // procedures that are not valid any more
	Warnings           []exec.Warning
}

// dumper writes one database.
type dumper struct {
	e        *exec.Engine
	s        *exec.Session
	w        io.Writer
	schema   *ir.Schema
	progress func(exec.Progress)
	n        Counts
	warned   exec.Rows // nothing but the warnings of all statements
	err      error     // the first of w
}

// Write writes the models, the documents and the procedures of a database. Each document is read in one moment with its collections,
// as long as those are not large, and with its end; different documents are read at different times. Reading raises no ends.
func Write(ctx context.Context, e *exec.Engine, w io.Writer, progress func(exec.Progress)) (Counts, error) {
	if err := e.Reload(ctx); err != nil {
		return Counts{}, err
	}
	d := &dumper{e: e, w: w, schema: e.Schema(), progress: progress, s: e.NewSession(exec.SessionOptions{NoRefresh: true})}
	models := d.schema.InOrder()
	d.print("-- rql dump 1: rql run makes it again, best in an empty database.\n")
	for _, m := range models {
		d.print("\n" + m.Def + ";\n")
		d.n.Models++
	}
	for _, m := range models {
		d.print(aliases(m))
	}
	for _, m := range models {
		if err := d.documents(ctx, m); err != nil {
			return d.n, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	d.n.Warnings = d.warned.Warnings()
	if err := d.unchanged(ctx); err != nil {
		return d.n, err
	}
	if err := d.procedures(ctx); err != nil {
		return d.n, err
	}
	d.print("\n" + last)
	if progress != nil {
		progress(exec.Progress{What: "dump", Rows: d.n.Documents, Done: true})
	}
	return d.n, d.err
}

// unchanged is an error if a model is not what it was when the dump began: its documents may have been read with other fields, or
// without ends, which the first statement with a TTL adds.
func (d *dumper) unchanged(ctx context.Context) error {
	if err := d.e.Reload(ctx); err != nil {
		return err
	}
	for _, m := range d.schema.InOrder() {
		if now := d.e.Schema().Model(m.Name); now == nil || now.Version != m.Version {
			return fmt.Errorf("%s was changed while the documents were read; run it again", m.Name)
		}
	}
	return nil
}

func (d *dumper) print(s string) { d.write([]byte(s)) }

func (d *dumper) write(b []byte) {
	if d.err == nil {
		_, d.err = d.w.Write(b)
	}
}

// aliases gives a model its earlier names, and those of its fields, by which programs and procedures may still call them: it, or a
// field, gets the name and then its own again. For fields that is one statement, so that the MODEL can be run again at any time.
func aliases(m *ir.Model) string {
	s := ""
	for _, old := range m.Formerly {
		was, is := lang.NameText(old), lang.NameText(m.Name)
		s += "\nALTER MODEL " + is + " RENAME TO " + was + ";\nALTER MODEL " + was + " RENAME TO " + is + ";"
	}
	for _, old := range slices.Sorted(maps.Keys(m.Aliases)) {
		was, is := lang.NameText(old), lang.NameText(m.Aliases[old])
		s += "\nALTER MODEL " + lang.NameText(m.Name) + " RENAME FIELD " + is + " TO " + was + ", RENAME FIELD " + was + " TO " + is + ";"
	}
	if s != "" {
		s += "\n"
	}
	return s
}
