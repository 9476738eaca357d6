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

// Bounds of one statement: a script takes them at once, and a reader of the text sees where it is.
const (
	maxDocs    = 250
	maxBytes   = 256 << 10
	maxTokens  = lang.MaxTokens / 2
	maxMembers = 4000 // of all collections of its documents
)

// last is what every complete dump ends with.
const last = "-- end of the dump\n"

// Counts say what a dump holds.
type Counts struct {
	Models, Procedures int
	Documents          int64
	Broken             []string // procedures that are not valid any more
}

// dumper writes one database.
type dumper struct {
	e        *exec.Engine
	s        *exec.Session
	w        io.Writer
	schema   *ir.Schema
	progress func(exec.Progress)
	n        Counts
	err      error // the first of w
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
	if err := d.procedures(ctx); err != nil {
		return d.n, err
	}
	d.print("\n" + last)
	if progress != nil {
		progress(exec.Progress{What: "dump", Rows: d.n.Documents, Done: true})
	}
	return d.n, d.err
}

func (d *dumper) print(s string) { d.write([]byte(s)) }

func (d *dumper) write(b []byte) {
	if d.err == nil {
		_, d.err = d.w.Write(b)
	}
}

// aliases gives a model the earlier names of its fields, by which programs and procedures may still call them: a field gets the name
// and, at once, its own again.
func aliases(m *ir.Model) string {
	s := ""
	for _, old := range slices.Sorted(maps.Keys(m.Aliases)) {
		for _, names := range [][2]string{{m.Aliases[old], old}, {old, m.Aliases[old]}} {
			s += "\nALTER MODEL " + lang.NameText(m.Name) + " RENAME FIELD " + lang.NameText(names[0]) + " TO " + lang.NameText(names[1]) + ";"
		}
	}
	if s != "" {
		s += "\n"
	}
	return s
}
