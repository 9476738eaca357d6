package ft

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// Both versions of the protocol say the same in shapes of their own.
func TestSearchReply(t *testing.T) {
	two := []any{int64(7), "P:a", []any{"c0", "a", "c1", "1"}, "P:b", nil}
	three := map[any]any{"total_results": int64(7), "warning": []any{}, "results": []any{
		map[any]any{"id": "P:a", "extra_attributes": map[any]any{"c0": "a", "c1": "1"}},
		map[any]any{"id": "P:b", "extra_attributes": nil},
	}}
	aggregated2 := []any{int64(1), []any{"__key", "P:a", "c0", "a", "c1", "1"}}
	aggregated3 := map[any]any{"total_results": int64(1), "results": []any{map[any]any{"extra_attributes": map[any]any{"__key": "P:a", "c0": "a", "c1": "1"}}}}
	for _, c := range []struct {
		Reply any
		rows  int
		total int64
	}{
		{two, 2, 7}, {three, 2, 7}, {aggregated2, 1, 1}, {aggregated3, 1, 1}, {[]any{int64(0)}, 0, 0},
	} {
		r, err := ReadReply(c.Reply)
		require.NoError(t, err)
		require.Len(t, r.Rows, c.rows)
		require.Equal(t, c.total, r.Total)
		if c.rows > 0 {
			require.Equal(t, "P:a", r.Rows[0].Key)
			require.Equal(t, "1", r.Rows[0].Text("c1"))
		}
		if c.rows > 1 {
			require.Nil(t, r.Rows[1].Fields)
		}
	}
}

func TestSearchNames(t *testing.T) {
	for _, reply := range []any{
		[]any{int64(7), "P:a", "P:b"},
		map[any]any{"total_results": int64(7), "results": []any{map[any]any{"id": "P:a"}, map[any]any{"id": "P:b"}}},
	} {
		names, total, err := ReadNames(reply)
		require.NoError(t, err)
		require.Equal(t, []string{"P:a", "P:b"}, names)
		require.EqualValues(t, 7, total)
	}
}

// A part of an answer is no answer.
func TestSearchReplyRefused(t *testing.T) {
	_, err := ReadReply(map[any]any{"results": []any{}, "warning": []any{"Timeout limit was reached"}})
	e, ok := fail.As(err)
	require.True(t, ok)
	require.Equal(t, lang.CodeServer, e.Code)
	for _, odd := range []any{"OK", nil, []any{int64(1), int64(2)}, []any{int64(1), "P:a"}, map[any]any{"results": []any{"x"}}} {
		_, err := ReadReply(odd)
		require.Error(t, err, "%v", odd)
		if list, ok := odd.([]any); !ok || len(list) != 2 || list[1] != "P:a" {
			_, _, err = ReadNames(odd)
			require.Error(t, err, "%v", odd)
		}
	}
}
