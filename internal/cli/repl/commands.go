package repl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/run"
	"github.com/rql-lang/rql/lang"
)

// errLeave is returned by the command that ends the prompt.
var errLeave = errors.New("leave")

// action executes a command. A returned text is RQL to run instead.
type action func(p *prompter, ctx context.Context, arg string) (rql string, err error)

// actions maps each command of args.PromptCommands to its action.
func actions() map[string]action {
	return map[string]action{
		"?":        (*prompter).help,
		"q":        func(*prompter, context.Context, string) (string, error) { return "", errLeave },
		"d":        (*prompter).models,
		"explain":  (*prompter).explain,
		"e":        (*prompter).edit,
		"i":        (*prompter).file,
		"h":        (*prompter).explainWord,
		"di":       (*prompter).indexes,
		"g":        func(p *prompter, _ context.Context, _ string) (string, error) { return p.last, nil },
		"n":        (*prompter).nextRows,
		"watch":    (*prompter).watch,
		"fix":      (*prompter).fix,
		"set":      (*prompter).set,
		"c":        (*prompter).connect,
		"conninfo": (*prompter).conninfo,
		"keys":     (*prompter).keys,
		"peek":     (*prompter).peek,
		"redis":    (*prompter).redis,
		"!":        (*prompter).shell,
		"x":        (*prompter).records,
		"rows":     (*prompter).rows,
		"null":     (*prompter).null,
		"o":        (*prompter).output,
		"format":   (*prompter).format,
		"timing":   (*prompter).timing,
		"caps": func(p *prompter, _ context.Context, _ string) (string, error) {
			p.out.Begin()
			return "", p.runner.Capabilities()
		},
	}
}

// command executes a line that begins with a backslash. A returned text is RQL to run instead.
func (p *prompter) command(ctx context.Context, line string) (rql string, leave bool) {
	name, arg, _ := strings.Cut(strings.TrimPrefix(line, `\`), " ")
	if strings.HasPrefix(name, "!") && len(name) > 1 {
		name, arg = "!", name[1:]+" "+arg
	}
	name = strings.TrimSuffix(name, ";")
	arg = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(arg), ";"))
	c := args.FindPromptCommand(name)
	if c == nil {
		hint := ""
		if near := lang.Nearest(name, commandWords()); near != "" {
			hint = `did you mean \` + near + "?"
		}
		p.out.Error(&args.UsageError{Message: `unknown command \` + name + `; \? lists them`, Hint: hint})
		return "", false
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	rql, err := actions()[c.Name](p, ctx, arg)
	if errors.Is(err, errLeave) {
		return "", true
	}
	if err != nil {
		p.out.Error(err)
	}
	return rql, false
}

// commandWords lists every name of a command.
func commandWords() (words []string) {
	for _, c := range args.PromptCommands() {
		words = append(append(words, c.Name), c.Aliases...)
	}
	return words
}

func usage(name string) error {
	c := args.FindPromptCommand(name)
	return &args.UsageError{Message: `usage: \` + c.Name + " " + c.Usage}
}

func (p *prompter) help(ctx context.Context, arg string) (string, error) {
	if arg != "" {
		return p.explainWord(ctx, arg)
	}
	p.print(args.PromptHelp())
	return "", nil
}

func (p *prompter) models(_ context.Context, arg string) (string, error) {
	if arg != "" {
		return "SHOW MODEL " + arg + ";", nil
	}
	return "SHOW MODELS;", nil
}

func (p *prompter) explain(_ context.Context, arg string) (string, error) {
	if arg == "" {
		return "", usage("explain")
	}
	return "EXPLAIN " + arg + ";", nil
}

func (p *prompter) format(_ context.Context, arg string) (string, error) {
	if arg == "" {
		p.out.Note("format %s", p.out.Format)
		return "", nil
	}
	var f args.Format
	if err := f.UnmarshalText([]byte(arg)); err != nil {
		return "", &args.UsageError{Message: err.Error()}
	}
	if f.Picture() {
		return "", &args.UsageError{Message: "the format " + arg + " shows plans only", Hint: "rql explain --format " + arg + " 'FIND …'"}
	}
	p.out.Format = string(f)
	return "", nil
}

func (p *prompter) timing(_ context.Context, arg string) (string, error) {
	on, err := toggled("timing", arg, p.out.Timing)
	if err != nil {
		return "", err
	}
	p.out.Timing = on
	p.out.Note("timing %s", onOff(on))
	return "", nil
}

// toggled parses on or off; an empty argument means the opposite of now.
func toggled(name, arg string, now bool) (bool, error) {
	switch strings.ToLower(arg) {
	case "on":
		return true, nil
	case "off":
		return false, nil
	case "":
		return !now, nil
	}
	return now, usage(name)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// file runs a script file in the session of the prompt.
func (p *prompter) file(ctx context.Context, name string) (string, error) {
	name = strings.Trim(name, `'"`)
	if name == "" {
		return "", usage("i")
	}
	scripts, err := run.Files(ctx, []string{name}, nil)
	if err != nil {
		return "", err
	}
	if err := run.Precheck(ctx, scripts, nil); err != nil {
		p.hints = err
		return "", err
	}
	ask := p.runner.Confirm
	p.runner.Headings, p.runner.Confirm = true, nil // a file is assumed to be reviewed: no questions
	defer func() { p.runner.Headings, p.runner.Confirm = false, ask }()
	p.run(ctx, scripts[0])
	return "", nil
}

// edit opens an editor on the statements that ran last, or on a file. The result is put at the prompt, and Enter runs it.
func (p *prompter) edit(_ context.Context, name string) (string, error) {
	if name = strings.Trim(name, `'"`); name != "" {
		return "", p.outside(name)
	}
	text, err := p.edited(strings.TrimRight(p.last, "\n"))
	if err == nil {
		p.next = text
	}
	return "", err
}

// edited opens another program to edit a text.
func (p *prompter) edited(text string) (string, error) {
	f, err := os.CreateTemp("", "rql-*.rql")
	if err != nil {
		return "", fmt.Errorf("cannot edit: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("cannot edit: %w", err)
	}
	if err := p.outside(f.Name()); err != nil {
		p.out.Error(err)
		return "", err
	}
	edited, err := os.ReadFile(f.Name())
	if err != nil {
		return "", fmt.Errorf("cannot edit: %w", err)
	}
	return strings.TrimRight(string(edited), "\n"), nil
}

// outside runs the user's editor on a file.
func (p *prompter) outside(file string) error {
	program := "vi"
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if v := p.o.Getenv(name); v != "" {
			program = v
			break
		}
	}
	words := append(strings.Fields(program), file)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.o.In, p.o.Out, p.o.Out
	if err := cmd.Run(); err != nil {
		return &args.UsageError{Message: fmt.Sprintf("cannot edit with %s: %v", words[0], err), Hint: "EDITOR names the editor"}
	}
	return nil
}
