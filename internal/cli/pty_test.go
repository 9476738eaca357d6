//go:build unix

package cli

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
)

// typist drives the program in a pseudo-terminal.
type typist struct {
	t    *testing.T
	tty  *os.File
	cmd  *exec.Cmd
	mu   sync.Mutex
	out  strings.Builder // everything the program wrote
	read int             // what was expected so far
	gone chan struct{}   // closed when the program wrote its last
}

// patience is how long a busy machine may take for anything.
const patience = 3 * time.Minute

// keys of a terminal.
const (
	enter      = "\r"
	ctrlC      = "\x03"
	pasteStart = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
	up         = "\x1b[A"
)

// atPrompt starts the program and waits for its prompt.
func atPrompt(t *testing.T, env []string, argv ...string) *typist {
	t.Helper()
	p := start(t, env, 100, argv...)
	p.expect(`rql> |[^\s]+> `)
	return p
}

func start(t *testing.T, env []string, columns uint16, argv ...string) *typist {
	t.Helper()
	cmd := exec.Command(os.Args[0], argv...)
	cmd.Args[0] = "rql" // TestMain makes it the program
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "RQL_HISTORY=", "RQL_URL=", "REDIS_URL=", "NO_COLOR=1")
	cmd.Env = append(cmd.Env, env...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: columns})
	require.NoError(t, err)
	p := &typist{t: t, tty: tty, cmd: cmd, gone: make(chan struct{})}
	go func() {
		defer close(p.gone)
		buf := make([]byte, 1<<16)
		for {
			n, err := tty.Read(buf)
			p.mu.Lock()
			p.out.Write(buf[:n])
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended already
		_ = cmd.Wait()
		_ = tty.Close()
	})
	return p
}

// styles and movements of the cursor that stand between the characters.
var escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]|\r")

func (p *typist) text() string { return escapes.ReplaceAllString(p.raw(), "") }

// raw is what the program wrote, escapes included.
func (p *typist) raw() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

func (p *typist) send(s string) {
	p.t.Helper()
	_, err := p.tty.WriteString(s)
	require.NoError(p.t, err)
}

// paste sends a text as a terminal does that says what is pasted.
func (p *typist) paste(s string) {
	p.t.Helper()
	p.send(pasteStart + strings.ReplaceAll(s, "\n", "\r") + pasteEnd)
}

// expect waits for something that the program writes after what was expected
// before, and returns it.
func (p *typist) expect(pattern string) string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		text := p.text()
		if at := re.FindStringIndex(text[p.read:]); at != nil {
			found := text[p.read:][at[0]:at[1]]
			p.read += at[1]
			return found
		}
	}
	require.Fail(p.t, "the program did not write it", "%s in\n%s", pattern, p.text()[p.read:])
	return ""
}

// run types a statement and waits for what it prints.
func (p *typist) run(statement, pattern string) string {
	p.t.Helper()
	p.send(statement + enter)
	return p.expect(pattern)
}

// idle waits until the program writes nothing more.
func (p *typist) idle() {
	for before := -1; before != len(p.text()); time.Sleep(100 * time.Millisecond) {
		before = len(p.text())
	}
}

// ends waits for the end of the program and returns its exit status.
func (p *typist) ends() int {
	p.t.Helper()
	done := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
		require.Fail(p.t, "the program did not end", p.text())
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *typist) signal(s syscall.Signal) { require.NoError(p.t, p.cmd.Process.Signal(s)) }
