package importer

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// readAll gives each record as "line:col row", each bad one as its message, and what ended the file.
func readAll(t *testing.T, name, content string) (out []string, end error) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	src, err := Open(dir, name, nil, lang.FileOptions{})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	for {
		row, pos, err := src.Next()
		var bad *exec.RecordError
		switch {
		case errors.As(err, &bad):
			require.Equal(t, bad.Pos, pos)
			out = append(out, bad.Error())
		case err != nil:
			_, _, again := src.Next()
			require.Equal(t, err, again, "the end stays the end")
			return out, err
		default:
			out = append(out, fmt.Sprintf("%d:%d %v", pos.Line, pos.Col, row))
		}
	}
}

func TestReaders(t *testing.T) {
	tests := []struct {
		name, content string
		want          []string
		end           string
	}{
		{"a.csv", "a,b\n1,x\n\"two\nlines\",\"say \"\"hi\"\"\"\n3,z", []string{"2:1 map[a:1 b:x]", `3:1 map[a:two` + "\n" + `lines b:say "hi"]`, "5:1 map[a:3 b:z]"}, "EOF"},
		{"bom.csv", "\ufeffa\r\n1\r\n", []string{"2:1 map[a:1]"}, "EOF"},
		{"cr.csv", "a,b\r1,\"x\r\ny\"\r\r,\"\"\r", []string{"2:1 map[a:1 b:x\r\ny]", "5:1 map[a:<nil> b:]"}, "EOF"},
		{"utf16.csv", "\xff\xfea\x00\n\x00\xe9\x00\n\x00", []string{"2:1 map[a:é]"}, "EOF"},
		{"half.csv", "\xfe\xff\x00a\x00,\x00b\x00\n\x00x\x00,\xd8\x00\x00y\x00\n\xd8\x3d\xde\x00\x00,\xde\x00\x00\n\x00z\x00,\x00q\x00\n\x00z",
			[]string{"half.csv:2:3: b is not valid UTF-16", "half.csv:3:6: b is not valid UTF-16", "4:1 map[a:z b:q]", "half.csv:5:1: 1 values under 2 columns"}, "EOF"},
		{"odd.csv", "\xff\xfea\x00\n\x00x\x00y", []string{"odd.csv:2:1: a is not valid UTF-16"}, "EOF"},
		{"half.jsonl", "\xff\xfe{\x00\"\x00a\x00\"\x00:\x00\"\x00\x00\xdc\"\x00}\x00\n\x00", []string{"half.jsonl:1:1: not valid UTF-16"}, "EOF"},
		{"t.tsv", "a\tb\n1\t2,3\n", []string{"2:1 map[a:1 b:2,3]"}, "EOF"},
		{"count.csv", "a,b\n1\n2,3\n4,5,6\n7,8\n", []string{"count.csv:2:1: 1 values under 2 columns", "3:1 map[a:2 b:3]",
			"count.csv:4:1: 3 values under 2 columns", "5:1 map[a:7 b:8]"}, "EOF"},
		{"bare.csv", "a\nx\"y\nz\n", []string{`bare.csv:2:2: a quote inside a value without quotes; write "a ""quoted"" word"`, "3:1 map[a:z]"}, "EOF"},
		{"open.csv", "a\n\"x\ny\n", nil, "open.csv:2:1: a quoted value is not closed, or something follows its closing quote (found at line 3)"},
		{"utf.csv", "a,b\nx,\xff\n", []string{"utf.csv:2:3: b is not valid UTF-8"}, "EOF"},
		{"a.json", `[{"a":1},` + "\n" + ` {"a":2.0,"b":[null,{"c":"é"}]}, 5,` + "\n\n" + `{"a":99999999999999999999}]`,
			[]string{"1:2 map[a:1]", "2:2 map[a:2 b:[<nil> map[c:é]]]", "a.json:2:35: expected an object, found a number",
				"a.json:4:1: a: 99999999999999999999 is beyond 64 bits with a sign"}, "EOF"},
		{"cat.json", "{\"a\":1}\n{\"a\":2} {\"a\":3}", []string{"1:1 map[a:1]", "2:1 map[a:2]", "2:9 map[a:3]"}, "EOF"},
		{"empty.json", " \n", nil, "EOF"},
		{"none.json", "[]", nil, "EOF"},
		{"cut.json", `[{"a":1},{"a"`, []string{"1:2 map[a:1]"}, "cut.json:1:14: not JSON: the file ends in the middle"},
		{"bad.json", "[{\"a\":1},\n{a:2}]", []string{"1:2 map[a:1]"}, "bad.json:2:2: not JSON: invalid character 'a' looking for beginning of object key string"},
		{"comma.json", "[{\"a\":1}\n {\"a\":2}]", []string{"1:2 map[a:1]"}, "comma.json:2:2: not JSON: expected comma after array element"},
		{"more.json", `[{"a":1}] {}`, []string{"1:2 map[a:1]"}, "more.json:1:12: something follows the array"},
		{"a.jsonl", "{\"a\":1}\n\n{\"a\":}\n[1]\n{\"a\":\"x\"}", []string{"1:1 map[a:1]",
			"a.jsonl:3:6: not JSON: invalid character '}' looking for beginning of value", "a.jsonl:4:1: expected an object, found an array", "5:1 map[a:x]"}, "EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, end := readAll(t, tt.name, tt.content)
			require.Equal(t, tt.want, got)
			require.EqualError(t, end, tt.end)
		})
	}
}

func TestFilesThatCannotBeImported(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "d.csv"), 0o700))
	tests := []struct{ name, want string }{
		{"a.xml", "a.xml is not a file that can be read and written"},
		{"none.csv", "cannot open " + filepath.Join(dir, "none.csv") + ": no such file or directory"},
		{"d.csv", "it is a directory"},
	}
	for _, tt := range tests {
		_, err := Open(dir, tt.name, nil, lang.FileOptions{})
		require.ErrorContains(t, err, tt.want)
	}
	for content, want := range map[string]string{
		"":      "is empty: its first line must name the columns",
		"a,,b":  "column 2 has no name",
		"a,b,a": "h.csv:1:5: two columns are named a",
	} {
		_, err := readAll(t, "h.csv", content)
		require.ErrorContains(t, err, want)
	}
}

func TestGzipAndProgress(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "a.jsonl.gz"))
	require.NoError(t, err)
	z := gzip.NewWriter(f)
	for i := range 1000 {
		fmt.Fprintf(z, "{\"n\":%d}\n", i)
	}
	require.NoError(t, z.Close())
	require.NoError(t, f.Close())
	src, err := Open(dir, "a.jsonl.gz", nil, lang.FileOptions{})
	require.NoError(t, err)
	defer src.Close()
	n := int64(0)
	for {
		row, pos, err := src.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.Equal(t, n, row["n"])
		n++
		require.Equal(t, exec.Pos{Line: int(n), Col: 1}, pos)
	}
	require.Equal(t, int64(1000), n)
	read, total := src.Bytes()
	require.Equal(t, total, read)
	require.Positive(t, total)
}

func TestPlacesInALongFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("[")
	for i := range 30000 {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, " {\"n\":%d}", i)
	}
	b.WriteString("]")
	got, end := readAll(t, "long.json", b.String())
	require.EqualError(t, end, "EOF")
	require.Equal(t, "1:3 map[n:0]", got[0])
	require.Equal(t, "30000:2 map[n:29999]", got[29999])
}
