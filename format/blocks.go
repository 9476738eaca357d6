package format

import (
	"sort"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// at is the place of the first token that begins at an offset or behind it; the number of items if there is none.
func (l *layout) at(offset int) int {
	i := sort.Search(len(l.items), func(i int) bool { return l.items[i].span.Start >= offset })
	for i < len(l.items) && l.items[i].comment() {
		i++
	}
	return i
}

// behind is the place of the first token at or behind an offset that is no semicolon.
func (l *layout) behind(offset int) int {
	i := l.at(offset)
	for i < len(l.items) && (l.items[i].is(";") || l.items[i].comment()) {
		i++
	}
	return i
}

// statements marks the statements of a list, and what is within them.
func (l *layout) statements(list []lang.Stmt, depth int) {
	for _, s := range list {
		l.start(l.at(s.Span().Start), depth)
		l.statement(s, depth)
	}
}

func (l *layout) start(i, depth int) {
	l.items[i].starts, l.items[i].depth = true, depth
}

// close marks the end of a block or of the fields of a model.
func (l *layout) close(i, depth int, g *group) {
	it := &l.items[i]
	it.closes, it.depth, it.group = true, depth, g
	g.parts = append(g.parts, i)
	g.end = max(g.end, i)
}

// statement marks the blocks of a statement.
func (l *layout) statement(s lang.Stmt, depth int) {
	switch s := s.(type) {
	case *lang.AtomicStmt:
		l.atomic(s, depth)
	case *lang.ProcedureStmt:
		l.atomic(s.Body, depth)
	case *lang.ExplainStmt:
		l.statement(s.Stmt, depth)
	case *lang.LetStmt:
		if s.Stmt != nil {
			l.statement(s.Stmt, depth)
		}
	case *lang.ForStmt:
		g := l.newGroup(l.at(s.Sp.Start))
		head := lang.Node(s.X)
		if s.Query != nil {
			head = s.Query
		}
		do := l.word("DO", head.Span().End)
		l.body(g, do, s.Body, depth)
	case *lang.IfStmt:
		l.branches(l.newGroup(l.at(s.Sp.Start)), s, depth)
	case *lang.ModelStmt:
		l.model(s, depth)
	}
}

func (l *layout) newGroup(open int) *group {
	g := &group{open: open}
	l.groups = append(l.groups, g)
	return g
}

// word is the place of a keyword at or behind an offset.
func (l *layout) word(text string, offset int) int {
	i := l.at(offset)
	for i < len(l.items) && !(l.items[i].keyword && l.items[i].text == text) {
		i++
	}
	return i
}

// body marks the statements behind the item at open and what closes them, whose place it returns.
func (l *layout) body(g *group, open int, list []lang.Stmt, depth int) int {
	end := l.items[open].span.End
	for _, s := range list {
		g.parts = append(g.parts, l.at(s.Span().Start))
		end = s.Span().End
	}
	l.statements(list, depth+1)
	closing := l.behind(end)
	l.close(closing, depth, g)
	return closing
}

// branches marks the blocks of IF, with those of ELSE IF.
func (l *layout) branches(g *group, s *lang.IfStmt, depth int) {
	closing := l.body(g, l.word("THEN", s.Cond.Span().End), s.Then, depth)
	if l.items[closing].text != "ELSE" {
		return
	}
	if len(s.Else) == 1 {
		if chained, is := s.Else[0].(*lang.IfStmt); is && l.at(l.items[closing].span.End) == l.at(chained.Sp.Start) {
			l.branches(g, chained, depth)
			return
		}
	}
	l.body(g, closing, s.Else, depth)
}

func (l *layout) atomic(s *lang.AtomicStmt, depth int) {
	from := s.Sp.Start
	for _, x := range []lang.Expr{s.Key, s.For} {
		if x != nil {
			from = x.Span().End
		}
	}
	open := l.at(from)
	for l.items[open].kind != parser.TokenBlock {
		open++
	}
	l.body(l.newGroup(open), open, s.Body, depth)
}

// model marks the fields and rules of a model.
func (l *layout) model(s *lang.ModelStmt, depth int) {
	open := l.at(s.Name.Sp.End)
	for !l.items[open].is("{") {
		open++
	}
	g := l.newGroup(open)
	part := func(sp lang.Span) {
		i := l.at(sp.Start)
		l.start(i, depth+1)
		g.parts = append(g.parts, i)
	}
	var columns fields
	for _, f := range s.Fields {
		part(f.Sp)
		columns = append(columns, field{l.at(f.Sp.Start), l.at(f.Type.Sp.Start), l.at(f.Type.Sp.End), f.Sp.End})
	}
	l.models = append(l.models, columns)
	for _, r := range s.Rules {
		part(r.Sp)
	}
	l.close(l.items[open].partner, depth, g)
}

// clauses marks the words that begin a clause of their statement.
func (l *layout) clauses(f *lang.File) {
	lang.WalkFile(f, func(n lang.Node) bool {
		if s, is := n.(lang.Stmt); is {
			l.clausesOf(s)
		}
		return true
	})
}

func (l *layout) clausesOf(s lang.Stmt) {
	first := l.at(s.Span().Start)
	if first == len(l.items) {
		return
	}
	row := lang.FindStatement(l.items[first].text)
	if row == nil {
		return
	}
	for i := first + 1; i < len(l.items) && l.items[i].span.Start < s.Span().End; i++ {
		it := &l.items[i]
		if it.opens() && it.partner > i {
			i = it.partner
			continue
		}
		if it.starts || it.kind == parser.TokenBlock {
			return // the statements of a block have their own
		}
		for _, c := range row.Clauses {
			if it.keyword && it.text == c.Head() && !c.Flag && (c.Follow() == "" || l.follows(i, c.Follow())) {
				it.clause = true
			}
		}
	}
}

func (l *layout) follows(i int, word string) bool {
	return i+1 < len(l.items) && strings.EqualFold(l.items[i+1].text, word)
}
