package search_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang/fulltext"
	"github.com/rql-lang/rql/search"
)

// FuzzWords asks that Search knows in a text the words that SEARCH does.
func FuzzWords(f *testing.F) {
	for b := range 128 {
		f.Add("ab" + string([]byte{byte(b)}) + "cd")
		f.Add(`\` + string([]byte{byte(b)}) + "x Y")
	}
	for _, s := range []string{"", "The red-Fox's 12.5 a_b", "Größe ÉCOLE", strings.Repeat("x", 127) + "é y", strings.Repeat("ab", 100), "\U0001F600 日本 语"} {
		f.Add(s)
	}
	a := newAsker(f, "body", "AS", "body_", "TEXT", "NOSTEM")
	model := "MODEL Person { id string KEY, body text }"
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1000 || strings.ToValidUTF8(text, "") != text {
			return
		}
		require.NoError(t, a.HSet(t.Context(), a.prefix+"P:1", "body", text).Err())
		q, _ := query(t, model, "body SEARCH 'x'")
		for _, w := range append(fulltext.Words(text), "absent") {
			if strings.ContainsAny(w, `"\`) || strings.ToValidUTF8(w, "") != w { // such a word is not asked of Search, or is cut
				continue
			}
			var asked strings.Builder
			for i := range len(w) {
				if c := w[i]; c < 0x80 && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
					asked.WriteByte('\\')
				}
				asked.WriteByte(w[i])
			}
			terms := `"` + asked.String() + `"`
			if len(w) > 64 && asked.Len() > fulltext.MaxWord {
				continue
			}
			r, err := search.Render(q, []any{terms})
			require.NoError(t, err)
			want := int64(0)
			if fulltext.Parse(terms).Match(text) {
				want = 1
			}
			require.Equal(t, want, a.found(t, r), "%q in %q by %+v", w, text, r)
		}
	})
}
