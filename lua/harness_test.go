package lua

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// server is one place where scripts run.
type server struct {
	name string
	*redis.Client
}

// servers gives the embedded server and, where it is installed, redis-server.
func servers(t testing.TB) []server {
	t.Helper()
	m := miniredis.RunT(t)
	out := []server{{"embedded", redis.NewClient(&redis.Options{Addr: m.Addr(), MaxRetries: -1})}}
	if bin, err := exec.LookPath("redis-server"); err == nil {
		sock := filepath.Join(t.TempDir(), "s")
		cmd := exec.Command(bin, "--port", "0", "--unixsocket", sock, "--save", "", "--appendonly", "no")
		require.NoError(t, cmd.Start())
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		c := redis.NewClient(&redis.Options{Network: "unix", Addr: sock, MaxRetries: -1})
		require.Eventually(t, func() bool { return c.Ping(context.Background()).Err() == nil }, 5*time.Second, 10*time.Millisecond)
		out = append(out, server{"redis", c})
	}
	for _, s := range out {
		t.Cleanup(func() { _ = s.Close() })
	}
	return out
}

// frame puts a body that returns a value, and the runtime functions, into a script whose
// reply is {value, code, count, …} with the warnings; a failure is {false, '!code'}.
func frame(p *Runtime, query bool, body string) string {
	p.Use("fault", "badvalue")
	return fmt.Sprintf(`local A,K,call,pcl=ARGV,KEYS,redis.call,redis.pcall
local NS,E,S,Q,N,M,BUD,W,BK,FN='',nil,0,%v,0,0,1000000,{},'key',0
local WK,WL,LS=0,1000000
%s
local function main()
%s
end
local ok,r=pcall(main)
if ok then
local out={r}
if r==nil then out[1]=false end
for c,n in pairs(W) do out[#out+1]=c out[#out+1]=tostring(n) end
return out
end
if E then return {false,'!'..E[2]} end
if type(r)=='table' then r=r.err end
return redis.error_reply(r)
`, query, p.Text(), body)
}

// text is what is printed of an expression, in brackets.
func text(n *tree.Node) string { return "(" + tree.PrintExpr(n) + ")" }

// run gives the reply of a framed script: its value (string or nil) and its warnings or failure.
func (s server) run(t testing.TB, script string, args ...string) (any, string) {
	t.Helper()
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a
	}
	r, err := s.Eval(context.Background(), script, nil, list...).Slice()
	require.NoError(t, err, "%s:\n%s", s.name, script)
	warn := map[string]string{}
	text := ""
	for i := 1; i < len(r); i += 2 {
		c := r[i].(string)
		if strings.HasPrefix(c, "!") {
			return nil, c
		}
		warn[c] = r[i+1].(string)
	}
	for _, c := range faultCodes {
		if n, ok := warn[c]; ok {
			text += c + " " + n + ";"
		}
	}
	return r[0], text
}

var faultCodes = []string{"bad-argument", "bad-conversion", "division-by-zero", "invalid-utf8", "negative-exponent",
	"not-finite", "overflow", "string-too-long"}

// argScope sends every constant as an argument, as scripts do; the row is in r.
type argScope struct {
	args  []string
	slots map[ir.Expr]*tree.Node
	p     *Runtime
	t     testing.TB
	model *ir.Model
	// loaded says that the row is one that was stored.
	loaded  bool
	chooses bool
}

func (s *argScope) Chooses() bool { return s.chooses }

func (s *argScope) Hoisted(ir.Expr) bool { return false }

func (s *argScope) Leaf(x ir.Expr) (*tree.Node, bool) {
	if text, ok := s.slots[x]; ok {
		return text, true
	}
	switch x := x.(type) {
	case *ir.Row:
		return tree.Name("r"), true
	case *ir.Old:
		return tree.Name("old"), true
	case *ir.Var:
		return tree.Name("V_" + x.V.Name), true
	case *ir.Const:
		return s.send(x, x.Value, x.T), true
	}
	return nil, false
}

func (s *argScope) Loaded() bool { return s.loaded }

func (s *argScope) RowModel() *ir.Model { return s.model }

// send makes an argument of a value and gives the text that reads it.
func (s *argScope) send(x ir.Expr, v any, t lang.Type) *tree.Node {
	a, err := AppendArg(v, t)
	require.NoError(s.t, err)
	s.args = append(s.args, a)
	text := Arg(t, ex("A[%d]", len(s.args)), s.p)
	s.slots[x] = text
	return text
}
