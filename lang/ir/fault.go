package ir

// FixedParts calls f for the largest parts of a condition that are Fixed and
// may have a fault. Each is evaluated before the first document is read, and
// its fault is an error.
func FixedParts(x Expr, f func(Expr)) {
	if x == nil || !MayFault(x) {
		return
	}
	if Fixed(x) {
		f(x)
		return
	}
	for _, c := range Children(x) {
		FixedParts(c, f)
	}
}

// Conditions lists the conditions by which a statement selects rows; nil if it
// has none.
func Conditions(st Stmt) []Expr {
	var all []Expr
	switch st := st.(type) {
	case *Find:
		all = []Expr{st.Where, st.Having}
	case *Count:
		all = []Expr{st.Where}
	case *Exists:
		all = []Expr{st.Where}
	case *Update:
		all = []Expr{st.Target.Where}
	case *Delete:
		all = []Expr{st.Target.Where}
	case *Expire:
		all = []Expr{st.Target.Where}
	}
	out := all[:0]
	for _, x := range all {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}
