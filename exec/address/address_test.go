package address

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is wrong in a URL is said, and nothing that may be a part of a password.
func TestParse(t *testing.T) {
	tests := []struct{ url, message, hint string }{
		{"h1dden", "no scheme", "redis://"},
		{"redis://u:h1d/den@host", "a / ends its host", "%2F"},
		{"redis://u:12/h1d@den@host", "a / ends its host", "%40"},
		{"redis://u:h1d#den@host", "a # ends it", "%23"},
		{"redis://u:h1d?den@host", "must be encoded", "%3F"},
		{"redis://u:12?h1d@host", "unknown setting", "%3F"},
		{"redis://u:h1dden%@host", "a % in it", "%25"},
		{"redis://u:h1dden@host:port", "is not a port", "host:6379"},
		{"redis://u:h1dden@[::1", "bracket", "looks like"},
		{"redis://u:h1dden@a,b", "several hosts", "cluster://"},
		{"cluster://u:h1dden@a:1,b:x2", "is not a port", "host:6379"},
		{"cluster://u:h1dden@a:x1,b:2", "hosts are not", "host:6379"},
		{"redis://u:h1dden@host/x", "not a database number", "?ns=shop"},
		{"redis://host?read_timeot=5s", "'read_timeot'", "did you mean read_timeout?"},
		{"redis://host?read_timeout=h1dden", "read_timeout in the database URL is not a duration", ""},
		{"redis://host?pool_size=many", "pool_size in the database URL is not a whole number", ""},
		{"redis://host?retry=soon", "retry in the database URL is not a duration", "10s"},
		{"redis://host?buckets=many", "buckets in the database URL is not a power of two", "256"},
		{"redis://host?buckets=100", "buckets in the database URL is not a power of two", "256"},
		{"redis://host?read=any", "none of primary, replica and nearest", "?read=replica"},
		{"redis://host?wait=all", "wait in the database URL is not a number of replicas", "?wait=1"},
		{"unix://", "names no socket", "unix:///"},
	}
	for _, u := range []string{"redis://host:65536", "redis://h:1/-1", "redis://h?ns=a&ns=b", "redis://h?db=1&db=2", "mem://?bogus=1", "mem://x?pool_size=3", "cluster://a:1,b:99999999999999999999"} {
		_, err := Parse(u)
		require.Error(t, err, u)
	}
	for _, u := range []string{"redis://host:65535", "redis://[::1]:6379", "redis://[::1]", "redis://:6379", "mem://x?ns=a", "redis://h:1/15"} {
		_, err := Parse(u)
		require.NoError(t, err, u)
	}
	for _, tt := range tests {
		_, err := Parse(tt.url)
		bad, ok := err.(*Error) //nolint:errorlint // it is never wrapped
		require.True(t, ok, tt.url)
		require.Contains(t, bad.Message, tt.message, tt.url)
		require.Contains(t, bad.Hint, tt.hint, tt.url)
		for _, part := range []string{"h1d", "den"} {
			require.NotContains(t, bad.Message+bad.Hint, part, tt.url)
		}
	}
	u, err := Parse("sentinels://u:p%40@h,h2:2/0?master=m&sentinel_password=a%26b&ns=shop&retry=0&buckets=16384&ca=f&server_name=s")
	require.NoError(t, err)
	require.Equal(t, URL{URL: u.URL, Namespace: "shop", Retry: -1, Buckets: 16384, TLS: TLS{CA: "f", ServerName: "s"}}, *u)
	require.Equal(t, url.Values{"master": {"m"}, "sentinel_password": {"a&b"}}, u.Query())
	u, err = Parse("redis://h?retry=1m&client_name=a@b")
	require.NoError(t, err)
	require.Equal(t, time.Minute, u.Retry)
}

// Whatever shape an address has, the password is not shown, and what is no secret is.
func TestRedact(t *testing.T) {
	tests := []struct{ in, want string }{
		{"redis://h:6379/0", "redis://h:6379/0"},
		{"rediss://u:p@h", "rediss://u:***@h"},
		{"redis://:p@h/1?ns=a", "redis://:***@h/1?ns=a"},
		{"redis://p@h", "redis://***@h"},
		{"redis://u:p@ss/w@h", "redis://u:***@h"},
		{"redis://p/a:ss@h", "redis://***@h"},
		{"redis://u:p", "redis://u:***"},
		{"redis://h/p", "redis://h/***"},
		{"redis://h#p", "redis://h#***"},
		{"redis://u:p#w?o/r@h", "redis://u:***@h"},
		{"redis://h?password=p&ns=a&p", "redis://h?password=***&ns=a&***"},
		{"sentinel://u:p@a,b:1/2?master=m&sentinel_username=v&sentinel_password=p&a", "sentinel://u:***@a,b:1/2?master=m&sentinel_username=v&sentinel_password=***&***"},
		{"clusters://u:p@[::1]:7000,h?ca=f", "clusters://u:***@[::1]:7000,h?ca=f"},
		{"unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1"},
		{"unix://u:p@/run/redis.sock", "unix://u:***@/run/redis.sock"},
		{"u:p@h", "u:***@h"},
		{"p@h", "***@h"},
		{"http://u:p@h/x?q=1&token=t", "http://u:***@h/x?***&token=***"},
		{"cannot open redis://p@h: refused", "cannot open redis://***@h:***"},
		{"what went wrong?", "what went wrong?"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, Redact(tt.in), tt.in)
	}
}

// No part of a password that a URL may be made of gets through, wherever it stands and however it is written.
// A message is no address: only what has a scheme is one.
func TestRedactIn(t *testing.T) {
	require.Equal(t, "migration-busy: the run of ann@host (process 7) did not end", RedactIn("migration-busy: the run of ann@host (process 7) did not end"))
	require.Equal(t, "dial redis://ann:***@host", RedactIn("dial redis://ann:secret@host"))
}

func TestRedactAnywhere(t *testing.T) {
	for _, pw := range []string{"s3cret", "s3c/ret", "s3c@ret", "s3c:ret", "s3c#ret", "s3c?ret", "s3c%ret", "s3c ret", "@s3cret", "s3c/r:e@t"} {
		for _, shape := range []string{"redis://:PW@h", "redis://u:PW@h:1/0?ns=a", "redis://PW@h", "redis://u:PW@",
			"cluster://u:PW@a:1,b:2", "sentinel://u:PW@h?master=m", "unix://u:PW@/run/s", "reddis://u:PW@h", "u:PW@h", "PW@h"} {
			if strings.Contains(pw, ":") && !strings.Contains(shape, ":PW") {
				continue // what stands before a colon is the user
			}
			out := Redact(strings.ReplaceAll(shape, "PW", pw))
			require.NotContains(t, out, "s3c", "%s in %s", pw, shape)
			require.NotContains(t, strings.TrimPrefix(out, "redis"), "ret@", "%s in %s", pw, shape)
		}
		if out := Redact("sentinel://h?master=m&sentinel_password=" + url.QueryEscape(pw)); strings.Contains(out, "s3c") {
			t.Error(out)
		}
	}
}
