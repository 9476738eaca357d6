package exec

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// define carries MODEL out: a new model is entered in the catalog; what a
// model gained is written to its documents first.
func (r *runner) define(ctx context.Context, st *ir.Define) (*Rows, error) {
	if err := run.Needs(r.s.e.db.Conn.Caps, []*ir.Model{st.Model}, st.Sp); err != nil {
		return nil, err
	}
	for t := r.s.e.db.Conn.Turns(); ; {
		rows := &Rows{Kind: "MODEL"}
		ok, err := r.defined(ctx, st, rows)
		if err != nil && err != fail.ErrStale {
			if x, is := fail.As(err); is && x.Outcome == lang.OutcomeUnknown {
				err = x.WithHint("the same MODEL again goes on where this one stopped: each step was applied once or not at all")
			}
			return nil, err
		}
		if ok {
			r.s.e.db.Conn.Bless(ctx)
			return rows, nil
		}
		if more, err := t.Next(ctx); err != nil {
			return nil, err
		} else if !more {
			return nil, keepsChanging(st.Model.Name, st.Sp)
		}
	}
}

// keepsChanging is the error of a definition that somebody else was faster with each time.
func keepsChanging(name string, sp lang.Span) error {
	return fail.Errorf(lang.CodeStale, sp, "somebody else keeps changing %s", name)
}

// defined tries once; false, or fail.ErrStale: somebody else was faster.
func (r *runner) defined(ctx context.Context, st *ir.Define, rows *Rows) (bool, error) {
	e, m := r.s.e, st.Model
	there, memory := ft.List(ctx, e.db.Conn), conn.MemoryCmd(ctx)
	if err := r.s.e.db.Catalog.Known(ctx, m.Name, there, memory); err != nil {
		return false, err
	}
	if text := conn.EvictionText(memory); text != "" {
		rows.Warn(Warning{Code: lang.CodeMayEvict, Text: text})
	}
	was := e.db.Catalog.Schema().Model(m.Name)
	if was != nil && (st.Older || was.Knew(m.Def)) {
		return older(was, m, st.Sp, rows)
	}
	changes, ixs, uqs, fields, d := diff(was, m)
	if d != nil {
		return false, &lang.Error{Code: d.Code, Message: d.Message, Hint: d.Hint, Span: st.Sp, Statement: -1}
	}
	sc, err := r.searchOf(ctx, st, was, there)
	if err != nil {
		return false, err
	}
	if was != nil && changes == nil && !unfinished(was) && !sc.changes() {
		return true, sc.tidy(ctx, e, was, there)
	}
	g := &growth{indexes: ixs, uniques: uqs, fields: fields, search: sc}
	if was != nil {
		g.indexes, g.uniques = append(ixs, building(was.Indexes, m.Indexes)...), append(uqs, building(was.Uniques, m.Uniques)...)
		g.fields, g.list = append(fields, filling(was, m)...), was.Unlisted
		g.checks = unasked(was, m)
	} else if err := r.unknown(ctx, st, g, there); err != nil {
		return false, err
	}
	return r.grow(ctx, st, was, g, rows)
}

// older is MODEL with an earlier definition than the one in the catalog: the program goes on with that one.
func older(was, m *ir.Model, sp lang.Span, rows *Rows) (bool, error) {
	if d := check.Older(was, m); d != nil {
		return false, &Error{Code: d.Code, Message: d.Message, Hint: d.Hint, Span: sp, Statement: -1}
	}
	rows.Warn(Warning{Code: lang.CodeOlderModel, Text: "this is an earlier definition of " + m.Name + ", and changes nothing: the program is older than the database"})
	return true, nil
}

// unasked lists the CHECKs of now that the documents that are there may not obey.
func unasked(was, now *ir.Model) []*ir.Check {
	var out []*ir.Check
	for _, c := range now.Checks {
		old := sameCheck(was, c)
		if old != nil && old.Building || old == nil && known(was, c) { // over a field that is new too, its default was checked with the definition
			out = append(out, c)
		}
	}
	return out
}

// diff compares a model with the one in the catalog, if there is one.
func diff(was, now *ir.Model) ([]string, []*ir.Index, []*ir.Index, []*ir.Field, *lang.Diag) {
	if was == nil {
		return []string{"new"}, nil, nil, nil, nil
	}
	if was.Def == now.Def {
		return nil, nil, nil, nil, nil
	}
	return check.Diff(was, now)
}

// unfinished reports what an interrupted MODEL left building.
func unfinished(m *ir.Model) bool {
	return m.Unlisted || len(building(m.Indexes, m.Indexes))+len(building(m.Uniques, m.Uniques))+len(filling(m, m))+len(unasked(m, m)) > 0
}

// filling lists the fields of now whose default is still being written in was.
func filling(was, now *ir.Model) []*ir.Field {
	var out []*ir.Field
	for _, w := range was.Fields {
		f := now.Field(w.Name)
		if f != nil && slices.ContainsFunc(w.Columns, func(c *ir.Column) bool { return c.Fill != nil }) {
			out = append(out, f)
		}
	}
	return out
}

// building lists the indexes of now that are still building in was.
func building(was, now []*ir.Index) []*ir.Index {
	var out []*ir.Index
	for _, w := range was {
		for _, n := range now {
			if w.Building && w.Name == n.Name {
				out = append(out, n)
			}
		}
	}
	return out
}

// asked is up to how many documents an error names.
const asked = 10

// obeyed asks that the documents that are there obey CHECKs, which everybody who writes obeys by now.
func (r *runner) obeyed(ctx context.Context, m *ir.Model, checks []*ir.Check) error {
	for _, c := range checks {
		n, keys, err := r.violators(ctx, m, c)
		if err != nil {
			return err
		}
		if n > 0 {
			more := ""
			if n > len(keys) {
				more = ", …"
			}
			return fail.Errorf(lang.CodeCheckFailed, lang.Span{}, "CHECK %s does not hold for %s of %s: %s%s", c.Text, counted(n), m.Name, strings.Join(keys, ", "), more)
		}
	}
	return nil
}

func counted(n int) string {
	if n == 1 {
		return "1 document"
	}
	return strconv.Itoa(n) + " documents"
}

// violators counts the documents that do not obey a CHECK, and names the first of them.
func (r *runner) violators(ctx context.Context, m *ir.Model, c *ir.Check) (n int, keys []string, err error) {
	e, b := r.s.e, ir.Base{T: lang.TypeBool}
	row := &ir.Row{Base: ir.Base{T: lang.Type{Kind: lang.KRow, Model: m.Name}}}
	broken := ir.Expr(&ir.Unary{Base: b, Op: lang.OpNot, X: c.Cond})
	if c.Col != nil {
		col := &ir.Col{Base: ir.Base{T: c.Col.Type}, X: row, Col: c.Col}
		broken = &ir.Binary{Base: b, Op: lang.OpAnd, L: &ir.Unary{Base: b, Op: lang.OpNot, X: &ir.IsNull{Base: b, X: col}}, R: broken}
	}
	key := &ir.Col{Base: ir.Base{T: m.Key.Type.NotNull()}, X: row, Col: m.KeyColumn()}
	find := &ir.Find{Head: ir.Head{Uses: []*ir.Model{m}}, Model: m, Where: broken, Items: []ir.Item{{Name: m.Key.Name, X: key}}}
	p, err := planner.Build(find, &ir.Program{Source: r.src, Schema: e.db.Catalog.Schema()}, e.db.Conn.Can())
	if err != nil {
		return 0, nil, err
	}
	rows, err := e.db.Run(ctx, p)
	if err != nil {
		return 0, nil, err
	}
	for rows.Next() {
		if n++; n <= asked {
			t, _ := keyspace.Text(rows.Values()[0])
			keys = append(keys, lang.Quote(e.db.Conn.Keys.Doc(m, t)))
		}
	}
	return n, keys, rows.Err()
}

func known(m *ir.Model, c *ir.Check) bool {
	for _, col := range c.Cols {
		if m.Column(col.Name) == nil {
			return false
		}
	}
	return true
}

// sameCheck is the CHECK of m that another definition of it has too, or nil.
func sameCheck(m *ir.Model, c *ir.Check) *ir.Check {
	for _, x := range m.Checks {
		if x.Mark() == c.Mark() {
			return x
		}
	}
	return nil
}

// show carries SHOW out.
func (r *runner) show(st *ir.Show) *Rows {
	if st.Model != nil {
		return rows.Strings("SHOW", "model", []string{shown(st.Model)})
	}
	return rows.Strings("SHOW", "model", r.s.e.db.Catalog.Schema().Names())
}

// shown is the definition of a model, with what was decided where it says nothing of INDEXED BY.
func shown(m *ir.Model) string {
	if m.Search == nil || m.IndexedBy != "" {
		return m.Def
	}
	decl := *m.Decl
	decl.Options = append(slices.Clone(decl.Options), &lang.OptionDecl{Kind: "INDEXED", Word: "SEARCH"})
	return lang.Print(&decl)
}
