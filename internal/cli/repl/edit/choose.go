package edit

import (
	"src.elv.sh/pkg/cli"
	"src.elv.sh/pkg/cli/modes"
	"src.elv.sh/pkg/cli/term"
	"src.elv.sh/pkg/cli/tk"
	"src.elv.sh/pkg/diag"
	"src.elv.sh/pkg/ui"
)

// choose lists possibilities below the text; the list is never higher than
// the terminal.
func (t *terminal) choose(c Completion, dot int) {
	items := make([]modes.CompletionItem, len(c.Items))
	for i, x := range c.Items {
		show := x.Show
		if show == "" {
			show = x.Insert
		}
		items[i] = modes.CompletionItem{ToShow: ui.T(show), ToInsert: x.Insert}
	}
	var list modes.Completion
	moved := false
	list, err := modes.NewCompletion(t.app, modes.CompletionSpec{
		Replace: diag.Ranging{From: c.From, To: dot}, Items: items,
		Bindings: tk.FuncBindings(func(_ tk.Widget, e term.Event) bool {
			if e == term.K(ui.Enter) || e == term.K('[', ui.Ctrl) || e == term.K('G', ui.Ctrl) {
				return false // the list itself knows these
			}
			if to := selection(e); to != nil {
				moved = true
				list.ListBox().Select(to)
				return true
			}
			t.typed(moved, e)
			return true
		}),
	})
	if err == nil {
		t.app.PushAddon(list)
	}
}

// selection is where a key moves in a list; nil for other keys.
func selection(e term.Event) func(tk.ListBoxState) int {
	switch e {
	case term.K(ui.Tab):
		return tk.NextWrap
	case term.K(ui.Tab, ui.Shift):
		return tk.PrevWrap
	case term.K(ui.Up):
		return tk.Prev
	case term.K(ui.Down):
		return tk.Next
	case term.K(ui.Left):
		return tk.Left
	case term.K(ui.Right):
		return tk.Right
	case term.K(ui.PageUp):
		return tk.PrevPage
	case term.K(ui.PageDown):
		return tk.NextPage
	}
	return nil
}

// typed closes the list for a key that belongs to the text; what was chosen by
// moving in the list stays.
func (t *terminal) typed(chosen bool, e term.Event) {
	area := t.app.CopyState().Addons
	t.app.MutateState(func(s *cli.State) { s.Addons = s.Addons[:len(area)-1] })
	text, ok := t.app.ActiveWidget().(tk.CodeArea)
	if !ok {
		return
	}
	text.MutateState(func(s *tk.CodeAreaState) {
		if chosen {
			s.ApplyPending()
		}
		s.Pending = tk.PendingCode{}
	})
	text.Handle(e)
}
