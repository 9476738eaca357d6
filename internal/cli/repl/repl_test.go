package repl

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/repl/edit"
	"github.com/rql-lang/rql/internal/cli/run"
	"github.com/rql-lang/rql/internal/complete"
	"github.com/rql-lang/rql/lang"
	_ "github.com/rql-lang/rql/mem"
)

func TestFold(t *testing.T) {
	tests := []string{
		"FIND User;",
		"MODEL A {\n  x int -- it's one\n  y int\n}",
		"FIND A /* ' */\nWHERE x = 'it''s -- no comment' ;",
		"FIND A WHERE x = \"a\\\"b\"\n;",
		"FIND A WHERE x = 'a\\\\'\n;",
	}
	for _, text := range tests {
		entry, ok := fold(text)
		require.True(t, ok, text)
		require.NotContains(t, entry, "\n")
		require.Equal(t, text, unfold(entry))
	}
	for _, text := range []string{"FIND A WHERE x = 'a\nb'", "FIND A WHERE x = '⏎'"} {
		_, ok := fold(text)
		require.False(t, ok, "%q cannot be had back", text)
	}
}

func TestHistory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history")
	h := loadHistory(file)
	for _, text := range []string{
		"FIND A;", "FIND A;", " FIND B;", "CREATE User { password: 'x' };", "UPDATE U 'a' SET api_key = 'k';",
		`\connect redis://u:p@h`, "MODEL T {\n x int\n}", "COUNT Tokens;",
	} {
		h.add(text)
	}
	want := []string{"FIND A;", "MODEL T {\n x int\n}", "COUNT Tokens;"}
	require.Equal(t, want, h.entries)
	require.Equal(t, want, loadHistory(file).entries)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("COUNT A;\n", historyLimit+10)), 0o600))
	require.Len(t, loadHistory(file).entries, historyLimit)
	require.Len(t, loadHistory(file).entries, historyLimit)

	nowhere := loadHistory(filepath.Join(file, "x"))
	nowhere.add("FIND A;")
	require.Equal(t, []string{"FIND A;"}, nowhere.entries, "a history that cannot be written still works")
}

func TestHistoryFile(t *testing.T) {
	home := func() (string, error) { return "/home/ann", nil }
	set := func(v string, ok bool) func(string) (string, bool) {
		return func(string) (string, bool) { return v, ok }
	}
	require.Equal(t, "/home/ann/.rql_history", HistoryFile(set("", false), home))
	require.Equal(t, "", HistoryFile(set("", true), home))
	require.Equal(t, "/tmp/h", HistoryFile(set("/tmp/h", true), home))
	require.Equal(t, "", HistoryFile(set("", false), func() (string, error) { return "", os.ErrNotExist }))
}

const models = `
MODEL Address { street string, zip string }
MODEL Team { id string KEY, title string, part ref<Team>? }
MODEL User { id string KEY, name string, NAMES string?, role enum('admin', 'guest'), active bool, tags list<string>, home Address?, team ref<Team>? }
PROCEDURE promote(id string) ATOMIC < UPDATE User $id SET role = 'admin'; >
CREATE User [ { id: 'ann', name: 'Ann', role: 'admin', active: true, tags: [] }, { id: 'anton', name: 'Anton', role: 'guest', active: true, tags: [] } ];
`

func atModels(t testing.TB, text string) *prompter {
	t.Helper()
	e, err := exec.Open(t.Context(), "mem://", exec.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	r := run.NewRunner(e, &run.Output{Out: io.Discard, Err: io.Discard}, nil, exec.SessionOptions{Prompt: true})
	_, err = r.Rows(t.Context(), text, nil)
	require.NoError(t, err)
	return &prompter{runner: r, out: r.Out}
}

func (p *prompter) completer() *completer {
	return &completer{complete.Completer{Schema: p.runner.Engine().Schema, Params: func() []string { return []string{"name", "min"} }, Keys: p.someKeys}}
}

func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, f := range []string{"seed.rql", "other.txt", "people.csv", "people.json.gz"} {
		require.NoError(t, os.WriteFile(f, nil, 0o600))
	}
	require.NoError(t, os.Mkdir("sub", 0o700))
	c := atModels(t, models).completer()
	// text and what may be written instead of its last word
	tests := []struct{ text, want string }{
		{"FIN", "FIND"}, {"fin", "find"}, {"FIND U", "User"}, {"find ", "Address Team User"}, {"FIND u", "User"}, {"EXPO", "EXPORT"}, {"\n\n  UPD", "UPDATE"},
		{"FIND User WHERE na", "NAMES name"}, {"FIND User\nWHERE NAMES", "NAMES"}, {"FIND Team WHERE na", ""}, {"FIND User WHERE ro", "role round("},
		{"FIND User WHERE role = ", "'admin' 'guest'"}, {"FIND User WHERE role = 'a", "admin'"}, {"FIND User WHERE role IN ['admin', 'g", "guest'"}, {"FIND User WHERE active = ", "true false"},
		{"FIND User WHERE home.z", "zip"}, {"FIND User WHERE team.", "id part title"}, {"FIND User WHERE team.part.ti", "title"},
		{"FIND User WHERE name = 'na", ""}, {"FIND User WHERE name = $na", "$name"}, {"FIND User WHERE name = $", "$name $min"}, {"FIND User WHERE name = 'a' OR", "OR ORDER BY"},
		{"FIND User ORD", "ORDER BY"}, {"find user ret", "return"}, {"FIND User RETURN name LI", "LIKE LIMIT"}, {"FIND User LIMIT 3 WH", ""}, {"FIND User RETURN coale", "coalesce("},
		{"UPDATE User 'ann' SET tags.app", "append("}, {"UPDATE User 'ann' SET ro", "role"}, {"GET User 'ant", "anton'"}, {"GET User ['ann', 'x'] RE", "RETURN"}, {"DELETE User 'a", "ann' anton'"},
		{"CALL pro", "promote"}, {"DROP ", "MODEL PROCEDURE"}, {"DROP MODEL te", "Team"}, {"SHOW PROCEDURE ", "promote"}, {"VERIFY us", "User"}, {"ALTER ", "MODEL"}, {"ALTER MODEL us", "User"}, {"SHOW ST", "STATS"},
		{"EXPLAIN FI", "FIND"}, {"EXPLAIN FIND us", "User"}, {"LET x = COU", "COUNT"}, {"ATOMIC < UPDATE us", "User"}, {"ATOMIC < LET a = 1; DEL", "DELETE"}, {"FIND User; COU", "COUNT"},
		{"MODEL A { id string KEY } INDEXED BY NAT", "NATIVE"}, {"MODEL A { id string KEY } FIN", "FIND"}, {"MODEL A { id string KEY, a pque", "pqueue"}, {"MODEL A { id string KEY, a ref<", "Address Team User"},
		{"IMPORT 'p", "people.csv' people.json.gz'"}, {"IMPORT 'people.csv' INTO us", "User"}, {"INCLUDE 's", "seed.rql' sub/"},
		{"IMPORT 'people.csv' INTO User WITH (", "FORMAT ENCODING DELIMITER QUOTE NULL HEADER DECIMAL DATETIME"}, {"IMPORT 'people.csv' INTO User WITH (HEADER FALSE, de", "DELIMITER DECIMAL"},
		{"IMPORT 'people.csv' INTO User WITH (header ", "FALSE TRUE"}, {"EXPORT FIND User TO 'x' WITH (DECIMAL '.', FORMAT 'j", "json' jsonl'"}, {"EXPORT FIND User TO 'x' WITH (ENCODING ", "'utf-8' 'utf-16' 'utf-16le' 'utf-16be' 'latin1' 'windows-1252'"},
		{"PRI", "PRINT"}, {"-- FIND U", ""}, {"FIND User LIMIT 3", ""},
		{"FIND Team ", "NEAREST STALE WHERE GROUP BY FETCH RETURN ORDER BY LIMIT OFFSET AFTER"}, {"FIND Team WH", "WHERE"}, {"FIND Team WHERE ", "id title part"}, {"UPDATE Team AL", "ALL"}, {"FIND Team WHERE title ST", "STARTS"},
		{"FIND Team ORDER BY title D", "DESC"}, {"CREATE Team { TT", ""}, {"MODEL A { id string KEY, a dat", "datetime"}, {"MODEL A { id string KEY, a string DEF", "DEFAULT"}, {"MODEL A { id string KEY, IND", "INDEX"}, {"ALTER MODEL Team DROP FIELD ti", "title"},
		{`\fo`, `\format`}, {`\format js`, "json jsonl"}, {`\i s`, "seed.rql sub/"}, {`\explain FIND U`, "User"}, {`\d t`, "Team"}, {`\timing o`, "on off"}, {`\h upp`, "upper"}, {"FIND User\n\\ti", `\timing`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			var parts []string
			for _, x := range c.complete(tt.text, len(tt.text)).Items {
				parts = append(parts, x.Show)
			}
			require.Equal(t, tt.want, strings.Join(parts, " "))
		})
	}
}

// Every operator that is a word is offered behind a field.
func TestOperatorsAreCompleted(t *testing.T) {
	c := atModels(t, models).completer()
	for _, w := range strings.Fields(lang.OperatorWords) {
		var shown []string
		for _, x := range c.complete("FIND Team WHERE title "+w[:1], len("FIND Team WHERE title ")+1).Items {
			shown = append(shown, x.Show)
		}
		require.Contains(t, shown, w)
	}
}

func TestCompletionIsQuick(t *testing.T) {
	var text strings.Builder
	for i := range 500 {
		fmt.Fprintf(&text, "MODEL M%d { id string KEY, a string, b int INDEX, c ref<M0>? }\n", i)
	}
	p := atModels(t, text.String())
	c := p.completer()
	h := &highlighter{keywords: lang.Keywords(), models: p.runner.Engine().Schema().Names}
	long := strings.Repeat("FIND M499 WHERE a = 'x' AND c.b > 3;\n", 200)
	for _, line := range []string{"FIND ", "FIND M499 WHERE c.", "", long + "FIND M499 WHERE c.a = 'x' AND ", "GET M1 'a", "FIND M499 ", "FIND M499 WHERE " + strings.Repeat("a = 'x' AND ", 150) + "N", "MODEL M { id string KEY, a "} {
		best := time.Hour
		for range 5 {
			start := time.Now()
			c.complete(line, len(line))
			h.parts(line)
			best = min(best, time.Since(start))
		}
		t.Logf("%.20q: %s", line, best)
		require.Less(t, best, 30*time.Millisecond, "%.20q", line)
	}
}

func TestHighlight(t *testing.T) {
	h := &highlighter{keywords: lang.Keywords(), models: func() []string { return []string{"User"} }}
	text := "FIND User WHERE name = 'x' AND age > 3 -- note"
	var got []string
	for _, p := range h.parts(text) {
		got = append(got, fmt.Sprintf("%s:%d", text[p.Start:p.End], p.Style))
	}
	require.Equal(t, fmt.Sprintf("FIND:%[1]d User:%[2]d WHERE:%[1]d 'x':%[3]d AND:%[1]d 3:%[4]d -- note:%[5]d", edit.Keyword, edit.Name, edit.String, edit.Number, edit.Comment), strings.Join(got, " "))
	require.Empty(t, h.parts(`\timing on`))
	require.Equal(t, []edit.Part{{Start: 0, End: 2, Style: edit.Wrong}}, h.parts("'x"))
}

func TestSplitWords(t *testing.T) {
	words, err := splitWords(`SET a 'x y'  "" z`)
	require.NoError(t, err)
	require.Equal(t, []string{"SET", "a", "x y", "", "z"}, words)
	_, err = splitWords("SET 'a")
	require.Error(t, err)
}

func TestPieces(t *testing.T) {
	tests := []struct {
		text, want string
		runs       bool
	}{
		{"", "", true}, {"FIND A;", "FIND A;", true}, {"FIND A", "+FIND A", false},
		{"FIND A;\n\\timing\nCOUNT B;", "FIND A;\n|!\\timing|COUNT B;", true},
		{"FIND A\n\\?", "!\\?|+FIND A\n", true}, {"FIND A\nhelp", "!\\?|+FIND A\n", true}, {"FIND A\n\\?\nWHERE", "!\\?|+FIND A\nWHERE", false},
		{"help FIND", "!\\? FIND", true}, {"quit;", "!\\q", true},
		{"FIND A WHERE s = 'x\n\\q", "+FIND A WHERE s = 'x\n\\q", false},
		{"DELETE A ALL\n", "+DELETE A ALL\n", false}, {"FIND A\n", "FIND A\n", true},
	}
	for _, tt := range tests {
		list, left := pieces(tt.text)
		var parts []string
		for _, x := range list {
			if x.command {
				x.text = "!" + x.text
			}
			parts = append(parts, x.text)
		}
		if left != "" {
			parts = append(parts, "+"+left)
		}
		require.Equal(t, tt.want, strings.Join(parts, "|"), "%q", tt.text)
		require.Equal(t, tt.runs, runs(tt.text), "%q", tt.text)
	}
}

func TestEveryCommandDoesSomething(t *testing.T) {
	names := map[string]bool{}
	for _, c := range args.PromptCommands() {
		require.Contains(t, actions(), c.Name)
		for _, n := range append(c.Aliases, c.Name) {
			require.False(t, names[n], "%s is two commands", n)
			names[n] = true
		}
	}
	require.Len(t, actions(), len(args.PromptCommands()))
}
