package exec_test

import (
	"context"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// answer is an error of a server.
type answer string

func (a answer) Error() string { return string(a) }
func (answer) RedisError()     {}

// failures is a hook that lets the next commands with a name fail.
type failures struct {
	err  error
	left int
	sent int          // commands that a server might have carried out or got
	then func() error // gives the error of the commands after those; nil: they are sent
}

func (f *failures) DialHook(next redis.DialHook) redis.DialHook { return next }

func (f *failures) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if err := f.met(cmd); err != nil {
			return err
		}
		return next(ctx, cmd)
	}
}

func (f *failures) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			if err := f.met(cmd); err != nil {
				for _, c := range cmds {
					c.SetErr(err)
				}
				return err
			}
		}
		return next(ctx, cmds)
	}
}

// met counts a command of a statement, and gives the error that it is to have.
func (f *failures) met(cmd redis.Cmder) error {
	if f.left == 0 && f.then != nil { // not asked for its arguments, a command counts as not sent
		return f.then()
	}
	if name, _ := cmd.Args()[0].(string); f.left == 0 || strings.HasPrefix(name, "cluster") || name == "command" { // the client's own
		return nil
	}
	f.left--
	f.sent++
	return f.err
}

// Every answer that says that nothing was done is repeated where it may change, and nothing else is.
func TestRepeated(t *testing.T) {
	t.Parallel()
	timeout := &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrNotExist}
	const again = lang.Code("") // the statement works
	tests := []struct {
		err                     error
		plainRead, plainWrite   lang.Code
		clusterRead, clusterWrt lang.Code
	}{
		{answer("TRYAGAIN Multiple keys request during rehashing of slot"), again, again, again, again},
		{answer("CLUSTERDOWN Hash slot not served"), again, again, again, again},
		{answer("ASK 1 127.0.0.1:1"), again, again, again, again},
		{answer("LOADING Redis is loading the dataset in memory"), again, again, again, again},
		{answer("ERR Script attempted to access a non local key in a cluster node"), again, again, again, again},
		{answer("MOVED 1 127.0.0.1:1"), lang.CodeNeeds, lang.CodeNeeds, again, again},
		{answer("READONLY You can't write against a read only replica."), lang.CodeReadOnly, lang.CodeReadOnly, again, again},
		{answer("NOREPLICAS Not enough good replicas to write."), lang.CodeReadOnly, lang.CodeReadOnly, again, again},
		{answer("MASTERDOWN Link with MASTER is down"), lang.CodeReadOnly, lang.CodeReadOnly, again, again},
		{refused, lang.CodeConnection, lang.CodeConnection, again, again},
		{io.EOF, again, lang.CodeOutcomeUnknown, again, lang.CodeOutcomeUnknown},
		{timeout, lang.CodeConnection, lang.CodeOutcomeUnknown, lang.CodeConnection, lang.CodeOutcomeUnknown},
		{answer("OOM command not allowed"), lang.CodeOutOfMemory, lang.CodeOutOfMemory, lang.CodeOutOfMemory, lang.CodeOutOfMemory},
		{answer("BUSY Redis is busy running a script"), lang.CodeBusy, lang.CodeBusy, lang.CodeBusy, lang.CodeBusy},
	}
	_, plain := testredis.Start(t)
	whole := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{testredis.Cluster(t, 1, 0)[0].Addr}})
	t.Cleanup(func() { _ = whole.Close() })
	for _, c := range []redis.UniversalClient{plain, whole} {
		f := &failures{}
		c.AddHook(f)
		e, err := exec.Wrap(ctx, c, exec.Options{Namespace: "{n}"})
		require.NoError(t, err)
		must(t, e, fixture)
		done := int64(30)
		for _, tt := range tests {
			codes := map[string]lang.Code{"GET User 'u1'": tt.plainRead, "FIND User WHERE age > 1": tt.plainRead, "COUNT User": tt.plainRead, "UPDATE User 'u1' SET age += 1": tt.plainWrite}
			for text, want := range codes {
				if c == redis.UniversalClient(whole) {
					if want = tt.clusterRead; strings.HasPrefix(text, "UPDATE") {
						want = tt.clusterWrt
					}
				}
				*f = failures{err: tt.err, left: 3}
				_, err := try(e, text)
				if want == again {
					require.NoError(t, err, "%T %s: %v", c, text, tt.err)
					require.Equal(t, 3, f.sent)
					if strings.HasPrefix(text, "UPDATE") {
						done++
					}
					continue
				}
				x := runError(t, err, text)
				require.Equal(t, want, x.Code, "%T %s: %v", c, text, tt.err)
				require.Equal(t, want == lang.CodeOutcomeUnknown, x.Outcome == exec.OutcomeUnknown)
				require.Equal(t, 1, f.sent, "%T %s: sent again after %v", c, text, tt.err)
				if tt.err == error(timeout) {
					require.Contains(t, x.Message, "may still be running")
				}
			}
			*f = failures{}
		}
		require.Equal(t, done, number(t, e, "GET User 'u1' RETURN age"))
	}
}

// What goes on for too long is an error that says that nothing was done; the end of the context is one too.
func TestRepeatedForLong(t *testing.T) {
	s := testredis.Run(t)
	f := &failures{}
	s.Client.AddHook(f)
	e, err := exec.Wrap(ctx, s.Client, exec.Options{Retry: 250 * time.Millisecond})
	require.NoError(t, err)
	must(t, e, fixture)
	patient, err := exec.Wrap(ctx, s.Client, exec.Options{})
	require.NoError(t, err)
	for _, text := range []string{"GET User 'u1'", "FIND User WHERE age > 1", "UPDATE User 'u1' SET age += 1", "LET a = COUNT User; LET b = COUNT Team"} {
		*f = failures{err: answer("TRYAGAIN Multiple keys request during rehashing of slot"), left: -1}
		x := failure(t, e, text)
		require.Equal(t, lang.CodeBusy, x.Code, x.Error())
		require.Equal(t, exec.OutcomeNone, x.Outcome)
		require.Contains(t, x.Message, "tried for 250ms")
		require.Greater(t, f.sent, 2)

		short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		_, err := tryCtx(short, patient, text)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		x = runError(t, err, text)
		require.Equal(t, lang.CodeCancelled, x.Code)
		require.Equal(t, exec.OutcomeNone, x.Outcome, "what was not carried out is not unknown")
		require.Contains(t, x.Message, "TRYAGAIN")
		*f = failures{}
	}
	require.Equal(t, int64(30), number(t, e, "GET User 'u1' RETURN age"))
}

// A context that ends between two attempts says why there was more than one.
func TestRepeatedUntilTheContextEnds(t *testing.T) {
	s := testredis.Run(t)
	f := &failures{}
	s.Client.AddHook(f)
	e, err := exec.Wrap(ctx, s.Client, exec.Options{})
	require.NoError(t, err)
	must(t, e, fixture)
	for _, text := range []string{"GET User 'u1'", "UPDATE User 'u1' SET age += 1"} {
		must(t, e, text) // the attempt below sends nothing but the statement
		ends, cancel := context.WithCancel(ctx)
		*f = failures{err: answer("TRYAGAIN Multiple keys request during rehashing of slot"), left: 1, then: func() error {
			cancel()
			return ends.Err()
		}}
		_, err := tryCtx(ends, e, text)
		*f = failures{}
		require.ErrorIs(t, err, context.Canceled)
		x := runError(t, err, text)
		require.Equal(t, lang.CodeCancelled, x.Code)
		require.Equal(t, exec.OutcomeNone, x.Outcome, text)
		require.Contains(t, x.Message, "TRYAGAIN")
	}
}

// A read that is not answered in time is sent once, and said to be perhaps still at work.
func TestTimeoutOnce(t *testing.T) {
	s := testredis.Run(t)
	p := newProxy(t, s)
	e := open(t, p.URL+"?read_timeout=100ms")
	must(t, e, fixture)
	for _, text := range []string{"FIND User WHERE age > 1", "GET User 'u1'", "COUNT User WHERE name LIKE '%n%'", "UPDATE User 'u1' SET age += 1"} {
		p.set("hold", "\r\nrql:catalog\r\n")
		x := failure(t, e, text)
		require.Equal(t, 1, p.count(), text)
		require.Contains(t, x.Message, "may still be running")
		require.NotEmpty(t, x.Hint)
		require.Equal(t, text[0] == 'U', x.Outcome == exec.OutcomeUnknown)
	}
}

// What the URL says of repeats is understood or refused.
func TestRetryOfURL(t *testing.T) {
	url, _ := testredis.Start(t)
	_ = open(t, url+"?retry=0")
	for _, bad := range []string{"?retry=soon", "?retry=-1s", "?max_retries=3"} {
		_, err := exec.Open(ctx, url+bad, exec.Options{})
		require.Contains(t, runError(t, err, bad).Hint, "retry=10s", bad)
	}
}
