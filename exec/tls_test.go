package exec_test

import (
	"fmt"
	"net"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// Who is believed over TLS, and what is said where somebody is not.
func TestTLS(t *testing.T) {
	a, stranger := testredis.NewAuthority(t), testredis.NewAuthority(t)
	hour := time.Now().Add(time.Hour)
	start := func(c testredis.Certificate, clients string) string {
		args, addr := a.Serve(c, clients)
		testredis.Run(t, args...)
		return addr
	}
	free, closed := start(a.Issue("127.0.0.1", hour), "no"), start(a.Issue("redis.test", hour), "yes")
	old := start(a.Issue("127.0.0.1", time.Now().Add(-time.Minute)), "no")
	client, theirs := a.Issue("client", hour), stranger.Issue("client", hour)
	known, shown := "?ca="+a.File, "&server_name=redis.test&cert="+client.Cert+"&key="+client.Key
	plain := newProxy(t, testredis.Run(t)).URL
	both := filepath.Join(t.TempDir(), "both.pem")
	require.NoError(t, os.WriteFile(both, append(read(t, client.Cert), read(t, client.Key)...), 0o600))

	tests := []struct{ url, hint string }{
		{"rediss://" + free + known, ""},
		{"rediss://" + free + "?insecure=true", ""},
		{"rediss://" + closed + known + shown, ""},
		{"rediss://" + closed + known + "&server_name=redis.test&cert=" + both, ""},
		{"rediss://" + closed + "?insecure=true&cert=" + client.Cert + "&key=" + client.Key, ""},
		{"rediss://" + free, "?ca=FILE"},
		{"rediss://" + free + "?ca=" + stranger.File, "?ca=FILE"},
		{"rediss://" + free + known + "&server_name=other.test", "?server_name=NAME"},
		{"rediss://" + closed + known, "?server_name=NAME"},
		{"rediss://" + closed + known + "&server_name=redis.test", "?cert=FILE"},
		{"rediss://" + closed + known + "&server_name=redis.test&cert=" + theirs.Cert + "&key=" + theirs.Key, "?cert=FILE"},
		{"rediss://" + old + known, "has expired"},
		{"redis://" + free, "rediss://"},
		{"redis" + strings.TrimPrefix(plain, "redis") + known, "rediss://"},
		{"rediss" + strings.TrimPrefix(plain, "redis") + known + "&dial_timeout=300ms", "redis://"},
		{"rediss://" + free + "?ca=/no/such/file", "directory"},
		{"rediss://" + free + "?ca=" + client.Key, "PEM"},
		{"rediss://" + closed + known + "&cert=" + client.Cert + "&key=" + theirs.Key, "belong together"},
		{"rediss://" + free + known + "&key=" + client.Key, "?cert="},
		{"rediss://" + free + known + "&insecure=true", "leave one"},
	}
	for _, tt := range tests {
		e, err := exec.Open(ctx, tt.url, exec.Options{})
		if tt.hint == "" {
			require.NoError(t, err, tt.url)
			must(t, e, "SHOW MODELS")
			require.NoError(t, e.Close())
			continue
		}
		x := runError(t, err, tt.url)
		require.Contains(t, []lang.Code{lang.CodeConnection, lang.CodeBadURL}, x.Code, x.Error())
		require.Contains(t, x.Hint, tt.hint, "%s: %v", tt.url, x)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return text
}

// A certificate that is changed under an open connection refuses the next one; nothing of a write was sent by then.
func TestTLSWriteNotSent(t *testing.T) {
	a := testredis.NewAuthority(t)
	args, addr := a.Serve(a.Issue("127.0.0.1", time.Now().Add(time.Hour)), "no")
	s := testredis.Run(t, args...)
	e := open(t, "rediss://"+addr+"?ca="+a.File)
	must(t, e, "MODEL U { id string KEY }")
	bad := a.Issue("other.test", time.Now().Add(time.Hour))
	s.Do("CONFIG", "SET", "tls-cert-file", bad.Cert, "tls-key-file", bad.Key)
	s.Do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
	time.Sleep(20 * time.Millisecond)
	for range 3 { // one for each connection that was open
		x := failure(t, e, "CREATE U { id: 'a' }")
		if x.Code != lang.CodeOutcomeUnknown {
			want{code: lang.CodeConnection, hint: "?server_name"}.matches(t, "CREATE", x)
			return
		}
	}
	t.Fatal("the outcome stays unknown")
}

// The nodes of a cluster, and what Sentinels monitor, may have the certificate of a host in the URL, or their own.
func TestTLSSeveral(t *testing.T) {
	a := testredis.NewAuthority(t)
	own := a.Issue("127.0.0.1", time.Now().Add(time.Hour))
	args, addr := a.Serve(own, "no")
	testredis.Cluster(t, 1, 0, append(args, "--tls-cluster", "yes")...)
	_, port, _ := net.SplitHostPort(addr)
	for _, url := range []string{"clusters://127.0.0.1:", "rediss://127.0.0.1:", "clusters://localhost:1,127.0.0.1:"} {
		must(t, open(t, url+port+"?ns=shop&ca="+a.File), "MODEL U { id string KEY }")
	}
	_, err := exec.Open(ctx, "clusters://localhost:"+port+"?ns=shop&ca="+a.File+"&retry=0", exec.Options{})
	require.Contains(t, runError(t, err, "localhost").Hint, "?server_name")
	must(t, open(t, "clusters://localhost:"+port+"?ns=shop&server_name=127.0.0.1&ca="+a.File), "COUNT U")

	args, addr = a.Serve(own, "no")
	testredis.Run(t, args...)
	sentinel := sentinelTLS(t, a, own, addr)
	must(t, open(t, "sentinels://"+sentinel+"?master=rql&ca="+a.File), "MODEL U { id string KEY }")
	_, err = exec.Open(ctx, "sentinels://"+sentinel+"?master=rql", exec.Options{})
	require.Contains(t, runError(t, err, "sentinels").Hint, "?ca=FILE")
}

// sentinelTLS starts a Sentinel that speaks nothing but TLS.
func sentinelTLS(t *testing.T, a *testredis.Authority, c testredis.Certificate, primary string) string {
	t.Helper()
	args, addr := a.Serve(c, "no")
	conf := "port 0\ntls-replication yes\n"
	for i := 0; i < len(args); i += 2 {
		conf += strings.TrimPrefix(args[i], "--") + " " + args[i+1] + "\n"
	}
	host, port, _ := net.SplitHostPort(primary)
	conf += fmt.Sprintf("sentinel monitor rql %s %s 1\n", host, port)
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	require.NoError(t, os.WriteFile(file, []byte(conf), 0o600))
	cmd := osexec.Command("redis-server", file, "--sentinel")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
	return addr
}
