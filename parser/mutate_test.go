package parser

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/rql-lang/rql/lang"
	"github.com/stretchr/testify/require"
)

// mutate changes a few words of a text: replaced, dropped, doubled, or cut by a sign.
func mutate(r *rand.Rand, text string, words []string) string {
	for range 1 + r.IntN(4) {
		f := strings.Fields(text)
		if len(f) == 0 {
			return text
		}
		i := r.IntN(len(f))
		switch r.IntN(4) {
		case 0:
			f[i] = words[r.IntN(len(words))]
		case 1:
			f = append(f[:i], f[i+1:]...)
		case 2:
			f[i] += " " + words[r.IntN(len(words))]
		case 3:
			const signs = "'\"<>(){}[];$-*/.,\\@:?="
			k, c := r.IntN(len(f[i])+1), r.IntN(len(signs))
			f[i] = f[i][:k] + signs[c:c+1] + f[i][k:]
		}
		text = strings.Join(f, " ")
	}
	return text
}

// What is nearly RQL meets more of the grammar than what is random: whatever of
// it parses prints and parses again, and nothing panics or takes long.
func TestMutatedSamples(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	all := samples(t)
	parts, words := strings.SplitAfter(all, ";\n"), strings.Fields(all)
	good := 0
	for range 4000 {
		text := mutate(r, parts[r.IntN(len(parts))], words)
		start := time.Now()
		f := parseText(text)
		require.Less(t, time.Since(start), 10*time.Second, text)
		checkSpans(t, f)
		_ = f.Diags.Render(f.Source)
		Complete(text)
		require.Equal(t, text, joined(allPieces(text)))
		if len(f.Diags) > 0 {
			continue
		}
		for _, s := range f.Stmts {
			good++
			roundTrip(t, s)
		}
	}
	require.Greater(t, good, 100)
}

// A statement that ends or goes wrong anywhere near its beginning is a mistake, and no more.
func TestShortStatements(t *testing.T) {
	signs := strings.Fields(": , ( ) { < > = . x SET FROM")
	for _, head := range append(strings.Fields("SELECT INSERT MERGE WITH USE ALTER TABLE"), lang.Keywords()...) {
		for _, a := range signs {
			for _, b := range signs {
				for _, text := range []string{head + a, head + " " + a + " " + b, head + a + b + " " + head, a + " " + head + " " + b, "ATOMIC < " + head + " " + a + " " + b + " >"} {
					f := parseText(text)
					checkSpans(t, f)
					_ = f.Diags.Render(f.Source)
				}
			}
		}
	}
}

func joined(ps []Piece) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.Text)
	}
	return b.String()
}

// A text with errors parses as often as one without: no error grows with the text.
func TestErrorsAreLinear(t *testing.T) {
	for _, part := range []string{"FIND U WHERE a = 'x ", "SELECT * FROM ; ", "ATOMIC < IF a THEN ", "UPDATE U SET a = 1 WHERE b; ", "a > ' /* ", "{ ( [ ;\n", "FIND U ORDER BY a WHERE b RETURN c LIMIT "} {
		text := strings.Repeat(part, lang.MaxSource/len(part))
		start := time.Now()
		f := parseText(text)
		require.Less(t, time.Since(start), 60*time.Second, part)
		require.NotEmpty(t, f.Diags, part)
		require.LessOrEqual(t, len(f.Diags), lang.MaxDiags, part)
	}
}
