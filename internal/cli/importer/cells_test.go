package importer

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Corner cases of a CSV file with the columns a and b, or with a alone.
func TestCells(t *testing.T) {
	const open = "x.csv:2:1: a quoted value is not closed, or something follows its closing quote (found at line %d)"
	tests := []struct {
		name, content string
		want          []string
		end           string
	}{
		{"null and empty", "a,b\n,\"\"\n", []string{"2:1 map[a:<nil> b:]"}, "EOF"},
		{"quotes", "a,b\n\"\"\"\",\"x\"\"y\"\n", []string{`2:1 map[a:" b:x"y]`}, "EOF"},
		{"commas and blanks stay", "a,b\n\"1,2\", x \n", []string{"2:1 map[a:1,2 b: x ]"}, "EOF"},
		{"lines within a value", "a,b\n\"1\r\n2\",\"3\r4\n\"\nx,y\n", []string{"2:1 map[a:1\r\n2 b:3\r4\n]", "5:1 map[a:x b:y]"}, "EOF"},
		{"CR LF", "a,b\r\n1,2\r\n\"3\",\"4\"\r\n", []string{"2:1 map[a:1 b:2]", "3:1 map[a:3 b:4]"}, "EOF"},
		{"CR alone ends a line", "a,b\r1,2\r\r3,4", []string{"2:1 map[a:1 b:2]", "4:1 map[a:3 b:4]"}, "EOF"},
		{"no last line end", "a,b\n1,", []string{"2:1 map[a:1 b:<nil>]"}, "EOF"},
		{"quotes at the end of the file", "a,b\n1,\"\"", []string{"2:1 map[a:1 b:]"}, "EOF"},
		{"empty lines", "\n\na,b\n\n1,2\n\r\n\n", []string{"5:1 map[a:1 b:2]"}, "EOF"},
		{"empty lines of one column", "\na\n\n\"\"\n1\n\r\n", []string{"3:1 map[a:<nil>]", "4:1 map[a:]", "5:1 map[a:1]", "6:1 map[a:<nil>]"}, "EOF"},
		{"too few, too many", "a,b\n1\n1,2,\n3,4\n", []string{"x.csv:2:1: 1 values under 2 columns", "x.csv:3:1: 3 values under 2 columns", "4:1 map[a:3 b:4]"}, "EOF"},
		{"a quote inside", "a,b\n1,x\"y\"\r\n3,4\n", []string{`x.csv:2:4: a quote inside a value without quotes; write "a ""quoted"" word"`, "3:1 map[a:3 b:4]"}, "EOF"},
		{"behind quotes", "a,b\n\"1\"x,2\n", nil, fmt.Sprintf(open, 2)},
		{"never closed", "a,b\n\"1,2\n3,4", nil, fmt.Sprintf(open, 3)},
		{"never closed, by an escaped quote", "a,b\n\"\"\"", nil, fmt.Sprintf(open, 2)},
		{"a long value", "a,b\n" + strings.Repeat("x", 200<<10) + ",1\n", []string{"2:1 map[a:" + strings.Repeat("x", 200<<10) + " b:1]"}, "EOF"},
		{"too long a value", "a,b\n1," + strings.Repeat("x", maxLine+1), nil, "x.csv:2:3: the value is longer than 16777216 bytes; if it has quotes, they may not be closed"},
		{"too long a value in quotes", "a,b\n\"" + strings.Repeat("x\n", maxLine/2+1), nil, "x.csv:2:1: the value is longer than 16777216 bytes; if it has quotes, they may not be closed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, end := readAll(t, "x.csv", tt.content)
			require.Equal(t, tt.want, got)
			require.EqualError(t, end, tt.end)
		})
	}
}

// What encoding/csv reads is read alike; it makes LF of CR LF within a value, and takes a CR alone for a part of it.
func FuzzCells(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a,b\n\"x\"\"\ny\",\n\n\"\",z", "a,b\n1\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = "a,b\n" + strings.ReplaceAll(s, "\r", "")
		r := csv.NewReader(strings.NewReader(s))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		if err != nil { // there is nothing to compare with
			return
		}
		c := newCells(bufio.NewReader(strings.NewReader(s)), "x.csv", ',')
		for _, record := range want {
			row, err := c.record()
			require.NoError(t, err)
			texts := make([]string, len(row))
			for i, x := range row {
				texts[i] = x.text
			}
			require.Equal(t, record, texts)
		}
		_, err = c.record()
		require.EqualError(t, err, "EOF")
	})
}
