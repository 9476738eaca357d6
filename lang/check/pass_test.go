package check_test

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// TestRightPrograms checks a file of right statements, with and without the values of its parameters.
func TestRightPrograms(t *testing.T) {
	text, err := os.ReadFile("testdata/pass.rql")
	require.NoError(t, err)
	program(t, string(text), check.Options{NoParams: true})
	p := program(t, string(text), check.Options{Params: map[string]lang.Type{
		"k": lang.TypeNull, "v": lang.TypeString, "c": lang.TypeString, "names": lang.ListOf(lang.TypeString), "id": lang.TypeString,
		"ids": lang.ListOf(lang.TypeUnknown), "doc": {Kind: lang.KObject}, "docs": lang.ListOf(lang.Type{Kind: lang.KObject}),
		"n": lang.TypeInt, "m": lang.TypeInt, "cursor": lang.TypeNull, "team": lang.TypeString, "email": lang.TypeString,
		"me": lang.TypeString, "p": lang.TypeFloat, "from": lang.TypeString, "amount": lang.TypeInt,
	}})
	require.NotNil(t, p.Schema.Model("Flight").Field("gate"))
	require.Nil(t, p.Schema.Model("Größe"))
	require.Nil(t, p.Schema.Model("Temp"))
}

func TestImport(t *testing.T) {
	p := program(t, "IMPORT 'o.csv' INTO Order AS { owner: who, amount: int(sum_eur) * 100, note: upper(text) } ON CONFLICT SKIP", check.Options{Program: true})
	im := p.Stmts[0].(*ir.Import)
	require.Len(t, im.As, 3)
	require.Equal(t, "who", im.As[0].X.(*ir.Member).Name)
	require.Equal(t, "amount", im.As[1].Field.Name)
	require.Equal(t, "SKIP", im.Conflict)
	for text, code := range map[string]lang.Code{
		"IMPORT 'o.csv' INTO Order AS { amount: cents * 2 }":           lang.CodeTypeMismatch,
		"IMPORT 'o.csv' INTO Order AS { amunt: cents }":                lang.CodeUnknownField,
		"IMPORT 'o.csv' INTO Order ON CONFLICT SET amunt = 1":          lang.CodeUnknownField,
		"IMPORT 'o.csv' INTO Order ON ERROR SKIP TO 'r.csv' LIMIT 'x'": lang.CodeTypeMismatch,
		"IMPORT 'o.csv' INTO Order ON ERROR SKIP TO 'o.csv'":           lang.CodeNotAllowed,
		"IMPORT 'o.csv' INTO Order WITH (DELIMTER ';')":                lang.CodeBadOption,
		"IMPORT 'o.csv', 'o.json' INTO Order AS { amount: int(a) }":    lang.CodeBadOption,
		"IMPORT 'o.csv' INTO Nix":                                      lang.CodeUnknownModel,
		"EXPORT FIND Order RETURN nix TO 'x.csv'":                      lang.CodeUnknownName,
	} {
		_, ds := check.Check(context.Background(), parse(t, text), schema(t), check.Options{Program: true})
		require.Len(t, ds, 1, text)
		require.Equal(t, code, ds[0].Code, text)
	}
	for _, inside := range []bool{true, false} {
		_, ds := check.Check(context.Background(), parse(t, "DOWN"), nil, check.Options{Migration: inside})
		require.Equal(t, lang.CodeNotAllowed, ds[0].Code)
	}
}
