package lua

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lua/tree"
)

// Lua and Go read the same of a document, whatever its members are.
func TestDocumentsAreReadAlike(t *testing.T) {
	t.Run("few", func(t *testing.T) {
		readAlike(t, []string{"id", "n", "b", "v"}, []codec.Form{codec.FormString, codec.FormNumber, codec.FormBool, codec.FormAny}, true)
	})
	t.Run("nested", func(t *testing.T) { readAlike(t, manyPaths, manyForms, false) })
}

var (
	manyPaths = []string{"id", "n", "b", "v", "h", "h.s", "h.h.n", "h.h", "é"}
	manyForms = []codec.Form{codec.FormString, codec.FormNumber, codec.FormBool, codec.FormAny, codec.FormObject, codec.FormString, codec.FormNumber, codec.FormObject, codec.FormString}
)

func readAlike(t *testing.T, paths []string, forms []codec.Form, few bool) {
	members, root := codec.NewMembers(paths, forms), &wantedNode{}
	for i, path := range paths {
		root.at(path).want(i+1, forms[i])
	}
	p := NewRuntime(nil)
	p.Use("j_few")
	read := "j_doc(A[1]," + text(root.members()) + ",1)"
	if few {
		read = "j_few(A[1]," + text(root.members()) + ",1,{"
		for i, path := range paths {
			read += fmt.Sprintf("{%s,%d,'%c',%d},", tree.PrintExpr(tree.Str(`"`+path+`":`)), len(path)+3, forms[i], i+1)
		}
		read += "})"
	}
	script := frame(p, false, fmt.Sprintf("local r,out=%s,{}\nfor i=1,%d do out[i]=r[i] and #r[i]..':'..r[i] or '-' end\nreturn table.concat(out,',')", read, len(paths)))
	r := rand.New(rand.NewPCG(1, 2))
	texts := []string{`{}`, `{"id":"a\\","n":1}`, `{"id":"\\\"\\","h":{"s":"}","h":{}}}`, `[1]`, `"x"`, `{"\u0001":1,"id":"\u0001ab\b\f\n\r\t\/x"}`}
	for range 300 {
		depth := 0
		if few && r.IntN(3) > 0 {
			depth = 5 // flat
		}
		text, err := json.Marshal(randomDocument(r, depth))
		require.NoError(t, err)
		texts = append(texts, string(text))
	}
	for _, s := range servers(t) {
		for _, text := range texts {
			want := make([]string, len(paths))
			vals, err := members.Read(text)
			if err != nil {
				vals = make([]any, len(paths))
				vals[0] = codec.Misfit + text
			}
			for i, v := range vals {
				want[i] = "-"
				if v != nil {
					want[i] = fmt.Sprintf("%d:%s", len(v.(string)), v)
				}
			}
			got, failed := s.run(t, script, text)
			require.Empty(t, failed)
			require.Equal(t, strings.Join(want, ","), got, "%s: %s", s.name, text)
		}
	}
}

// randomDocument gives an object of the names that are asked for, and others.
func randomDocument(r *rand.Rand, depth int) map[string]any {
	out := map[string]any{}
	for _, name := range []string{"id", "n", "b", "v", "h", "s", "é", `q"`, "\\", "x\n", `x"n`} {
		if r.IntN(3) > 0 {
			out[name] = randomJSON(r, depth+1)
		}
	}
	return out
}

func randomJSON(r *rand.Rand, depth int) any {
	switch n := r.IntN(10); {
	case n < 3 && depth < 5:
		return randomDocument(r, depth)
	case n < 4 && depth < 5:
		return []any{randomJSON(r, depth+1), randomJSON(r, depth+1)}
	case n < 5:
		return []any{}
	case n < 6:
		return r.IntN(2) == 0
	case n < 7:
		return r.NormFloat64() * 1e10
	case n < 8:
		return r.Int64() - r.Int64()
	case n < 9:
		return nil
	}
	return []string{"", "a", "é日😀", "\"\\", "}]{[,:", "\u0000\u001f", "null", strings.Repeat("long ", 4000)}[r.IntN(8)]
}
