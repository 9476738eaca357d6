package format

import "unicode/utf8"

// field has the places of the name and the type of a field, and of what is behind the type.
type field struct {
	name, kind, rest int
	end              int // offset of its end
}

// fields are those of a model.
type fields []field

// align puts the types, and what is behind them, of fields on consecutive lines below each other.
func (l *layout) align() {
	for _, m := range l.models {
		for from := 0; from < len(m); {
			to := from + 1
			for to < len(m) && l.follow(m[to-1], m[to]) {
				to++
			}
			if l.items[m[from].name].broken {
				l.alignRun(m[from:to])
			}
			from = to
		}
	}
}

// follow reports that a field stands on the line below another one.
func (l *layout) follow(a, b field) bool {
	it := &l.items[b.name]
	if !it.broken || it.blank {
		return false
	}
	for i := a.name + 1; i < b.name; i++ {
		if l.items[i].broken {
			return false
		}
	}
	return true
}

func (l *layout) alignRun(m fields) {
	names, kinds := 0, 0
	for _, f := range m {
		names = max(names, l.width(f.name, f.kind))
		if l.attributes(f) {
			kinds = max(kinds, l.width(f.kind, f.rest))
		}
	}
	for _, f := range m {
		l.items[f.kind].pad = names - l.width(f.name, f.kind)
		if l.attributes(f) {
			l.items[f.rest].pad = kinds - l.width(f.kind, f.rest)
		}
	}
}

// attributes reports that something of the field is behind its type.
func (l *layout) attributes(f field) bool {
	return f.rest < len(l.items) && l.items[f.rest].span.Start < f.end
}

// width is how many columns the items of a range have.
func (l *layout) width(from, to int) int {
	n := 0
	for i := from; i < to; i++ {
		if i > from && spaced(&l.items[i-1], &l.items[i]) {
			n++
		}
		n += utf8.RuneCountInString(l.items[i].text)
	}
	return n
}
