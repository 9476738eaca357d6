package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// Pos is a place in an imported file, from 1.
type Pos struct{ Line, Col int }

// RecordError is a record of an imported file that cannot be read or does not fit.
type RecordError struct {
	File    string
	Pos     Pos
	Field   string
	Code    lang.Code
	Message string
}

// Error names file, line and column.
func (e *RecordError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Pos.Line, e.Pos.Col, e.Message)
}

// RowSource gives the records of an imported file.
type RowSource interface {
	Columns() []string // nil where each record names its own
	// Next gives the next record by column; io.EOF at the end; a *RecordError for one that cannot be read.
	Next() (row map[string]any, pos Pos, err error)
	Bytes() (read, total int64)
	Close() error
}

const (
	importBatch  = 250 // documents a script: measured best between 100 and 500
	importFlight = 3   // scripts under way at once
)

// importer loads one file.
type importer struct {
	r      *runner
	st     *ir.Import
	src    RowSource
	plan   *planner.Plan
	layout []eval.Fn // of st.As
	rows   *Rows
	mu     sync.Mutex
	err    error
	doubt  []*batch // without an answer: written or not
	// How far the file is read. The file is for one goroutine; these are for those that send, too.
	bytes, total atomic.Int64
	telling      sync.Mutex // progress is told by one goroutine at a time
}

// batch is a number of documents on their way.
type batch struct {
	docs  []any
	first Pos
	last  Pos
}

// load carries IMPORT out: batches of documents, each of them all or nothing.
func (r *runner) load(ctx context.Context, st *ir.Import) (*Rows, error) {
	if r.s.o.OpenImport == nil {
		return nil, fail.Errorf(lang.CodeNotAllowed, st.Sp, "IMPORT reads files: only the program rql runs it")
	}
	src, err := r.s.o.OpenImport(st.File)
	if err != nil {
		return nil, &lang.Error{Code: lang.CodeImport, Message: err.Error(), Span: st.Sp, Statement: -1, Cause: err}
	}
	defer src.Close()
	im := &importer{r: r, st: st, src: src, rows: &Rows{Kind: "IMPORT"}}
	if err := im.prepare(); err != nil {
		return nil, err
	}
	err = im.run(ctx)
	im.place()
	im.progress(run.Progress{Rows: im.rows.Affected(), Done: true})
	if err != nil {
		return nil, im.howFar(im.failure(err))
	}
	return im.rows, nil
}

// prepare plans the CREATE of one batch, which takes its documents as a parameter.
func (im *importer) prepare() error {
	prog := &ir.Program{Source: im.r.src, Schema: im.r.c.c.prog.Schema}
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
	return run.Build(create, prog, im.r.s.e.db.Conn.Can())
}

func (im *importer) progress(p run.Progress) {
	if f := im.r.s.o.Progress; f != nil {
		p.What, p.Bytes, p.TotalBytes = "import "+im.st.File, im.bytes.Load(), im.total.Load()
		im.telling.Lock()
		defer im.telling.Unlock()
		f(p)
	}
}

// failure makes an *Error of what ended an import.
func (im *importer) failure(err error) *lang.Error {
	if e, ok := fail.As(err); ok {
		c := *e
		return &c
	}
	var re *RecordError
	if errors.As(err, &re) {
		if re.File == "" {
			re.File = im.st.File
		}
		code := re.Code
		if code == "" {
			code = lang.CodeImport
		}
		return &lang.Error{Code: code, Message: re.Error(), Field: re.Field, Span: im.st.Sp, Statement: -1, Cause: err,
			Hint: "--dry-run reads the whole file and writes nothing"}
	}
	return &lang.Error{Code: lang.CodeImport, Message: err.Error(), Span: im.st.Sp, Statement: -1, Cause: err}
}

// place notes how far the file is read.
func (im *importer) place() {
	read, total := im.src.Bytes()
	im.bytes.Store(read)
	im.total.Store(total)
}

// read fills batches until the end of the file or the first bad record; what came before it is still sent.
func (im *importer) read(ctx context.Context, work chan<- *batch) error {
	b := &batch{}
	flush := func() error {
		im.place()
		if len(b.docs) == 0 {
			return nil
		}
		select {
		case work <- b:
		case <-ctx.Done():
			return fail.Ended(ctx)
		}
		b = &batch{}
		return nil
	}
	for {
		row, pos, err := im.src.Next()
		if err == io.EOF {
			return flush()
		}
		var doc map[string]any
		if err == nil {
			doc, err = im.document(row, pos)
		}
		if err != nil {
			if ferr := flush(); ferr != nil {
				return ferr
			}
			return err
		}
		if len(b.docs) == 0 {
			b.first = pos
		}
		b.docs, b.last = append(b.docs, doc), pos
		if len(b.docs) == importBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// document makes the document of a record: by the mapping, or by equal names.
func (im *importer) document(row map[string]any, pos Pos) (map[string]any, error) {
	bad := func(f *ir.Field, err error) error {
		e := &RecordError{File: im.st.File, Pos: pos, Field: f.Name, Message: f.Name + ": " + fail.Message(err)}
		var c *codec.Error
		var fault *eval.Fault
		switch {
		case errors.As(err, &c):
			e.Code = c.Code
		case errors.As(err, &fault):
			e.Code = fault.Code
		default:
			if x, ok := fail.As(err); ok {
				e.Code = x.Code
			}
		}
		return e
	}
	doc := make(map[string]any, len(im.st.Model.Fields))
	if len(im.st.As) == 0 {
		for name, v := range row {
			f := im.st.Model.Field(name)
			if f == nil {
				return nil, &RecordError{File: im.st.File, Pos: pos, Message: bind.UnknownField(im.st.Model, name).Error(), Code: lang.CodeBadParam}
			}
			if v == "" && f.Type.Kind != lang.KString {
				if f.Default != nil || f.Collection() {
					continue
				}
				v = nil
			}
			x, err := im.value(v, f)
			if err != nil {
				return nil, bad(f, err)
			}
			doc[name] = x
		}
	} else {
		env := &eval.Env{Params: im.r.params, Consts: im.r.c.consts, Vars: make([]any, im.r.c.c.prog.Vars), Now: im.r.s.e.db.Instant()}
		copy(env.Vars, im.r.vars)
		env.Vars[im.st.In.ID] = row
		for i, c := range im.st.As {
			v, err := im.layout[i](env)
			if err == nil {
				v, err = im.value(v, c.Field)
			}
			if err != nil {
				return nil, bad(c.Field, err)
			}
			doc[c.Field.Name] = v
		}
	}
	if _, _, err := bind.Document(im.st.Model, doc); err != nil {
		e := &RecordError{File: im.st.File, Pos: pos, Message: fail.Message(err), Code: lang.CodeImport}
		if x, ok := fail.As(err); ok {
			e.Code = x.Code
		}
		return nil, e
	}
	return doc, nil
}

// value is importValue; a string in a JSON file is one as a json too, where a cell of a table is JSON text.
func (im *importer) value(v any, f *ir.Field) (any, error) {
	if f.Type.Kind == lang.KJSON && im.src.Columns() == nil {
		return v, nil
	}
	return importValue(v, f)
}

// importValue reads the value of a record as its field's type: files hold text where a field is a number, date or truth value.
func importValue(v any, f *ir.Field) (any, error) {
	text, ok := v.(string)
	if !ok || v == nil {
		return unquoted(v, f.Value()), nil
	}
	switch t := f.Value().Scalar(); t.Kind {
	case lang.KInt, lang.KInt64, lang.KFloat, lang.KBool:
		return plainText(text, t)
	case lang.KList, lang.KMap, lang.KEmbedded, lang.KJSON, lang.KVector:
		if text == "" {
			return nil, nil
		}
		return codec.ReadJSON(text, f.Type)
	}
	return text, nil
}

// unquoted reads the 64-bit integers inside a value, which stand in quotes in JSON; what is none stays and is refused later.
func unquoted(v any, t lang.Type) any {
	switch v := v.(type) {
	case string:
		if t.Scalar().Kind == lang.KInt64 {
			if n, err := codec.Parse(v, lang.TypeInt64); err == nil {
				return n
			}
		}
	case []any:
		if t.Elem == nil {
			return v
		}
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = unquoted(x, *t.Elem)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, x := range v {
			out[name] = unquoted(x, memberOf(t, name))
		}
		return out
	}
	return v
}

// memberOf is the type of a value of a map, or of a field of an embedded value.
func memberOf(t lang.Type, name string) lang.Type {
	if t.Kind == lang.KMap && t.Elem != nil {
		return *t.Elem
	}
	for _, c := range t.Cols {
		if c.Name == name {
			return c.Type
		}
	}
	return lang.TypeUnknown
}

// plainText reads a number or truth value as people write it in files.
func plainText(text string, t lang.Type) (any, error) {
	text = strings.TrimSpace(text)
	bad := &codec.Error{Code: lang.CodeBadConversion, Message: lang.Quote(fail.Clip(text, 40)) + " is no " + t.NotNull().String()}
	if text == "" {
		if t.Null {
			return nil, nil
		}
		return nil, bad
	}
	switch t.Kind {
	case lang.KInt:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n > lang.MaxInt || n < -lang.MaxInt {
			return nil, bad
		}
		return n, nil
	case lang.KInt64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, bad
		}
		return n, nil
	case lang.KFloat:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, bad
		}
		if n, err := strconv.ParseInt(text, 10, 64); !strings.ContainsAny(text, ".eExXpP") && (err != nil || n > lang.MaxInt || n < -lang.MaxInt) {
			return nil, &codec.Error{Code: lang.CodeOverflow, Message: fail.Clip(text, 40) + " is beyond the range of int, where a float rounds whole numbers"}
		}
		return f, nil
	}
	switch strings.ToLower(text) {
	case "true", "t", "yes", "y", "1":
		return true, nil
	case "false", "f", "no", "n", "0":
		return false, nil
	}
	return nil, bad
}
