package planner

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// NeedsError is a statement that the server's capabilities do not serve.
type NeedsError struct {
	Span          lang.Span
	Message, Hint string
}

func (e *NeedsError) Error() string { return e.Message }

// reachable refuses what would look for documents in one step where they are
// found by their names, in many: a FIND and its like in a block, and a change with LIMIT.
func (b *builder) reachable(st ir.Stmt) error {
	switch st := st.(type) {
	case *ir.Atomic:
		return b.reachableIn(st.Body, nil)
	case *ir.Invoke:
		return b.reachableIn(st.Body, &st.Sp)
	case *ir.Let:
		if st.Stmt != nil {
			return b.reachable(st.Stmt)
		}
	case *ir.Explain:
		return b.reachable(st.Stmt)
	case *ir.Update:
		if st.Target.Limit != nil {
			return b.found(st.Model, st.Target.Where, st.Sp)
		}
	case *ir.Delete:
		if st.Target.Limit != nil {
			return b.found(st.Model, st.Target.Where, st.Sp)
		}
	}
	return nil
}

// reachableIn is reachable of the statements of a block; at is where they are shown when they are of another text.
func (b *builder) reachableIn(body []ir.Stmt, at *lang.Span) error {
	for _, st := range body {
		if err := b.reachableOne(st, at); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) reachableOne(st ir.Stmt, at *lang.Span) error {
	h := st.Info()
	for _, l := range h.Pre {
		if err := b.reachableOne(l, at); err != nil {
			return err
		}
	}
	sp := h.Sp
	if at != nil {
		sp = *at
	}
	switch st := st.(type) {
	case *ir.Let:
		if st.Stmt != nil {
			return b.reachableOne(st.Stmt, at)
		}
	case *ir.If:
		if err := b.reachableIn(st.Then, at); err != nil {
			return err
		}
		return b.reachableIn(st.Else, at)
	case *ir.For:
		if st.Stmt != nil {
			if err := b.reachableOne(st.Stmt, at); err != nil {
				return err
			}
		}
		return b.reachableIn(st.Body, at)
	case *ir.Invoke:
		return b.reachableIn(st.Body, &sp)
	case *ir.Find:
		if !st.Stale {
			return b.found(st.Model, st.Where, sp)
		}
	case *ir.Count:
		return b.found(st.Model, st.Where, sp)
	case *ir.Exists:
		if st.Key == nil {
			return b.found(st.Model, st.Where, sp)
		}
	case *ir.Update:
		if st.Target.Key == nil {
			return b.found(st.Model, st.Target.Where, sp)
		}
	case *ir.Delete:
		if st.Target.Key == nil {
			return b.found(st.Model, st.Target.Where, sp)
		}
	}
	return nil
}

// found refuses a predicate that does not say the keys of the documents.
func (b *builder) found(m *ir.Model, where ir.Expr, sp lang.Span) error {
	if !m.Scanned() || b.caps.inScript(m) || byKey(m, sargs(conjuncts(where, nil)), 0) != nil {
		return nil
	}
	why := "other programs write too (WRITERS ANY)"
	if !m.Foreign {
		why = "are still being entered"
	}
	return &NeedsError{Span: sp, Message: "documents of " + m.Name + ", which " + why + ", are found by their names, in many steps, and this is one step",
		Hint: "look for their keys before, by LET, and go by key; FIND … STALE takes RQL's own index, which may lack some"}
}

// stale lists the models that are read as STALE allows.
func stale(body []ir.Stmt, out []*ir.Model) []*ir.Model {
	for _, st := range body {
		for _, l := range st.Info().Pre {
			out = staleOf(l, out)
		}
		out = staleOf(st, out)
	}
	return out
}

// staleOf is stale of one statement without its subqueries.
func staleOf(st ir.Stmt, out []*ir.Model) []*ir.Model {
	switch st := st.(type) {
	case *ir.Find:
		if st.Stale && st.Model.Scanned() && !slices.Contains(out, st.Model) {
			out = append(out, st.Model)
		}
	case *ir.Let:
		if st.Stmt != nil {
			return staleOf(st.Stmt, out)
		}
	case *ir.If:
		return stale(st.Else, stale(st.Then, out))
	case *ir.For:
		if st.Stmt != nil {
			out = staleOf(st.Stmt, out)
		}
		return stale(st.Body, out)
	case *ir.Atomic:
		return stale(st.Body, out)
	case *ir.Invoke:
		return stale(st.Body, out)
	}
	return out
}
