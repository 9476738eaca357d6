package cli

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
)

// An import that is killed leaves whole documents and no file of rejected records that is cut off; run again, it gives what an
// undisturbed one gives.
func TestImportKilled(t *testing.T) {
	testredis.OneByOne(t)
	const records, bad = 6000, 60
	dir := t.TempDir()
	file, rejects := filepath.Join(dir, "n.csv"), filepath.Join(dir, "rejects.csv")
	var text strings.Builder
	text.WriteString("id,n,b\n")
	for i := range records {
		n := fmt.Sprint(i)
		if i%(records/bad) == 7 {
			n = "many"
		}
		fmt.Fprintf(&text, "%d,%s,b%d\n", i, n, i%50)
	}
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
	statement := fmt.Sprintf("IMPORT '%s' INTO N ON CONFLICT PUT ON ERROR SKIP TO '%s'", file, rejects)
	answer := func(url, query string) string {
		out, err := command("-q", "-c", query, "--format", "csv", "--url", url).CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	rejected := func() int {
		b, err := os.ReadFile(rejects)
		if os.IsNotExist(err) {
			return 0
		}
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(string(b), "\n"))
		return strings.Count(string(b), "\n") - 1
	}
	kills := 0
	for range testredis.Rounds(3) {
		url, c := testredis.Start(t)
		rql(t, "-q", "-c", "MODEL N { id int KEY, n int UNIQUE, b string INDEX }", "--url", url)
		keys := func() int { return int(c.DBSize(t.Context()).Val()) }
		for range 3 {
			require.NoError(t, os.RemoveAll(rejects))
			if killed(t, keys()+rand.IntN(records/2), keys, "-q", "-c", statement, "--url", url) {
				kills++
			}
			if n := rejected(); n != 0 {
				require.Equal(t, bad, n)
			}
			require.Equal(t, "key,problem\n", answer(url, "VERIFY N"))
			require.Equal(t, "count\n0\n", answer(url, "COUNT N WHERE n != id OR b != 'b' + string(id % 50)"))
		}
		rql(t, "-q", "-c", statement, "--url", url)
		require.Equal(t, bad, rejected())
		require.Equal(t, fmt.Sprintf("count\n%d\n", records-bad), answer(url, "COUNT N"))
		require.Equal(t, "key,problem\n", answer(url, "VERIFY N"))
	}
	require.Positive(t, kills)
}
