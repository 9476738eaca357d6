package planner_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

// What may share a round trip, and what would delay others.
func TestBrief(t *testing.T) {
	for text, want := range map[string]bool{
		`GET Item 'a'`:               true,
		`EXISTS Item 'a'`:            true,
		`COUNT Item`:                 true,
		`COUNT Item WHERE sold`:      true,
		`FIND Item WHERE code = 'x'`: true,
		`FIND Item WHERE kind = 'a' ORDER BY price LIMIT 10`:                            true, // its LIMIT decides when it runs
		`FIND Item WHERE kind = 'a' ORDER BY note LIMIT 10`:                             false,
		`FIND Item WHERE note = 'a' LIMIT 10`:                                           false,
		`COUNT Item WHERE note = 'a'`:                                                   false,
		`UPDATE Item 'a' SET price += 1`:                                                true,
		`UPDATE Item WHERE sold SET price += 1`:                                         false,
		`CREATE Item { id: 'a', name: 'n', price: 1, sold: true, code: 'c', note: '' }`: true,
		`DELETE Item 'a'`: true,
		`ATOMIC < LET a = GET Item 'a'; ENSURE a.price > 1; UPDATE Item 'a' SET price -= 1; UPDATE Item 'b' SET price += 1 >`: true,
		`ATOMIC < FOR i IN FIND Item WHERE sold DO UPDATE Item i.id SET price += 1 END >`:                                     false,
		`ATOMIC < LET n = COUNT Item WHERE note = 'a'; UPDATE Item 'a' SET price = n >`:                                       false,
		`DELETE Item WHERE sold LIMIT 10`: false,
	} {
		src := lang.NewSource("", shop+text)
		prog, ds := check.Check(t.Context(), parser.Parse(src), nil, check.Options{})
		require.NoError(t, ds.Err(), text)
		p, err := planner.Build(prog.Stmts[1], prog, planner.Caps{})
		require.NoError(t, err)
		require.Equal(t, want, p.Brief, text)
		measured, err := planner.BuildProfile(prog.Stmts[1], prog, planner.Caps{})
		require.NoError(t, err)
		require.False(t, measured.Brief, text)
	}
}
