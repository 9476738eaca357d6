package exporter

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
	_ "github.com/rql-lang/rql/mem"
)

func open(t *testing.T, url string) *exec.Engine {
	t.Helper()
	e, err := exec.Open(t.Context(), url, exec.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

// run runs a text whose files are in dir, and gives how many documents or rows it says.
func run(ctx context.Context, e *exec.Engine, dir, text string) (n int64, err error) {
	s := e.NewSession(exec.SessionOptions{Program: true, CreateExport: func(file string, o lang.FileOptions, columns []string, types []lang.Type) (exec.RowSink, error) {
		return Create(dir, file, o, columns, types)
	}})
	err = s.Run(ctx, lang.NewSource("", text), nil, func(r *exec.Rows) error {
		for r.Next() { //nolint:revive // rows are read to their end
		}
		n = r.Affected()
		return r.Err()
	})
	return n, err
}

// fill creates documents of N.
func fill(t *testing.T, e *exec.Engine, n int) {
	t.Helper()
	for i := 0; i < n; i += 1000 {
		docs := make([]string, 1000)
		for j := range docs {
			docs[j] = fmt.Sprintf("{ id: %d, a: %d, b: 0, c: 0 }", i+j, i+j)
		}
		_, err := run(t.Context(), e, "", "CREATE N ["+strings.Join(docs, ", ")+"]")
		require.NoError(t, err)
	}
}

// names are those of the files in a folder.
func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range list {
		out = append(out, f.Name())
	}
	return out
}

// Beside writers each row of the file is a document as it was at some time, none is there twice, and none is missing that
// was there all the while.
func TestExportBesideWriters(t *testing.T) {
	const stay, all = 6000, 9000
	url, _ := testredis.Start(t)
	e, dir := open(t, url), t.TempDir()
	ctx := t.Context()
	_, err := run(ctx, e, dir, "MODEL N { id int KEY, a int INDEX, b int, c int }")
	require.NoError(t, err)
	fill(t, e, stay)
	for _, find := range []string{"FIND N", "FIND N WHERE a >= 0", "FIND N WHERE a >= 0 ORDER BY a DESC"} {
		writing, stop := context.WithCancel(ctx)
		var wg sync.WaitGroup
		var writes atomic.Int64
		for w := range 3 {
			wg.Go(func() {
				other := open(t, url)
				for n := 1; writing.Err() == nil; n++ {
					id := stay + rand.IntN(all-stay)
					for _, text := range []string{
						fmt.Sprintf("PUT N { id: %d, a: %d, b: %d, c: %d }", id, id, n, n),
						fmt.Sprintf("UPDATE N %d SET b += 1, c += 1", rand.IntN(stay)),
						fmt.Sprintf("DELETE N %d", stay+rand.IntN(all-stay)),
					} {
						if _, err := run(ctx, other, dir, text); err != nil && !strings.Contains(err.Error(), "no N ") {
							t.Errorf("writer %d: %s: %v", w, text, err)
							return
						}
						writes.Add(1)
					}
				}
			})
		}
		require.Eventually(t, func() bool { return writes.Load() > 100 }, 10*time.Second, time.Millisecond)
		before := writes.Load()
		n, err := run(ctx, e, dir, "EXPORT "+find+" TO 'n.jsonl'")
		during := writes.Load() - before
		stop()
		wg.Wait()
		require.NoError(t, err)
		text, err := os.ReadFile(filepath.Join(dir, "n.jsonl"))
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		require.Len(t, lines, int(n))
		met, stood := map[int]bool{}, 0
		for _, line := range lines {
			var row struct{ ID, A, B, C int }
			require.NoError(t, json.Unmarshal([]byte(line), &row))
			require.False(t, met[row.ID], "%s: %s is there twice", find, line)
			require.True(t, row.A == row.ID && row.B == row.C, "%s: %s was never there", find, line)
			if met[row.ID] = true; row.ID < stay {
				stood++
			}
		}
		require.Equal(t, stay, stood, find)
		require.Positive(t, during, find)
	}
}

// exportURL and exportDir are the variables that make a child of this test program: it exports from that server into that folder.
const exportURL, exportDir = "RQL_TEST_EXPORT", "RQL_TEST_EXPORT_DIR"

// A program that is killed in the middle of EXPORT leaves the file as it was, or as it was to be.
func TestExportKilled(t *testing.T) {
	const text, old = "EXPORT FIND N TO 'n.csv'", "old\n"
	if url := os.Getenv(exportURL); url != "" {
		_, err := run(t.Context(), open(t, url), os.Getenv(exportDir), text)
		require.NoError(t, err)
		return
	}
	url, _ := testredis.Start(t)
	e, dir := open(t, url), t.TempDir()
	_, err := run(t.Context(), e, dir, "MODEL N { id int KEY, a int INDEX, b int, c int }")
	require.NoError(t, err)
	fill(t, e, 20000)
	_, err = run(t.Context(), e, dir, text)
	require.NoError(t, err)
	want, err := os.ReadFile(filepath.Join(dir, "n.csv"))
	require.NoError(t, err)
	killed := 0
	for range 12 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "n.csv"), []byte(old), 0o600))
		limit, stop := context.WithTimeout(t.Context(), time.Duration(10+rand.IntN(150))*time.Millisecond)
		child := osexec.CommandContext(limit, os.Args[0], "-test.run=^TestExportKilled$") // which ends by SIGKILL
		child.Env = append(os.Environ(), exportURL+"="+url, exportDir+"="+dir)
		out, err := child.CombinedOutput()
		if limit.Err() == nil {
			require.NoError(t, err, string(out))
		}
		stop()
		got, err := os.ReadFile(filepath.Join(dir, "n.csv"))
		require.NoError(t, err)
		if string(got) == old {
			killed++
			continue
		}
		require.True(t, string(want) == string(got))
	}
	require.Positive(t, killed)
	for _, name := range names(t, dir) {
		require.True(t, name == "n.csv" || strings.HasPrefix(name, ".n.csv."), name)
	}
}

// A file that cannot be written to its end is dropped, and the one of its name stays.
func TestExportFails(t *testing.T) {
	for _, name := range []string{"x.csv", "x.json", "x.jsonl.gz"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
		sink, err := Create(dir, name, lang.FileOptions{}, []string{"s"}, []lang.Type{lang.TypeString})
		require.NoError(t, err)
		require.NoError(t, sink.Write([]any{"one"}))
		require.NoError(t, sink.(*file).file.Close())
		for range 100 {
			if err = sink.Write([]any{fmt.Sprint(rand.Perm(3000))}); err != nil {
				break
			}
		}
		require.EqualError(t, err, "cannot write "+path+": file already closed")
		require.EqualError(t, sink.Commit(), "cannot write "+path+": file already closed")
		sink.Abort()
		require.Equal(t, []string{name}, names(t, dir))
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, "old", string(text))
	}
}

// The program says so, with the code of files.
func TestExportErrors(t *testing.T) {
	e, dir := open(t, "mem://"), t.TempDir()
	_, err := run(t.Context(), e, dir, "MODEL N { id int KEY }; CREATE N { id: 1 }")
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "d.csv"), 0o700))
	for name, want := range map[string]string{"d.csv": "it is not a regular file", "none/x.csv": "no such file or directory", "x.xml": "is not a file that can be read and written"} {
		_, err := run(t.Context(), e, dir, "EXPORT FIND N TO '"+name+"'")
		var x *exec.Error
		require.ErrorAs(t, err, &x)
		require.Equal(t, lang.CodeImport, x.Code)
		require.Contains(t, x.Message, want)
	}
	require.Equal(t, []string{"d.csv"}, names(t, dir))
}

// Who may read a file may read the one that replaces it, behind a link too.
func TestModeAndLink(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "real.csv")
	require.NoError(t, os.WriteFile(target, []byte("old"), 0o600))
	require.NoError(t, os.Symlink(target, filepath.Join(dir, "x.csv")))
	for name, mode := range map[string]os.FileMode{"x.csv": 0o600, "new.csv": 0o666 &^ umask(t)} {
		sink, err := Create(dir, name, lang.FileOptions{}, []string{"a", "b"}, []lang.Type{lang.TypeInt, lang.TypeString.OrNull()})
		require.NoError(t, err)
		require.NoError(t, sink.Write([]any{int64(1), nil}))
		require.NoError(t, sink.Commit())
		sink.Abort() // does nothing behind Commit
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), name)
	}
	text, err := os.ReadFile(target)
	require.NoError(t, err)
	require.Equal(t, "a,b\n1,\n", string(text))
	require.ElementsMatch(t, []string{"real.csv", "x.csv", "new.csv"}, names(t, dir))
}

// umask is that of this process, as a file shows it.
func umask(t *testing.T) os.FileMode {
	t.Helper()
	name := filepath.Join(t.TempDir(), "mode")
	require.NoError(t, os.WriteFile(name, nil, 0o666)) //nolint:gosec // that is what is asked
	info, err := os.Stat(name)
	require.NoError(t, err)
	return 0o666 &^ info.Mode().Perm()
}
