package exec_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
)

var cachedScripts = regexp.MustCompile(`number_of_cached_scripts:(\d+)`)

// scriptsCached is the number of scripts that a server keeps.
func scriptsCached(t *testing.T, c *redis.Client) int {
	t.Helper()
	text, err := c.Info(ctx, "memory").Result()
	require.NoError(t, err)
	n, err := strconv.Atoi(cachedScripts.FindStringSubmatch(text)[1])
	require.NoError(t, err)
	return n
}

// A server keeps at most four scripts for each of 100 shapes, two of them for statements that share a round trip, however many
// statements there are, in one text and in many.
func TestManyStatementsAreFewScripts(t *testing.T) {
	testredis.OneByOne(t)
	url, c := testredis.Start(t)
	e, err := exec.Open(ctx, url, exec.Options{Namespace: "few"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	must(t, e, "MODEL A { id string KEY, n int, m int INDEX }; CREATE A [{ id: 'a', n: 1, m: 1 }, { id: 'b', n: 1, m: 2 }]")
	shapes := make([]string, 100)
	for i := range shapes {
		lets := ""
		for k := range i % 10 {
			lets += fmt.Sprintf("LET x%d = a.n + %d;\n", k, i)
		}
		shapes[i] = "ATOMIC <\nLET a = GET A 'a';\n" + lets + strings.Repeat("ENSURE a.n >= 0;\n", i/10) + "UPDATE A 'b' SET n = a.n;\nRETURN a.n\n>;\n"
	}
	before := scriptsCached(t, c)
	must(t, e, strings.Join(shapes, ""))
	require.LessOrEqual(t, scriptsCached(t, c)-before, len(shapes))
	for range 3 {
		must(t, e, strings.Repeat(strings.Join(shapes, ""), 3))
		for _, shape := range shapes {
			must(t, e, "LET z = 1;\n"+shape)
		}
	}
	require.LessOrEqual(t, scriptsCached(t, c)-before, 4*len(shapes))
	before = scriptsCached(t, c)
	for i := range 300 {
		text := ""
		for k := range 4 {
			text += fmt.Sprintf("LET z%d = %d;\n", k, i) + shapes[(i*7+k*13)%len(shapes)]
		}
		must(t, e, text)
	}
	require.LessOrEqual(t, scriptsCached(t, c)-before, len(shapes))
}

// A script depends on the shape of a statement, not on where in a text it stands or what stands before it: equal
// blocks of one text are one script, and many texts of few shapes are few.
func TestOneShapeIsOneScript(t *testing.T) {
	url, c := testredis.Start(t)
	e, err := exec.Open(ctx, url, exec.Options{Namespace: "one"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	must(t, e, "MODEL A { id string KEY, n int, m int INDEX, tags list<string> DEFAULT [] }; CREATE A [{ id: 'a', n: 1, m: 1 }, { id: 'b', n: 1, m: 2 }]")
	cached := func() int { return scriptsCached(t, c) }
	// The one whose documents are known by different keys has another script from the second time on.
	scripts := []int{1, 1, 1, 2, 1}
	shapes := []string{
		"ATOMIC < LET a = GET A 'a'; LET x = a.n + 1; ENSURE a.n > 0; UPDATE A 'a' SET n = x; UPDATE A 'b' SET n = x; RETURN a.n, x >",
		"ATOMIC < LET all = FIND A WHERE m > 0; FOR x IN all DO UPDATE A x.id SET n += 1 END; RETURN len(all) >",
		"ATOMIC < LET a = GET A 'a'; IF a.n > 0 THEN UPDATE A 'b' SET tags.clear() END >",
		"UPDATE A 'a' SET m = 1",
		"ATOMIC < FOR x IN $list DO UPDATE A x SET n += 1 END >",
	}
	for i, shape := range shapes {
		args := []map[string]any{}
		if strings.Contains(shape, "$list") {
			args = append(args, map[string]any{"list": []any{"a", "b"}})
		}
		before := cached()
		must(t, e, strings.Repeat(shape+";\n", 100), args...)
		require.Equal(t, before+scripts[i], cached(), shape)
		must(t, e, strings.Repeat(shape+";\n", 100), args...)
		require.Equal(t, before+scripts[i], cached(), shape)
	}
	before := cached()
	for i := range 200 {
		text := ""
		for k := range 3 {
			text += fmt.Sprintf("LET z%d = %d;\n", k, i)
			if s := shapes[(i+k)%4]; i%3 >= k {
				text += s + ";\n"
			}
		}
		must(t, e, text+shapes[i%4])
	}
	require.LessOrEqual(t, cached(), before+3*len(shapes)) // those of statements that share no round trip
}
