package wire

import (
	"bufio"
	"bytes"
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
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
	require.Contains(t, identity("call('JSON.GET')\ncall('FT.SEARCH')"), "FT:")
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

// A recording is made in front of a server that itself plays one, and is played back.
func TestRecordAndReplay(t *testing.T) {
	ctx := context.Background()
	m := miniredis.RunT(t)
	source, err := ReadTape(strings.NewReader(`== a
> FT.SEARCH ix one
< "v1"
> FT.SEARCH ix one
< "v2"
> FT.SEARCH ix ⟨now-1⟩
< "since ⟨now-1⟩"
> FT._LIST
< [+"mine:ix" +"other"]
> FT.INFO ix
< {"indexing" 1}
> FT.INFO ix
< {"num_docs" 3 "indexing" 0 "bytes" 12345}
> EVAL FT:5e0f1c6e 0 x
< 5
`))
	require.NoError(t, err)
	const ofFT, ofJSON = "return redis.call('FT.SEARCH','ix')", "if false then redis.call('JSON.GET','k') end return 7"
	source.cases[0].said[6].command = "EVAL " + identity(ofFT) + " 0 x"
	script := func(c *redis.Client) { // what a program does, at one time and at another
		now := strconv.FormatInt(time.Now().UnixMilli(), 10)
		require.NoError(t, c.Set(ctx, "k", now, 0).Err())
		require.Equal(t, now, c.Get(ctx, "k").Val())
		search := func(q string) any { return c.Do(ctx, "ft.search", "ix", q).Val() }
		require.Equal(t, "v1", search("one"))
		require.Equal(t, "v2", search("one"))
		require.Equal(t, "since "+now, search(now))
		require.Contains(t, c.Do(ctx, "FT._LIST").Val(), "mine:ix")
		require.EqualValues(t, 5, redis.NewScript(ofFT).Run(ctx, c, nil, "x").Val())
		for range 2 {
			require.EqualValues(t, 7, redis.NewScript(ofJSON).Run(ctx, c, nil, now).Val())
		}
		for {
			info := c.Do(ctx, "FT.INFO", "ix").Val().(map[any]any)
			if info["indexing"] == int64(0) {
				require.Equal(t, int64(3), info["num_docs"])
				return
			}
		}
	}
	source.Begin("a")
	behind, err := Replay(source, m.Addr())
	require.NoError(t, err)
	defer behind.Close()
	source.cur.where["EVAL "+identity(ofJSON)] = []int{0}
	made := &Tape{Prefix: "mine:"}
	made.Begin("a")
	s, err := Record(made, strings.TrimPrefix(behind.URL(), "redis://"))
	script(client(t, s, err))
	require.NoError(t, source.End())

	var text bytes.Buffer
	_, err = made.WriteTo(&text)
	require.NoError(t, err)
	for _, no := range []string{"12345", "other", "GET k"} {
		require.NotContains(t, text.String(), no)
	}
	require.Equal(t, 1, strings.Count(text.String(), "FT.INFO"))
	require.Equal(t, 1, strings.Count(text.String(), "EVAL JSON:"))
	back, err := ReadTape(&text)
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, back.Names())
	back.Begin("a")
	s, err = Replay(back, m.Addr())
	c := client(t, s, err)
	script(c)
	require.NoError(t, back.End())

	back.Begin("a")
	require.ErrorContains(t, c.Do(ctx, "FT.SEARCH", "ix", "two").Err(), "not in the recording")
	for range 3 {
		_ = c.Do(ctx, "FT.SEARCH", "ix", "one")
	}
	require.NoError(t, c.Eval(ctx, "if false then redis.call('JSON.DEL','k') end return 7", nil).Err())
	err = back.End()
	require.ErrorContains(t, err, "was not recorded: FT.SEARCH ix two")
	require.ErrorContains(t, err, "more often than it was recorded: FT.SEARCH ix one")
	require.ErrorContains(t, err, "not sent any more: FT.SEARCH ix ⟨now-1⟩")
	require.ErrorContains(t, err, "other JSON commands than those that were recorded")
}

// What all cases begin with is written once.
func TestEveryCase(t *testing.T) {
	const text = "== every case\n> FT.SEARCH a *\n< 1\n== one\n> FT.SEARCH b *\n< 2\n== two\n> FT.SEARCH c *\n< 3\n"
	tape, err := ReadTape(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, []string{"one", "two"}, tape.Names())
	require.Len(t, tape.cases[1].said, 2)
	var out bytes.Buffer
	_, err = tape.WriteTo(&out)
	require.NoError(t, err)
	require.Equal(t, text, out.String())
}

func TestReadTapeRefuses(t *testing.T) {
	for _, bad := range []string{"< 1\n", "== a\n> x\n< [1\n", "== a\nfoo\n", "== a\n> x\n< 1 2\n"} {
		_, err := ReadTape(strings.NewReader(bad))
		require.Error(t, err, bad)
	}
}
