package eval

// sets is union, intersect or difference of two lists of scalars: each value
// once, in the order of first occurrence; nulls are dropped.
func sets(fn string, args []any) (any, error) {
	a, ok1 := args[0].([]any)
	b, ok2 := args[1].([]any)
	if !ok1 || !ok2 {
		return nil, wrongArgument(fn)
	}
	other := make(map[any]bool, len(b))
	for _, v := range b {
		other[v] = true
	}
	if fn == "union" {
		a, other = concat(a, b), nil
	}
	out, seen := []any{}, map[any]bool{nil: true}
	for _, v := range a {
		if !seen[v] && other[v] == (fn == "intersect") {
			out = append(out, v)
		}
		seen[v] = true
	}
	return out, nil
}
