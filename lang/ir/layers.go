package ir

import "sort"

// layers is an immutable map with cheap modified copies: a few changes are kept on top of a base that the copies share.
type layers[T comparable] struct {
	base map[string]T
	over map[string]T // the zero value marks a removed entry
}

// maxOver is the number of changes on top of a base before they are merged into
// a new one.
const maxOver = 64

func (l *layers[T]) get(name string) T {
	if x, ok := l.over[name]; ok {
		return x
	}
	return l.base[name]
}

// with returns a copy in which name is x, or is removed if x is the zero value.
func (l *layers[T]) with(name string, x T) layers[T] {
	out := layers[T]{base: l.base, over: make(map[string]T, len(l.over)+1)}
	if len(l.over) >= maxOver {
		out.base, out.over = make(map[string]T, len(l.base)+len(l.over)), map[string]T{}
		for n, x := range l.base {
			if _, changed := l.over[n]; !changed {
				out.base[n] = x
			}
		}
	}
	var none T
	for n, x := range l.over {
		if len(l.over) < maxOver {
			out.over[n] = x
		} else if x != none {
			out.base[n] = x
		}
	}
	out.over[name] = x
	return out
}

// each iterates over the values, in no particular order.
func (l *layers[T]) each(yield func(T) bool) {
	var none T
	for n, x := range l.base {
		if _, changed := l.over[n]; !changed && !yield(x) {
			return
		}
	}
	for _, x := range l.over {
		if x != none && !yield(x) {
			return
		}
	}
}

// names lists the names in byte order.
func (l *layers[T]) names() []string {
	out := make([]string, 0, len(l.base)+len(l.over))
	var none T
	for n := range l.base {
		if _, changed := l.over[n]; !changed {
			out = append(out, n)
		}
	}
	for n, x := range l.over {
		if x != none {
			out = append(out, n)
		}
	}
	sort.Strings(out)
	return out
}
