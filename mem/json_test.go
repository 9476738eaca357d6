package mem

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// client starts a server of its own and connects to it.
func client(t *testing.T) redis.UniversalClient {
	s, err := start()
	require.NoError(t, err)
	c := s.opened().Client
	t.Cleanup(func() { c.Close(); s.redis.Close() })
	return c
}

// do runs a command written as words, of which ' begins and ends one with blanks.
func do(c redis.UniversalClient, command string) string {
	var args []any
	for i, part := range strings.Split(command, "'") {
		if i%2 == 1 {
			args = append(args, part)
			continue
		}
		for _, w := range strings.Fields(part) {
			args = append(args, w)
		}
	}
	v, err := c.Do(context.Background(), args...).Result()
	switch {
	case err == redis.Nil:
		return "nil"
	case err != nil:
		return "error " + err.Error()
	}
	return fmt.Sprint(v)
}

// The replies are those of RedisJSON 2.8, but that numbers keep their text.
func TestJSONCommands(t *testing.T) {
	c := client(t)
	for _, x := range [][2]string{
		{`JSON.GET u`, `nil`},
		{`JSON.SET u $.a 1`, `error ERR new objects must be created at the root`},
		{`JSON.SET u $ '{"n":9007199254740993,"f":0.1,"e":1e3,"l":[],"m":{},"h":{"x":1},"s":"é\u00e9 \"日\"\n"}' XX`, `nil`},
		{`JSON.SET u $ '{"n":9007199254740993,"f":0.1,"e":1e3,"l":[],"m":{},"h":{"x":1},"s":"é\u00e9 \"日\"\n"}'`, `OK`},
		{`JSON.GET u`, `{"n":9007199254740993,"f":0.1,"e":1e3,"l":[],"m":{},"h":{"x":1},"s":"éé \"日\"\n"}`},
		{`JSON.GET u $`, `[{"n":9007199254740993,"f":0.1,"e":1e3,"l":[],"m":{},"h":{"x":1},"s":"éé \"日\"\n"}]`},
		{`JSON.GET u $.l $["n"]`, `{"$.l":[[]],"$[\"n\"]":[9007199254740993]}`},
		{`JSON.GET u .h.x`, `1`},
		{`JSON.GET u .zz`, `error ERR Path '$.zz' does not exist`},
		{`JSON.SET u $ 1 NX`, `nil`},
		{`JSON.SET u $["h"]["y"] '{ "z" : null }'`, `OK`},
		{`JSON.SET u $["h"]["y"]["z"] 18446744073709551615 XX`, `OK`},
		{`JSON.SET u $["h"]["y"]["z"] 2 NX`, `nil`},
		{`JSON.SET u $["q"]["r"] 1`, `nil`},
		{`JSON.SET u $["h"]["x"]["r"] 1`, `nil`},
		{`JSON.DEL u $.s`, `1`},
		{`JSON.DEL u $.s`, `0`},
		{`JSON.SET u $.l '[1,{"a":2},3]'`, `OK`},
		{`JSON.SET u $.l[1].a -0.0`, `OK`},
		{`JSON.DEL u $.l[0,2]`, `2`},
		{`JSON.GET u`, `{"n":9007199254740993,"f":0.1,"e":1e3,"l":[{"a":-0.0}],"m":{},"h":{"x":1,"y":{"z":18446744073709551615}}}`},
		{`JSON.TYPE u`, `object`},
		{`JSON.TYPE u $.l`, `[array]`},
		{`TYPE u`, `ReJSON-RL`},
		{`EXISTS u`, `1`},
		{`GET u`, `error WRONGTYPE Operation against a key holding the wrong kind of value`},
		{`HMGET u n`, `error WRONGTYPE Operation against a key holding the wrong kind of value`},
		{`HSET h a 1`, `1`},
		{`RPUSH l a`, `1`},
		{`JSON.GET h`, `error Existing key has wrong Redis type`},
		{`JSON.GET l`, `error Existing key has wrong Redis type`},
		{`TYPE l`, `list`},
		{`TYPE none`, `none`},
		{`JSON.SET h $ 1`, `error Existing key has wrong Redis type`},
		{`JSON.TYPE h`, `error Existing key has wrong Redis type`},
		{`JSON.MGET u h none $.f`, `[[0.1] <nil> <nil>]`},
		{`PEXPIRE u 100000`, `1`},
		{`JSON.SET u $ '{"é日":1}'`, `OK`},
		{`JSON.SET u '$["é日"]' '"\u0000\u001f"'`, `OK`},
		{`JSON.GET u`, `{"é日":"\u0000\u001f"}`},
		{`DEL u`, `1`},
		{`JSON.GET u`, `nil`},
		{`JSON.GET`, `error ERR wrong number of arguments for 'json.get' command`},
		{`JSON.SET u $ 1 YY`, `error ERR syntax error`},
	} {
		require.Equal(t, x[1], do(c, x[0]), x[0])
	}
}

// Text that RedisJSON refuses changes nothing here either.
func TestJSONRefused(t *testing.T) {
	c := client(t)
	require.Equal(t, "OK", do(c, `JSON.SET u $ 1`))
	for _, text := range []string{``, `{bad`, `[1 2]`, `1 2`, `"\ud800"`, `1e400`, "\"\x01\"", "\"\xff\"", strings.Repeat("[", 128) + strings.Repeat("]", 128)} {
		require.Error(t, c.Do(context.Background(), "JSON.SET", "u", "$", text).Err(), text)
	}
	require.Equal(t, "OK", do(c, `JSON.SET v $ `+strings.Repeat("[", 127)+strings.Repeat("]", 127)))
	require.Equal(t, "1", do(c, `JSON.GET u`))
}

func TestJSONInScripts(t *testing.T) {
	c := client(t)
	require.Equal(t, `[{"a":1} false false Existing key has wrong Redis type ReJSON-RL]`, do(c, `EVAL 'redis.call("HSET","h","a","1")
redis.call("JSON.SET","u","$","{}")
redis.call("JSON.SET","u","$[\"a\"]","1")
local t=redis.call("TYPE","u")
return {redis.call("JSON.GET","u"),tostring(redis.call("JSON.SET","u","$[\"b\"][\"c\"]","1")),tostring(redis.call("JSON.GET","none")),redis.pcall("JSON.GET","h").err,t.ok}' 0`))
	require.Equal(t, `{"a":1}`, do(c, `EVAL_RO 'return redis.call("JSON.GET","u")' 0`))
	require.Contains(t, do(c, `EVAL_RO 'return redis.call("JSON.SET","u","$","1")' 0`), "not allowed")
	sha := do(c, `SCRIPT LOAD 'return redis.call("JSON.GET",ARGV[1],"$.a")'`)
	require.Equal(t, `[1]`, do(c, `EVALSHA_RO `+sha+` 0 u`))
}

func TestJSONInTransaction(t *testing.T) {
	c, ctx := client(t), context.Background()
	p := c.TxPipeline()
	cmds := []*redis.Cmd{
		p.Do(ctx, "JSON.SET", "u", "$", `{"a":1}`), p.Do(ctx, "TYPE", "u"), p.Do(ctx, "JSON.SET", "u", "$.b", "2"),
		p.Do(ctx, "JSON.GET", "u"), p.Do(ctx, "JSON.GET", "none"), p.Do(ctx, "JSON.MGET", "u", "none", "$.b"),
	}
	_, err := p.Exec(ctx)
	require.ErrorIs(t, err, redis.Nil)
	var got []any
	for _, cmd := range cmds {
		v, _ := cmd.Result()
		got = append(got, v)
	}
	require.Equal(t, []any{"OK", "ReJSON-RL", "OK", `{"a":1,"b":2}`, nil, []any{"[2]", nil}}, got)
}

// A change of one member reads and writes the whole text, which nobody may come between.
func TestJSONAtOnce(t *testing.T) {
	c, ctx := client(t), context.Background()
	require.Equal(t, "OK", do(c, `JSON.SET u $ {}`))
	require.NoError(t, c.PExpire(ctx, "u", time.Minute).Err())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				c.Do(ctx, "JSON.SET", "u", fmt.Sprintf("$.m%d_%d", i, j), "1")
			}
		})
	}
	wg.Wait()
	require.Equal(t, 40, strings.Count(do(c, `JSON.GET u`), "_"))
	require.Positive(t, c.PTTL(ctx, "u").Val())
}
