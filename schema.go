package rql

import (
	"context"
	"io/fs"
	"log/slog"
	"path"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// SchemaMode says what happens with the models that a program declares with WithModels.
type SchemaMode uint8

const (
	// SchemaCheck compares, and changes nothing. It is what is done where
	// WithSchema says nothing, but for an embedded server. The database must have
	// the models, their fields, UNIQUEs, CHECKs and DEFAULTs, and the program must
	// be able to create documents: a field that it does not know may be null, or has
	// a DEFAULT. So a program goes on with a database that a newer one has extended,
	// and can be rolled back to; and one that is newer than its database does not
	// start. What is lacking is one error, with the code schema-mismatch and the
	// statements that bring it as its hint. An INDEX that is lacking is logged.
	//
	// A statement without RETURN, and *, then give the fields that the program has
	// declared, by its names: what the database has besides is not asked for.
	SchemaCheck SchemaMode = iota + 1
	// SchemaApply runs the MODEL and PROCEDURE statements, which change the database as far as MODEL does. It is for tests, and
	// for a program that owns its database. It is the default on an embedded server (mem://).
	SchemaApply
)

// WithSchema says what happens with the models of WithModels.
func WithSchema(mode SchemaMode) Option { return Option{func(o *options) { o.schema = mode }} }

// rqlFiles are the files of a program that hold RQL.
type rqlFiles struct {
	in   fs.FS
	glob []string
	text *string // instead of files
}

// WithModels declares the models and procedures with which the program works: those in the files that match one of the patterns,
// in the syntax of path.Match; the default is every file named *.rql in the root and in all directories. Open then compares the
// database with them, or changes it, as set by WithSchema. The files are read in the order of their paths, as one text of MODEL
// and PROCEDURE statements. Named statements, which are for PrepareFiles or rql gen, are ignored:
//
//	//go:embed models/*.rql
//	var models embed.FS
//
//	db, err := rql.Open(ctx, url, rql.WithModels(models))
//
// For a database returned by Wrap, the first call does this. If the option is given several times, all files are used, in order.
func WithModels(files fs.FS, patterns ...string) Option {
	return Option{func(o *options) { o.models = append(o.models, rqlFiles{in: files, glob: patterns}) }}
}

// WithModelText is WithModels for a text in the program.
func WithModelText(text string) Option {
	return Option{func(o *options) { o.models = append(o.models, rqlFiles{text: &text}) }}
}

// declared reads the models of the program; nil if there are none.
func (o *options) declared(ctx context.Context) (*exec.Declaration, error) {
	if o.schema > SchemaApply {
		return nil, badArgument("there is no such SchemaMode", "SchemaCheck or SchemaApply")
	}
	if len(o.models) == 0 {
		return nil, nil
	}
	var sources []*lang.Source
	for _, m := range o.models {
		if m.text != nil {
			sources = append(sources, lang.NewSource("", *m.text))
			continue
		}
		found, err := m.read("models")
		if err != nil {
			return nil, err
		}
		for _, src := range found {
			f, err := parser.ReadNamed(src)
			if err != nil {
				return nil, err
			}
			if len(f.Texts) > 0 {
				src = f.Unnamed()
			}
			if src != nil {
				sources = append(sources, src)
			}
		}
	}
	return exec.Declare(ctx, sources)
}

// read reads the files, which hold what is said.
func (m *rqlFiles) read(what string) ([]*lang.Source, error) {
	if m.in == nil {
		return nil, &Error{Code: CodeBadArgument, Statement: -1, Message: "there are no files of " + what}
	}
	var out []*lang.Source
	err := fs.WalkDir(m.in, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		is := len(m.glob) == 0 && path.Ext(name) == ".rql"
		for _, g := range m.glob {
			ok, err := path.Match(g, name)
			if err != nil {
				return err
			}
			is = is || ok
		}
		if !is {
			return nil
		}
		text, err := fs.ReadFile(m.in, name)
		if err != nil {
			return err
		}
		out = append(out, lang.NewSource(name, string(text)))
		return nil
	})
	switch {
	case err != nil:
		return nil, &Error{Code: CodeBadArgument, Statement: -1, Message: "the " + what + " cannot be read: " + err.Error(), Cause: err}
	case len(out) == 0:
		return nil, &Error{Code: CodeBadArgument, Statement: -1, Message: "no file of " + what + " matches", Hint: "without a pattern, every file named *.rql is read"}
	}
	return out, nil
}

// conform compares the models of the database with those of the program, or changes them.
func (db *DB) conform(ctx context.Context, e *exec.Engine, d *exec.Declaration) error {
	if d == nil {
		return nil
	}
	mode := db.opts.schema
	if mode == 0 && e.Embedded() {
		mode = SchemaApply
	}
	var warned []exec.Warning
	var err error
	if mode == SchemaApply {
		warned, err = e.Apply(ctx, d)
	} else {
		warned, err = e.Compare(d)
		e.See(d)
	}
	log := db.opts.Log
	if log == nil {
		log = slog.Default()
	}
	for _, w := range warned {
		log.WarnContext(ctx, "rql: "+w.Text, "code", string(w.Code))
	}
	return err
}
