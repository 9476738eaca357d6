package infer_test

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/exec/infer"
	"github.com/rql-lang/rql/internal/testredis"
)

// csv are columns of the texts of a CSV file, where nil is an empty cell.
func csv(t *testing.T, columns []string, rows ...[]any) *infer.Records {
	t.Helper()
	r := infer.NewRecords(columns)
	for _, row := range rows {
		record := map[string]any{}
		for i, c := range columns {
			record[c] = row[i]
		}
		require.NoError(t, r.Add(record))
	}
	return r
}

// types are the types of fields, and which is the key.
func types(fields []*infer.Field) (list []string, key string) {
	for _, f := range fields {
		list = append(list, f.Type.String())
		if f.Key {
			key = f.Name
		}
	}
	return list, key
}

// A column of a CSV file is what IMPORT makes of its texts, not how another program would store it.
func TestColumns(t *testing.T) {
	fields := csv(t, []string{"name", "zip", "user_id", "ok", "at", "seen", "day", "empty", "left", "odd name"},
		[]any{"a", "00123", "u1", "true", "2024-05-06T07:08:09Z", "1700000000", "2024-05-06", "", nil, "1"},
		[]any{"a", "99999", "u2", "false", "2024-05-06 07:08", "1700000001", "2024-05-07", "x", "7", "2"}).Fields()
	list, key := types(fields)
	require.Equal(t, []string{"string", "string", "string", "bool", "datetime", "int", "string", "string", "int?", "int"}, list)
	require.Equal(t, "user_id", key, "it has the name of a key, zip only other values in each record")
	require.True(t, fields[9].Odd)
	require.Equal(t, "  user_id string KEY  -- such as 'u1'; each another one\n", fields[2].Line())
	require.Equal(t, "  left int?  -- 1 of 2, such as '7'\n", fields[8].Line())
	require.Contains(t, fields[5].Line(), "IMPORT … AS makes a datetime")
	require.Contains(t, fields[9].Line(), "odd name: no field can have this name")
}

// Values of JSON keep their kinds. A column of which none can be the key leaves the records without one.
func TestMembers(t *testing.T) {
	r := infer.NewRecords(nil)
	for i := range 4 {
		require.NoError(t, r.Add(map[string]any{"n": int64(i % 2), "f": 0.5, "l": []any{"a"}, "s": "<x>", "b": true, "o": map[string]any{"a": int64(1)}, "x": nil, fmt.Sprintf("k%d", i): int64(1)}))
	}
	fields := r.Fields()
	list, key := types(fields)
	require.Equal(t, []string{"bool", "float", "int?", "list<string>", "int", "json", "string", "json?", "int?", "int?", "int?"}, list)
	require.Empty(t, key)
}

// A type that does not hold some values becomes wider, until there is none.
func TestWiden(t *testing.T) {
	f := csv(t, []string{"n"}, []any{"1"}, []any{"2"}).Fields()[0]
	require.True(t, f.Key)
	require.True(t, f.Widen())
	require.Equal(t, "  n string KEY  -- such as '1'; some do not fit int\n", f.Line())
	require.True(t, f.Widen())
	require.Equal(t, "json", f.Type.String())
	require.False(t, f.Key)
	require.False(t, f.Widen())
	require.True(t, f.Odd)
}

var usedMemory = regexp.MustCompile(`(?m)^used_memory:(\d+)`)

// The estimate of the memory is near what a server takes, for small documents and for large ones.
func TestMemory(t *testing.T) {
	testredis.Kinds()[0].Skip(t)
	for name, size := range map[string]int{"small": 3, "large": 300} {
		s := testredis.Run(t)
		db, err := rql.Open(t.Context(), s.URL)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		columns := []string{"id", "a", "b", "c", "d", "e"}
		r, list := infer.NewRecords(columns), []any{}
		for i := range 4000 {
			row := map[string]any{"id": fmt.Sprintf("key%d", i)}
			for j, c := range columns[1:] {
				row[c] = fmt.Sprintf("%0*d", size, i*j)
			}
			require.NoError(t, r.Add(row))
			list = append(list, row)
		}
		_, err = db.Exec(t.Context(), "MODEL N { id string KEY, a string, b string, c string, d string, e string }; CREATE N { id: 'first', a: '', b: '', c: '', d: '', e: '' }")
		require.NoError(t, err)
		used := func() int64 {
			n, err := strconv.ParseInt(usedMemory.FindStringSubmatch(s.Do("INFO", "memory").(string))[1], 10, 64)
			require.NoError(t, err)
			return n
		}
		before := used()
		for i := 0; i < len(list); i += 1000 {
			_, err := db.Exec(t.Context(), "CREATE N $list", rql.Args{"list": list[i : i+1000]})
			require.NoError(t, err)
		}
		taken, said := float64(used()-before), float64(r.Memory(r.Fields(), 4000))
		t.Logf("%s: %.0f bytes a document, said %.0f", name, taken/4000, said/4000)
		require.InEpsilon(t, taken, said, 0.5, name)
	}
}
