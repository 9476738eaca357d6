package exec_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

func TestZZDump(t *testing.T) {
	_ = exec.ErrNoURL
	_ = context.Background
	src := lang.NewSource("", os.Getenv("MODELS"))
	prog, d := check.Check(parser.Parse(src), nil, check.Options{})
	if d.Err() != nil {
		t.Fatal(d.Err())
	}
	src = lang.NewSource("", os.Getenv("Q"))
	prog, d = check.Check(parser.Parse(src), prog.Schema, check.Options{NoParams: true})
	if d.Err() != nil {
		t.Fatal(d.Render(src))
	}
	p, err := planner.Build(prog.Stmts[0], prog, planner.Caps{Shebang: true})
	if err != nil {
		t.Fatal(err)
	}
	switch s := p.Step.(type) {
	case *planner.BlockStep:
		fmt.Println(s.Script.Text)
	case *planner.ScanStep:
		fmt.Println(s.Script.Text)
	}
}
