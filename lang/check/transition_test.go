package check_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// The statements that lead from one model to another are valid, and what they make is the other one; without those that delete values,
// all that is missing is what they delete.
func TestTransition(t *testing.T) {
	const was = "MODEL M { id string KEY, a int INDEX, b string?, c enum('x', 'y') DEFAULT 'x' CHECK c != 'x', UNIQUE (a, b), CHECK (a > 0) } TTL 1h; "
	for _, row := range []struct{ to, says string }{
		{was, ""},
		{"MODEL M { id string KEY, a int INDEX, b string?, c enum('x', 'y') DEFAULT 'x' CHECK c != 'x', d int, UNIQUE (a, b), CHECK (a > 0) } TTL 1h", "ALTER MODEL M ADD FIELD d int DEFAULT 0;\nALTER MODEL M CHANGE FIELD d int;"},
		{"MODEL M { id string KEY, n int INDEX, b string?, c enum('x', 'y') DEFAULT 'x' CHECK c != 'x', UNIQUE (n, b), CHECK (n > 0) } TTL 1h", "ALTER MODEL M RENAME FIELD a TO n;"},
		{"MODEL M { id string KEY, n int, o int, b string?, c enum('x', 'y') DEFAULT 'x' } TTL 1h", "COUNT M WHERE a IS NOT NULL\n-- ALTER MODEL M DROP FIELD a, DROP UNIQUE (a, b), DROP CHECK a > 0;"},
		{"MODEL M { id string KEY, a string, b string?, c enum('x') DEFAULT 'x' CHECK c != 'x', UNIQUE (a, b) } TTL 2h REFRESH ON READ",
			"ALTER MODEL M CHANGE FIELD a string, CHANGE FIELD c enum('x') DEFAULT 'x', DROP INDEX (a), DROP CHECK a > 0, SET TTL 2h REFRESH ON READ;"},
		{"MODEL M { id string KEY, a int? UNIQUE, b string, INDEX (b, a), CHECK (len(b) > 1) }", "COUNT M WHERE c IS NOT NULL"},
		{"MODEL E { x int }; MODEL M { id string KEY, a int INDEX, b string?, c enum('x', 'y') DEFAULT 'x', t set<int>, e E?, ms refs<M.r>, r ref<M>? INDEX }",
			"ADD FIELD t set<int>, ADD FIELD e E?, ADD FIELD ms refs<M.r>, ADD FIELD r ref<M>? INDEX"},
		{"MODEL N { id string KEY }", "-- What this deletes: COUNT M\n-- DROP MODEL M;"},
		{"MODEL M { key string KEY, a int INDEX, b string?, c enum('x', 'y') DEFAULT 'x' CHECK c != 'x', UNIQUE (a, b), CHECK (a > 0) } TTL 1h", "ALTER MODEL M RENAME FIELD id TO key;"},
		{"MODEL M { id string KEY, a int INDEX } STORED AS JSON", "-- M cannot be changed so by ALTER MODEL: its documents are STORED AS HASH"},
	} {
		schema := func(of *ir.Schema, text string) *ir.Schema {
			p, ds := check.Check(context.Background(), parse(t, text), of, check.Options{Migration: true})
			require.NoError(t, ds.Err(), "%s: %s", row.to, text)
			return p.Schema
		}
		from, to := schema(nil, was), schema(nil, row.to)
		statements, notes := check.Transition(context.Background(), from, to, false)
		said := strings.Join(append(statements, notes...), "\n")
		require.Contains(t, said, row.says, row.to)
		if row.says == "" {
			require.Empty(t, said)
		}
		schema(from, said)
		all, _ := check.Transition(context.Background(), from, to, true)
		made := schema(from, strings.Join(all, "\n"))
		if strings.Contains(said, "cannot be changed") {
			continue
		}
		require.Equal(t, to.Names(), made.Names(), row.to)
		for _, name := range to.Names() {
			c, d := check.Diff(made.Model(name), to.Model(name))
			require.Nil(t, d, row.to)
			for _, words := range c.Words {
				require.Equal(t, "another order or spelling", words, row.to)
			}
		}
	}
}

// A program whose field the database has by another name is told of RENAME FIELD, not only of a new field.
func TestNeedsRename(t *testing.T) {
	schema := func(text string) *ir.Schema {
		p, ds := check.Check(context.Background(), parse(t, text), nil, check.Options{})
		require.NoError(t, ds.Err())
		return p.Schema
	}
	have := schema("MODEL M { id string KEY, a int, b string }")
	lacks := check.Needs(have, schema("MODEL M { id string KEY, n int, b string INDEX UNIQUE, c bool }"))
	require.Equal(t, "it has no field n int, unless it is a", lacks[0].What)
	require.Equal(t, []string{"ALTER MODEL M RENAME FIELD a TO n", "ALTER MODEL M ADD FIELD c bool DEFAULT false, ADD UNIQUE (b), ADD INDEX (b)"}, check.Remedies(lacks))
	lacks = check.Needs(have, schema("MODEL M { id string KEY, n int, o int, b string }"))
	require.Equal(t, "it has no field n int", lacks[0].What, "a may be either of them")
}
