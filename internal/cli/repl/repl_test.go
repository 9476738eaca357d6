package repl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/cli/args"
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

type fakeNames struct{}

func (fakeNames) Models() []string { return []string{"Team", "User"} }
func (fakeNames) Fields(model string) []string {
	if model == "User" {
		return []string{"id", "name", "NAMES"}
	}
	return []string{"id"}
}

func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.WriteFile("seed.rql", nil, 0o600))
	require.NoError(t, os.WriteFile("other.txt", nil, 0o600))
	require.NoError(t, os.Mkdir("sub", 0o700))
	tests := []struct{ text, want string }{
		{"FIN", "D "}, {"fin", "d "}, {"FIND U", "ser "}, {"find ", "Team |User "}, {"FIND u", ""},
		{"FIND User WHERE na", "me "}, {"FIND User WHERE NAM", "ES "}, {"FIND Team WHERE na", ""},
		{"MODEL A { id string KEY } INDEXED BY NAT", "IVE "}, {"COPY User 'a' TIM", "ES "}, {"FIND User STA", "LE |RTS "}, {"EXPO", ""},
		{"FIND User ORD", "ER "}, {"find User ret", "urn "}, {"FIND User RETURN coale", "sce("},
		{"FIND User WHERE name = 'na", ""}, {"FIND User WHERE age > $na", ""}, {"FIND User WHERE team.na", ""},
		{"UPDATE User 'a' SET tags.app", "end("}, {"UPDATE User 'a' SET tags.remo", "ve(|ve_range("}, {"MODEL A { id string KEY, a pque", "ue "},
		{`\fo`, "rmat "}, {`\format js`, "on |onl "}, {`\i s`, "eed.rql |ub/"}, {`\explain FIND U`, "ser "}, {`\models T`, "eam "}, {`\timing o`, "n |ff "},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got := (&completer{session: fakeNames{}}).complete(tt.text, len(tt.text))
			var parts []string
			for _, x := range got.Items {
				parts = append(parts, x.Insert[len(tt.text)-got.From:])
			}
			require.Equal(t, tt.want, strings.Join(parts, "|"))
		})
	}
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
