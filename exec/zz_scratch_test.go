package exec_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/rql-lang/rql/exec"
	_ "github.com/rql-lang/rql/mem"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

func TestZZDump(t *testing.T) {
	_ = exec.ErrNoURL
	_ = context.Background
	e, err := exec.Open(context.Background(), "mem://", exec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.NewSession(exec.SessionOptions{}).Run(context.Background(), lang.NewSource("", os.Getenv("MODELS")), nil, func(*exec.Rows) error { return nil }); err != nil {
		t.Fatal(err)
	}
	src := lang.NewSource("", os.Getenv("Q"))
		prog, d := check.Check(parser.Parse(src), e.Schema(), check.Options{NoParams: true})
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
