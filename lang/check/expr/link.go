package expr

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// LinkColumn returns the column of from by which its documents refer to those of model to, for a backlink of to. If the backlink
// cannot be followed, it says why, and what to write instead.
func LinkColumn(to string, l *ir.Backlink, from *ir.Model) (col *ir.Column, why, hint string) {
	col = l.Column(from)
	name := to + "." + l.Name
	switch {
	case col == nil:
		why, hint = fmt.Sprintf("%s is a backlink by %s.%s, but %s has no field of that name", name, from.Name, l.Ref, from.Name), l.Ref+" ref<"+to+"> INDEX"
	case col.Target() != to:
		why, hint = fmt.Sprintf("%s is a backlink by %s.%s, which is not a ref to %s", name, from.Name, l.Ref, to), l.Ref+" ref<"+to+"> INDEX"
	case from.Foreign:
		why, hint = fmt.Sprintf("%s is a backlink by %s.%s, but other programs also write %s, so no index has all documents that refer", name, from.Name, l.Ref, from.Name), "add WRITERS RQL to "+from.Name+" if only RQL writes from now on"
	default:
		for _, ix := range from.Indexes {
			if ix.Cols[0] == col {
				return col, "", ""
			}
		}
		why, hint = fmt.Sprintf("%s is a backlink by %s.%s, which needs an INDEX, by which the documents are found", name, from.Name, l.Ref), l.Ref+" … INDEX, or INDEX ("+l.Ref+", …) with the field that they are ordered by"
	}
	return nil, why, hint
}

// backlink returns the backlink that x names, without reporting anything; nil if it names none.
func (c *Checker) backlink(x lang.Expr) *ir.Backlink {
	switch x := x.(type) {
	case *lang.Name:
		if m := c.Scope.Model; m != nil && !c.Scope.Hidden && m.Lookup(x.Name) == nil {
			return m.Link(x.Name)
		}
	case *lang.Member:
		if !c.linkNamed(x.Name) {
			return nil
		}
		var found *ir.Backlink
		c.inside(func() {
			c.Quietly(func() {
				found = c.LinkBehind(c.Expr(x.X), x.Name)
			})
		})
		return found
	}
	return nil
}

// linkNamed reports whether any model has a backlink with that name.
func (c *Checker) linkNamed(name string) bool {
	for m := range c.Schema.Models() {
		if m.Link(name) != nil {
			return true
		}
	}
	return false
}

// LinkBehind returns the backlink with that name of the document that x is, or refers to; nil if there is none.
func (c *Checker) LinkBehind(x ir.Expr, name string) *ir.Backlink {
	if m := c.behind(x); m != nil && m.Lookup(name) == nil {
		return m.Link(name)
	}
	return nil
}

// behind returns the model of the document that x is, or refers to.
func (c *Checker) behind(x ir.Expr) *ir.Model {
	switch t := x.Type(); t.Kind {
	case lang.KRow:
		return c.DocOf(x)
	case lang.KRef:
		return c.Schema.Model(t.Model)
	}
	return nil
}

// ofLink checks count() or exists() of a backlink; nil if the argument is something else.
func (c *Checker) ofLink(fn string, x *lang.Call) ir.Expr {
	if len(x.Args) != 1 || fn != "count" && fn != "exists" {
		return nil
	}
	l := c.backlink(x.Args[0])
	if l == nil {
		return nil
	}
	if x.Distinct {
		c.Errorf(lang.CodeNotAllowed, x.Sp, "the documents of a backlink are always distinct, so DISTINCT has no effect")
	}
	row := c.linkRow(x.Args[0])
	if row == nil {
		return c.Unknown(x.Sp)
	}
	from := lang.Ident{Name: l.Model, Sp: x.Args[0].Span()}
	var q lang.Stmt = &lang.CountStmt{Sp: x.Sp, Model: from, Where: x.Where}
	if fn == "exists" {
		q = &lang.ExistsStmt{Sp: x.Sp, Model: from, Where: x.Where}
	}
	return c.Link(row, l, q, x.Sp)
}

// plainLink identifies count() or exists() of all documents of a backlink in a statement. It is one query, however often it is
// used.
type plainLink struct {
	of     *ir.Head
	link   *ir.Backlink
	exists bool
}

// plainOf reports whether a query is over all documents of a backlink.
func (c *Checker) plainOf(l *ir.Backlink, q lang.Stmt) (plainLink, bool) {
	switch q := q.(type) {
	case *lang.CountStmt:
		return plainLink{c.Head, l, false}, q.Where == nil
	case *lang.ExistsStmt:
		return plainLink{c.Head, l, true}, q.Where == nil
	}
	return plainLink{}, false
}

// linkRow returns the document whose backlink is x, if it may be read here.
func (c *Checker) linkRow(x lang.Expr) ir.Expr {
	sc := c.Scope
	member, ok := x.(*lang.Member)
	switch {
	case ok:
		row := c.Expr(member.X)
		if row.Type().Kind == lang.KRef {
			return c.Deref(row, row.Span())
		}
		return row
	case sc.Group != nil && !sc.Group.inside:
		c.Errorf(lang.CodeNotGrouped, x.Span(), "%s is neither a key of GROUP BY nor inside an aggregate", c.Source.Slice(x.Span()))
		return nil
	case sc.Out != nil && sc.Out.Only:
		c.Errorf(lang.CodeNotReturned, x.Span(), "after %s, ORDER BY can use only what is returned", sc.Out.Why).WithHint("return it under a name and order by that name")
		return nil
	}
	return sc.Row
}

// Link checks a query over the documents that refer to the document row by the backlink l.
func (c *Checker) Link(row ir.Expr, l *ir.Backlink, q lang.Stmt, sp lang.Span) ir.Expr {
	m := c.behind(row)
	if m == nil {
		return c.Unknown(sp)
	}
	if ir.ReadsAway(row) {
		c.Errorf(lang.CodeOtherPartition, sp, "this backlink belongs to a document of %s, which is not in the partition", m.Name).
			WithHint("FIND or GET the document itself, and FETCH %s", l.Name)
		return c.Unknown(sp)
	}
	if c.Scope.Rule != "" {
		c.Errorf(lang.CodeNotAllowed, sp, "%s can read only its own document, not those that refer to it", c.Scope.Rule)
		return c.Unknown(sp)
	}
	col := &ir.Column{Name: l.Name + "#" + ir.OpLink}
	switch path := ir.LeafPath(&ir.Col{X: row, Col: col}); {
	case path == "":
		c.Errorf(lang.CodeNotAllowed, sp, "a document in a name or in a list has no backlink %s", l.Name).WithHint("ask for it where the document is read: RETURN, or FETCH %s", l.Name)
		return c.Unknown(sp)
	case strings.HasPrefix(path, "OLD:"):
		c.Errorf(lang.CodeNotAllowed, sp, "OLD holds only the document itself, not those that refer to it")
		return c.Unknown(sp)
	}
	from := c.Schema.Model(l.Model)
	if from != nil {
		if _, why, hint := LinkColumn(m.Name, l, from); why != "" {
			c.Errorf(lang.CodeBadModel, sp, "%s", why).WithHint("%s", hint)
			return c.Unknown(sp)
		}
	}
	apart := from != nil && m.Apart(from)
	if apart && !c.referrers(l, sp) {
		return c.Unknown(sp)
	}
	k, plain := c.plainOf(l, q)
	if asked := c.plain[k]; plain && asked != nil {
		return c.linked(row, asked, sp)
	}
	key := m.Key.Type.NotNull()
	if apart && m.Celled() {
		key = lang.TypeString // a full key
	}
	of := c.Variable("", key, apart)
	st, t, where := c.Above.Linked(&Linking{l, apart}, q, of)
	if st == nil {
		return c.Unknown(sp)
	}
	c.asked++
	col.Name += strconv.Itoa(c.asked)
	col.Type, col.Slot, col.Field = t, len(m.Columns)+len(m.Collections()), m.Key
	col.Coll = &ir.Collection{Op: ir.OpLink, Query: st, Of: of, Link: l}
	if apart {
		col.Coll.Apart = &ir.Apart{To: m, From: from, Keys: c.Variable("", lang.ListOf(key), true), Where: where}
	}
	if plain {
		if c.plain == nil {
			c.plain = map[plainLink]*ir.Column{}
		}
		c.plain[k] = col
	}
	return c.linked(row, col, sp)
}

// linked returns the value of col, a query over the documents that refer to the document row.
func (c *Checker) linked(row ir.Expr, col *ir.Column, sp lang.Span) ir.Expr {
	base := c.Base(types.NullIf(col.Type, row.Type().Null), sp)
	if a := col.Coll.Apart; a != nil {
		key := types.NullIf(a.To.Key.Type.NotNull(), row.Type().Null)
		return &ir.Referrers{Base: base, Key: &ir.Col{Base: ir.Base{T: key, Sp: sp}, X: row, Col: a.To.KeyColumn()}, Col: col}
	}
	return &ir.Col{Base: base, X: row, Col: col}
}

// referrers reports whether documents elsewhere that refer to the row can be read here. If not, it reports an error.
func (c *Checker) referrers(l *ir.Backlink, sp lang.Span) bool {
	clause, hint := c.Scope.Clause, "FIND %s GROUP BY %s, or return it and go on in the program: RETURN, FETCH and WHERE read it"
	switch {
	case c.Above.InBlock():
		clause, hint = "a block", "read it before the block, by LET: FIND %s WHERE %s = …"
	case c.Scope.Gathers, clause == "WHERE":
		return true
	}
	c.Errorf(lang.CodeOtherPartition, sp, "%s are documents of %s, which may be in any partition, so %s cannot read them", l.Name, l.Model, clause).WithHint(hint, l.Model, l.Ref)
	return false
}

// bareLink reports that a backlink is used as a value.
func (c *Checker) bareLink(l *ir.Backlink, sp lang.Span) {
	c.Errorf(lang.CodeNotAllowed, sp, "%s is a backlink, the documents of %s that refer to this one, not a value", l.Name, l.Model).
		WithHint("count(%s), EXISTS (%s WHERE …), or FETCH %s", l.Name, l.Name, l.Name)
}

// checkExists checks exists(x) if x is not a backlink.
func checkExists(c *Checker, _ string, args []ir.Expr, x *lang.Call) ir.Expr {
	if args[0].Type().Kind != lang.KUnknown {
		c.Errorf(lang.CodeTypeMismatch, args[0].Span(), "EXISTS (…) takes a backlink, but this is %s", types.Describe(args[0].Type())).WithHint("EXISTS Model WHERE …, in parentheses, is a query")
	}
	return c.Unknown(x.Sp)
}
