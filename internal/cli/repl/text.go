package repl

import (
	"strings"

	"github.com/rql-lang/rql/internal/complete"
	"github.com/rql-lang/rql/parser"
)

// piece is a part of the input: statements, or a line that is a command.
type piece struct {
	text    string
	command bool
}

// pieces splits a text into statements and commands, in order. left is an incomplete statement; commands may occur in the middle
// of one.
func pieces(text string) (list []piece, left string) {
	var open strings.Builder
	ended := false // the last line was a command
	for line := range strings.Lines(text) {
		word, ok := command(line)
		if ended = ok && !complete.InString(open.String()); !ended {
			open.WriteString(line)
			continue
		}
		if before := open.String(); strings.TrimSpace(before) != "" && parser.Complete(before) {
			list = append(list, piece{text: before})
			open.Reset()
		}
		list = append(list, piece{text: word, command: true})
	}
	rest := open.String()
	switch {
	case strings.TrimSpace(rest) == "":
		return list, ""
	case !ended && parser.Complete(rest+"\n"):
		return append(list, piece{text: rest}), ""
	}
	return list, rest
}

// command reports whether a line is a command, and returns it in the form with a backslash.
func command(line string) (string, bool) {
	word := strings.TrimSpace(line)
	if strings.HasPrefix(word, `\`) {
		return word, true
	}
	switch first, rest, _ := strings.Cut(strings.TrimSpace(strings.TrimSuffix(word, ";")), " "); strings.ToLower(first) {
	case "exit", "quit":
		return `\q`, rest == ""
	case "help":
		return strings.TrimSpace(`\? ` + rest), true
	}
	return "", false
}

// runs reports whether Enter runs a text: it is complete, or its last line is a command.
func runs(text string) bool {
	list, left := pieces(text)
	if left == "" {
		return true
	}
	last := text[strings.LastIndexByte(text, '\n')+1:]
	_, ok := command(last)
	return ok && len(list) > 0 && list[len(list)-1].command && !complete.InString(text[:len(text)-len(last)])
}

// tip says why Enter did not run a text.
func tip(text string) string {
	if strings.TrimSpace(text) != "" && parser.EndsOpen(text) {
		return "what changes or drops data ends in ;"
	}
	return ""
}
