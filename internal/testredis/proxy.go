package testredis

import (
	"bufio"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Proxy is placed in front of a server to simulate another host: scripts run as
// Wrap rewrites them. Everything else passes unchanged.
type Proxy struct {
	URL string
	// Instead, if set, returns the command to send in place of another.
	Instead func(args []string) []string
	server  *Server
	wrap    string

	mu   sync.Mutex
	sums map[string]string // of a script as it was sent → as it runs
}

// Strict is prepended to a script to simulate hosts that require every key to
// be declared: a command on another key is rejected with the error of
// Dragonfly.
const Strict = `local redis=(function()
local known={} for i=1,#KEYS do known[KEYS[i]]=true end
local function refuses(cmd,key,...)
cmd=string.upper(cmd)
if cmd=='FT.SEARCH' or cmd=='FT.INFO' or cmd=='TIME' then return end
local all={key}
if cmd=='DEL' or cmd=='UNLINK' or cmd=='EXISTS' then all={key,...} end
for i=1,#all do if not known[all[i]] then return 'ERR script tried accessing undeclared key, key: '..all[i] end end
end
local server=redis
return setmetatable({
call=function(...) local no=refuses(...) if no then error(no,0) end return server.call(...) end,
pcall=function(...) local no=refuses(...) if no then return {err=no} end return server.pcall(...) end,
},{__index=server})
end)() `

// Status is prepended to a script to simulate hosts that answer JSON.TYPE with
// a status instead of a string, as valkey-json does.
const Status = `local redis=(function()
local function status(cmd,r) if string.upper(cmd)=='JSON.TYPE' and type(r)=='string' then return {ok=r} end return r end
local server=redis
return setmetatable({
call=function(cmd,...) return status(cmd,server.call(cmd,...)) end,
pcall=function(cmd,...) return status(cmd,server.pcall(cmd,...)) end,
},{__index=server})
end)() `

// Shards is prepended to a script to simulate a Redis 8 cluster of several
// shards: a script may not wait for them, which it learns only when the index
// exists.
const Shards = `local redis=(function()
local function wait(cmd,r)
if string.sub(cmd,1,3)=='FT.' and type(r)=='table' and not r.err then return {err='Cannot perform ` + "`" + `'..cmd..'` + "`" + `: Cannot block'} end
return r
end
local server=redis
return setmetatable({
call=server.call,
pcall=function(cmd,...) return wait(string.upper(cmd),server.pcall(cmd,...)) end,
},{__index=server})
end)() `

// Behind starts a proxy in front of a server. Scripts without keys are
// rejected; wrap, one line long, is prepended to the others.
func Behind(t testing.TB, s *Server, wrap string) *Proxy {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p := &Proxy{URL: "unix://" + path, server: s, wrap: strings.ReplaceAll(wrap, "\n", " "), sums: map[string]string{}}
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

// serve forwards a client's requests to the server, and the replies back.
func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", strings.TrimPrefix(p.server.URL, "unix://"))
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	in, out := bufio.NewReader(client), bufio.NewWriter(server)
	for {
		args, err := request(in)
		if err != nil {
			return
		}
		if p.Instead != nil {
			args = p.Instead(args)
		}
		p.rewrite(args)
		fmt.Fprintf(out, "*%d\r\n", len(args))
		for _, a := range args {
			fmt.Fprintf(out, "$%d\r\n%s\r\n", len(a), a)
		}
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
	}
}

// request reads one command.
func request(in *bufio.Reader) ([]string, error) {
	n, err := length(in, '*')
	if err != nil {
		return nil, err
	}
	args := make([]string, n)
	for i := range args {
		size, err := length(in, '$')
		if err != nil {
			return nil, err
		}
		buf := make([]byte, size+2)
		if _, err := io.ReadFull(in, buf); err != nil {
			return nil, err
		}
		args[i] = string(buf[:size])
	}
	return args, nil
}

func length(in *bufio.Reader, kind byte) (int, error) {
	line, err := in.ReadString('\n')
	if err != nil || line[0] != kind {
		return 0, io.ErrUnexpectedEOF
	}
	return strconv.Atoi(strings.TrimSpace(line[1:]))
}

// rewrite turns a command that runs a script into what the simulated host would
// do.
func (p *Proxy) rewrite(args []string) {
	cmd := strings.ToLower(args[0])
	if !strings.HasPrefix(cmd, "eval") || len(args) < 3 {
		return
	}
	bySum := strings.HasPrefix(cmd, "evalsha")
	if args[2] == "0" {
		args[0], args[1] = strings.Replace(cmd, "sha", "", 1), "return redis.error_reply('ERR scripts without keys are not allowed')"
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if bySum {
		if sum, ok := p.sums[args[1]]; ok {
			args[1] = sum
		}
		return
	}
	head, text := "", args[1]
	if strings.HasPrefix(text, "#!") {
		head, text, _ = strings.Cut(text, "\n")
		head += "\n"
	}
	was := sum(args[1])
	args[1] = head + p.wrap + text
	p.sums[was] = sum(args[1])
}

func sum(text string) string {
	h := sha1.Sum([]byte(text))
	return hex.EncodeToString(h[:])
}
