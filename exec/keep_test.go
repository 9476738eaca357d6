package exec_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// A statement follows CASCADE TTL to 1,000 documents, 16 refs away. More is an error of a write, and a warning of a read.
func TestCascadeTTLIsBounded(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, `MODEL Leaf { id int KEY, next ref<Leaf>? CASCADE TTL } TTL 2h;
MODEL Root { id string KEY, all set<ref<Leaf>> CASCADE TTL };
ATOMIC < FOR i IN range(1, 1001) DO CREATE Leaf { id: i } TTL 1h END >;
ATOMIC < CREATE Root [{ id: 'r' }, { id: 's' }, { id: 't' }]; FOR i IN range(1, 1000) DO UPDATE Root ('r', 's') SET all.add(i) END;
UPDATE Root 's' SET all.add(1001); UPDATE Root 't' SET all.add(1001) >;
ALTER MODEL Root SET TTL 1h REFRESH ON READ`)
		require.EqualValues(t, 1000, number(t, e, "GET Root 'r'; FIND Leaf WHERE ttl() > 119m RETURN count() AS c"))
		for _, text := range []string{"EXPIRE Root 's' AFTER 1h", "EXPIRE Root ALL AFTER 1h", "COPY Root 's' SET id = 'u'"} {
			require.Equal(t, lang.CodeBudget, failure(t, e, text).Code, text)
		}
		for _, text := range []string{"GET Root 's'", "GET Root ('t', 's')", "FIND Root", "ATOMIC < LET s = GET Root 's'; RETURN s.id >"} {
			must(t, e, "EXPIRE Leaf ALL AFTER 1h")
			r := must(t, e, text)
			require.NotEmpty(t, r.rows, text)
			require.Len(t, r.warnings, 1, text)
			require.Equal(t, lang.CodeCascadeCut, r.warnings[0].Code, text)
			require.GreaterOrEqual(t, number(t, e, "FIND Leaf WHERE ttl() > 119m RETURN count() AS c"), int64(1000), text)
		}
		must(t, e, "DELETE Leaf WHERE id > 17; UPDATE Leaf WHERE id > 1 SET next = id - 1; EXPIRE Leaf 16 AFTER 1h; EXPIRE Leaf 17 AFTER 1h")
		require.Equal(t, lang.CodeBudget, failure(t, e, "CREATE Leaf { id: 18, next: 17 }").Code)
	})
}

// EXPIRE in steps takes smaller ones where documents keep many alive.
func TestCascadeTTLInSteps(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, `MODEL Leaf { id int KEY } TTL 1h;
MODEL Root { id int KEY, a list<ref<Leaf>> CASCADE TTL };
ATOMIC < FOR i IN range(1, 2000) DO CREATE Leaf { id: i } END >;
ATOMIC < FOR i IN range(1, 1000) DO CREATE Root { id: i, a: [i, i + 1000] } END >;
EXPIRE Leaf ALL AFTER 1m`)
		require.EqualValues(t, 1000, must(t, e, "EXPIRE Root ALL AFTER 1h").affected)
		require.EqualValues(t, 2000, number(t, e, "FIND Leaf WHERE ttl() > 59m RETURN count() AS c"))
		must(t, e, "EXPIRE Leaf ALL AFTER 1m; ALTER MODEL Root SET TTL 2h REFRESH ON READ")
		require.Empty(t, must(t, e, "LET all = FIND Root RETURN id").warnings)
		require.EqualValues(t, 2000, number(t, e, "FIND Leaf WHERE ttl() > 59m RETURN count() AS c"))
	})
}

// A GET that keeps others alive is one trip. A model that another program changes meanwhile is followed as it is now.
func TestCascadeTTLTravelsWithGet(t *testing.T) {
	s := testredis.Run(t)
	e, other := open(t, s.URL), open(t, s.URL)
	must(t, e, `MODEL B { id string KEY } TTL 2h;
MODEL A { id string KEY, b ref<B>? CASCADE TTL } TTL 1h REFRESH ON READ;
CREATE B [{ id: 'b' }, { id: 'c' }]; CREATE A { id: 'a', b: 'b' }; GET A 'a'; EXPIRE B ALL AFTER 1m`)
	require.Contains(t, must(t, e, "PROFILE GET A 'a'").rows[0][0], "1 round trip")
	require.Greater(t, s.Do("PTTL", "B:b"), int64(7_190_000))
	must(t, other, "ALTER MODEL B SET TTL 3h")
	must(t, e, "GET A 'a'")
	require.Greater(t, s.Do("PTTL", "B:b"), int64(3*3_600_000-10_000))
	s.Do("SCRIPT", "FLUSH")
	must(t, other, "EXPIRE B ALL AFTER 1m")
	require.Empty(t, must(t, e, "GET A 'a'").warnings)
	require.Greater(t, s.Do("PTTL", "B:b"), int64(3*3_600_000-10_000))
	for _, text := range []string{"GET A 'a'", "FIND A", "CREATE A { id: 'x' }", "EXPIRE A 'a' AFTER 1h", "ATOMIC < LET a = GET A 'a' >"} {
		lines := ""
		for _, row := range must(t, e, "EXPLAIN "+text).rows {
			lines += row[0].(string) + "\n"
		}
		require.Equal(t, 1, strings.Count(lines, "CASCADE TTL: raises the ends of what is named by A.b"), "%s\n%s", text, lines)
	}
}
