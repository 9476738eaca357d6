package exec_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// records is a file that lies in memory.
type records []map[string]any

func (r *records) Columns() []string     { return nil }
func (r *records) Bytes() (int64, int64) { return 0, 0 }
func (r *records) Close() error          { return nil }

func (r *records) Next() (map[string]any, exec.Pos, error) {
	if len(*r) == 0 {
		return nil, exec.Pos{}, io.EOF
	}
	row := (*r)[0]
	*r = (*r)[1:]
	return row, exec.Pos{Line: 1, Col: 1}, nil
}

// importAll imports records into N and gives the error.
func importAll(e *exec.Engine, rows ...map[string]any) error {
	s := e.NewSession(exec.SessionOptions{Program: true, OpenImport: func(string, lang.FileOptions) (exec.RowSource, error) {
		r := records(rows)
		return &r, nil
	}})
	return s.Run(ctx, lang.NewSource("", "IMPORT 'n.jsonl' INTO N"), nil, func(*exec.Rows) error { return nil })
}

// A file of JSON holds a 64-bit integer as a number or, as it is written here, in quotes; one of CSV as text.
func TestImportInt64(t *testing.T) {
	e := open(t, "mem://")
	must(t, e, `MODEL P { v int64 }; MODEL N { id int64 KEY, v int64?, l list<int64> DEFAULT [], p P?, rev int REVISION }`)
	require.NoError(t, importAll(e,
		map[string]any{"id": int64(1), "v": int64(9007199254740993)},
		map[string]any{"id": "9007199254740993", "v": "", "l": []any{"-9223372036854775808", int64(2)}, "p": map[string]any{"v": "5"}},
		map[string]any{"id": "3", "v": " 7 ", "l": `["1",2]`}))
	require.Equal(t, [][]any{
		{int64(1), int64(9007199254740993), []any{}, nil, int64(1)},
		{int64(3), int64(7), []any{int64(1), int64(2)}, nil, int64(1)},
		{int64(9007199254740993), nil, []any{int64(-9223372036854775808), int64(2)}, map[string]any{"v": int64(5)}, int64(1)},
	}, must(t, e, "FIND N ORDER BY id").rows)
	for _, v := range []any{"x", "9223372036854775808", 1.5, []any{"x"}} {
		require.Error(t, importAll(e, map[string]any{"id": int64(9), "v": v}), v)
	}
	require.ErrorContains(t, importAll(e, map[string]any{"id": int64(9), "rev": int64(1)}), "REVISION")
	require.Equal(t, [][]any{{int64(3)}}, must(t, e, "COUNT N").rows)
}
