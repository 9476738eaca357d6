package exec

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
)

// define carries MODEL out: a new model is entered in the catalog; what a
// model gained is written to its documents first.
func (r *runner) define(ctx context.Context, st *ir.Define) (*Rows, error) {
	e := r.s.e
	rows := &Rows{Kind: "MODEL"}
	if err := needs(e.caps, []*ir.Model{st.Model}, st.Sp); err != nil {
		return nil, err
	}
	for try := 0; try <= maxStale; try++ {
		there := e.listSearch(ctx)
		if err := r.known(ctx, st.Model.Name, there); err != nil {
			return nil, err
		}
		was := e.schema.Load().Model(st.Model.Name)
		changes, ixs, uqs, fields, d := diff(was, st.Model)
		if d != nil {
			d.Span = st.Sp
			return nil, &Error{Code: d.Code, Message: d.Message, Hint: d.Hint, Span: st.Sp, Statement: -1}
		}
		sc, err := r.searchOf(ctx, st, was, there)
		if err != nil {
			return nil, err
		}
		if was != nil && changes == nil && !unfinished(was) && !sc.changes() {
			return rows, sc.tidy(ctx, e, was, there)
		}
		if was != nil {
			ixs, uqs = append(ixs, building(was.Indexes, st.Model.Indexes)...), append(uqs, building(was.Uniques, st.Model.Uniques)...)
			fields = append(fields, filling(was, st.Model)...)
		}
		list := was != nil && was.Unlisted
		if was == nil && st.Model.Adopted { // there may be documents
			list, ixs, uqs = true, st.Model.Indexes, st.Model.Uniques
		}
		ok, err := r.grow(ctx, st, was, &growth{ixs, uqs, fields, sc, list}, rows)
		if err != nil && err != errStale {
			if x, is := asError(err); is && x.Outcome == OutcomeUnknown {
				err = x.withHint("the same MODEL again goes on where this one stopped: each step was applied once or not at all")
			}
			return nil, err
		}
		if ok {
			return rows, nil
		}
	}
	return nil, errorf(lang.CodeStale, st.Sp, "somebody else keeps changing %s", st.Model.Name)
}

// growth is what a model gains: what its documents are to be given, and the change of its Search index.
type growth struct {
	indexes, uniques []*ir.Index
	fields           []*ir.Field
	search           *searchChange
	list             bool // documents that were there before the model are entered in the set of its keys
}

// fills reports that documents or indexes of RQL's own are written.
func (g *growth) fills() bool { return g.list || len(g.indexes)+len(g.uniques)+len(g.fields) > 0 }

// known reads the catalog again unless it holds the version of a model that is
// known here. A command that is not nil travels with the question.
func (r *runner) known(ctx context.Context, name string, with *redis.StringSliceCmd) error {
	e, version := r.s.e, ""
	e.asInCatalog(name)
	if m := e.schema.Load().Model(name); m != nil {
		version = m.Version
	}
	cmd := redis.NewStringCmd(ctx, "hget", e.keys.catalog(), "v:"+name)
	cmds := []redis.Cmder{cmd}
	if with != nil {
		cmds = append(cmds, with)
	}
	if err := e.pipeline(ctx, cmds); err != nil {
		return err
	}
	if err := cmd.Err(); (err == nil || err == redis.Nil) && cmd.Val() == version {
		return nil
	}
	_, err := e.reload(ctx)
	return err
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
	return m.Unlisted || len(building(m.Indexes, m.Indexes))+len(building(m.Uniques, m.Uniques))+len(filling(m, m)) > 0
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

// grow enters a definition; false, or errStale: somebody else was faster. With
// documents there, all programs first learn of what is new (a new field that a
// document lacks is read with its default, no reader uses a new index), then
// fields are written and indexes filled, and only then is the definition whole.
func (r *runner) grow(ctx context.Context, st *ir.Define, was *ir.Model, g *growth, rows *Rows) (bool, error) {
	e, m := r.s.e, st.Model
	version := ""
	if was != nil {
		version = was.Version
		if err := r.obeyed(ctx, st, was, r.c.c.prog.Schema.With(m)); err != nil {
			return false, err
		}
	}
	if (was != nil || g.list) && g.fills() || g.search.make {
		var ok bool
		var err error
		if version, ok, err = r.build(ctx, m, was, g, rows); err != nil || !ok {
			return ok, err
		}
	}
	version, ok, err := e.define(ctx, m.Name, version, &definition{Def: m.Def, Search: g.search.record})
	if err != nil || !ok {
		return ok, err
	}
	if _, err = e.reload(ctx); err != nil {
		return false, err
	}
	return true, g.search.tidied(ctx, e, m, version)
}

// build brings what the documents of a model lack of its new definition, which it
// enters as unfinished; the version of that is returned. One that somebody
// else has entered, or left unfinished, is carried on: filling twice does no harm.
func (r *runner) build(ctx context.Context, m, was *ir.Model, g *growth, rows *Rows) (string, bool, error) {
	e, version, fresh := r.s.e, "", false
	if was != nil {
		version = was.Version
	}
	if was == nil || was.Def != m.Def || g.search.make && !g.search.begun {
		d, err := r.unfinishedOf(ctx, m, was, g)
		if err != nil || d == nil {
			return "", false, err
		}
		var ok bool
		if version, ok, err = e.define(ctx, m.Name, version, d); err != nil || !ok {
			return "", ok, err
		}
		if _, err := e.reload(ctx); err != nil {
			return "", false, err
		}
		fresh = true
	}
	now := e.schema.Load().Model(m.Name)
	if now == nil || now.Version != version {
		return "", false, nil
	}
	gone, err := r.fillAll(ctx, now, g, fresh, rows)
	if err != nil {
		return "", false, r.undo(ctx, now, g, err)
	}
	return version, !gone, nil
}

// unfinishedOf is the definition of a model while it is built; nil when the catalog has lost it.
func (r *runner) unfinishedOf(ctx context.Context, m, was *ir.Model, g *growth) (*definition, error) {
	d := &definition{Def: m.Def, Search: g.search.record}
	if was != nil {
		d.Was = was.Def
		if unfinished(was) || g.search.begun {
			old, err := r.s.e.definitionOf(ctx, m.Name)
			if err != nil || old == nil {
				return nil, err
			}
			d.Was = old.Was
		}
	}
	if g.list {
		d.Building = append(d.Building, listMark)
	}
	for _, ix := range g.indexes {
		d.Building = append(d.Building, "ix:"+ix.Name)
	}
	for _, ix := range g.uniques {
		d.Building = append(d.Building, "uq:"+ix.Name)
	}
	for _, f := range g.fields {
		d.Building = append(d.Building, "f:"+f.Name)
	}
	if g.search.make {
		d.Building = append(d.Building, searchMark)
	}
	return d, nil
}

// fillAll writes what the documents of an unfinished definition lack. gone: somebody took the definition back meanwhile.
func (r *runner) fillAll(ctx context.Context, now *ir.Model, g *growth, fresh bool, rows *Rows) (gone bool, err error) {
	if g.search.make {
		if err := r.beginSearch(ctx, now, g.search, fresh); err != nil {
			return false, err
		}
	}
	if g.list {
		if err := r.enterAll(ctx, now); err != nil {
			return false, err
		}
	}
	schema := r.s.e.schema.Load()
	err = r.backfill(ctx, &lua.BackfillSpec{Schema: schema, Model: now, Fields: pick(now, g.fields), Indexes: g.indexes, Uniques: g.uniques})
	if err != nil || !g.search.make {
		return false, err
	}
	return r.endSearch(ctx, now, g.search, rows)
}

// pick gives the fields of another version of a model by name.
func pick(m *ir.Model, fields []*ir.Field) []*ir.Field {
	var out []*ir.Field
	for _, f := range fields {
		if x := m.Field(f.Name); x != nil {
			out = append(out, x)
		}
	}
	return out
}

// undo takes back an unfinished definition that the documents do not fit. One
// that was only interrupted stays: the same MODEL again carries it on.
func (r *runner) undo(ctx context.Context, m *ir.Model, g *growth, cause error) error {
	e := r.s.e
	x, ok := asError(cause)
	if !ok {
		return cause
	}
	switch x.Code {
	case lang.CodeUnique, lang.CodeIndexedTooLong, lang.CodeBadValue, lang.CodeNeeds, lang.CodeDenied:
	default:
		return cause
	}
	d, err := e.definitionOf(ctx, m.Name)
	if err != nil || d == nil {
		return cause
	}
	if d.Was == "" {
		_, ok, err = e.undefine(ctx, m)
	} else {
		_, ok, err = e.define(ctx, m.Name, m.Version, &definition{Def: d.Was, Search: d.Search}, e.indexKeys(m, g.indexes, g.uniques)...)
	}
	if err != nil || !ok {
		return cause
	}
	if g.search.make {
		_ = e.dropSearch(ctx, e.keys.prefix+beingMade(m)) // left behind, it is dropped by the next MODEL
	}
	if _, err := e.reload(ctx); err != nil {
		return err
	}
	return cause
}

// obeyed asks that the documents that are there obey the CHECKs that are new.
func (r *runner) obeyed(ctx context.Context, st *ir.Define, was *ir.Model, schema *ir.Schema) error {
	for _, c := range st.Model.Checks {
		if hasCheck(was, c) {
			continue
		}
		broken := ir.Expr(&ir.Unary{Base: ir.Base{T: lang.TypeBool, Sp: st.Sp}, Op: lang.OpNot, X: c.Cond})
		if c.Col != nil {
			row := &ir.Row{Base: ir.Base{T: lang.Type{Kind: lang.KRow, Model: was.Name}, Sp: st.Sp}}
			col := &ir.Col{Base: ir.Base{T: c.Col.Type, Sp: st.Sp}, X: row, Col: c.Col}
			there := &ir.Unary{Base: broken.(*ir.Unary).Base, Op: lang.OpNot, X: &ir.IsNull{Base: ir.Base{T: lang.TypeBool, Sp: st.Sp}, X: col}}
			broken = &ir.Binary{Base: ir.Base{T: lang.TypeBool, Sp: st.Sp}, Op: lang.OpAnd, L: there, R: broken}
		}
		if !known(was, c) {
			continue // over a field that is new too: its default was checked with the definition
		}
		cnt := &ir.Count{Head: ir.Head{Sp: st.Sp, Uses: []*ir.Model{was}}, Model: was, Where: broken}
		prog := &ir.Program{Source: r.src, Schema: schema.With(was)}
		p, err := planner.Build(cnt, prog, r.s.e.caps)
		if err != nil {
			return err
		}
		rows, err := r.s.e.execute(ctx, p, newEnv(nil, nil, nil), r.s.e.schema.Load())
		if err != nil {
			return err
		}
		if rows.Next() {
			if n, _ := rows.Values()[0].(int64); n > 0 {
				return errorf(lang.CodeCheckFailed, st.Sp, "CHECK %s does not hold for %d documents of %s that are there", c.Text, n, was.Name)
			}
		}
	}
	return nil
}

func known(m *ir.Model, c *ir.Check) bool {
	for _, col := range c.Cols {
		if m.Column(col.Name) == nil {
			return false
		}
	}
	return true
}

func hasCheck(m *ir.Model, c *ir.Check) bool {
	for _, x := range m.Checks {
		if x.Text == c.Text && (x.Col == nil) == (c.Col == nil) && (x.Col == nil || x.Col.Name == c.Col.Name) {
			return true
		}
	}
	return false
}

// backfill runs the steps of a backfill, and says how far it is.
func (r *runner) backfill(ctx context.Context, spec *lua.BackfillSpec) error {
	if len(spec.Fields)+len(spec.Indexes)+len(spec.Uniques) == 0 {
		return nil
	}
	s, err := lua.NewBackfill(spec)
	if err != nil {
		return err
	}
	e := r.s.e
	p := &planner.Plan{}
	if err := planner.Args(p, s, spec.Schema); err != nil {
		return err
	}
	b := &bound{}
	if err := e.bind(b, p, s, &eval.Env{}, e.schema.Load()); err != nil {
		return err
	}
	cursor, n := "", int64(0)
	for {
		b.set(lua.RunCursor, cursor)
		b.set(lua.RunChunk, planner.StepRows)
		rep, err := e.run(ctx, s, b)
		if err != nil {
			return err
		}
		n += rep.int(1)
		if r.s.o.Progress != nil {
			r.s.o.Progress(Progress{What: "backfill " + spec.Model.Name, Rows: n})
		}
		next := rep.list(4)
		if len(next) != 2 {
			if r.s.o.Progress != nil {
				r.s.o.Progress(Progress{What: "backfill " + spec.Model.Name, Rows: n, Done: true})
			}
			return nil
		}
		cursor = reply(next).str(1)
	}
}

// drop carries DROP MODEL out.
func (r *runner) drop(ctx context.Context, st *ir.Drop) (*Rows, error) {
	e, m := r.s.e, st.Model
	now := e.schema.Load().Model(m.Name)
	if now == nil {
		return nil, errorf(lang.CodeStale, st.Sp, "%s was dropped by somebody else", m.Name)
	}
	if by := referredBy(e.schema.Load(), m.Name); by != "" {
		return nil, errorf(lang.CodeNotEmpty, st.Sp, "%s is used by %s", m.Name, by).withHint("drop or change " + by + " first")
	}
	rows := &Rows{Kind: "DROP"}
	if st.All {
		del := &ir.Delete{Head: ir.Head{Sp: st.Sp, Uses: []*ir.Model{now}}, Model: now, Target: ir.Target{All: true}}
		p, err := planner.Build(del, &ir.Program{Source: r.src, Schema: e.schema.Load()}, e.caps)
		if err != nil {
			return nil, err
		}
		done, err := e.execute(ctx, p, newEnv(nil, nil, nil), e.schema.Load())
		if err != nil {
			return nil, err
		}
		rows.affected = done.affected
	}
	n, ok, err := e.undefine(ctx, now)
	switch {
	case err != nil:
	case !ok:
		err = errorf(lang.CodeStale, st.Sp, "%s was changed by somebody else", m.Name)
	case n > 0:
		err = errorf(lang.CodeNotEmpty, st.Sp, "%s has %d documents", m.Name, n).withHint("DROP MODEL " + m.Name + " ALL deletes them too")
	default:
		if _, err = e.reload(ctx); err == nil {
			err = e.dropSearches(ctx, m.Name, math.MaxInt64)
		}
	}
	if err != nil {
		return nil, (&job{rows: rows}).partly(err, 0)
	}
	return rows, nil
}

// withHint adds a hint.
func (e *Error) withHint(h string) *Error { e.Hint = h; return e }

// referredBy names a model that embeds or refers to another.
func referredBy(s *ir.Schema, name string) string {
	for _, n := range s.Names() {
		m := s.Model(n)
		if n == name {
			continue
		}
		for _, f := range m.Fields {
			for t := &f.Type; t != nil; t = t.Elem {
				if t.Model == name {
					return n + "." + f.Name
				}
			}
		}
	}
	return ""
}

// show carries SHOW out.
func (r *runner) show(st *ir.Show) *Rows {
	rows := &Rows{}
	if st.Model != nil {
		rows = sliceRows("SHOW", []string{"model"}, [][]any{{shown(st.Model)}})
	} else {
		var list [][]any
		for _, n := range r.s.e.schema.Load().Names() {
			list = append(list, []any{n})
		}
		rows = sliceRows("SHOW", []string{"model"}, list)
	}
	rows.Types = []lang.Type{lang.TypeString}
	return rows
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

// trimPrefix is the key text of a document's key name.
func (k keyspace) idOf(m *ir.Model, key string) string {
	return strings.TrimSuffix(strings.TrimPrefix(key, k.docs(m)), m.Suffix)
}
