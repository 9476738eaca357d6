package check_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// A conversion that is under way can be read back though another model has
// become what would not let it begin now.
func TestLoadAltered(t *testing.T) {
	known, err := check.LoadSchema(ir.NewSchema(), []check.Definition{
		{Def: "MODEL A {\n  id string KEY\n  s string\n  posts refs<P.a>\n}"}, {Def: "MODEL P {\n  id string KEY\n  a ref<A>\n}"},
	}, parser.Parse)
	require.NoError(t, err)
	src := lang.NewSource("", "ALTER MODEL A CHANGE FIELD s int")
	st := parser.Parse(src).Stmts[0].(*lang.AlterStmt)
	_, bad := check.Alter(t.Context(), known, known.Model("A"), st, src)
	require.NotNil(t, bad)
	require.Equal(t, lang.CodeBadModel, bad.Code)
	a, bad := check.LoadAltered(known, known.Model("A"), st, src)
	require.Nil(t, bad)
	require.Len(t, a.Added.Hidden, 1)
}
