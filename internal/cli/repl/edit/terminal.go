package edit

import (
	"context"
	"io"
	"strings"

	"src.elv.sh/pkg/cli"
	"src.elv.sh/pkg/cli/term"
	"src.elv.sh/pkg/cli/tk"
	"src.elv.sh/pkg/ui"
)

// terminal edits texts in a terminal.
type terminal struct {
	c       Config
	app     cli.App
	input   *input
	prompt  Prompt
	killed  string // for ^Y
	walk    walk
	chord   bool // ^X was typed
	outside bool // the text is to be edited in another program
	text    cached
}

// cached is the styled form of the last text: it is asked for several times
// each time that the terminal is drawn.
type cached struct {
	code   string
	styled ui.Text
	tips   []ui.Text
	valid  bool
}

func newTerminal(c Config) *terminal {
	t := &terminal{c: c}
	t.input = &input{TTY: cli.NewTTY(c.In, c.Out), in: c.In}
	return t
}

// Read edits a text until Enter ends it.
func (t *terminal) Read(ctx context.Context, p Prompt, initial string) (string, error) {
	for {
		t.prompt, t.walk, t.chord, t.outside, t.text.valid = p, walk{}, false, false, false
		t.app = cli.NewApp(cli.AppSpec{
			TTY: t.input, Prompt: &shown{t: t, text: t.styledPrompt()}, Highlighter: t,
			CodeAreaBindings: tk.FuncBindings(t.handle), GlobalBindings: tk.FuncBindings(t.rest),
			CodeAreaState: tk.CodeAreaState{Buffer: tk.CodeBuffer{Content: initial, Dot: len(initial)}},
		})
		stop := context.AfterFunc(ctx, t.app.CommitEOF)
		text, err := t.app.ReadCode()
		stop()
		if ctx.Err() != nil {
			return "", io.EOF
		}
		if err != nil || !t.outside {
			return text, err //nolint:wrapcheck // io.EOF
		}
		if edited, err := t.c.Edit(text); err == nil {
			text = edited
		}
		initial = text
	}
}

func (t *terminal) styledPrompt() ui.Text {
	switch {
	case t.c.Color && t.prompt.Alert:
		return ui.T(t.prompt.Text, ui.FgRed, ui.Bold)
	case t.c.Color:
		return ui.T(t.prompt.Text, ui.Bold)
	}
	return ui.T(t.prompt.Text)
}

// shown is the prompt of one input.
type shown struct {
	t     *terminal
	text  ui.Text
	begun bool
}

// Trigger is called with force when the input begins, and when ^C has dropped
// what was typed: a question is then not answered.
func (s *shown) Trigger(force bool) {
	if force && s.begun && s.t.prompt.Line {
		s.t.app.CommitEOF()
	}
	s.begun = s.begun || force
}

// Get returns the text of the prompt.
func (s *shown) Get() ui.Text { return s.text }

// LateUpdates is nil: the text is known at once.
func (*shown) LateUpdates() <-chan struct{} { return nil }

// Get returns the styled text. A tab is shown as a blank, which has as many
// bytes.
func (t *terminal) Get(code string) (ui.Text, []ui.Text) {
	if t.text.valid && t.text.code == code {
		return t.text.styled, t.text.tips
	}
	t.text = cached{code: code, valid: true, styled: t.styled(code)}
	if t.c.Tip != nil && !t.prompt.Line {
		if tip := t.c.Tip(code); tip != "" {
			t.text.tips = []ui.Text{t.paint(tip, ui.Dim)}
		}
	}
	return t.text.styled, t.text.tips
}

func (t *terminal) styled(code string) ui.Text {
	shown := strings.ReplaceAll(code, "\t", " ")
	if t.c.Highlight == nil || !t.c.Color || t.prompt.Line {
		return ui.T(shown)
	}
	var out ui.Text
	at := 0
	for _, p := range t.c.Highlight(code) {
		if p.Start < at || p.End > len(shown) {
			continue
		}
		out = ui.Concat(out, ui.T(shown[at:p.Start]), ui.T(shown[p.Start:p.End], styling(p.Style)...))
		at = p.End
	}
	return ui.Concat(out, ui.T(shown[at:]))
}

func styling(s Style) []ui.Styling {
	switch s {
	case Keyword:
		return []ui.Styling{ui.FgBlue, ui.Bold}
	case Name:
		return []ui.Styling{ui.FgCyan}
	case String:
		return []ui.Styling{ui.FgGreen}
	case Number:
		return []ui.Styling{ui.FgMagenta}
	case Comment:
		return []ui.Styling{ui.Dim}
	case Wrong:
		return []ui.Styling{ui.FgRed}
	}
	return nil
}

func (t *terminal) paint(s string, style ui.Styling) ui.Text {
	if !t.c.Color {
		return ui.T(s)
	}
	return ui.T(s, style)
}

// LateUpdates is nil: the styled text is known at once.
func (*terminal) LateUpdates() <-chan struct{} { return nil }

// handle carries out a key of the text.
func (t *terminal) handle(w tk.Widget, e term.Event) bool {
	area := w.(tk.CodeArea)
	k, ok := e.(term.KeyEvent)
	if !ok {
		return false
	}
	chord := t.chord
	t.chord = false
	if chord && k == term.KeyEvent(ui.K('E', ui.Ctrl)) {
		t.outside = t.c.Edit != nil
		if t.outside {
			t.app.CommitCode()
		}
		return true
	}
	if f := t.command(k); f != nil {
		f(area)
		return true
	}
	if f := editing(k); f != nil {
		area.MutateState(func(s *tk.CodeAreaState) { t.change(&s.Buffer, f) })
		return true
	}
	return false
}

// command is what a key does besides changing the text.
func (t *terminal) command(k term.KeyEvent) func(tk.CodeArea) {
	switch e := term.Event(k); e {
	case pasted:
		return func(a tk.CodeArea) {
			a.MutateState(func(s *tk.CodeAreaState) { s.Buffer.InsertAtDot(t.input.text) })
		}
	case ended:
		return func(tk.CodeArea) { t.app.CommitEOF() }
	case term.K(ui.Enter):
		return t.enter
	case term.K(ui.Enter, ui.Alt), term.K('J', ui.Ctrl):
		return func(a tk.CodeArea) {
			a.MutateState(func(s *tk.CodeAreaState) { s.Buffer.InsertAtDot("\n") })
		}
	case term.K(ui.Tab):
		return t.complete
	case term.K('D', ui.Ctrl):
		return t.delete
	case term.K('L', ui.Ctrl):
		return func(tk.CodeArea) { t.input.ClearScreen(); t.app.RedrawFull() }
	case term.K('R', ui.Ctrl):
		return func(tk.CodeArea) { t.search() }
	case term.K('X', ui.Ctrl):
		return func(tk.CodeArea) { t.chord = true }
	case term.K(ui.Up), term.K('P', ui.Ctrl):
		return func(a tk.CodeArea) { t.vertical(a, -1) }
	case term.K(ui.Down), term.K('N', ui.Ctrl):
		return func(a tk.CodeArea) { t.vertical(a, 1) }
	}
	return nil
}

// rest ignores keys that mean nothing, and closes what is open below the text.
func (t *terminal) rest(w tk.Widget, e term.Event) bool {
	switch e {
	case pasted:
		if list, ok := w.(tk.ComboBox); ok {
			list.CodeArea().MutateState(func(s *tk.CodeAreaState) { s.Buffer.InsertAtDot(t.input.text) })
			list.Refilter()
		}
	case ended:
		t.app.CommitEOF()
	case term.K('[', ui.Ctrl), term.K('G', ui.Ctrl):
		t.app.PopAddon()
	}
	return true
}

// enter ends the input if the text is complete; otherwise it begins a line.
func (t *terminal) enter(a tk.CodeArea) {
	s := a.CopyState()
	if t.prompt.Line || t.c.Runs(s.Buffer.Content) {
		t.app.CommitCode()
		return
	}
	a.MutateState(func(s *tk.CodeAreaState) { s.Buffer.InsertAtDot("\n") })
}

// delete deletes a character; with no text it ends the input.
func (t *terminal) delete(a tk.CodeArea) {
	if a.CopyState().Buffer.Content == "" {
		t.app.CommitEOF()
		return
	}
	a.MutateState(func(s *tk.CodeAreaState) { t.change(&s.Buffer, deleteTo(right)) })
}
