package importing

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rql-lang/rql/exec/bind"
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
	// Open opens a file, and Match returns the files of a pattern; nil: files cannot be read.
	Open     func(file string, o lang.FileOptions) (Source, error)
	Match    func(pattern string) ([]string, error)
	Create   func(file string, o lang.FileOptions, columns []string, types []lang.Type) (Sink, error)
	DryRun   bool               // every record is read and checked, and nothing is written
	Progress func(run.Progress) // called with the progress of the import
	Text     *lang.Source       // text of the statement
	Schema   *ir.Schema         // schema against which it was checked
	Env      eval.Env           // environment of the statement's expressions
}

// importer is the state of one import.
type importer struct {
	o       Options
	db      *run.Database
	st      *ir.Import
	src     Source
	file    string      // name of src
	of      []*ir.Field // the fields of its columns; nil with a mapping, or if each record names its own
	with    lang.FileOptions
	env     eval.Env // of the mapping, for one record at a time
	plan    *planner.Plan
	layout  []eval.Fn // the expressions of st.As
	rejects *rejects
	mu      sync.Mutex
	sums    sums
	warned  rows.Rows // with the warnings of the import
	seen    bool      // the first document was looked at
	err     error
	unsure  []*batch // without a reply: written or not
	misfits misfits  // of a dry run without ON ERROR
	// How much of the file has been read. Only one goroutine uses the file; the senders read these.
	bytes, total atomic.Int64
	name         atomic.Value
	progressMu   sync.Mutex // one goroutine at a time reports progress
}

// sums counts what an import did.
type sums struct {
	created, changed, skipped int64 // documents
	rejected                  int64 // records
}

// batch is a group of documents that are written together.
type batch struct {
	file    string
	docs    []any
	pos     []Pos         // of each in the file
	records []any         // from which each was made, with ON ERROR
	in      *run.Database // where they lie; nil: the statement finds that
	rejects []reject      // records between them that cannot be read or do not fit
}

// add appends a document.
func (b *batch) add(doc any, pos Pos) { b.docs, b.pos = append(b.docs, doc), append(b.pos, pos) }

// part returns some of the documents.
func (b *batch) part(from, to int) *batch {
	p := &batch{file: b.file, docs: b.docs[from:to], pos: b.pos[from:to], in: b.in}
	if b.records != nil {
		p.records = b.records[from:to]
	}
	return p
}

func (b *batch) first() Pos { return b.pos[0] }

// of returns the position of the document with this name, the last one if there are several: it cannot be written after the others. Without such a
// document it is the first.
func (b *batch) of(m *ir.Model, name string) Pos {
	pos := b.first()
	for i, doc := range b.docs {
		if d, ok := doc.(*bind.Fitted); ok && d.Has(m.Key) {
			if text, _ := ir.KeyText(d.Value(m.Key)); m.Name+":"+text == name {
				pos = b.pos[i]
			}
		}
	}
	return pos
}

// lines returns the line range of a batch.
func (b *batch) lines() string {
	return fmt.Sprintf("%d to %d", b.first().Line, b.pos[len(b.pos)-1].Line)
}

// progress reports the progress of the import.
func (im *importer) progress(p run.Progress) {
	p.What, p.Bytes, p.TotalBytes = "import "+im.name.Load().(string), im.bytes.Load(), im.total.Load()
	im.progressMu.Lock()
	defer im.progressMu.Unlock()
	im.o.Progress(p)
}

// flight returns how many batches may be in flight. The order of the records decides which of two with one key is first, which are
// rejected, and whether a document to which another of the model refers exists.
func (im *importer) flight() int {
	if im.st.Conflict != "" || im.st.Rejects != nil || slices.Contains(im.st.Model.Targets(), im.st.Model.Name) {
		return 1
	}
	return importFlight
}

// columns checks that the file has the columns that a mapping uses, or without one, that each column is a field.
func (im *importer) columns() error {
	im.of = nil
	names := im.src.Columns()
	if names == nil { // each record has its own
		return nil
	}
	if len(im.st.As) == 0 {
		return im.fields(names)
	}
	var err error
	ir.Exprs(im.st, func(x ir.Expr) {
		ir.Walk(x, func(x ir.Expr) bool {
			name, ok := column(x, im.st.In)
			if !ok || err != nil || slices.Contains(names, name) {
				return true
			}
			e := fail.Errorf(lang.CodeUnknownName, x.Span(), "%s has no column %s", im.file, name)
			if near := lang.Nearest(name, names); near != "" {
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

// fields checks that each column has the name of a field, and each another.
func (im *importer) fields(names []string) error {
	by := map[*ir.Field]string{}
	for _, name := range names {
		f := im.st.Model.Lookup(name)
		if f == nil {
			e := bind.UnknownField(im.st.Model, name)
			e.Message, e.Span = im.file+": "+e.Message, im.st.Sp
			return e
		}
		if other, twice := by[f]; twice {
			return fail.Errorf(lang.CodeDuplicateField, im.st.Sp, "%s: the columns %s and %s are both the field %s", im.file, other, name, f.Name)
		}
		by[f], im.of = name, append(im.of, f)
	}
	return nil
}

// prepare plans the CREATE of one batch, whose documents are a parameter.
func (im *importer) prepare() error {
	im.env = im.o.Env
	im.env.Vars = slices.Clone(im.o.Env.Vars)
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
		// The documents are the last parameter, after those of the statement.
		Docs: []ir.Doc{{Sp: im.st.Sp, Value: &ir.Param{Base: ir.Base{T: list, Sp: im.st.Sp}, Name: "docs", Index: len(im.o.Env.Params)}}},
		Many: true,
	}
	if im.st.Conflict == "PUT" {
		create.Put = true
	} else {
		create.Conflict, create.Sets = im.st.Conflict, im.st.Sets
	}
	if m.Celled() { // a batch is split by partition: see write
		create.Pins = []ir.Pin{{Model: m, X: create.Docs[0].Value, Docs: true}}
	}
	if len(create.Uses) == 0 {
		create.Uses = []*ir.Model{m}
	}
	return run.Build(create, prog, im.db.Conn.Can())
}
