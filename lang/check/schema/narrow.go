package schema

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// narrows reports whether values of type b are stored in the same form as those of type a. It returns the conditions that values
// of a field of type a must meet to be of type b; documents are checked for them before the type changes.
func narrows(a, b lang.Type, field lang.Ident) (conds []lang.Expr, ok bool) {
	x := &lang.Name{Name: field.Name}
	if a.Null && !b.Null {
		if a.Kind == lang.KEmbedded {
			return nil, false
		}
		conds = append(conds, &lang.IsNull{X: x, Not: true})
	}
	if !isText(a) || !isText(b) {
		a.Null = b.Null
		return conds, widens(a, b)
	}
	if b.Kind == lang.KEnum && (a.Kind == lang.KString || slices.ContainsFunc(a.Values, func(v string) bool { return !slices.Contains(b.Values, v) })) {
		list := &lang.List{Paren: true}
		for _, v := range b.Values {
			list.Items = append(list.Items, &lang.Literal{Value: v, Ord: -1})
		}
		var in lang.Expr = &lang.Binary{Op: lang.OpIn, L: x, R: list}
		if a.Null && b.Null {
			in = &lang.Binary{Op: lang.OpOr, L: &lang.IsNull{X: x}, R: in}
		}
		conds = append(conds, in)
	}
	return conds, true
}

func isText(t lang.Type) bool { return t.Kind == lang.KString || t.Kind == lang.KEnum }

// converts reports whether a change of type changes the form of the stored values.
func converts(act *lang.AlterAction, was, now *ir.Model) bool {
	if act.Kind != "CHANGE FIELD" {
		return false
	}
	a, b := was.Field(act.Field.Name.Name), now.Field(act.Field.Name.Name)
	if a == nil || b == nil || a.Key {
		return false
	}
	if act.Using != nil || a.Variant != b.Variant || a.EmptyNull != b.EmptyNull {
		return true
	}
	if widens(a.Type, b.Type) {
		return false
	}
	_, ok := narrows(a.Type, b.Type, act.Field.Name)
	return !ok
}

// gently applies an action as far as it holds while documents are being checked: what a field gains, and the conditions of its
// new type.
func (r *redeclared) gently(act *lang.AlterAction, now *ir.Model) *lang.Diag {
	was, to := r.was.Field(act.Field.Name.Name), now.Field(act.Field.Name.Name)
	if was == nil || to == nil || was.Key {
		return r.apply(act)
	}
	gentle, field := *act, *act.Field
	gentle.Field = &field
	if was.Collection() && to.OnDelete == "" { // the index of its members is removed last
		field.OnDelete = was.OnDelete
	}
	conds, ok := narrows(was.Type, to.Type, act.Field.Name)
	if !ok || len(conds) == 0 {
		return r.apply(&gentle)
	}
	old := r.field(was.Name)
	field.Type, field.Default = old.Type, old.Default
	if d := r.apply(&gentle); d != nil {
		return d
	}
	for _, x := range conds {
		if !r.hasCheck(x) {
			r.decl.Rules = append(r.decl.Rules, &lang.RuleDecl{Sp: act.Sp, Kind: "CHECK", Check: x})
		}
	}
	return nil
}
