package wire

import (
	"bufio"
	"bytes"
	"context"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

func TestText(t *testing.T) {
	v := Value{Kind: '*', List: []Value{
		bulk("a \"b\"\n\x00\xff⟨now-1⟩é"), simple("OK"), failure("ERR no ] such"), null, {Kind: ':', Text: "-12"}, {Kind: ',', Text: "1.5"}, {Kind: '#', Text: "t"},
		{Kind: '%', List: []Value{bulk("k"), {Kind: '*', List: []Value{}}, bulk("l"), {Kind: ':', Text: "0"}}}, {Kind: '~', List: []Value{bulk("x")}},
	}}
	back, rest, err := parse(v.String())
	require.NoError(t, err)
	require.Empty(t, rest)
	require.Equal(t, v, back)

	var wire bytes.Buffer
	w := bufio.NewWriter(&wire)
	write(w, v)
	require.NoError(t, w.Flush())
	back, err = read(bufio.NewReader(&wire))
	require.NoError(t, err)
	require.Equal(t, v, back)

	for _, bad := range []string{"", `"a`, "[1 2", "{"} {
		_, _, err := parse(bad)
		require.Error(t, err, bad)
	}
}

func TestSorted(t *testing.T) {
	v, _, err := parse(`{"b" <"y" "x"> "a" ["2" "1"]}`)
	require.NoError(t, err)
	require.Equal(t, `{"a" ["2" "1"] "b" <"x" "y">}`, v.sorted().String())
}

func TestIdentity(t *testing.T) {
	require.Equal(t, "script", identity("return redis.call('GET',KEYS[1])"))
	one := identity("local a\nreturn redis.call('JSON.GET',KEYS[1])")
	require.Equal(t, one, identity("local b,c\nreturn redis.call('JSON.GET',KEYS[1])"))
	require.NotEqual(t, one, identity("local a\nreturn redis.call('JSON.DEL',KEYS[1])"))
}

// client gives a client of a server of this package.
func client(t *testing.T, s *Server, err error) *redis.Client {
	t.Helper()
	require.NoError(t, err)
	o, err := redis.ParseURL(s.URL())
	require.NoError(t, err)
	o.MaxRetries = -1
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close(); _ = s.Close() })
	return c
}

// A recording is made of a server that plays another recording, and played back.
func TestRecordAndReplay(t *testing.T) {
	ctx := context.Background()
	source, err := ReadTape(strings.NewReader(`== a
> GET k
< "v1"
> GET k
< "v2"
> SET at ⟨now-1⟩
< +"OK"
> GET at
< "since ⟨now-1⟩"
> EVAL script 0 x
< 5
> FT.INFO ix
< {"indexing" 1}
> FT.INFO ix
< {"indexing" 0 "num_docs" 3 "bytes" 12345}
`))
	require.NoError(t, err)
	script := func(c *redis.Client) { // what a program does, at one time and at another
		now := strconv.FormatInt(time.Now().UnixMilli(), 10)
		require.Equal(t, "v1", c.Get(ctx, "k").Val())
		require.Equal(t, "v2", c.Get(ctx, "k").Val())
		require.NoError(t, c.Do(ctx, "set", "at", now).Err())
		require.Equal(t, "since "+now, c.Get(ctx, "at").Val())
		require.EqualValues(t, 5, redis.NewScript("return 5").Run(ctx, c, nil, "x").Val())
		for {
			info := c.Do(ctx, "FT.INFO", "ix").Val().(map[any]any)
			if info["indexing"] == int64(0) {
				require.Equal(t, int64(3), info["num_docs"])
				return
			}
		}
	}
	source.Begin("a")
	behind, err := Replay(source)
	require.NoError(t, err)
	defer behind.Close()
	u, err := url.Parse(behind.URL())
	require.NoError(t, err)
	made := &Tape{}
	made.Begin("a")
	s, err := Record(made, u)
	script(client(t, s, err))
	require.NoError(t, source.End())

	var text bytes.Buffer
	_, err = made.WriteTo(&text)
	require.NoError(t, err)
	require.NotContains(t, text.String(), "12345")
	require.Equal(t, 1, strings.Count(text.String(), "FT.INFO"))
	back, err := ReadTape(&text)
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, back.Names())
	back.Begin("a")
	s, err = Replay(back)
	c := client(t, s, err)
	script(c)
	require.NoError(t, back.End())

	back.Begin("a")
	require.ErrorContains(t, c.Get(ctx, "other").Err(), "not in the recording")
	_ = c.Get(ctx, "k")
	_ = c.Get(ctx, "k")
	require.Error(t, c.Get(ctx, "k").Err())
	err = back.End()
	require.ErrorContains(t, err, "was not recorded: GET other")
	require.ErrorContains(t, err, "more often than it was recorded: GET k")
	require.ErrorContains(t, err, "not sent any more: SET at ⟨now-1⟩")
}

func TestReadTapeRefuses(t *testing.T) {
	for _, bad := range []string{"< 1\n", "== a\n> x\n< [1\n", "== a\nfoo\n", "== a\n> x\n< 1 2\n"} {
		_, err := ReadTape(strings.NewReader(bad))
		require.Error(t, err, bad)
	}
}
