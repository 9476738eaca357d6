package schema

import (
	"context"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// asked is up to how many documents an error names.
const asked = 10

// obeyed asks that the documents that are there obey CHECKs, which everybody who writes obeys by now.
func (c *Change) obeyed(ctx context.Context, m *ir.Model, checks []*ir.Check) error {
	for _, check := range checks {
		n, keys, err := c.violators(ctx, m, check)
		if err != nil {
			return err
		}
		if n > 0 {
			more := ""
			if n > len(keys) {
				more = ", …"
			}
			if r := check.Ref; r != nil {
				return fail.Errorf(lang.CodeDanglingRef, lang.Span{}, "%s names documents of %s that do not exist in %s of %s: %s%s", r.Name, r.Target(), counted(n), m.Name, strings.Join(keys, ", "), more).
					WithHint("create what is missing, or change these refs first")
			}
			return fail.Errorf(lang.CodeCheckFailed, lang.Span{}, "CHECK %s does not hold for %s of %s: %s%s", check.Label(), counted(n), m.Name, strings.Join(keys, ", "), more)
		}
	}
	return nil
}

// counted is a number of documents in words.
func counted(n int) string {
	if n == 1 {
		return "1 document"
	}
	return strconv.Itoa(n) + " documents"
}

// Dangling calls f with the name of each document, and the column, whose ref with ON DELETE names what does not exist.
func (c *Change) Dangling(ctx context.Context, m *ir.Model, f func(key string, ref *ir.Column)) error {
	for _, check := range m.Asks(c.db.Catalog.Schema()) {
		if check.Ref == nil {
			continue
		}
		if err := c.violate(ctx, m, check, func(part *run.Database, key string) { f(part.Conn.Keys.Doc(m, key), check.Ref) }); err != nil {
			return err
		}
	}
	return nil
}

// violators counts the documents that do not obey a CHECK, and names the first of them.
func (c *Change) violators(ctx context.Context, m *ir.Model, check *ir.Check) (n int, keys []string, err error) {
	err = c.violate(ctx, m, check, func(part *run.Database, key string) {
		if n++; n <= asked {
			keys = append(keys, lang.Quote(part.Conn.Keys.Doc(m, key)))
		}
	})
	return n, keys, err
}

// violate calls f with the partition and the key, as text, of each document that does not obey a CHECK.
func (c *Change) violate(ctx context.Context, m *ir.Model, check *ir.Check, f func(part *run.Database, key string)) error {
	row := &ir.Row{Base: ir.Base{T: lang.Type{Kind: lang.KRow, Model: m.Name}}}
	key := &ir.Col{Base: ir.Base{T: m.Key.Type.NotNull()}, X: row, Col: m.KeyColumn()}
	find := &ir.Find{Head: ir.Head{Uses: []*ir.Model{m}}, Model: m, Where: broken(m, check), Projection: ir.Projection{Items: []ir.Item{{Name: m.Key.Name, X: key}}}}
	return c.query(ctx, find, m, func(part *run.Database, out *rows.Rows) error {
		for out.Next() {
			t, _ := ir.KeyText(out.Values()[0])
			f(part, t)
		}
		return out.Err()
	})
}

// count returns the number of documents of a model.
func (c *Change) count(ctx context.Context, m *ir.Model) (n int64, err error) {
	err = c.query(ctx, &ir.Count{Head: ir.Head{Uses: []*ir.Model{m}}, Model: m}, m, func(_ *run.Database, out *rows.Rows) error {
		if out.Next() {
			n += number(out.Values()[0])
		}
		return out.Err()
	})
	return n, err
}

// query runs a statement about documents of m, in each of its partitions, and f with each result.
func (c *Change) query(ctx context.Context, st ir.Stmt, m *ir.Model, f func(part *run.Database, out *rows.Rows) error) error {
	p, err := planner.Build(st, &ir.Program{Source: c.src, Schema: c.db.Catalog.Schema()}, c.db.Conn.Can())
	if err != nil {
		return err
	}
	return c.db.Each(ctx, m, func(part *run.Database) error {
		out, err := part.Run(ctx, p)
		if err != nil {
			return err
		}
		return f(part, out)
	})
}

// broken is the condition that a document does not obey a CHECK.
func broken(m *ir.Model, check *ir.Check) ir.Expr {
	b := ir.Base{T: lang.TypeBool}
	x := ir.Expr(&ir.Unary{Base: b, Op: lang.OpNot, X: check.Cond})
	if check.Col == nil {
		return x
	}
	row := &ir.Row{Base: ir.Base{T: lang.Type{Kind: lang.KRow, Model: m.Name}}}
	col := &ir.Col{Base: ir.Base{T: check.Col.Type}, X: row, Col: check.Col}
	return &ir.Binary{Base: b, Op: lang.OpAnd, L: &ir.Unary{Base: b, Op: lang.OpNot, X: &ir.IsNull{Base: b, X: col}}, R: x}
}

// NullRefs takes out of the documents of m, in steps, the refs with ON DELETE SET NULL that name no document, as
// the DELETE of that would have done.
func (c *Change) NullRefs(ctx context.Context, m *ir.Model) error {
	all := c.db.Catalog.Schema()
	for _, check := range m.Asks(all) {
		ref := check.Ref
		if ref == nil || ref.OnDelete() != ir.OnDeleteSetNull {
			continue
		}
		target := all.Model(ref.Target())
		up := &ir.Update{Head: ir.Head{Uses: []*ir.Model{m, target}}, Model: m, Target: ir.Target{Where: broken(m, check)}, Sets: []ir.Assign{ref.KeepExisting(m, target)}}
		if err := c.query(ctx, up, m, func(*run.Database, *rows.Rows) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}
