package infer

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// kind is a kind of field, as programs write them.
type kind struct {
	name string
	text func(r *rand.Rand) string
	want string
}

func iso(r *rand.Rand) string {
	return time.Unix(1_000_000_000+r.Int64N(700_000_000), 0).UTC().Format(time.RFC3339)
}

func oneOf(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

var numbers = []kind{
	{"age", func(r *rand.Rand) string { return strconv.Itoa(r.IntN(90)) }, "int"},
	{"tweet", func(r *rand.Rand) string { return strconv.FormatInt(1750000000000000000+r.Int64N(1e15), 10) }, "int64"},
	{"score", func(r *rand.Rand) string { return strconv.FormatFloat(r.Float64()*10, 'g', -1, 64) }, "float"},
	{"active", func(r *rand.Rand) string { return oneOf(r, "0", "1") }, "int"},
	{"updated", func(r *rand.Rand) string { return strconv.FormatInt(1_700_000_000+r.Int64N(1e8), 10) }, "datetime<s>"},
	{"seen", func(r *rand.Rand) string { return strconv.FormatInt(1_700_000_000_000+r.Int64N(1e11), 10) }, "datetime<ms>"},
	{"timeout", func(r *rand.Rand) string { return strconv.FormatInt((1+r.Int64N(99))*1e9, 10) }, "duration<ns>"},
	{"price", func(r *rand.Rand) string { return fmt.Sprintf("%.2f", r.Float64()*100) }, "float"},
	{"ver", func(r *rand.Rand) string { return oneOf(r, "1.9", "1.10", "1.2") }, "string"},
	{"team_id", func(r *rand.Rand) string { return strconv.Itoa(r.IntN(30)) }, "ref<Team>"},
	{"zip", func(r *rand.Rand) string { return fmt.Sprintf("%05d", r.IntN(100000)) }, "string"},
	{"big", func(r *rand.Rand) string { return "9" + strconv.FormatInt(1e18+r.Int64N(1e15), 10) }, "string"},
	{"zero", func(r *rand.Rand) string { return oneOf(r, "-0", "3") }, "string"},
}

var others = []kind{
	{"name", func(r *rand.Rand) string { return fmt.Sprintf("N%d x", r.IntN(1e6)) }, "string"},
	{"phone", func(r *rand.Rand) string { return fmt.Sprintf("+49%d", r.IntN(1e9)) }, "string"},
	{"ok", func(r *rand.Rand) string { return oneOf(r, "true", "false") }, "bool<text>"},
	{"created_at", iso, "datetime<iso>"},
	{"day", func(r *rand.Rand) string { return iso(r)[:10] }, "string"},
	{"tags", func(r *rand.Rand) string { return oneOf(r, "[]", `["a"]`, `["b","c"]`) }, "list<string>"},
	{"sizes", func(r *rand.Rand) string { return oneOf(r, "[1]", "[2,3]") }, "list<int>"},
	{"prefs", func(r *rand.Rand) string { return fmt.Sprintf(`{"k%d":"v"}`, r.IntN(40)) }, "map<string>"},
	{"doc", func(r *rand.Rand) string { return oneOf(r, `{"a":1}`, `{"a":null}`, `{"a":"x"}`) }, "json"},
	{"country", func(r *rand.Rand) string { return oneOf(r, "DE", "FR", "IT", "NO") }, "enum('DE', 'FR', 'IT', 'NO')"},
	{"author", func(r *rand.Rand) string { return fmt.Sprintf("author:a%d", r.IntN(30)) }, "ref<Author, key>"},
	{"uuid", func(r *rand.Rand) string {
		return fmt.Sprintf("%08x-0000-4000-8000-%012x", r.Uint32(), r.Int64N(1<<48))
	}, "string"},
	{"hex", func(r *rand.Rand) string { return fmt.Sprintf("%08xf", r.Uint32()) }, "string"},
	{"nick", func(r *rand.Rand) string { return oneOf(r, "", "", fmt.Sprintf("x%d", r.IntN(999))) }, "string? EMPTY IS NULL"},
	{"nan", func(r *rand.Rand) string { return oneOf(r, "NaN", "1.5") }, "enum('1.5', 'NaN')"},
	{"emb", func(r *rand.Rand) string {
		var b []byte
		for range 8 {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(r.Float32()))
		}
		return string(append(b[:31], 0xff))
	}, "bytes"},
}

func TestTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	keys := func(form string) map[string]bool {
		out := map[string]bool{}
		for i := range 30 {
			out[fmt.Sprintf(form, i)] = true
		}
		return out
	}
	targets := []Target{{"Team", "team:", keys("%d")}, {"Author", "author:", keys("a%d")}}
	for _, k := range append(numbers, others...) {
		texts := make([]string, 1000)
		for i := range texts {
			texts[i] = k.text(r)
		}
		require.Equal(t, k.want, Texts(k.name, texts, len(texts), targets).String(), k.name)
	}
	require.Equal(t, "int?", Texts("n", []string{"1", "7"}, 3, nil).String())
	require.Equal(t, "string?", Texts("n", []string{"", ""}, 2, nil).String())
}

// The kind of a JSON value is a part of its type: a text of digits is no number.
func TestValues(t *testing.T) {
	keys := map[string]bool{}
	for i := range 9 {
		keys[strconv.Itoa(i)] = true
	}
	many := func(list ...string) (out []string) {
		for range 40 {
			out = append(out, list...)
		}
		return out
	}
	for _, x := range []struct {
		name   string
		values []string
		want   string
	}{
		{"n", []string{`1`, `2`}, "int"},
		{"n", []string{`1`, `2.5`}, "float"},
		{"n", []string{`"1"`, `"2"`}, "string"},
		{"n", []string{`1`, `"2"`}, "json"},
		{"ok", []string{`true`, `false`}, "bool"},
		{"ok", []string{`"true"`, `"false"`}, "string"},
		{"created", []string{`1700000000`}, "datetime<s>"},
		{"created", []string{`"2026-01-02T03:04:05Z"`}, "datetime<iso>"},
		{"big", []string{`9007199254740993`}, "float"},
		{"tags", []string{`["a"]`, `[]`}, "list<string>"},
		{"at", []string{`{"x":1,"y":2}`}, "json"},
		{"country", many(`"DE"`, `"FR"`), "enum('DE', 'FR')"},
		{"country", append(many(`"DE"`, `"FR"`), `""`), "enum('DE', 'FR')? EMPTY IS NULL"},
		{"name", []string{`""`, `"\u00e4"`}, "string"},
		{"team", []string{`"1"`, `"2"`, `"3"`, `"4"`, `"5"`}, "ref<Team>"},
	} {
		require.Equal(t, x.want, Values(x.name, x.values, len(x.values), []Target{{"Team", "team:", keys}}).String(), "%s %q", x.name, x.values)
	}
	require.Equal(t, "int?", Values("n", []string{"1"}, 2, nil).String())
}
