package document

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

func model(t *testing.T, text string) *ir.Model {
	t.Helper()
	prog, diags := check.Check(context.Background(), parser.Parse(lang.NewSource("", text)), nil, check.Options{})
	require.NoError(t, diags.Err())
	return prog.Schema.Model("T")
}

// raw is a command with a raw reply.
func raw(reply string) *redis.RawCmd {
	c := redis.NewRawCmd(context.Background())
	c.SetVal([]byte(reply))
	return c
}

// A raw reply gives what the client would make of it, in both protocols, whatever its length.
func TestRawReplies(t *testing.T) {
	m := model(t, `MODEL T { id string KEY, n int?, f float?, b bool?, s string?, at datetime? }`)
	r := NewReader(m, m.Columns).Raw()
	long := strings.Repeat("x", 2*sharedReply)
	bulk := func(s string) string { return "$" + strconv.Itoa(len(s)) + "\r\n" + s + "\r\n" }
	for _, x := range []struct {
		reply string
		want  []any
	}{
		{"*6\r\n" + bulk("a") + bulk("12") + bulk("1.5") + bulk("1") + bulk("") + bulk("1000"), []any{"a", int64(12), 1.5, true, "", lang.DateTime(1000)}},
		{"*6\r\n" + bulk("a\r\n$1") + "_\r\n_\r\n_\r\n" + bulk("_\r\n") + "_\r\n", []any{"a\r\n$1", nil, nil, nil, "_\r\n", nil}},
		{"*6\r\n" + bulk("a") + "$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n", []any{"a", nil, nil, nil, nil, nil}},
		{"*6\r\n" + bulk("a") + "$-1\r\n$-1\r\n$-1\r\n" + bulk(long) + "$-1\r\n", []any{"a", nil, nil, nil, long, nil}},
		{"*6\r\n" + strings.Repeat("$-1\r\n", 6), nil},
		{"*6\r\n" + strings.Repeat("_\r\n", 6), nil},
	} {
		var row Row
		c := raw(x.reply)
		there, err := r.There(c)
		require.NoError(t, err)
		require.Equal(t, x.want != nil, there)
		took, err := r.Take(c, &row)
		require.NoError(t, err)
		require.Equal(t, there, took)
		if there {
			require.NoError(t, r.Decode(keyspace.Keys{}, "a", &row, nil))
			require.Equal(t, x.want, row.Values())
		}
	}
}

// What is no list of the fields is an error, never a panic.
func TestRawRepliesOfAnotherForm(t *testing.T) {
	m := model(t, `MODEL T { id string KEY, n int? }`)
	r := NewReader(m, m.Columns).Raw()
	for _, reply := range []string{"", "*", "*2", "*2\r\n", "*2\r\n$1\r\na", "*2\r\n$1\r\na\r\n", "*2\r\n$1\r\na\r\n$9\r\nx\r\n", "*2\r\n$x\r\na\r\n_\r\n",
		"*3\r\n$1\r\na\r\n_\r\n_\r\n", "$1\r\na\r\n", "*2\r\n:1\r\n:2\r\n", "*2\r\n$-2\r\n_\r\n", "*-1\r\n", "_\r\n"} {
		var row Row
		_, err := r.Take(raw(reply), &row)
		require.ErrorContains(t, err, "did not reply", "%q", reply)
		if _, err := r.There(raw(reply)); err != nil {
			require.ErrorContains(t, err, "did not reply", "%q", reply)
		}
	}
}

// The texts of a short reply share memory, a long value has its own; what is taken next does not change it.
func TestRowIsUsedAgain(t *testing.T) {
	m := model(t, `MODEL T { id string KEY, s string? }`)
	r := NewReader(m, m.Columns).Raw()
	var row Row
	_, err := r.Take(raw("*2\r\n$1\r\na\r\n$3\r\none\r\n"), &row)
	require.NoError(t, err)
	require.NoError(t, r.Decode(keyspace.Keys{}, "a", &row, nil))
	first := row.Values()
	_, err = r.Take(raw("*2\r\n$1\r\nb\r\n$3\r\ntwo\r\n"), &row)
	require.NoError(t, err)
	require.NoError(t, r.Decode(keyspace.Keys{}, "b", &row, nil))
	require.Equal(t, []any{"a", "one"}, first)
	require.Equal(t, 4, row.Bytes())
	row.Empty()
	require.Equal(t, []codec.Cell{{}, {}}, row.Cells)
	require.Zero(t, row.Bytes())

	j := model(t, `MODEL T { id string KEY, s string? } STORED AS JSON`)
	text := redis.NewStringCmd(t.Context())
	text.SetVal(`{"id":"c","s":"three"}`)
	took, err := NewReader(j, j.Columns).Take(text, &row)
	require.NoError(t, err)
	require.True(t, took)
	require.Equal(t, len(text.Val()), row.Bytes())
	row.Empty()
	_, err = r.Take(raw("*2\r\n$1\r\na\r\n$3\r\none\r\n"), &row)
	require.NoError(t, err)
	require.Equal(t, 4, row.Bytes())
}
