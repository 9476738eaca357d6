package repl

import (
	"strings"

	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/repl/edit"
	"github.com/rql-lang/rql/internal/complete"
	"github.com/rql-lang/rql/lang"
)

// completer suggests what can be written at the cursor.
type completer struct{ complete.Completer }

// complete returns what can replace the word before the cursor.
func (c *completer) complete(text string, at int) edit.Completion {
	text = text[:at]
	line := text[strings.LastIndexByte(text, '\n')+1:]
	var list []string
	var word string
	if name, arg, ok := strings.Cut(strings.TrimLeft(line, " "), " "); strings.HasPrefix(name, `\`) && !complete.InString(text[:len(text)-len(line)]) {
		if list, word = c.command(name, arg, ok); list == nil && ok && name == `\explain` {
			list, word = c.Candidates(arg)
		}
	} else {
		list, word = c.Candidates(text)
	}
	out := edit.Completion{From: at - len(word)}
	seen := map[string]bool{}
	for _, x := range list {
		if seen[x] {
			continue
		}
		seen[x] = true
		if insert, ok := continues(x, word); ok {
			out.Items = append(out.Items, edit.Item{Insert: insert, Show: strings.TrimSpace(insert)})
		}
	}
	return out
}

// continues returns the text that a candidate inserts in place of a word that it continues, regardless of case. A keyword is
// completed in the case in which it was begun.
func continues(candidate, word string) (string, bool) {
	if len(candidate) < len(word) || !strings.EqualFold(candidate[:len(word)], word) {
		return "", false
	}
	end := " "
	if strings.HasSuffix(candidate, "/") || strings.HasSuffix(candidate, "(") {
		end = ""
	}
	if word != "" && word == strings.ToLower(word) && strings.ToUpper(candidate) == candidate && complete.IsKeyword(candidate) {
		candidate = strings.ToLower(candidate)
	}
	return candidate + end, true
}

// command completes a line that begins with a backslash; nil means no suggestion.
func (c *completer) command(name, arg string, hasArg bool) (list []string, word string) {
	if !hasArg {
		for _, w := range commandWords() {
			list = append(list, `\`+w)
		}
		return list, name
	}
	found := args.FindPromptCommand(name[1:])
	if found == nil {
		return nil, arg
	}
	switch found.Name {
	case "format":
		return args.Formats(), arg
	case "timing":
		return []string{"on", "off"}, arg
	case "x":
		return []string{"on", "off", "auto"}, arg
	case "d", "di":
		return c.Schema().Names(), arg
	case "i", "e", "o":
		return complete.Files(arg, complete.ScriptFile), arg
	case "h":
		return append(complete.StatementWords(), lang.FunctionNames()...), arg
	case "set":
		return c.Params(), arg
	}
	return nil, arg
}
