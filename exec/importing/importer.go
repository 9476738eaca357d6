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
	importBatch  = 250 // documents per script: fastest between 100 and 500
	importFlight = 3   // scripts in flight
)

// Options are the options of an import.
type Options struct {
	Open     func(file string) (Source, error) // nil: files cannot be read
	DryRun   bool                              // every record is read and checked, and nothing is written
	Progress func(run.Progress)                // called with the progress of the import
	Text     *lang.Source                      // text of the statement
	Schema   *ir.Schema                        // schema against which it was checked
	Env      eval.Env                          // environment of the mapping's expressions
}

// importer is the state of one import.
type importer struct {
	o      Options
	db     *run.Database
	st     *ir.Import
	src    Source
	plan   *planner.Plan
	layout []eval.Fn // the expressions of st.As
	rows   *rows.Rows
	mu     sync.Mutex
	err    error
	unsure []*batch // without a reply: written or not
	// How much of the file has been read. Only one goroutine uses the file; the senders read these.
	bytes, total atomic.Int64
	progressMu   sync.Mutex // one goroutine at a time reports progress
}

// batch is a group of documents that are written together.
type batch struct {
	docs  []any
	first Pos
	last  Pos
}

// progress reports the progress of the import.
func (im *importer) progress(p run.Progress) {
	p.What, p.Bytes, p.TotalBytes = "import "+im.st.File, im.bytes.Load(), im.total.Load()
	im.progressMu.Lock()
	defer im.progressMu.Unlock()
	im.o.Progress(p)
}

// flight returns how many batches may be in flight. With ON CONFLICT, the order of records in the file decides which one is
// first.
func (im *importer) flight() int {
	if im.st.Skip {
		return 1
	}
	return importFlight
}

// columns checks that the file has the columns that a mapping uses.
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

// prepare plans the CREATE of one batch, whose documents are a parameter.
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
