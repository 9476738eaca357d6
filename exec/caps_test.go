package exec_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// refuse is the command that gives an error.
func refuse(text string) []string {
	return []string{"eval", "return redis.error_reply('" + text + "')", "1", "k"}
}

// instead starts a server behind a proxy that sends other commands for some.
func instead(t *testing.T, f func([]string) []string) (string, *testredis.Server) {
	t.Helper()
	s := testredis.Run(t)
	p := testredis.Behind(t, s, "")
	p.Instead = f
	return p.URL, s
}

// A server, or a user, without scripts is refused when it is opened, with the command that is missing.
func TestNoScripts(t *testing.T) {
	tests := []struct {
		renamed []string
		needs   string // "" where it works
	}{
		{[]string{"EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO"}, "EVAL"},
		{[]string{"EVALSHA", "EVALSHA_RO"}, "EVALSHA"},
		{[]string{"EVAL_RO", "EVALSHA"}, "EVALSHA"},
		{[]string{"EVALSHA_RO"}, ""},
		{[]string{"EVAL_RO"}, ""},
		{[]string{"HELLO"}, ""},
	}
	for _, tt := range tests {
		var args []string
		for _, c := range tt.renamed {
			args = append(args, "--rename-command", c, "")
		}
		s := testredis.Run(t, args...)
		e, err := exec.Open(ctx, s.URL, exec.Options{})
		if tt.needs == "" {
			require.NoError(t, err, tt.renamed)
			must(t, e, fixture)
			must(t, e, "FIND User WHERE age > 1")
			require.NoError(t, e.Close())
			continue
		}
		x := runError(t, err, tt.needs)
		require.Equal(t, lang.CodeNeeds, x.Code, x.Error())
		require.Contains(t, x.Message, "does not know "+tt.needs+",", "%v", tt.renamed)
		require.Contains(t, x.Hint, "rename-command")
	}
	url, _ := instead(t, func(args []string) []string {
		if strings.HasPrefix(args[0], "eval") {
			return []string{"eval", "#!js\nreturn 1", "1", "k"}
		}
		return args
	})
	_, err := exec.Open(ctx, url, exec.Options{})
	require.Equal(t, lang.CodeServer, runError(t, err, "another language").Code) // this server has Lua and says so otherwise
	url, _ = instead(t, func(args []string) []string {
		if strings.HasPrefix(args[0], "eval") {
			return refuse("ERR Could not find scripting engine \\'lua\\'")
		}
		return args
	})
	_, err = exec.Open(ctx, url, exec.Options{})
	x := runError(t, err, "without Lua")
	require.Equal(t, lang.CodeNeeds, x.Code)
	require.Contains(t, x.Message, "without Lua")

	s := testredis.Run(t)
	s.Do("ACL", "SETUSER", "reader", "on", ">p", "~*", "+@read", "+eval_ro", "+evalsha_ro")
	s.Do("ACL", "SETUSER", "half", "on", ">p", "~*", "+@read", "+eval_ro")
	open(t, s.URLOf("reader", "p"))
	_, err = exec.Open(ctx, s.URLOf("half", "p"), exec.Options{})
	x = runError(t, err, "half")
	require.Equal(t, lang.CodeDenied, x.Code)
	require.Contains(t, x.Message, "evalsha_ro")
}

// A command that is taken away or forbidden is named, when a statement needs it or when the server is opened.
func TestMissingCommands(t *testing.T) {
	whole := testredis.Run(t)
	must(t, open(t, whole.URL), fixture)
	for command, text := range map[string]string{
		"DEL": "DELETE User 'u1'", "HMGET": "GET User 'u1'", "SCAN": "VERIFY User", "HGETALL": "SHOW MODELS", "HSET": "UPDATE User 'u1' SET age = 5",
		"UNLINK": "MODEL Gone { id string KEY, n int INDEX }; DROP MODEL Gone",
	} {
		whole.Do("ACL", "SETUSER", "limited", "reset", "on", ">p", "~*", "+@all", "-"+command)
		without := testredis.Run(t, "--rename-command", command, "")
		for url, code := range map[string]lang.Code{whole.URLOf("limited", "p"): lang.CodeDenied, without.URL: lang.CodeNeeds} {
			e, err := exec.Open(ctx, url, exec.Options{})
			if err == nil && code == lang.CodeNeeds {
				_, err = try(e, fixture)
			}
			if err == nil {
				_, err = try(e, text)
			}
			x := runError(t, err, command)
			require.Equal(t, code, x.Code, "%s: %v", command, x)
			require.Contains(t, strings.ToUpper(x.Message), command)
			require.NotEmpty(t, x.Hint)
		}
	}
}

// MODEL protects the catalog where the server can and the user may; else nothing is different.
func TestCatalogIsBlessed(t *testing.T) {
	host := func(may bool) func([]string) []string {
		return func(args []string) []string {
			if args[0] != "bless" {
				return args
			}
			switch {
			case args[1] == "get":
				return []string{"eval", "if redis.call('EXISTS',KEYS[1])==0 then return redis.error_reply('ERR no such key') end return redis.call('SMEMBERS',KEYS[2])", "2", args[2], "blessed:" + args[2]}
			case may:
				return []string{"sadd", "blessed:" + args[2], args[3]}
			}
			return refuse("NOPERM this user has no permissions to run the bless|set command")
		}
	}
	for _, may := range []bool{true, false} {
		url, s := instead(t, host(may))
		e := open(t, url)
		require.Equal(t, int64(0), s.Client.Exists(ctx, "blessed:rql:catalog").Val())
		for range 2 {
			must(t, e, "MODEL N { id int KEY, n int INDEX }")
			flags := s.Client.SMembers(ctx, "blessed:rql:catalog").Val()
			require.Equal(t, may, len(flags) == 1 && flags[0] == "NO-EVICT")
			s.Client.Del(ctx, "blessed:rql:catalog")
		}
		require.Equal(t, true, found(t, e)["keys that are not evicted"])
		must(t, open(t, url), "CREATE N { id: 1, n: 1 }")
	}
	require.Equal(t, false, found(t, open(t, testredis.Run(t).URL))["keys that are not evicted"])
}

// found are the capabilities by name.
func found(t *testing.T, e *exec.Engine) map[string]any {
	t.Helper()
	out := map[string]any{}
	for rows := e.Capabilities(); rows.Next(); {
		v := rows.Values()
		require.NotEmpty(t, v[2])
		out[v[0].(string)] = v[1]
	}
	return out
}

// What a server was found to do can be seen.
func TestCapabilities(t *testing.T) {
	s := testredis.Run(t)
	got := found(t, open(t, s.URL))
	for name, want := range map[string]bool{"scripts with a header": true, "read-only scripts": true, "undeclared keys": true, "allow-key-locking": false,
		"Search": false, "JSON": false, "all nodes of a cluster": false, "Sentinels": false} {
		require.Equal(t, want, got[name], name)
	}
	require.Equal(t, false, found(t, open(t, testredis.Behind(t, s, testredis.Strict).URL))["undeclared keys"])
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{testredis.Cluster(t, 1, 0)[0].Addr}})
	t.Cleanup(func() { _ = c.Close() })
	e, err := exec.Wrap(ctx, c, exec.Options{Namespace: "a"})
	require.NoError(t, err)
	require.Equal(t, true, found(t, e)["all nodes of a cluster"])
}
