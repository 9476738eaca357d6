package planner

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// inside lists the statements that a block, a branch or a loop holds.
func inside(st ir.Stmt) []ir.Stmt {
	switch st := st.(type) {
	case *ir.Atomic:
		return st.Body
	case *ir.Invoke:
		return st.Body
	case *ir.If:
		return slices.Concat(st.Then, st.Else)
	case *ir.For:
		return st.Body
	}
	return nil
}

// rewritten names the lists, maps and json values of which a statement changes
// a part: what is stored is one text, which is read and written whole.
func rewritten(st ir.Stmt, names []string) []string {
	add := func(m *ir.Model, sets []ir.Assign) {
		for i := range sets {
			p := &sets[i].Place
			if p.Col == nil || p.Col.Coll != nil || sets[i].Op == "=" && len(p.Steps) == 0 {
				continue
			}
			switch p.Col.Type.Kind {
			case lang.KList, lang.KMap, lang.KJSON:
				if name := m.Name + "." + p.Col.Name; !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	switch st := st.(type) {
	case *ir.Update:
		add(st.Model, st.Sets)
	case *ir.Create:
		add(st.Model, st.Sets)
	case *ir.Copy:
		add(st.Model, st.Sets)
	case *ir.Let:
		if st.Stmt != nil {
			return rewritten(st.Stmt, names)
		}
	}
	for _, s := range inside(st) {
		names = rewritten(s, names)
	}
	return names
}

// raised lists the REVISION fields that a statement may raise.
func raised(st ir.Stmt, names []string) []string {
	add := func(m *ir.Model) {
		f := m.Revision()
		if f != nil && !slices.Contains(names, m.Name+"."+f.Name) {
			names = append(names, m.Name+"."+f.Name)
		}
	}
	switch st := st.(type) {
	case *ir.Update:
		add(st.Model)
	case *ir.Create:
		if st.Put || st.Conflict == "SET" {
			add(st.Model)
		}
	case *ir.Let:
		if st.Stmt != nil {
			return raised(st.Stmt, names)
		}
	}
	for _, s := range inside(st) {
		names = raised(s, names)
	}
	return names
}
