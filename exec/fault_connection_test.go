package exec_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// proxy stands between a client and a server and damages the connection.
type proxy struct {
	URL    string
	mu     sync.Mutex
	mark   []byte // a write that contains this is the one that is damaged
	mode   string // "": forward everything; "cut": forward the marked command, then close; "drop": close before it; "hold": never answer it; "deny": close at once
	hits   int
	l      net.Listener
	socket string
}

func newProxy(t *testing.T, s *testredis.Server) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{URL: "redis://" + l.Addr().String(), l: l, socket: s.Socket}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

// set says what happens to commands with the mark from now on.
func (p *proxy) set(mode, mark string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode, p.mark, p.hits = mode, []byte(mark), 0
}

func (p *proxy) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits
}

// judge says what is to be done with what the client has sent.
func (p *proxy) judge(b []byte) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mode == "deny" {
		return p.mode
	}
	if p.mode != "" && bytes.Contains(b, p.mark) {
		p.hits++
		return p.mode
	}
	return ""
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	if p.judge(nil) == "deny" {
		return
	}
	p.mu.Lock()
	socket := p.socket
	p.mu.Unlock()
	server, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer server.Close()
	held := make(chan struct{})
	go func() { // answers
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			if err != nil {
				_ = client.Close()
				return
			}
			select {
			case <-held: // the client hears nothing any more
			default:
				_, _ = client.Write(buf[:n])
			}
		}
	}()
	buf := make([]byte, 1<<20)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		switch p.judge(buf[:n]) {
		case "drop":
			return
		case "cut":
			close(held)
			_, _ = server.Write(buf[:n])
			time.Sleep(20 * time.Millisecond) // the server has it
			return
		case "hold":
			close(held)
			_, _ = server.Write(buf[:n])
			_, _ = io.Copy(io.Discard, client)
			return
		case "deny":
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// scripts counts the scripts that a server has run or refused as unknown.
func scripts(t *testing.T, s *testredis.Server) (calls, refused int) {
	t.Helper()
	info, err := s.Client.Info(ctx, "commandstats").Result()
	require.NoError(t, err)
	for _, line := range strings.Split(info, "\r\n") {
		for _, c := range []string{"cmdstat_evalsha:", "cmdstat_eval:"} {
			var n, us, failed, rejected int
			var per float64
			if rest, ok := strings.CutPrefix(line, c); ok {
				_, err := fmt.Sscanf(rest, "calls=%d,usec=%d,usec_per_call=%f,rejected_calls=%d,failed_calls=%d", &n, &us, &per, &rejected, &failed)
				require.NoError(t, err, line)
				calls += n
				refused += failed
			}
		}
	}
	return calls, refused
}

// A write whose answer is lost was applied once or not at all, is said to be so, and is never sent again.
func TestFaultAnswerLost(t *testing.T) {
	s := testredis.Run(t)
	p := newProxy(t, s)
	e := open(t, p.URL)
	must(t, e, fixture)
	texts := []string{
		"UPDATE User 'u1' SET age += 1",
		"CREATE User { id: 'lost', email: 'lost@x', name: 'L', age: 1 }",
		"ATOMIC < UPDATE User 'u1' SET age += 1; UPDATE User 'u2' SET age += 1 >",
		"UPDATE User ALL SET age += 1",
		"DELETE User 'u3'",
		"MODEL Fresh { id string KEY }",
	}
	for _, text := range texts {
		for _, warm := range []bool{false, true} {
			model := strings.HasPrefix(text, "MODEL")
			if warm && model {
				continue // it was applied
			}
			if warm { // the server knows the script
				other := open(t, s.URL)
				_, _ = try(other, text)
			}
			before := digest(t, s.Client)
			p.set("cut", "\r\nrql:catalog\r\n")
			if model {
				p.set("cut", `{"def"`)
			}
			calls, refused := scripts(t, s)
			err := failure(t, e, text)
			require.Equal(t, 1, p.count(), text)
			now, nowRefused := scripts(t, s)
			p.set("", "")
			want{code: lang.CodeOutcomeUnknown, outcome: exec.OutcomeUnknown, hint: "once or not at all"}.matches(t, text, err)
			require.Equal(t, 1, now-calls, "%s was sent %d times", text, now-calls)
			if nowRefused > refused {
				require.Equal(t, before, digest(t, s.Client), text)
			}
		}
	}
	require.Equal(t, int64(1), number(t, e, "COUNT User WHERE id = 'lost'"))
	sound(t, e)
}

// A write that could not be sent has not happened, and the error says so; reads go on by another connection.
func TestFaultConnectionClosed(t *testing.T) {
	s := testredis.Run(t)
	p := newProxy(t, s)
	e := open(t, p.URL)
	must(t, e, fixture)
	p.set("drop", "\r\nevalsha")
	before := digest(t, s.Client)
	for _, text := range dataChanges {
		err := failure(t, e, text)
		require.Equal(t, lang.CodeOutcomeUnknown, err.Code, text) // it was written to the connection
		unchanged(t, s.Client, before, text, err)
	}
	p.set("", "")
	for _, text := range reads {
		must(t, e, text)
	}
	p.set("deny", "")
	s.Do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
	time.Sleep(20 * time.Millisecond)
	for _, text := range []string{"MODEL Fresh { id string KEY }", dataChanges[0], dataChanges[4], reads[0], reads[1], reads[3]} {
		err := failure(t, e, text)
		want{code: lang.CodeConnection}.matches(t, text, err)
	}
	_, err := exec.Open(ctx, p.URL, exec.Options{})
	require.Equal(t, lang.CodeConnection, runError(t, err, "Open").Code)
	p.set("", "")
	must(t, e, dataChanges[0]) // and it comes back by itself
	sound(t, e)
}

// A call ends when its context does, whatever the server does.
func TestFaultCancelled(t *testing.T) {
	s := testredis.Run(t)
	p := newProxy(t, s)
	e := open(t, p.URL)
	must(t, e, fixture)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	for _, text := range append(append([]string{}, dataChanges...), reads...) {
		_, err := tryCtx(ended, e, text)
		x := runError(t, err, text)
		require.Equal(t, lang.CodeCancelled, x.Code, text)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, exec.OutcomeNone, x.Outcome)
	}
	for range 2 { // the second run has the script of those to come
		must(t, e, "UPDATE User 'u1' SET age += 1")
	}
	p.set("hold", "\r\nrql:catalog\r\n")
	for _, text := range []string{"UPDATE User 'u1' SET age += 1", "FIND User WHERE age > 1", "GET User 'u1'", "COUNT User"} {
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		start := time.Now()
		_, err := tryCtx(short, e, text)
		cancel()
		require.Less(t, time.Since(start), 2*time.Second, text)
		x := runError(t, err, text)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		if strings.HasPrefix(text, "UPDATE") {
			require.Equal(t, lang.CodeOutcomeUnknown, x.Code)
			require.Equal(t, exec.OutcomeUnknown, x.Outcome)
		} else {
			require.Equal(t, lang.CodeCancelled, x.Code, text)
			require.Equal(t, exec.OutcomeNone, x.Outcome)
		}
	}
	p.set("", "")
	require.Equal(t, int64(33), number(t, e, "GET User 'u1' RETURN age")) // sent once, by the one that was cut off
	sound(t, e)
}

// rowsUntil reads n rows of a text, then calls f, then reads on.
func rowsUntil(e *exec.Engine, ctx context.Context, text string, n int, f func()) (int, error) {
	got := 0
	err := e.NewSession(exec.SessionOptions{}).Run(ctx, lang.NewSource("", text), nil, func(r *exec.Rows) error {
		for r.Next() {
			if got++; got == n {
				f()
			}
		}
		return r.Err()
	})
	return got, err
}

// Long work stops between its steps when its context ends, and says how far it came.
func TestFaultCancelledBetweenSteps(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL N { id int KEY, n int }")
		fill(t, e, 5000)
		for _, text := range []string{"FIND N", "FIND N WHERE n % 2 = 0"} {
			c, cancel := context.WithCancel(ctx)
			got, err := rowsUntil(e, c, text, 10, cancel)
			require.Equal(t, lang.CodeCancelled, runError(t, err, text).Code)
			require.Less(t, got, 2400)
		}
	})
}

// The server dies in the middle of long work.
func TestFaultServerKilled(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	must(t, e, "MODEL N { id int KEY, n int }")
	fill(t, e, 5000)
	got, err := rowsUntil(e, ctx, "FIND N WHERE n % 2 = 0", 10, s.Kill)
	x := runError(t, err, "FIND")
	require.Equal(t, lang.CodeConnection, x.Code)
	require.Equal(t, exec.OutcomeNone, x.Outcome)
	require.Less(t, got, 2400)

	s = testredis.Run(t)
	p := newProxy(t, s)
	e = open(t, p.URL)
	must(t, e, "MODEL N { id int KEY, n int }")
	fill(t, e, 5000)
	// The third step names where the second stopped.
	p.set("cut", "\r\n(d1999\r\n")
	text := "UPDATE N ALL SET n += 1"
	x = failure(t, e, text)
	want{code: lang.CodeOutcomeUnknown, outcome: exec.OutcomeUnknown}.matches(t, text, x)
	require.Equal(t, int64(2000), x.Done)
	require.Contains(t, x.Error(), "2000")
	p.set("", "")
	require.Equal(t, int64(5000*4999/2+3000), number(t, e, "FIND N RETURN sum(n) AS s"))
	// A step that is refused leaves those before it, and says how many rows they had.
	must(t, e, "UPDATE N 3500 SET n = 9007199254740991")
	x = failure(t, e, text)
	want{code: lang.CodeOverflow, outcome: exec.OutcomePartial}.matches(t, text, x)
	require.Equal(t, int64(3000), x.Done)
	sound(t, e)
}

// Not let in, and nobody there. No error repeats the password.
func TestFaultOpen(t *testing.T) {
	s := testredis.Run(t, "--requirepass", "s3cret")
	tcp := newProxy(t, s)
	host := strings.TrimPrefix(tcp.URL, "redis://")
	open(t, "redis://:s3cret@"+host)
	open(t, "unix://:s3cret@"+s.Socket)
	tests := []struct {
		url, hint string
		code      lang.Code
	}{
		{"redis://" + host, "password", lang.CodeDenied},
		{"redis://:h1dden@" + host, "password", lang.CodeDenied},
		{"redis://nobody:h1dden@" + host, "password", lang.CodeDenied},
		{"redis://:h1dden@127.0.0.1:1", "running", lang.CodeConnection},
		{"redis://:h1dden@no-such-host.invalid:6379", "host", lang.CodeConnection},
		{"unix://:h1dden@/no/such/socket", "running", lang.CodeConnection},
		{"redis://user:h1dden@host:notaport", "looks like", lang.CodeBadURL},
		{"redis://user:h1dden@%zz", "looks like", lang.CodeBadURL},
		{"redis://user:h1dden@" + host + "/x", "?ns=shop", lang.CodeBadURL},
		{"redis://user:h1dden@" + host + "?nonsense=h1dden", "there are buckets,", lang.CodeBadURL},
		{"http://user:h1dden@" + host, "redis", lang.CodeBadURL},
		{"h1dden", "looks like", lang.CodeBadURL},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			_, err := exec.Open(ctx, tt.url, exec.Options{})
			x := runError(t, err, tt.url)
			require.Equal(t, tt.code, x.Code, x.Error())
			require.Contains(t, x.Hint, tt.hint, x.Error())
			for e := error(x); e != nil; e = unwrap(e) {
				require.NotContains(t, e.Error()+x.Hint, "h1dden")
			}
		})
	}
	_, err := exec.Open(ctx, " ", exec.Options{})
	require.ErrorIs(t, err, conn.ErrNoURL)
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	tcp.set("hold", "eval")
	_, err = exec.Open(short, "redis://:s3cret@"+host, exec.Options{})
	require.Equal(t, lang.CodeCancelled, runError(t, err, "Open").Code)
}

func unwrap(err error) error {
	u, ok := err.(interface{ Unwrap() error })
	if !ok {
		return nil
	}
	return u.Unwrap()
}

// A connection has the name that is asked for, where the user may name it, and works without where not.
func TestClientName(t *testing.T) {
	s := testredis.Run(t)
	s.Do("ACL", "SETUSER", "nameless", "on", ">p", "~*", "+@all", "-client")
	for url, named := range map[string]bool{s.URL: true, s.URLOf("nameless", "p"): false} {
		e, err := exec.Open(ctx, url, exec.Options{ClientName: "shop"})
		require.NoError(t, err)
		must(t, e, "SHOW MODELS")
		list, err := s.Client.ClientList(ctx).Result()
		require.NoError(t, err)
		require.Equal(t, named, strings.Contains(list, "name=shop "), list)
		require.NoError(t, e.Close())
	}
}
