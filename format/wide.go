package format

// shorten breaks lines that are too long where that can be done, and reports whether one was broken.
func (l *layout) shorten(long []line) bool {
	any := false
	for _, x := range long {
		any = l.shortenLine(x) || any
	}
	return any
}

// shortenLine breaks a line at the outermost place: at a block or the fields of a model, at the clauses of its statement, at
// the parts of a bracket that is most of it, at AND and OR, at commas, or at the parts of any bracket.
func (l *layout) shortenLine(x line) bool {
	for _, g := range l.groups {
		if !g.wide && len(g.parts) > 0 && g.open <= x.last && g.end >= x.first {
			g.wide = true
			return true
		}
	}
	most := (l.items[x.last].span.End - l.items[x.first].span.Start) * 6 / 10
	return l.breakAt(x, func(i int) bool { return l.items[i].clause }) || l.breakBracket(x, most) ||
		l.breakAt(x, func(i int) bool { return l.items[i].keyword && (l.items[i].text == "AND" || l.items[i].text == "OR") }) ||
		l.breakAt(x, func(i int) bool { return l.items[i-1].is(",") && !l.items[i].comment() }) || l.breakBracket(x, 0)
}

// breakAt begins lines with those items of a line, outside brackets, that are asked for.
func (l *layout) breakAt(x line, is func(int) bool) bool {
	any := false
	for i := x.first + 1; i <= x.last; i++ {
		it := &l.items[i]
		if it.opens() && it.partner > i && it.partner <= x.last {
			i = it.partner
			continue
		}
		if is(i) {
			it.forced, any = true, true
		}
	}
	return any
}

// breakBracket puts the parts of the longest outermost bracket of a line, if it is longer than least, on lines of their own.
func (l *layout) breakBracket(x line, least int) bool {
	best, length := -1, least
	for i := x.first; i <= x.last; i++ {
		it := &l.items[i]
		if !it.opens() || it.partner <= i || it.partner > x.last || it.inType {
			continue
		}
		if n := l.items[it.partner].span.Start - it.span.End; n > length {
			best, length = i, n
		}
		i = it.partner
	}
	if best < 0 {
		return false
	}
	end := l.items[best].partner
	if end == best+1 {
		return false
	}
	l.items[best+1].forced, l.items[end].forced = true, true
	for i := best + 1; i < end; i++ {
		switch it := &l.items[i]; {
		case it.opens() && it.partner > i:
			i = it.partner
		case it.is(","):
			l.items[i+1].forced = true
		}
	}
	return true
}
