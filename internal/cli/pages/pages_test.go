package pages_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/pages"
)

func described(t *testing.T) *args.Description {
	t.Helper()
	root, err := args.Describe()
	require.NoError(t, err)
	return root
}

// every calls f for the program and all commands.
func every(d *args.Description, f func(*args.Description)) {
	f(d)
	for i := range d.Commands {
		every(&d.Commands[i], f)
	}
}

// Bash completes commands, their flags and commands, values, files and topics.
func TestBash(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "rql.bash"), []byte(pages.Completion(described(t), "bash")), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a file.rql"), nil, 0o666))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o777))
	for line, want := range map[string][]string{
		"rql mig":                      {"migrate"},
		"rql migrate st":               {"status"},
		"rql --ns x migrate dow":       {"down"},
		"rql migrate up --all":         {"--allow-order"},
		"rql migrate up --di":          {"--dir"},
		"rql run --keep":               {"--keep-going"},
		"rql run --ur":                 {"--url"},
		"rql doctor --q":               {"--quiet", "--quick"},
		"rql --form":                   {"--format"},
		"rql --format js":              {"json", "jsonl"},
		"rql completion ":              {"bash", "zsh", "fish"},
		"rql help par":                 {"params"},
		"rql fmt a":                    {"a file.rql"},
		"rql run a":                    {"a file.rql"},
		"rql migrate --dir f":          {"folder"},
		"rql --data f":                 {"folder"},
		"rql run --param x=1 --dry":    {"--dry-run"},
		"rql run --tls-ca a":           {"a file.rql"},
		"rql --url redis://x migra":    {"migrate"},
		"rql explain --an":             {"--analyze"},
		"rql -q -y run --no-such-flag": nil,
	} {
		words := strings.Split(line, " ")
		script := "source ./rql.bash; COMP_WORDS=(" + strings.Join(words, " ") + "); "
		if words[len(words)-1] == "" {
			script = "source ./rql.bash; COMP_WORDS=(" + strings.Join(words, " ") + " ''); "
		}
		script += "COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _rql; printf '%s\\n' \"${COMPREPLY[@]}\""
		cmd := exec.Command("bash", "-c", script)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", line, out)
		var got []string
		if text := strings.TrimRight(string(out), "\n"); text != "" {
			got = strings.Split(text, "\n")
		}
		require.ElementsMatch(t, want, got, line)
	}
}

// The scripts of all shells know every command and every flag with its text.
func TestShells(t *testing.T) {
	root := described(t)
	for _, shell := range args.ShellNames() {
		text := pages.Completion(root, shell)
		every(root, func(d *args.Description) {
			if d.Name != "" {
				require.Regexp(t, `(?m)\b`+d.Name[strings.LastIndex(d.Name, " ")+1:]+`\b`, text, shell)
			}
			for _, f := range d.Flags {
				want := map[string]string{"bash": "--" + f.Name, "zsh": "'--" + f.Name + ":" + strings.ReplaceAll(f.Help, "'", `'\''`) + "'", "fish": " -l " + f.Name + " "}[shell]
				require.Contains(t, text, want, shell)
			}
		})
	}
	require.Empty(t, pages.Completion(root, "tcsh"))
}

// Every command has a page with its flags; requests of man(7) are those that are meant.
func TestManual(t *testing.T) {
	root := described(t)
	every(root, func(d *args.Description) {
		text := pages.Manual(root, d.Name, "rql v1", args.TopicTexts())
		require.NotEmpty(t, d.Help+d.Detail, d.Name)
		for _, f := range d.Flags {
			require.Contains(t, text, `\fB\-\-`+strings.ReplaceAll(f.Name, "-", `\-`)+`\fR`, d.Name)
		}
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
				require.Regexp(t, `^\.(TH|SH|B|BR|I|TP|PP|nf|fi)( |$)`, line)
			}
		}
		if groff, err := exec.LookPath("groff"); err == nil { // it says what is wrong with a page
			cmd := exec.Command(groff, "-man", "-Tutf8", "-ww", "-z")
			cmd.Stdin = strings.NewReader(text)
			out, err := cmd.CombinedOutput()
			require.NoError(t, err)
			require.NotContains(t, string(out), "macro", d.Name)
		}
	})
	require.Contains(t, pages.Manual(root, "", "rql v1", args.TopicTexts()), "\n.SH \"EXIT STATUS\"\n")
	require.Contains(t, pages.Manual(root, "migrate up", "rql v1", nil), `\fB\-\-dir\fR`)
	require.Empty(t, pages.Manual(root, "nothing", "", nil))
}
