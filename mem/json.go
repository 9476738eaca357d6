package mem

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/alicebob/miniredis/v2"
	mini "github.com/alicebob/miniredis/v2/server"
	"github.com/ohler55/ojg/jp"
)

// The JSON commands that RQL sends and the embedded server lacks: JSON.SET, JSON.GET, JSON.DEL, JSON.MGET and JSON.TYPE, with the
// replies and errors of RedisJSON. Numbers keep the text with which they were written.
//
// A document is stored as a list with one element, jsonMark and the text. Expiration, DEL, EXISTS, RENAME and other generic
// commands therefore work on it, and commands for hashes, sets and strings reject it as they should.

// jsonMark begins the only element of a list that is a JSON document.
const jsonMark = "\x00json\x00"

// Errors of RedisJSON.
var (
	//lint:ignore ST1005 the reply of RedisJSON
	errJSONType    = errors.New("Existing key has wrong Redis type")
	errJSONRoot    = errors.New("ERR new objects must be created at the root")
	errJSONSyntax  = errors.New("ERR syntax error")
	errJSONNoReply = errors.New("ERR the embedded server gave no reply")
)

// jsonCommands adds the commands to a server.
type jsonCommands struct {
	srv *mini.Server
	saw func(cmd string, args []string) // called for every command

	timed timedScripts
}

// jsonCommand executes a command; nil is the null reply, []any an array.
type jsonCommand func(j *jsonCommands, c *mini.Peer, args []string) (any, error)

func addJSON(m *miniredis.Miniredis, saw func(cmd string, args []string)) error {
	j := &jsonCommands{srv: m.Server(), saw: saw}
	for name, x := range map[string]struct {
		run   jsonCommand
		least int
		read  bool
		one   bool // it sends the server one command only, so it is atomic anyway
	}{
		"JSON.SET":  {(*jsonCommands).set, 3, false, false},
		"JSON.DEL":  {(*jsonCommands).del, 1, false, false},
		"JSON.GET":  {(*jsonCommands).get, 1, true, true},
		"JSON.MGET": {(*jsonCommands).mget, 2, true, false},
		"JSON.TYPE": {(*jsonCommands).kind, 1, true, true},
	} {
		handle := func(c *mini.Peer, cmd string, args []string) {
			if len(args) < x.least {
				c.WriteError(fmt.Sprintf("ERR wrong number of arguments for '%s' command", strings.ToLower(cmd)))
				return
			}
			if where := j.where(c); where == queued || where == alone && !x.one {
				j.atomically(c, cmd, args)
				return
			}
			v, err := x.run(j, c, args)
			if err != nil {
				c.WriteError(err.Error())
				return
			}
			writeReply(c, v)
		}
		var options []mini.CmdOption
		if x.read {
			options = append(options, mini.ReadOnlyOption())
		}
		if err := j.srv.Register(name, handle, options...); err != nil {
			return fmt.Errorf("register %s: %w", name, err)
		}
	}
	j.srv.SetPreHook(j.before)
	return nil
}

// before runs before every command.
func (j *jsonCommands) before(c *mini.Peer, cmd string, args ...string) bool {
	j.saw(cmd, args)
	if strings.HasSuffix(cmd, "_RO") && j.timed.asks(cmd, args) {
		j.srv.Dispatch(c, append([]string{strings.TrimSuffix(cmd, "_RO")}, args...))
		return true
	}
	return j.typeOf(c, cmd, args)
}

// typeOf answers TYPE for a document, which would otherwise be reported as a list.
func (j *jsonCommands) typeOf(c *mini.Peer, cmd string, args []string) bool {
	if cmd != "TYPE" || len(args) != 1 {
		return false
	}
	if j.where(c) == queued {
		j.atomically(c, cmd, args)
		return true
	}
	if _, found, err := j.text(c, args[0]); err != nil || !found {
		return false
	}
	c.WriteInline("ReJSON-RL")
	return true
}

// ask runs one of the server's own commands in the state of a client and
// returns its reply.
func (j *jsonCommands) ask(c *mini.Peer, args ...string) (any, error) {
	var buf bytes.Buffer
	w := bufio.NewWriter(&buf)
	peer := mini.NewPeer(w)
	peer.Ctx = c.Ctx
	j.srv.Dispatch(peer, args)
	if err := w.Flush(); err != nil {
		return nil, err
	}
	if buf.Len() == 0 {
		return nil, errJSONNoReply
	}
	return mini.ParseReply(bufio.NewReader(&buf))
}

// where says where a command comes from.
type where uint8

const (
	alone  where = iota // a client
	queued              // a client that has opened a transaction
	nested              // a script
)

// where finds out whether a transaction is open, which tells the three apart.
func (j *jsonCommands) where(c *mini.Peer) where {
	_, err := j.ask(c, "MULTI")
	switch {
	case err == nil:
		_, _ = j.ask(c, "DISCARD")
		return alone
	case strings.Contains(err.Error(), "not allowed from script"):
		return nested
	}
	return queued
}

// atomically runs a command as a one-line script, which blocks other clients
// while it reads and writes, and in a transaction runs at EXEC.
func (j *jsonCommands) atomically(c *mini.Peer, cmd string, args []string) {
	const text = "return redis.pcall(unpack(ARGV))"
	j.srv.Dispatch(c, append([]string{"EVAL", text, "0", cmd}, args...))
}

func writeReply(c *mini.Peer, v any) {
	switch v := v.(type) {
	case nil:
		c.WriteNull()
	case int:
		c.WriteInt(v)
	case string:
		c.WriteBulk(v)
	case bool:
		c.WriteInline("OK")
	case []any:
		c.WriteLen(len(v))
		for _, e := range v {
			writeReply(c, e)
		}
	}
}

// text reads the document of a key.
func (j *jsonCommands) text(c *mini.Peer, key string) (text string, found bool, err error) {
	v, err := j.ask(c, "LINDEX", key, "0")
	if err != nil {
		return "", false, errJSONType
	}
	if v == nil {
		return "", false, nil
	}
	text, ok := strings.CutPrefix(fmt.Sprint(v), jsonMark)
	if !ok {
		return "", false, errJSONType
	}
	return text, true, nil
}

// tree is text, parsed.
func (j *jsonCommands) tree(c *mini.Peer, key string) (v any, found bool, err error) {
	text, found, err := j.text(c, key)
	if found {
		v, err = parseTree(text)
	}
	return v, found, err
}

// put stores a document. The key keeps its expiration.
func (j *jsonCommands) put(c *mini.Peer, key string, v any, found bool) error {
	cmd, at := "RPUSH", []string(nil)
	if found {
		cmd, at = "LSET", []string{"0"}
	}
	_, err := j.ask(c, append(append([]string{cmd, key}, at...), string(appendTree([]byte(jsonMark), v)))...)
	return err
}

// path parses a JSONPath. A path that does not begin with $ has the legacy
// meaning: it selects one value, and the reply is that value alone.
func path(s string) (x jp.Expr, old bool, err error) {
	text := s
	if old = !strings.HasPrefix(s, "$"); old {
		text = "$." + strings.TrimPrefix(s, ".")
		if s == "." || strings.HasPrefix(s, "[") {
			text = "$" + strings.TrimPrefix(s, ".")
		}
	}
	if x, err = jp.ParseString(text); err != nil {
		//lint:ignore ST1005 the reply of RedisJSON
		return nil, old, fmt.Errorf("Error occurred on the path %q: %w", s, err)
	}
	return x, old, nil
}

// values returns the values that a path selects.
func values(x jp.Expr, v any) []any {
	if len(x) == 1 {
		return []any{v}
	}
	return x.Get(v)
}

// get implements JSON.GET key [path …]. Formatting options are not supported.
func (j *jsonCommands) get(c *mini.Peer, args []string) (any, error) {
	text, found, err := j.text(c, args[0])
	if err != nil || !found {
		return nil, err
	}
	if len(args) == 1 {
		return text, nil
	}
	v, err := parseTree(text)
	if err != nil {
		return nil, err
	}
	xs, allOld := make([]jp.Expr, len(args)-1), true
	for i, p := range args[1:] {
		var old bool
		if xs[i], old, err = path(p); err != nil {
			return nil, err
		}
		allOld = allOld && old
	}
	out := &object{values: map[string]any{}}
	for i, x := range xs {
		found := values(x, v)
		switch {
		case !allOld:
			out.SetValueForKey(args[i+1], &array{found})
		case len(found) == 0:
			return nil, fmt.Errorf("ERR Path '%s' does not exist", x)
		default:
			out.SetValueForKey(args[i+1], found[0])
		}
	}
	if len(xs) == 1 {
		return string(appendTree(nil, out.values[args[1]])), nil
	}
	return string(appendTree(nil, out)), nil
}

// mget implements JSON.MGET key … path, with null for a key that is not a
// document.
func (j *jsonCommands) mget(c *mini.Peer, args []string) (any, error) {
	last := len(args) - 1
	out := make([]any, last)
	for i, key := range args[:last] {
		if v, err := j.get(c, []string{key, args[last]}); err == nil {
			out[i] = v
		}
	}
	return out, nil
}

// kind implements JSON.TYPE key [path].
func (j *jsonCommands) kind(c *mini.Peer, args []string) (any, error) {
	v, found, err := j.tree(c, args[0])
	if err != nil || !found {
		return nil, err
	}
	if len(args) == 1 {
		return typeName(v), nil
	}
	x, old, err := path(args[1])
	if err != nil {
		return nil, err
	}
	var out []any
	for _, e := range values(x, v) {
		out = append(out, typeName(e))
	}
	if old {
		return append(out, nil)[0], nil
	}
	return out, nil
}

// set implements JSON.SET key path value [NX | XX]; true is OK.
func (j *jsonCommands) set(c *mini.Peer, args []string) (any, error) {
	nx, xx := false, false
	for _, o := range args[3:] {
		switch strings.ToUpper(o) {
		case "NX":
			nx = true
		case "XX":
			xx = true
		default:
			return nil, errJSONSyntax
		}
	}
	doc, found, err := j.tree(c, args[0])
	if err != nil {
		return nil, err
	}
	x, _, err := path(args[1])
	if err != nil {
		return nil, err
	}
	v, err := parseTree(args[2])
	if err != nil {
		return nil, err
	}
	switch {
	case len(x) > 1 && !found:
		return nil, errJSONRoot
	case len(x) > 1 && !change(x, doc, v, nx, xx), len(x) == 1 && (found && nx || !found && xx):
		return nil, nil
	case len(x) == 1:
		doc = v
	}
	return true, j.put(c, args[0], doc, found)
}

// change replaces the values that a path selects, or adds the member it names
// to the objects that lack it. It reports whether anything changed.
func change(x jp.Expr, doc, v any, nx, xx bool) bool {
	locs := x.Locate(doc, 0)
	if len(locs) > 0 {
		for _, loc := range locs {
			if !nx {
				at(doc, loc[:len(loc)-1]).set(loc[len(loc)-1], v)
			}
		}
		return !nx
	}
	name, ok := x[len(x)-1].(jp.Child)
	done := false
	if ok && !xx {
		for _, parent := range values(x[:len(x)-1], doc) {
			if o, ok := parent.(*object); ok {
				o.SetValueForKey(string(name), v)
				done = true
			}
		}
	}
	return done
}

// del implements JSON.DEL key [path]; the reply is the number of deleted
// values.
func (j *jsonCommands) del(c *mini.Peer, args []string) (any, error) {
	doc, found, err := j.tree(c, args[0])
	if err != nil || !found {
		return 0, err
	}
	x := jp.R()
	if len(args) > 1 {
		if x, _, err = path(args[1]); err != nil {
			return nil, err
		}
	}
	if len(x) == 1 {
		_, err := j.ask(c, "DEL", args[0])
		return 1, err
	}
	locs := x.Locate(doc, 0)
	for i := len(locs) - 1; i >= 0; i-- { // last elements of an array first
		loc := locs[i]
		at(doc, loc[:len(loc)-1]).remove(loc[len(loc)-1])
	}
	return len(locs), j.put(c, args[0], doc, true)
}

// place returns the object or array that a located path points to.
type place struct{ v any }

func at(doc any, loc jp.Expr) place {
	for _, f := range loc {
		switch f := f.(type) {
		case jp.Child:
			if o, ok := doc.(*object); ok {
				doc = o.values[string(f)]
			}
		case jp.Nth:
			if a, ok := doc.(*array); ok && int(f) < len(a.items) {
				doc = a.items[int(f)]
			}
		}
	}
	return place{doc}
}

func (p place) set(f jp.Frag, v any) {
	switch f := f.(type) {
	case jp.Child:
		if o, ok := p.v.(*object); ok {
			o.SetValueForKey(string(f), v)
		}
	case jp.Nth:
		if a, ok := p.v.(*array); ok {
			a.items[int(f)] = v
		}
	}
}

func (p place) remove(f jp.Frag) {
	switch f := f.(type) {
	case jp.Child:
		if o, ok := p.v.(*object); ok {
			o.RemoveValueForKey(string(f))
		}
	case jp.Nth:
		if a, ok := p.v.(*array); ok && int(f) < len(a.items) {
			a.RemoveValueAtIndex(int(f))
		}
	}
}
