package importing

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

const (
	importBatch  = 250 // documents a script: measured best between 100 and 500
	importFlight = 3   // scripts under way at once
)

// Options say how a file is imported.
type Options struct {
	Open     func(file string) (Source, error) // nil: files are not read here
	DryRun   bool                              // every record is read and checked, and nothing is written
	Progress func(run.Progress)                // hears how far the import is
	Text     *lang.Source                      // the text of the statement
	Schema   *ir.Schema                        // that it was checked against
	Env      eval.Env                          // what the values of the mapping are computed from
}

// importer loads one file.
type importer struct {
	o      Options
	db     *run.Database
	st     *ir.Import
	src    Source
	plan   *planner.Plan
	layout []eval.Fn // of st.As
	rows   *rows.Rows
	mu     sync.Mutex
	err    error
	unsure []*batch // without an answer: written or not
	// How far the file is read. The file is for one goroutine; these are for those that send, too.
	bytes, total atomic.Int64
	progressMu   sync.Mutex // one goroutine at a time reports progress
}

// batch is a number of documents on their way.
type batch struct {
	docs  []any
	first Pos
	last  Pos
}

// progress tells how far the import is.
func (im *importer) progress(p run.Progress) {
	p.What, p.Bytes, p.TotalBytes = "import "+im.st.File, im.bytes.Load(), im.total.Load()
	im.progressMu.Lock()
	defer im.progressMu.Unlock()
	im.o.Progress(p)
}

// flight is how many batches are under way at once: with ON CONFLICT the order of the file decides which record is first.
func (im *importer) flight() int {
	if im.st.Skip {
		return 1
	}
	return importFlight
}

// columns refuses a mapping that reads a column which the file does not have.
func (im *importer) columns() error {
	names := im.src.Columns()
	if names == nil { // each record has its own
		return nil
	}
	var err error
	ir.Exprs(im.st, func(x ir.Expr) {
		ir.Walk(x, func(x ir.Expr) bool {
			m, ok := x.(*ir.Member)
			if !ok || err != nil {
				return true
			}
			if v, ok := m.X.(*ir.Var); !ok || v.V != im.st.In || slices.Contains(names, m.Name) {
				return true
			}
			e := fail.Errorf(lang.CodeUnknownName, m.Sp, "%s has no column %s", im.st.File, m.Name)
			if near := lang.Nearest(m.Name, names); near != "" {
				e = e.WithHint("did you mean " + near + "?")
			} else {
				e = e.WithHint("its columns are " + strings.Join(names, ", "))
			}
			err = e
			return true
		})
	})
	return err
}

// prepare plans the CREATE of one batch, which takes its documents as a parameter.
func (im *importer) prepare() error {
	if err := im.columns(); err != nil {
		return err
	}
	prog := &ir.Program{Source: im.o.Text, Schema: im.o.Schema}
	var err error
	if im.plan, err = im.build(im.st.Model, im.st.Uses, prog); err != nil {
		return err
	}
	for _, c := range im.st.As {
		fn, err := eval.Compile(c.X, eval.Layout{Schema: prog.Schema})
		if err != nil {
			return err
		}
		im.layout = append(im.layout, fn)
	}
	return nil
}

// build plans the CREATE of a batch of documents of a model.
func (im *importer) build(m *ir.Model, uses []*ir.Model, prog *ir.Program) (*planner.Plan, error) {
	list := lang.ListOf(lang.Type{Kind: lang.KObject})
	create := &ir.Create{
		Head:  ir.Head{Sp: im.st.Sp, Uses: uses},
		Model: m,
		Docs:  []ir.Doc{{Sp: im.st.Sp, Value: &ir.Param{Base: ir.Base{T: list, Sp: im.st.Sp}, Name: "docs"}}},
		Many:  true,
	}
	if im.st.Skip {
		create.Conflict = "SKIP"
	}
	if len(create.Uses) == 0 {
		create.Uses = []*ir.Model{m}
	}
	return run.Build(create, prog, im.db.Conn.Can())
}
