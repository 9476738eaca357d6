package tree

import "fmt"

// Writer writes statements from templates. A template may leave blocks open
// that later ones close, or go on with else, as if they were lines of a text.
type Writer struct {
	root  *Node
	open  []level
	wrong error
}

// level is a block that is being written; branch is the if it belongs to, if
// that may continue.
type level struct{ block, branch *Node }

// W writes the statements of a template: see Stmts.
func (w *Writer) W(text string, args ...any) {
	t := parsed(&fragments, text, (*parser).pieces)
	if t.err != nil {
		w.fail(t.err)
		return
	}
	if len(args) != t.args {
		w.fail(errorf("%d arguments for %d in %q", len(args), t.args, text))
		return
	}
	given := t.given(args)
	var f filler
	for _, r := range t.runs {
		switch k := r.node; {
		case k.Op == OpNone:
			w.shut(k.Text, text)
			if k.Text == "elseif" && w.wrong == nil {
				w.branch(f.node(k.Kids[0], given))
			}
		case k.hole != nil && k.hole.open:
			w.Add(f.node(k, given))
			w.open, f.opened = append(w.open, f.opened...), f.opened[:0]
		default:
			w.Add(r.with(given))
		}
	}
	if f.err != nil {
		w.fail(fmt.Errorf("%w in %q", f.err, text))
	}
}

func (w *Writer) fail(err error) {
	if w.wrong == nil {
		w.wrong = err
	}
}

// shut closes the innermost open block; else reopens the one of an if.
func (w *Writer) shut(word, text string) {
	n := len(w.open) - 1
	if n < 0 || word != "end" && w.open[n].branch == nil {
		w.fail(errorf("nothing is open for %s in %q", word, text))
		return
	}
	switch word {
	case "end":
		w.open = w.open[:n]
	case "else":
		b := Block()
		w.open[n].branch.Kids = append(w.open[n].branch.Kids, b)
		w.open[n] = level{block: b}
	}
}

// branch continues the if whose block is open.
func (w *Writer) branch(cond *Node) {
	at := &w.open[len(w.open)-1]
	at.block = Block()
	at.branch.Kids = append(at.branch.Kids, cond, at.block)
}

// Add appends statements.
func (w *Writer) Add(stmts ...*Node) {
	if len(w.open) > 0 {
		w.open[len(w.open)-1].block.Add(stmts...)
		return
	}
	if w.root == nil {
		w.root = Block()
	}
	w.root.Add(stmts...)
}

// Block returns what was written. Blocks that are still open are an error.
func (w *Writer) Block() *Node {
	if len(w.open) > 0 {
		w.fail(errorf("%d blocks are open", len(w.open)))
	}
	switch {
	case w.wrong != nil:
		return Bad(w.wrong)
	case w.root == nil:
		return Block()
	}
	return w.root
}
