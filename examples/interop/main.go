// Command interop shows that RQL and two Python object mappers, redis-om and
// rapyer, can work on the same documents: the mappers write; RQL reads, finds,
// changes and adds documents; and the mappers read the result.
//
//	go run ./examples/interop redis://localhost:6379
//
// It needs a server with JSON and Search (Redis 8, Redis Stack) and a Python
// with `pip install rapyer redis-om`; PYTHON names an interpreter other than
// python3. If something is missing, it says so and does nothing.
package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rql-lang/rql"
)

//go:embed *.rql *.py
var files embed.FS

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: interop redis://host:port")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string, out io.Writer) error {
	dir, err := os.MkdirTemp("", "interop")
	if err != nil {
		return fmt.Errorf("make a folder for the Python files: %w", err)
	}
	defer os.RemoveAll(dir)
	py := &python{dir: dir, url: url, out: out}
	if why := py.lacks(ctx); why != "" {
		fmt.Fprintln(out, "skipped:", why)
		return nil
	}
	db, err := rql.Open(ctx, url)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer db.Close()
	if err := declare(ctx, db); err != nil {
		var e *rql.Error
		if errors.As(err, &e) && e.Code == "needs" {
			fmt.Fprintln(out, "skipped:", e.Message)
			return nil
		}
		return err
	}
	if err := py.run(ctx, "write.py"); err != nil {
		return err
	}
	if err := ask(ctx, db, out); err != nil {
		return err
	}
	return py.run(ctx, "read.py")
}

// declare runs models.rql. Declaring the same models again changes nothing.
func declare(ctx context.Context, db *rql.DB) error {
	text, err := files.ReadFile("models.rql")
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, string(text))
	return err
}

// ask runs ask.rql and prints the rows of its statements.
func ask(ctx context.Context, db *rql.DB, out io.Writer) error {
	text, err := files.ReadFile("ask.rql")
	if err != nil {
		return err
	}
	res, err := db.Exec(ctx, string(text))
	if err != nil {
		return err
	}
	for _, r := range res.Statements() {
		if r.Kind != "FIND" && r.Kind != "GET" {
			continue
		}
		fmt.Fprintln(out, r.Kind, strings.Join(r.Columns, " | "))
		for _, row := range r.Rows {
			fmt.Fprintln(out, "  ", row)
		}
	}
	return nil
}

// python runs the files of this folder.
type python struct {
	dir, url string
	out      io.Writer
}

func (p *python) command(ctx context.Context, args ...string) *exec.Cmd {
	name := os.Getenv("PYTHON")
	if name == "" {
		name = "python3"
	}
	cmd := exec.CommandContext(ctx, name, append([]string{"-B"}, args...)...)
	cmd.Dir = p.dir
	return cmd
}

// lacks writes the files, and says what is missing to run them.
func (p *python) lacks(ctx context.Context) string {
	for _, name := range []string{"models.py", "write.py", "read.py"} {
		text, err := files.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(p.dir, name), text, 0o600)
		}
		if err != nil {
			return err.Error()
		}
	}
	if err := p.command(ctx, "-c", "import rapyer, redis_om").Run(); err != nil {
		return "there is no Python with rapyer and redis-om: pip install rapyer redis-om"
	}
	return ""
}

func (p *python) run(ctx context.Context, file string) error {
	cmd := p.command(ctx, file, p.url)
	cmd.Stdout, cmd.Stderr = p.out, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
