package planner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

// Which statements have a script in the flat form, from their second use on.
func TestFlatForm(t *testing.T) {
	for text, want := range map[string]bool{
		`MODEL M { id string KEY, n int, INDEX (n) }; UPDATE M 'a' SET n += 1`:                         true,
		`MODEL M { id string KEY, n int, s string? }; CREATE M { id: 'a', n: 1 }`:                      true,
		`MODEL M { id string KEY, n int, INDEX (n) }; CREATE M { id: 'a', n: 1 } RETURN n`:             true,
		`MODEL M { id int KEY, up ref<M>? ON DELETE CASCADE, INDEX (up) }; CREATE M { id: 1, up: 2 }`:  true,
		`MODEL M { id string KEY, n int }; CREATE M [{ id: 'a', n: 1 }, { id: 'b', n: 2 }]`:            true,
		`MODEL M { id string KEY, s string } PARTITION BY s; CREATE M { id: 'a', s: 'x' }`:             true,
		`MODEL M { id string KEY, n int } TTL 1h; CREATE M [{ id: 'a', n: 1 }, { id: 'b', n: 2 }]`:     false,
		`MODEL M { id string KEY, n int UNIQUE }; CREATE M { id: 'a', n: 1 }`:                          false,
		`MODEL M { id string KEY, n int } STORED AS JSON; CREATE M { id: 'a', n: 1 }`:                  false,
		`MODEL M { id string KEY, n int } TTL 1h; CREATE M { id: 'a', n: 1 }`:                          true,
		`MODEL M { id int KEY, s string? INDEX } TTL 1h; CREATE M { id: 1 } TTL 1m`:                    true,
		`MODEL M { id string KEY, n int } TTL 1h; CREATE M [{ id: 'a', n: 1 }] TTL [null]`:             false,
		`MODEL M { id string KEY, n int } TTL 1h; UPDATE M 'a' SET n += 1`:                             false,
		`MODEL M { id string KEY, n int }; PUT M { id: 'a', n: 1 }`:                                    false,
		`MODEL M { id string KEY, n int }; CREATE M { id: 'a', n: 1 } ON CONFLICT SKIP`:                false,
		`MODEL M { id string KEY, tags set<string> }; CREATE M { id: 'a', tags: ['x'] }`:               false,
		`MODEL M { id string KEY, q pqueue<string> }; UPDATE M 'a' SET q.pop() AS x RETURN x`:          true,
		`MODEL M { id string KEY, q pqueue<int>, n int }; UPDATE M 'a' SET q.push(1, 0.5), n += 1`:     true,
		`MODEL M { id string KEY, s set<string> }; UPDATE M 'a' SET s.add('x')`:                        true,
		`MODEL M { id string KEY, s set<string> }; UPDATE M 'a' SET s.add(['x', 'y'])`:                 false,
		`MODEL M { id string KEY, s set<string> }; UPDATE M 'a' SET s.add('x'), s.remove('y')`:         false,
		`MODEL M { id string KEY, q pqueue<string> }; UPDATE M 'a' SET q.pop(2) AS x RETURN x`:         false,
		`MODEL M { id string KEY, s set<string> }; UPDATE M 'a' SET s.add('x') RETURN len(s) AS n`:     false,
		`MODEL M { id string KEY, l list<string> }; UPDATE M 'a' SET l.append('x')`:                    true,
		`MODEL M { id string KEY, n int INDEX }; UPDATE M WHERE n > 1 LIMIT 5 SET n += 1`:              true,
		`MODEL M { id string KEY, n int INDEX }; ATOMIC < UPDATE M WHERE n = 1 SET n += 1 >`:           true,
		`MODEL M { id string KEY, n int INDEX }; UPDATE M WHERE n > 1 LIMIT 5 SET n = 1 RETURN id`:     false,
		`MODEL M { id string KEY, n int INDEX }; UPDATE M WHERE n IN (1, 2) LIMIT 5 SET n += 1`:        false, // two ranges
		`MODEL M { id string KEY, n int INDEX }; UPDATE M WHERE n > 1 AND 1 / n > 0 LIMIT 5 SET n = 1`: false, // a fault is a warning
		`MODEL M { id string KEY, n int }; ATOMIC < FOR i IN [1] DO UPDATE M 'a' SET n = i END >`:      false,
	} {
		src := lang.NewSource("", text)
		prog, ds := check.Check(t.Context(), parser.Parse(src), nil, check.Options{})
		require.NoError(t, ds.Err(), text)
		p, err := planner.Build(prog.Stmts[1], prog, planner.Caps{JSON: true})
		require.NoError(t, err)
		step := p.Step.(*planner.BlockStep)
		require.False(t, step.Script.Flat, text)
		first, err := step.Flat.Next()
		require.NoError(t, err)
		require.Nil(t, first, text)
		second, err := step.Flat.Next()
		require.NoError(t, err)
		require.Equal(t, want, second != nil, text)
		if want {
			text := second.Step.(*planner.BlockStep).Script.Text
			require.NotContains(t, text, "main()")
			require.Less(t, 5*len(text), 6*len(step.Script.Text), "what stands in the place of calls makes it longer, but little")
		}
	}
}

// The first step of a FIND has a flat form where it walks one range and sends on what is stored.
func TestFlatFormOfFind(t *testing.T) {
	for text, want := range map[string]bool{
		`FIND M WHERE n = 1 LIMIT 10`:         true,
		`FIND M WHERE n > 1 ORDER BY n DESC`:  true,
		`FIND M`:                              true,
		`FIND M RETURN max(n) AS top`:         true,
		`FIND M WHERE n IN (1, 2)`:            false, // two ranges
		`FIND M WHERE n = 1 AND s = 'x'`:      false, // it decodes s
		`FIND M WHERE n = 1 RETURN up.n AS u`: false,
		`COUNT M WHERE n = 1 AND s = 'x'`:     false,
	} {
		src := lang.NewSource("", `MODEL M { id string KEY, n int, s string, up ref<M>?, INDEX (n) };`+text)
		prog, ds := check.Check(t.Context(), parser.Parse(src), nil, check.Options{})
		require.NoError(t, ds.Err(), text)
		p, err := planner.Build(prog.Stmts[1], prog, planner.Caps{FlatFirst: true})
		require.NoError(t, err)
		step := p.Step.(*planner.ScanStep)
		flat, err := step.Flat.Next()
		require.NoError(t, err)
		require.Equal(t, want, flat != nil, text)
		if want {
			s := flat.Step.(*planner.ScanStep).Script
			require.NotContains(t, s.Text, "main()")
			require.Less(t, len(s.Slots), 4)
			require.Equal(t, step.Script.Outs, s.Outs)
		}
	}
}

// A FIND by an index has no function for each entry, nor one that loads documents which it does not decode.
func TestPagesOfFind(t *testing.T) {
	for text, want := range map[string]bool{
		`FIND M WHERE n = 1 LIMIT 10`:             true,
		`FIND M WHERE n > 1 ORDER BY n DESC`:      true,
		`FIND M WHERE n IN (1, 2) RETURN id`:      true,
		`FIND M`:                                  true,
		`FIND M WHERE n = 1 AND s = 'x'`:          false, // it decodes s
		`FIND M WHERE n = 1 RETURN n + 1 AS next`: true,  // in Go
		`COUNT M WHERE n = 1 AND s = 'x'`:         false,
	} {
		src := lang.NewSource("", `MODEL M { id string KEY, n int, s string, INDEX (n) };`+text)
		prog, ds := check.Check(t.Context(), parser.Parse(src), nil, check.Options{})
		require.NoError(t, ds.Err(), text)
		p, err := planner.Build(prog.Stmts[1], prog, planner.Caps{})
		require.NoError(t, err)
		script := p.Step.(*planner.ScanStep).Script.Text
		require.NotContains(t, script, "function(m)", text)
		require.NotContains(t, script, "local function walk", text)
		require.Equal(t, want, !strings.Contains(script, "local function L1("), text)
	}
}
