package check_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

const accounts = "MODEL Acc { id string KEY, n int, name string? };\n"

func checkText(text string, params map[string]lang.Type) (*ir.Program, lang.Diags) {
	file := parser.Parse(lang.NewSource("", text))
	prog, diags := check.Check(context.Background(), file, nil, check.Options{Params: params})
	return prog, append(file.Diags, diags...)
}

func TestProcedureMistakes(t *testing.T) {
	for _, c := range []struct {
		text string
		code lang.Code
		at   string // the text at the mistake
	}{
		{"PROCEDURE p(a int) ATOMIC < UPDATE Acc $a SET n = 1 >", lang.CodeTypeMismatch, "$a"},
		{"PROCEDURE p(a int) ATOMIC < RETURN $b >", lang.CodeMissingParameter, "$b"},
		{"PROCEDURE p(a int, a int) ATOMIC < RETURN $a >", lang.CodeDuplicateName, "a int) A"},
		{"PROCEDURE p(a Foo) ATOMIC < RETURN 1 >", lang.CodeUnknownType, "Foo"},
		{"PROCEDURE p(a int DEFAULT 'x') ATOMIC < RETURN $a >", lang.CodeTypeMismatch, "'x'"},
		{"PROCEDURE p(a int DEFAULT null) ATOMIC < RETURN $a >", lang.CodeNullValue, "null"},
		{"PROCEDURE p(a int DEFAULT 1, b int) ATOMIC < RETURN $a + $b >", lang.CodeNotAllowed, "b int"},
		{"LET x = 1; PROCEDURE p() ATOMIC < RETURN x >", lang.CodeUnknownName, "x >"},
		{"PROCEDURE p() ATOMIC < CALL p() >", lang.CodeRecursion, "p() >"},
		{"PROCEDURE p() ATOMIC < CALL q() >", lang.CodeUnknownProcedure, "q()"},
		{"PROCEDURE p() ATOMIC < RETURN 1 >; CALL p(1)", lang.CodeWrongArguments, "1)"},
		{"PROCEDURE p(a int, b int DEFAULT 1) ATOMIC < RETURN $a + $b >; CALL p()", lang.CodeWrongArguments, "CALL p()"},
		{"PROCEDURE p(a int) ATOMIC < RETURN $a >; CALL p('x')", lang.CodeTypeMismatch, "'x'"},
		{"PROCEDURE p(a int) ATOMIC < RETURN $a >; CALL p(null)", lang.CodeNullValue, "null"},
		{"PROCEDURE p() ATOMIC < DELETE Acc ALL >; LET x = CALL p()", lang.CodeNoValue, "CALL p()"},
		{"PROCEDURE p() ATOMIC KEY 'k' FOR 1d < RETURN 1 >; ATOMIC < CALL p() >", lang.CodeNotAllowed, "CALL p() >"},
		{"ATOMIC KEY uuid() FOR 1d < DELETE Acc ALL >", lang.CodeNotAllowed, "uuid"},
		{"ATOMIC KEY 'k' FOR 'soon' < DELETE Acc ALL >", lang.CodeBadConversion, "'soon'"},
		{"DROP PROCEDURE p", lang.CodeUnknownProcedure, "p"},
		{"SHOW PROCEDURE p", lang.CodeUnknownProcedure, "p"},
	} {
		text := accounts + c.text
		_, diags := checkText(text, nil)
		require.NotEmpty(t, diags, c.text)
		require.Equal(t, c.code, diags[0].Code, "%s: %v", c.text, diags)
		require.Contains(t, text[diags[0].Span.Start:][:len(c.at)], c.at, c.text)
	}
}

var procedureMistakes = []mistake{
	{"CALL f(1)", lang.CodeUnknownProcedure, "f"},
	{"PROCEDURE f() ATOMIC < CALL f() >", lang.CodeRecursion, "f"},
}

func TestProcedureIndirectRecursion(t *testing.T) {
	_, diags := checkText("PROCEDURE p() ATOMIC < RETURN 1 >; PROCEDURE q() ATOMIC < CALL p() >; PROCEDURE p() ATOMIC < CALL q() >", nil)
	require.Len(t, diags, 1)
	require.Equal(t, lang.CodeRecursion, diags[0].Code)
	require.Contains(t, diags[0].Message, "p calls q calls p")
	require.NotNil(t, diags[0].Within)
}

func TestProcedureGrowth(t *testing.T) {
	text := "PROCEDURE p0() ATOMIC < RETURN 1; >; "
	for i := range 12 {
		text += "PROCEDURE p" + string(rune('a'+i)) + "() ATOMIC < CALL p0(); CALL p0() >; "
		text = text[:len(text)-2]
		prev := "p0"
		if i > 0 {
			prev = "p" + string(rune('a'+i-1))
		}
		text = text[:len(text)-len("CALL p0(); CALL p0() >")] + "CALL " + prev + "(); CALL " + prev + "() >; "
	}
	_, diags := checkText(text, nil)
	require.NotEmpty(t, diags)
	require.Equal(t, lang.CodeTooLarge, diags[0].Code)
}

// What is known before the statement is sent is bound before it; what may be
// null is asked where the call stands.
func TestProcedureArguments(t *testing.T) {
	prog, diags := checkText(accounts+`PROCEDURE p(a string, b int? DEFAULT 3) ATOMIC < RETURN $a, $b >;
		CALL p($x); ATOMIC < LET r = GET Acc $x; CALL p(r.id, 4); CALL p($x, r.n) >`, map[string]lang.Type{"x": lang.TypeString})
	require.Empty(t, diags)
	require.Equal(t, []string{"x"}, prog.Params[len(prog.Params)-1:])
	call := prog.Stmts[2].(*ir.Invoke)
	require.Len(t, call.Pre, 2)
	require.Empty(t, call.Binds)
	require.Equal(t, "p", call.Procs[0].Name)
	block := prog.Stmts[3].(*ir.Atomic)
	require.Len(t, block.Pre, 2)
	require.Len(t, block.Procs, 1)
	require.Len(t, block.Body[1].(*ir.Invoke).Binds, 1)
	require.Len(t, block.Body[2].(*ir.Invoke).Binds, 1)
}

func TestBrokenProcedures(t *testing.T) {
	prog, diags := checkText(accounts+"PROCEDURE p() ATOMIC < UPDATE Acc ALL SET n = 1 >; PROCEDURE q() ATOMIC < CALL p() >", nil)
	require.Empty(t, diags)
	names, mistakes := check.Broken(context.Background(), prog.Schema, prog.Schema.Without("Acc"))
	require.Equal(t, []string{"p", "q"}, names)
	require.Equal(t, lang.CodeUnknownModel, mistakes[0].Code)
	names, _ = check.Broken(context.Background(), prog.Schema.Without("Acc"), prog.Schema.Without("Acc"))
	require.Empty(t, names)

	p := prog.Schema.Procedure("p")
	back, err := check.LoadProcedure(check.Definition{Def: p.Def, Version: "7"}, parser.Parse)
	require.NoError(t, err)
	require.Equal(t, p.Def, lang.Print(back.Decl))
	_, err = check.LoadProcedure(check.Definition{Def: "FIND X"}, parser.Parse)
	require.Error(t, err)
}
