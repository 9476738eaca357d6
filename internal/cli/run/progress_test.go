package run

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
	_ "github.com/rql-lang/rql/mem"
)

func TestEveryStepIsTold(t *testing.T) {
	e, err := exec.Open(t.Context(), "mem://", exec.Options{})
	require.NoError(t, err)
	defer e.Close()
	var told []exec.Progress
	s := e.NewSession(exec.SessionOptions{Progress: func(p exec.Progress) { told = append(told, p) }})
	var docs []string
	for i := range 3000 {
		docs = append(docs, fmt.Sprintf("{id: %d, a: 1}", i))
	}
	run := func(text string) {
		require.NoError(t, s.Run(t.Context(), lang.NewSource("", text), nil, func(r *exec.Rows) error {
			for r.Next() {
			}
			return r.Err()
		}))
	}
	run("MODEL N { id int KEY, a int }; CREATE N [" + strings.Join(docs, ",") + "];")
	for _, text := range []string{"UPDATE N ALL SET a = 2", "COUNT N WHERE a = 2", "FIND N WHERE a = 2 ORDER BY a", "VERIFY N", "DELETE N ALL"} {
		told = nil
		run(text)
		require.NotEmpty(t, told, text)
		require.Equal(t, strings.Fields(text)[0]+" N", told[0].What)
		require.Positive(t, told[0].Rows)
		if strings.HasPrefix(text, "FIND") {
			require.GreaterOrEqual(t, told[len(told)-1].Rows, int64(3000))
		}
	}
}

func TestProgressText(t *testing.T) {
	require.Equal(t, "UPDATE N: 3000 rows, 1500/s, 2s left", progressText(exec.Progress{What: "UPDATE N", Rows: 3000}, 3000, 6000, 2*time.Second))
	require.Equal(t, "FIND N: 1 row, 1/s", progressText(exec.Progress{What: "FIND N", Rows: 1}, 1, -1, time.Second))
	require.Equal(t, "a.csv: 10 rows, 1 bad one, 5/s, 38s left", progressText(exec.Progress{What: "a.csv", Rows: 10, Failed: 1, Bytes: 5, TotalBytes: 100}, 5, 100, 2*time.Second))
}

func TestGuards(t *testing.T) {
	tests := map[string]string{
		"UPDATE A 'k' SET x = 1": "A//1/-1/false", "UPDATE A ['a', 'b'] SET x = 1": "A//2/-1/false", "DELETE A WHERE x > 1 AND y = 2 LIMIT 5": "A/x > 1 AND y = 2/0/5/true",
		"DELETE A ALL": "A//0/-1/true", "DROP MODEL A ALL": "A//0/-1/true", "DROP PROCEDURE p": "//0/-1/true", "EXPLAIN DELETE A ALL": "", "PROFILE DELETE A ALL": "A//0/-1/true",
		"LET n = DELETE A ALL RETURN x": "A//0/-1/true", "ATOMIC < DELETE A ALL; PERSIST B WHERE z >": "A//0/-1/true B/z/0/-1/false", "FIND A": "",
	}
	for text, want := range tests {
		s := NewSource("", ".", text)
		require.NoError(t, s.File.Diags.Err(), text)
		var got []string
		for _, g := range guards(s.Source, s.File.Stmts[0]) {
			got = append(got, fmt.Sprintf("%s/%s/%d/%d/%v", g.model, g.where, g.keys, g.limit, g.asks))
		}
		require.Equal(t, want, strings.Join(got, " "), text)
	}
}

func TestRefusedWhenReadOnly(t *testing.T) {
	for text, changes := range map[string]bool{
		"FIND A": false, "LET x = COUNT A": false, "EXPLAIN DELETE A ALL": false, "SHOW MODELS": false, "VERIFY A": false, "ATOMIC < FIND A; >": false, "ATOMIC KEY 'k' FOR 1h < FIND A; >": true,
		"VERIFY A REPAIR": true, "PROFILE DELETE A ALL": true, "MODEL A { id string KEY }": true, "CALL p()": true, "ATOMIC < FIND A; DELETE A 'x'; >": true, "LET x = CREATE A { id: 'a' }": true,
	} {
		s := NewSource("", ".", text)
		require.NoError(t, s.File.Diags.Err(), text)
		require.Equal(t, changes, refused(s) != nil, text)
	}
}

func TestProgressIsTakenBackBeforeRows(t *testing.T) {
	var out strings.Builder
	r := &Runner{Out: &Output{Out: &out, Err: &out, Format: "jsonl"}, started: time.Now().Add(-2 * patience), patience: patience}
	r.Out.clear = r.clearBar
	r.progress(exec.Progress{What: "FIND N", Rows: 10})
	require.Contains(t, out.String(), "FIND N: 10 rows")
	require.NotNil(t, r.bar)
	_, err := cleared{r.Out}.Write([]byte("row\n"))
	require.NoError(t, err)
	require.Nil(t, r.bar)
	require.True(t, strings.HasSuffix(out.String(), "\rrow\n"), "%q", out.String())
	r.started = time.Now()
	r.progress(exec.Progress{What: "FIND N", Rows: 10})
	require.Nil(t, r.bar, "not before a second is over")
}

// A bar whose end is unknown is drawn by its statement alone: nothing is drawn over rows later.
func TestProgressOfAnUnknownTotalEnds(t *testing.T) {
	var out lockedText
	r := &Runner{Out: &Output{Out: &out, Err: &out, Format: "jsonl"}, started: time.Now().Add(-2 * patience), patience: patience}
	r.progress(exec.Progress{What: "FIND N", Rows: 10})
	r.progress(exec.Progress{What: "FIND N", Rows: 20})
	require.Contains(t, out.String(), "FIND N: ")
	r.progress(exec.Progress{What: "FIND N", Done: true})
	ended := out.String()
	require.Never(t, func() bool { return out.String() != ended }, 300*time.Millisecond, 50*time.Millisecond)
}

// lockedText is a text that goroutines may write to.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// A script that runs in parts shows how much of it has been read, however short its statements are, and only on a terminal.
func TestProgressOfALongScript(t *testing.T) {
	e, err := exec.Open(t.Context(), "mem://", exec.Options{})
	require.NoError(t, err)
	defer e.Close()
	var text strings.Builder
	text.WriteString("MODEL N { id int KEY, a string };\n")
	for i := range 10 {
		fmt.Fprintf(&text, "RESTORE N [{ id: %d, a: '%s' }];\n", i, strings.Repeat("x", 200_000))
	}
	for _, terminal := range []bool{true, false} {
		var out strings.Builder
		r := NewRunner(e, &Output{Out: &out, Err: &out, Format: "jsonl", ErrTerminal: terminal}, nil, exec.SessionOptions{})
		s := NewScript("dump.rql", ".", text.String())
		require.True(t, s.Long())
		r.patience = 0
		require.NoError(t, r.Script(t.Context(), s))
		require.Equal(t, terminal, strings.Contains(out.String(), "dump.rql: "), "%q", out.String())
		require.True(t, strings.HasSuffix(out.String(), "restored: 10 documents\n"), "%q", out.String())
		require.Nil(t, r.bar)
	}
}
