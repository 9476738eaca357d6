package ir

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// The values of ON DELETE.
const (
	OnDeleteRestrict = "RESTRICT"
	OnDeleteCascade  = "CASCADE"
	OnDeleteSetNull  = "SET NULL"
)

// Referrer is a ref, or a list or collection of refs, with ON DELETE: Col of Model refers to the documents of another model.
type Referrer struct {
	Model *Model
	Col   *Column
	// Index finds the documents that refer to a document: Col is its first column. It is nil while the only such index is still
	// being built.
	Index *Index
	// Action is one of RESTRICT, CASCADE and SET NULL.
	Action string
}

// Name returns the name of the field with its model: "Post.author".
func (r *Referrer) Name() string { return r.Model.Name + "." + r.Col.Name }

// OnDelete returns the ON DELETE action of the column's field, or "".
func (c *Column) OnDelete() string {
	if c.Leaf == nil || c.Presence {
		return ""
	}
	return c.Leaf.OnDelete
}

// Target returns the name of the model to which a ref, or the refs of a list or collection, point; "" for other types.
func (c *Column) Target() string {
	if t := c.RefKey(); t.Kind == lang.KRef {
		return t.Model
	}
	return ""
}

// RefKey returns the type of one ref of the column: of a list or a collection, that of its elements.
func (c *Column) RefKey() lang.Type {
	switch {
	case c.Coll != nil:
		return c.Coll.Field.Type.Elem.NotNull()
	case c.Type.Kind == lang.KList && c.Type.Elem != nil:
		return c.Type.Elem.NotNull()
	}
	return c.Type.NotNull()
}

// Guarded returns the columns of m with ON DELETE, of a collection its Items. The documents to which they refer must exist.
func (m *Model) Guarded() []*Column {
	var out []*Column
	for _, c := range m.Columns {
		if c.OnDelete() != "" {
			out = append(out, c)
		}
	}
	for _, ix := range m.Members {
		out = append(out, ix.Cols[0])
	}
	return out
}

// Targets returns the names of the models to which columns with ON DELETE refer.
func (m *Model) Targets() []string {
	var out []string
	for _, c := range m.Guarded() {
		if t := c.Target(); t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// RefIndex returns the index of m that finds the documents that refer to a document by column c: the one with the fewest columns
// of those that are complete, or nil.
func (m *Model) RefIndex(c *Column) *Index {
	var best *Index
	for _, ix := range m.Ordered() {
		if ix.Cols[0] == c && !ix.Building && (best == nil || len(ix.Cols) < len(best.Cols)) {
			best = ix
		}
	}
	return best
}

// ReferrersIn returns the fields with ON DELETE of some models that refer to documents of the named model.
func ReferrersIn(models []*Model, target string) []*Referrer {
	var out []*Referrer
	for _, m := range models {
		for _, c := range m.Guarded() {
			if c.Target() == target {
				out = append(out, &Referrer{Model: m, Col: c, Index: m.RefIndex(c), Action: c.OnDelete()})
			}
		}
	}
	return out
}

// Referrers returns the fields with ON DELETE that refer to documents of the named model, by name.
func (s *Schema) Referrers(target string) []*Referrer {
	if s == nil {
		return nil
	}
	s.referrers.once.Do(func() {
		by := map[string][]*Referrer{}
		for m := range s.Models() {
			for _, t := range m.Targets() {
				by[t] = append(by[t], ReferrersIn([]*Model{m}, t)...)
			}
		}
		for _, list := range by {
			slices.SortStableFunc(list, func(a, b *Referrer) int { return strings.Compare(a.Name(), b.Name()) })
		}
		s.referrers.by = by
	})
	return s.referrers.by[target]
}

// Sets reports whether SET items assign to a column.
func Sets(sets []Assign, c *Column) bool {
	for i := range sets {
		p := &sets[i].Place
		if p.Col == c || p.Col == nil && strings.HasPrefix(c.Name, p.Prefix+".") {
			return true
		}
	}
	return false
}

// Asks returns the checks that existing documents of m must pass when rules are added to the model: its CHECKs, and for each
// column with ON DELETE that the documents to which it refers exist.
func (m *Model) Asks(s *Schema) []*Check {
	out := slices.Clone(m.Checks)
	for _, c := range m.Guarded() {
		target := s.Model(c.Target())
		if c.Target() == m.Name {
			target = m
		}
		if target != nil {
			check := &Check{Cond: c.exists(m, target), Text: "ON DELETE " + c.OnDelete() + " of " + c.Name, Cols: []*Column{c}, Building: c.Asked, Ref: c}
			if c.Coll == nil { // else it is never null
				check.Col = c
			}
			out = append(out, check)
		}
	}
	return out
}

// exists returns the condition that the documents to which column c of m refers exist.
func (c *Column) exists(m, target *Model) Expr {
	value := c.of(m)
	if c.Coll != nil {
		value.Col, value.T = c.lacks(target), lang.TypeBool
		return &Unary{Base: Base{T: lang.TypeBool}, Op: lang.OpNot, X: value}
	}
	if c.Type.Kind != lang.KList {
		return &Unary{Base: Base{T: lang.TypeBool}, Op: lang.OpNot, X: &IsNull{Base: Base{T: lang.TypeBool}, X: keyBehind(value, target)}}
	}
	count := func(fn string, list Expr) Expr { return &Call{Base: Base{T: lang.TypeInt}, Fn: fn, Args: []Expr{list}} }
	return &Binary{Base: Base{T: lang.TypeBool}, Op: lang.OpEq, L: count("count", c.keys(m, target)), R: count("len", value)}
}

// KeepExisting returns the SET item that removes dangling refs from column c of m: it becomes null, or keeps the other elements.
func (c *Column) KeepExisting(m, target *Model) Assign {
	set := Assign{Place: Place{Col: c, T: c.Type}, Op: "="}
	switch {
	case c.Coll != nil:
		set.Op, set.Place.Col = OpLacks, c.lacks(target)
	case c.Type.Kind != lang.KList:
		set.Value = &Const{Base: Base{T: c.Type}, Ord: -1}
	default:
		set.Value = &Call{Base: Base{T: c.Type.NotNull()}, Fn: "collect", Args: []Expr{c.keys(m, target)}}
	}
	return set
}

// lacks returns the column that tells whether a member of a collection refers to a document that does not exist. It reads no more than
// the members and the keys of these documents, of which there may be ten thousand.
func (c *Column) lacks(target *Model) *Column {
	f := c.Coll.Field
	return &Column{Name: c.Name + "#" + OpLacks, Type: lang.TypeBool, Slot: c.Slot, Field: f, Leaf: f, Coll: &Collection{Field: f, Op: OpLacks, Target: target}}
}

// of returns the value of column c of the row.
func (c *Column) of(m *Model) *Col {
	row := &Row{Base: Base{T: lang.Type{Kind: lang.KRow, Model: m.Name}}}
	return &Col{Base: Base{T: c.Type}, X: row, Col: c}
}

// keys returns the keys of the documents to which the refs of a list point; null for one that does not exist.
func (c *Column) keys(m, target *Model) Expr {
	found := keyBehind(&Elem{Base: Base{T: c.Type.Elem.NotNull()}}, target)
	return &Pluck{Base: Base{T: lang.ListOf(found.Type())}, X: c.of(m), Body: found}
}

// keyBehind returns the key of the document to which a ref points.
func keyBehind(ref Expr, target *Model) Expr {
	doc := &Deref{Base: Base{T: lang.Type{Kind: lang.KRow, Model: target.Name, Null: true}}, X: ref, Target: target}
	return &Col{Base: Base{T: target.Key.Type.OrNull()}, X: doc, Col: target.KeyColumn()}
}
