package doctest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rql-lang/rql/internal/cli"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// Document is a Markdown file and the state of its examples so far.
type Document struct {
	Path   string
	Blocks []*Block
	text   string
	schema *ir.Schema
}

// Open reads a document.
func Open(path string) (*Document, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open document: %w", err)
	}
	blocks, err := Blocks(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Document{Path: path, Blocks: blocks, text: string(text), schema: ir.NewSchema()}, nil
}

// Examples runs the examples in order and returns their number and all
// failures.
func (d *Document) Examples() (n int, err error) {
	for _, b := range d.Blocks {
		var bad error
		switch {
		case b.Kind == "go":
			bad = b.runGo(filepath.Dir(d.Path))
		case b.Mode == "check":
			_, bad = d.check(b, nil)
		default:
			bad = d.run(b)
		}
		n++
		if bad != nil {
			err = errors.Join(err, fmt.Errorf("%s:%d: %w", d.Path, b.Line, bad))
		}
	}
	return n, err
}

// Updated returns the text of the document with the actual outputs.
func (d *Document) Updated() string {
	lines := strings.Split(d.text, "\n")
	var out []string
	at := 0
	for _, b := range d.Blocks {
		if b.Output == nil || b.Got == "" {
			continue
		}
		out = append(out, lines[at:b.outAt-1]...)
		out = append(out, strings.TrimSuffix(b.Got, "\n"))
		at = b.outAt - 1 + strings.Count(*b.Output, "\n")
	}
	return strings.Join(append(out, lines[at:]...), "\n")
}

// check parses and checks an example against the models declared before it.
func (d *Document) check(b *Block, params map[string]lang.Type) (lang.Diags, error) {
	src := lang.NewSource("", b.Text)
	file := parser.Parse(src)
	if err := file.Diags.Err(); err != nil {
		return nil, errors.New(file.Diags.Render(src))
	}
	prog, diags := check.Check(context.Background(), file, d.schema, check.Options{Params: params, Program: true})
	if err := diags.Err(); err != nil {
		return diags, errors.New(diags.Render(src))
	}
	d.schema = prog.Schema
	return diags, nil
}

// run executes an example as the program rql would.
func (d *Document) run(b *Block) error {
	name := strings.NewReplacer("/", "-", ".", "-").Replace(d.Path)
	argv := []string{"-c", strings.TrimRight(b.Text, "\n"), "--url", "mem://" + name, "--format", "table", "-q"}
	for _, p := range b.Params {
		argv = append(argv, "--param", p)
	}
	var out strings.Builder
	status := cli.Main(argv, strings.NewReader(""), &out, &out)
	if status == 0 {
		// Blocks that are only checked may use the models it declared.
		if _, err := d.check(b, paramTypes(b.Params)); err != nil {
			return err
		}
	}
	return b.compare(out.String(), status)
}

// paramTypes gives every parameter a type that is accepted everywhere: their
// values were checked in the run.
func paramTypes(params []string) map[string]lang.Type {
	out := map[string]lang.Type{}
	for _, p := range params {
		name, _, _ := strings.Cut(p, "=")
		out[name] = lang.TypeUnknown
	}
	return out
}

// compare compares the output of an example with the document.
func (b *Block) compare(got string, status int) error {
	b.Got = tidy(got)
	if b.Output == nil {
		if status != 0 {
			return fmt.Errorf("exit status %d:\n%s", status, got)
		}
		return nil
	}
	if want := tidy(*b.Output); matches(want, b.Got) {
		b.Got = want
	} else {
		return fmt.Errorf("the document shows\n%s\nand this came (exit status %d)\n%s", want, status, b.Got)
	}
	return nil
}

// matches compares a text with one in which a line consisting of … matches any
// number of lines.
func matches(want, got string) bool {
	parts := strings.Split("\n"+want, "\n…\n")
	got = "\n" + got
	if len(parts) == 1 {
		return parts[0] == got
	}
	last := len(parts) - 1
	for i, part := range parts[:last] {
		at := strings.Index(got, part+"\n")
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		got = got[at+len(part):]
	}
	return parts[last] == "" || strings.HasSuffix(got, "\n"+parts[last])
}

// tidy removes trailing blanks, and empty lines at both ends.
func tidy(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n") + "\n"
}

// runGo builds and runs a complete program in its own folder inside the module,
// so that it imports the module's packages.
func (b *Block) runGo(root string) error {
	dir, err := os.MkdirTemp(root, "_doctest")
	if err != nil {
		return fmt.Errorf("run program: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(b.Text), 0o600); err != nil {
		return fmt.Errorf("run program: %w", err)
	}
	cmd := exec.Command("go", "run", "main.go")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	status := 0
	if err != nil {
		status = 1
	}
	return b.compare(string(out), status)
}
