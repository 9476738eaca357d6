package args

import (
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
)

func TestParse(t *testing.T) {
	tests := []struct {
		argv string
		want Args
	}{
		{"", Args{Command: Shell}},
		{"redis://localhost", Args{Command: Shell, URL: "redis://localhost"}},
		{"-c COUNT+A -c COUNT+B", Args{Command: Shell, Statements: []string{"COUNT A", "COUNT B"}}},
		{"mem:// -c SHOW+MODELS --format CSV -q", Args{Command: Shell, URL: "mem://", Statements: []string{"SHOW MODELS"}, Format: CSV, Quiet: true}},
		{"-c SHOW+MODELS mem://", Args{Command: Shell, URL: "mem://", Statements: []string{"SHOW MODELS"}}},
		{"--url mem:// run a.rql -", Args{Command: Run, URL: "mem://", Files: []string{"a.rql", "-"}}},
		{"run a.rql --keep-going --dry-run --ns shop", Args{Command: Run, Files: []string{"a.rql"}, KeepGoing: true, DryRun: true, Namespace: "shop"}},
		{"mem:// run a.rql --dry-run", Args{Command: Run, URL: "mem://", Files: []string{"a.rql"}, DryRun: true}},
		{"run a.rql --data db --no-color", Args{Command: Run, Files: []string{"a.rql"}, Data: "db", NoColor: true}},
		{"check a.rql b.rql", Args{Command: Check, Files: []string{"a.rql", "b.rql"}}},
		{"explain FIND+A --analyze", Args{Command: Explain, Statements: []string{"FIND A"}, Analyze: true}},
		{"rediss://h --tls-ca a --tls-cert b --tls-key c --tls-server-name d --tls-insecure",
			Args{Command: Shell, URL: "rediss://h", TLS: address.TLS{CA: "a", Cert: "b", Key: "c", ServerName: "d", Insecure: true}}},
		{"version", Args{Command: Version}},
		{"--version", Args{Command: Version}},
		{"--max-block 2ms --duty 0.5 -c x", Args{Command: Shell, Statements: []string{"x"}, Pace: conn.Pace{MaxBlock: 2 * time.Millisecond, Duty: 0.5}}},
		{"adopt --url redis://h", Args{Command: Adopt, URL: "redis://h", Statements: []string{"ADOPT"}}},
		{"infer a.csv", Args{Command: Infer, Files: []string{"a.csv"}}},
		{"infer a.csv A --url redis://h", Args{Command: Infer, URL: "redis://h", Files: []string{"a.csv"}, Model: "A"}},
		{"adopt u:{id} U --apply", Args{Command: Adopt, Proposes: true, Statements: []string{"ADOPT 'u:{id}' AS U APPLY"}}},
		{"caps redis://h", Args{Command: Caps, URL: "redis://h"}},
		{"redis://h caps", Args{Command: Caps, URL: "redis://h"}},
		{"help run", Args{Command: Help, Topic: "run"}},
		{"-c FIND+A;+--+all --param a=1,2;3 --param b=x=y", Args{Command: Shell, Statements: []string{"FIND A; -- all"},
			Params: map[string]any{"a": "1,2;3", "b": "x=y"}}},
	}
	for _, tt := range tests {
		t.Run(tt.argv, func(t *testing.T) {
			got, err := Parse(words(tt.argv), io.Discard)
			require.NoError(t, err)
			require.Equal(t, tt.want, *got)
		})
	}
}

// words splits at blanks; a plus sign stands for a blank inside a word.
func words(s string) []string {
	w := strings.Fields(s)
	for i := range w {
		w[i] = strings.ReplaceAll(w[i], "+", " ")
	}
	return w
}

func TestUsageErrors(t *testing.T) {
	tests := []struct{ argv, message, hint string }{
		{"runn a.rql", `unknown command "runn"`, "did you mean rql run?"},
		{"seed.rql", `"seed.rql" is a file, not a server`, "rql run seed.rql"},
		{"localhost:6379", `"localhost:6379" is not the address of a server`, "rql redis://localhost:6379"},
		{"FIND+User", `"FIND User" is neither a command nor a server`, "rql -c 'FIND User'"},
		{"reddis://localhost", `unknown scheme "reddis" in the database URL`, "did you mean redis://localhost?"},
		{"run", "no script file is named", "rql run FILE…, or - for standard input"},
		{"-c", "no statement follows -c", "rql -c 'FIND User WHERE age > 10'"},
		{"explain", "no statement is given", "rql explain 'FIND User WHERE age > 10'"},
		{"--format xml -c x", `unknown format "xml"; the formats are table, json, jsonl, csv`, ""},
		{"--format jsno -c x", `unknown format "jsno"; did you mean json?`, ""},
		{"--max-block=-1s -c x", "--max-block is below zero", "--max-block 5ms"},
		{"--duty 2 -c x", "--duty is a share: above 0, and 1 at most", "--duty 0.5"},
		{"--duty NaN -c x", "--duty is a share: above 0, and 1 at most", "--duty 0.5"},
		{"--param min -c x", "--param min has no value", "--param name=value"},
		{"--param 1a=2 -c x", `"1a" is not the name of a parameter`, "--param name=value"},
		{"--param a=2 --param a=3 -c x", "the parameter a is given twice", "give it once"},
		{"--param a={b:[{c:1,c:2}]} -c x", "--param a has the member c twice in one object", "give it once"},
		{"--fromat json", `unknown flag --fromat, did you mean "--format"?`, "rql help"},
		{"--url mem:// --data d", "both a server and --data are given", "choose one"},
		{"--url mem:// mem://x", `the server is given twice: --url and "mem://x"`, "give it once"},
		{"run redis://u:secret@h a.rql", `"redis://u:***@h" is a server, where a script file is expected`, "rql run --url URL FILE"},
		{"run - -", "standard input (-) can be read only once", ""},
		{"-c FIND User", `"User" is neither a command nor a server`, "the commands are run, check, explain, gen, adopt, infer, caps, fmt, doctor, lsp, mcp, migrate, dump, completion, man, version, help; a server is redis://host:port"},
	}
	for _, tt := range tests {
		t.Run(tt.argv, func(t *testing.T) {
			_, err := Parse(words(tt.argv), io.Discard)
			var u *UsageError
			require.ErrorAs(t, err, &u)
			require.Equal(t, tt.message, u.Message)
			require.Equal(t, tt.hint, u.Hint)
		})
	}
}

func TestParamInt64(t *testing.T) {
	require.Equal(t, int64(math.MinInt64), ParamValue("-9223372036854775808"))
	require.Equal(t, int64(math.MaxInt64), ParamValue("9223372036854775807"))
	require.Equal(t, "9223372036854775808", ParamValue("9223372036854775808"))
}

func TestParamValue(t *testing.T) {
	tests := []struct {
		text string
		want any
	}{
		{"42", int64(42)}, {"-5", int64(-5)}, {"2.5", 2.5}, {"1e3", 1000.0},
		{"1h30m", lang.Duration(5400_000)}, {"'42'", "42"}, {`"it's"`, "it's"},
		{"true", true}, {"NULL", nil}, {"[1, 'a']", []any{int64(1), "a"}}, {"{a: 1}", map[string]any{"a": int64(1)}},
		{"007", "007"}, {"1_000", "1_000"}, {"2001-01-02", "2001-01-02"}, {"ann", "ann"}, {"now()", "now()"},
		{"", ""}, {"1 -- one", "1 -- one"}, {"1;", "1;"}, {" 1", " 1"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, ParamValue(tt.text), tt.text)
	}
}

func TestServer(t *testing.T) {
	tests := []struct {
		args Args
		env  map[string]string
		want Server
		err  string
	}{
		{Args{}, nil, Server{URL: "mem://", From: "default"}, ""},
		{Args{}, map[string]string{"REDIS_URL": "redis://r"}, Server{URL: "redis://r", From: "REDIS_URL"}, ""},
		{Args{}, map[string]string{"REDIS_URL": "redis://r", "RQL_URL": "redis://q"}, Server{URL: "redis://q", From: "RQL_URL"}, ""},
		{Args{URL: "redis://a"}, map[string]string{"RQL_URL": "redis://q"}, Server{URL: "redis://a"}, ""},
		{Args{Data: "d"}, map[string]string{"RQL_URL": "redis://q"}, Server{Dir: "d"}, ""},
		{Args{URL: "dir:///x/y"}, nil, Server{Dir: "/x/y"}, ""},
		{Args{URL: "dir://"}, nil, Server{}, "dir:// names no directory"},
		{Args{}, map[string]string{"RQL_URL": "u:p@host"}, Server{}, `RQL_URL: "u:***@host" is not the address of a server`},
		{Args{URL: "redis://u:p%zz@h"}, nil, Server{}, "the database URL cannot be read: a % in it is not followed by two hexadecimal digits"},
		{Args{URL: "rediss://h?ca=u&server_name=n", TLS: address.TLS{Cert: "f"}}, map[string]string{"RQL_TLS_CA": "e", "RQL_TLS_CERT": "e", "RQL_TLS_KEY": "e"},
			Server{URL: "rediss://h?ca=u&server_name=n", TLS: address.TLS{CA: "u", Cert: "f", ServerName: "n"}}, ""},
		{Args{URL: "rediss://h", TLS: address.TLS{Insecure: true}}, map[string]string{"RQL_TLS_CA": "e", "RQL_TLS_SERVER_NAME": "n"},
			Server{URL: "rediss://h", TLS: address.TLS{Insecure: true, ServerName: "n"}}, ""},
		{Args{}, map[string]string{"RQL_URL": "redis://h", "RQL_TLS_CA": "e"}, Server{URL: "redis://h", From: "RQL_URL"}, ""},
	}
	for _, tt := range tests {
		got, err := tt.args.Server(func(name string) string { return tt.env[name] })
		if tt.err != "" {
			require.EqualError(t, err, tt.err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, tt.want, got)
	}
}

// The commands that messages list are those that are parsed.
func TestCommands(t *testing.T) {
	k, err := kong.New(&grammar{}, kong.NoDefaultHelp())
	require.NoError(t, err)
	var names []string
	for _, c := range k.Model.Children {
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	require.Equal(t, names, commands())
}

func TestHelp(t *testing.T) {
	for _, topic := range append(commands(), "", "servers", "params", "formats", "status", "prompt") {
		var out strings.Builder
		require.NoError(t, WriteHelp(&out, topic))
		require.Contains(t, out.String(), "rql ", topic)
	}
	err := WriteHelp(io.Discard, "formts")
	var u *UsageError
	require.ErrorAs(t, err, &u)
	require.Equal(t, "did you mean rql help formats?", u.Hint)
}
