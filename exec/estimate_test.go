package exec_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
)

// estimated runs an EXPLAIN and gives its estimates.
func estimated(t *testing.T, e *exec.Engine, text string) string {
	t.Helper()
	_, after, _ := strings.Cut(printed(t, e, text), "estimate:\n")
	return after
}

func spread(t *testing.T, e *exec.Engine) {
	t.Helper()
	docs := make([]any, 1200)
	for i := range docs {
		docs[i] = map[string]any{"id": i, "a": i, "b": i % 10, "c": i % 400, "d": 1}
	}
	must(t, e, "MODEL E { id int KEY, a int INDEX, b int INDEX, c int INDEX, d int }; CREATE E $docs RETURN id", map[string]any{"docs": docs})
}

// EXPLAIN says which candidate a script takes, and counts its entries; PROFILE what it found instead.
func TestEstimates(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		spread(t, e)
		for _, c := range []struct{ text, want string }{
			{"FIND E WHERE a < 100", "E has 1200 documents: reads 100 entries and finds 100 documents"},
			{"FIND E WHERE a < 100 LIMIT 10", "E has 1200 documents: reads 10 entries and finds 10 documents"},
			{"FIND E WHERE a < 100 AND d = 2", "E has 1200 documents: reads 100 entries and finds at most 100 documents"},
			{"FIND E WHERE a < 600 AND b = 3 ORDER BY a LIMIT 11", "E has 1200 documents: candidate 1 has 600 entries, candidate 2 has 120 entries; candidate 1 is taken, reads about 60 entries and finds at most 12 documents"},
			{"FIND E WHERE a < 3 OR c = 7 RETURN id", "E has 1200 documents: reads 6 entries and finds at most 6 documents"},
			{"EXISTS E WHERE a < 100", "E has 1200 documents: reads 1 entry and finds 1 document"},
			{"COUNT E WHERE a < 10 AND d = 1", "E has 1200 documents: reads 10 entries and finds at most 10 documents"},
			{"UPDATE E WHERE b = 1 SET d = 2", "E has 1200 documents: reads 120 entries and finds 120 documents"},
			{"FIND E WHERE id IN (1, 2, 3) AND d = 1", "E has 1200 documents: reads 3 entries and finds at most 3 documents"},
			{"COUNT E WHERE a < 10", ""},
			{"GET E 1", ""},
			{"FIND E WHERE a IN (FIND E WHERE c = 1 RETURN a)", "E has 1200 documents: reads 3 entries and finds 3 documents\n  E: not estimated, because its values are known only when the statement runs"},
			{"ATOMIC < LET k = 3;\nDELETE E WHERE a < k AND d = 2;\nDELETE E WHERE a < 5 >", "line 2: E: not estimated, because its values are known only when the statement runs\n  line 3: E has 1200 documents: reads 5 entries and finds 5 documents"},
		} {
			require.Equal(t, c.want, strings.TrimSpace(estimated(t, e, "EXPLAIN "+c.text)), c.text)
		}
		must(t, e, "PROCEDURE few(n int) ATOMIC < LET r = FIND E WHERE a < $n AND d = 2; RETURN r >")
		require.Contains(t, estimated(t, e, "EXPLAIN CALL few(7)"), "E has 1200 documents: reads 7 entries and finds at most 7 documents")

		require.Contains(t, profiled(t, e, "PROFILE FIND E WHERE a < 100 AND d = 1"), "  E: estimated 100 entries and at most 100 documents; read 100 entries and found 100 documents\n")
		require.Contains(t, profiled(t, e, "PROFILE FIND E WHERE a < 100 AND d = 2"), "  E: estimated 100 entries and at most 100 documents; read 100 entries and found 0 documents (!)\n")
		require.Contains(t, profiled(t, e, "PROFILE FIND E WHERE a < 1100"), "  E: estimated 1100 entries and 1100 documents; read 1100 entries and found 1100 documents\n")
		require.Contains(t, profiled(t, e, "PROFILE FIND E WHERE a IN (FIND E WHERE c = 1 RETURN a) AND d = 2"),
			"  E: estimated 3 entries and 3 documents; read 3 entries and found 3 documents\n  E: estimated 3 entries and at most 3 documents; read 3 entries and found 0 documents\n")
		require.Contains(t, profiled(t, e, "PROFILE UPDATE E WHERE b = 1 SET d = 3"), "  E: estimated 120 entries and 120 documents; read 120 entries and found 120 documents\n")
		require.Contains(t, profiled(t, e, "PROFILE ATOMIC <\nFOR x IN [1, 2] DO\nLET n = COUNT E WHERE b < 9 AND d = 7\nEND;\nIF 1 > 2 THEN DELETE E WHERE b < 1 END >"),
			"  line 3: E: estimated 1080 entries and at most 1080 documents in each run; read 2160 entries and found 0 documents in 2 runs (!)\n  line 5: E: did not run\n")
	})
}

// An estimate is of the partition in which the statement works.
func TestEstimateInPartition(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, `MODEL P { id int KEY, org string, n int INDEX, d int DEFAULT 0 } PARTITION BY org;
			CREATE P [{ org: 'a', id: 1, n: 1 }, { org: 'a', id: 2, n: 2 }, { org: 'a', id: 3, n: 3 }]; CREATE P { org: 'b', id: 1, n: 1 }`)
		require.Contains(t, estimated(t, e, "EXPLAIN FIND P WHERE org = 'a' AND n > 1"), "P has 3 documents: reads 2 entries and finds 2 documents")
		require.Contains(t, estimated(t, e, "EXPLAIN ATOMIC PARTITION 'b' < UPDATE P WHERE n < 3 AND d = 0 SET n += 1 >"), "P has 1 document: reads 1 entry and finds at most 1 document")
		require.Contains(t, profiled(t, e, "PROFILE FIND P WHERE org = 'a' AND n > 1 AND d = 0"), "P: estimated 2 entries and at most 2 documents; read 2 entries and found 2 documents\n")
	})
}

// The candidate that an estimate names is the one that the script takes.
func TestEstimateChoosesAsScripts(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	e := open(t, "mem://")
	spread(t, e)
	r := rand.New(rand.NewPCG(1, 2))
	chosen := regexp.MustCompile(`candidate (\d) is taken`)
	taken := regexp.MustCompile(`candidate (\d) has \d+ entr(?:y|ies) and was taken`)
	seen := map[string]bool{}
	for range 300 {
		text := fmt.Sprintf("FIND E WHERE a < %d AND b < %d AND c < %d", r.IntN(1200), r.IntN(10), r.IntN(400))
		if by := r.IntN(4); by < 3 {
			text += " ORDER BY " + string("abc"[by])
		}
		if r.IntN(3) > 0 {
			text += fmt.Sprintf(" LIMIT %d", r.IntN(40))
		}
		want := taken.FindStringSubmatch(profiled(t, e, "PROFILE "+text))
		if want == nil { // LIMIT 0
			continue
		}
		require.Equal(t, want[1], chosen.FindStringSubmatch(estimated(t, e, "EXPLAIN "+text))[1], text)
		seen[want[1]] = true
	}
	require.Len(t, seen, 3)
}
