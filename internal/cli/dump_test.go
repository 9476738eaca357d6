package cli

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
)

// command is this test program as rql.
func command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Args[0] = "rql" // TestMain makes it the program
	return cmd
}

// rql runs rql to its end.
func rql(t *testing.T, args ...string) {
	t.Helper()
	out, err := command(args...).CombinedOutput()
	require.NoError(t, err, string(out))
}

// killed runs rql until a count is reached, then kills it, and reports whether it had not ended before.
func killed(t *testing.T, most int, count func() int, args ...string) bool {
	t.Helper()
	cmd := command(args...)
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for count() < most {
		select {
		case err := <-ended:
			require.NoError(t, err)
			return false
		default:
			time.Sleep(100 * time.Microsecond)
		}
	}
	_ = cmd.Process.Kill()
	return <-ended != nil
}

// dumped fills a server with documents of all kinds, and returns a file with its dump.
func dumped(t *testing.T, url string) string {
	t.Helper()
	dir := t.TempDir()
	var text strings.Builder
	text.WriteString(`MODEL D { id int KEY, u int UNIQUE, b string INDEX, other ref<D>? INDEX, tags set<int>, rev int REVISION } TTL 900d REFRESH ON WRITE;
MODEL P { id int KEY, n int INDEX, rev int REVISION };
ALTER MODEL P RENAME FIELD n TO m;
PROCEDURE p(n int) ATOMIC < RETURN $n >;
`)
	for i := 0; i < 6000; i += 500 {
		for _, form := range []string{"CREATE D [%s] TTL 800d;\n", "CREATE P [%s];\n"} {
			docs := make([]string, 500)
			for j := range docs {
				if docs[j] = fmt.Sprintf("{ id: %d, u: %d, b: 'b%d', tags: [%d, 7] }", i+j, i+j, (i+j)%50, i+j); form[7] == 'P' {
					docs[j] = fmt.Sprintf("{ id: %d, n: %d }", i+j, i+j)
				}
			}
			fmt.Fprintf(&text, form, strings.Join(docs, ", "))
		}
	}
	for i := 0; i < 5000; i += 2500 {
		members := make([]string, 2500)
		for j := range members {
			members[j] = fmt.Sprint(i + j)
		}
		fmt.Fprintf(&text, "UPDATE D 3000 SET tags.add([%s]);\n", strings.Join(members, ", "))
	}
	text.WriteString("UPDATE D 1 SET other = 5999; EXPIRE D 3000 AT '2050-01-01';\n")
	script, file := filepath.Join(dir, "all.rql"), filepath.Join(dir, "dump.rql")
	require.NoError(t, os.WriteFile(script, []byte(text.String()), 0o600))
	rql(t, "-q", "run", script, "--url", url)
	rql(t, "-q", "dump", "-o", file, "--url", url)
	return file
}

// A dump that is killed leaves the file as it was, or as it was to be.
func TestDumpKilled(t *testing.T) {
	testredis.OneByOne(t)
	const old = "-- old\n"
	url, _ := testredis.Start(t)
	want, err := os.ReadFile(dumped(t, url))
	require.NoError(t, err)
	kills := 0
	for n := range 8 {
		dir := t.TempDir()
		file := filepath.Join(dir, "x.rql")
		require.NoError(t, os.WriteFile(file, []byte(old), 0o600))
		written := func() (n int) { // bytes under another name, and 1 for the name
			list, err := filepath.Glob(filepath.Join(dir, ".x.rql.*"))
			require.NoError(t, err)
			for _, name := range list {
				if info, err := os.Stat(name); err == nil {
					n += 1 + int(info.Size())
				}
			}
			return n
		}
		if killed(t, 1+n*len(want)/8, written, "-q", "dump", "-o", file, "--url", url) {
			kills++
		}
		got, err := os.ReadFile(file)
		require.NoError(t, err)
		require.True(t, string(got) == old || string(got) == string(want))
	}
	require.Positive(t, kills)
}

// A restore that is killed, more than once, and then run again gives the same database.
func TestRestoreKilled(t *testing.T) {
	testredis.OneByOne(t)
	url, _ := testredis.Start(t)
	file := dumped(t, url)
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	kills := 0
	for range testredis.Rounds(3) {
		copied, c := testredis.Start(t)
		keys := func() int { return int(c.DBSize(t.Context()).Val()) }
		for range 3 {
			if killed(t, keys()+rand.IntN(7000), keys, "-q", "run", file, "--url", copied) {
				kills++
			}
		}
		rql(t, "-q", "run", file, "--url", copied)
		again := filepath.Join(t.TempDir(), "again.rql")
		rql(t, "-q", "dump", "-o", again, "--url", copied)
		got, err := os.ReadFile(again)
		require.NoError(t, err)
		require.True(t, string(got) == string(want))
		for _, model := range []string{"D", "P"} {
			out, err := command("-c", "VERIFY "+model, "--url", copied).Output()
			require.NoError(t, err)
			require.Empty(t, string(out))
		}
	}
	require.Positive(t, kills)
}
