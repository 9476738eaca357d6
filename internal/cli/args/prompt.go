package args

import (
	"fmt"
	"slices"
	"strings"
)

// PromptCommand is a command of the prompt: a line that begins with a backslash.
type PromptCommand struct {
	Name    string   // without the backslash
	Aliases []string // other names
	Usage   string   // arguments, or ""
	Doc     string
}

// PromptCommands lists the commands of the prompt, in the order of the help.
func PromptCommands() []PromptCommand {
	return []PromptCommand{
		{Name: "?", Aliases: []string{"help"}, Doc: "this list; help FIND is \\h FIND"},
		{Name: "h", Usage: "[WORD]", Doc: "explain a statement or a function; without WORD list the statements"},
		{Name: "q", Aliases: []string{"quit"}, Doc: "leave; so do exit and quit"},
		{Name: "d", Aliases: []string{"models"}, Usage: "[NAME]", Doc: "list the models, or show one"},
		{Name: "di", Usage: "[NAME]", Doc: "list the indexes, or those of a model"},
		{Name: "g", Doc: "run the last statements again"},
		{Name: "n", Aliases: []string{"next"}, Doc: "show the rows after those of the last FIND with ORDER BY and LIMIT"},
		{Name: "watch", Usage: "SECONDS", Doc: "run the last statements repeatedly until ^C"},
		{Name: "fix", Doc: "run the last statements with the fixes that the hints propose"},
		{Name: "set", Usage: "[NAME [VALUE]]", Doc: "give $NAME a value, or none; list the values"},
		{Name: "explain", Usage: "STATEMENT", Doc: "show how a statement would run"},
		{Name: "e", Usage: "[FILE]", Doc: "edit the last statement, or a file, in $EDITOR"},
		{Name: "i", Usage: "FILE", Doc: "run a script file"},
		{Name: "x", Usage: "on|off|auto", Doc: "a line for each column; auto: where a row is too wide"},
		{Name: "rows", Usage: "N|all", Doc: "how many rows of a table to show (40)"},
		{Name: "null", Usage: "TEXT", Doc: "how tables show null"},
		{Name: "o", Usage: "[FILE]", Doc: "write results to a file; without FILE, to the terminal again"},
		{Name: "format", Usage: "FORMAT", Doc: "table, json, jsonl or csv"},
		{Name: "timing", Usage: "on|off", Doc: "show how long statements take"},
		{Name: "c", Usage: "URL", Doc: "go to another server"},
		{Name: "conninfo", Doc: "show which server this is"},
		{Name: "keys", Usage: "[PATTERN]", Doc: "list keys of the server, at most 40"},
		{Name: "peek", Usage: "KEY", Doc: "show the type, the remaining time and the first members of a key"},
		{Name: "redis", Usage: "COMMAND", Doc: "send a command to the server unchanged; it may break RQL's data"},
		{Name: "!", Usage: "COMMAND", Doc: "run a command of the shell"},
		{Name: "caps", Doc: "show the capabilities of the server"},
	}
}

// FindPromptCommand returns the command with a name or an alias; nil if there is
// none.
func FindPromptCommand(name string) *PromptCommand {
	for _, c := range PromptCommands() {
		if c.Name == name || slices.Contains(c.Aliases, name) {
			return &c
		}
	}
	return nil
}

// PromptHelp returns the list of the commands for the help.
func PromptHelp() string {
	var b strings.Builder
	for _, c := range PromptCommands() {
		names := `\` + strings.Join(append([]string{c.Name}, c.Aliases...), `, \`)
		fmt.Fprintf(&b, "  %-24s %s\n", strings.TrimSpace(names+" "+c.Usage), c.Doc)
	}
	return b.String()
}
