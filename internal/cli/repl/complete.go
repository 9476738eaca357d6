package repl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/repl/edit"
	"github.com/rql-lang/rql/lang"
)

// names supplies the names of the catalog; *exec.Session implements it.
type names interface {
	Models() []string
	Fields(model string) []string
}

// completer suggests what can be written at the cursor.
type completer struct{ session names }

// complete returns what may stand in the place of the word before the cursor.
func (c *completer) complete(text string, at int) edit.Completion {
	candidates, word := c.candidates(text[:at])
	out := edit.Completion{From: at - len(word)}
	for _, x := range candidates {
		if insert, ok := continues(x, word); ok {
			out.Items = append(out.Items, edit.Item{Insert: insert, Show: strings.TrimSpace(insert)})
		}
	}
	return out
}

// continues returns what a candidate puts in the place of a word that it
// continues. Names are case-sensitive; keywords match in any case and are
// completed in the case that was begun.
func continues(candidate, word string) (string, bool) {
	end := " "
	if strings.HasSuffix(candidate, "/") || strings.HasSuffix(candidate, "(") {
		end = ""
	}
	if strings.HasPrefix(candidate, word) {
		return candidate + end, true
	}
	if word == strings.ToLower(word) && slices.Contains(lang.Keywords(), candidate) {
		if rest, ok := strings.CutPrefix(strings.ToLower(candidate), word); ok {
			return word + rest + end, true
		}
	}
	return "", false
}

func (c *completer) candidates(text string) (list []string, word string) {
	if strings.HasPrefix(strings.TrimLeft(text, " "), `\`) {
		return c.command(strings.TrimLeft(text, " "))
	}
	at := strings.LastIndexFunc(text, func(r rune) bool { return !wordRune(r) }) + 1
	word = text[at:]
	before := strings.FieldsFunc(text[:at], func(r rune) bool { return !wordRune(r) })
	if inString(text) || strings.HasSuffix(text[:at], "$") {
		return nil, word
	}
	if strings.HasSuffix(text[:at], ".") {
		return operations(before), word
	}
	if len(before) > 0 && takesModel(strings.ToUpper(before[len(before)-1])) || strings.HasSuffix(text[:at], "ref<") {
		return c.session.Models(), word
	}
	if word == "" && len(before) == 0 {
		return statementWords(), word
	}
	for _, m := range c.session.Models() {
		if slices.Contains(before, m) {
			list = append(list, c.session.Fields(m)...)
		}
	}
	list = append(list, statementWords()...)
	if word != "" {
		list = append(append(list, clauseWords(before)...), functionNames()...)
	}
	slices.Sort(list)
	return slices.Compact(list), word
}

// command completes a line that begins with a backslash.
func (c *completer) command(text string) (list []string, word string) {
	name, arg, hasArg := strings.Cut(text, " ")
	if !hasArg {
		for _, w := range commandWords() {
			list = append(list, `\`+w)
		}
		return list, text
	}
	switch name {
	case `\format`:
		return args.Formats(), arg
	case `\timing`:
		return []string{"on", "off"}, arg
	case `\models`, `\d`:
		return c.session.Models(), arg
	case `\i`:
		return files(arg), arg
	case `\explain`:
		return c.candidates(arg)
	}
	return nil, arg
}

// files lists the scripts and directories that begin with a path.
func files(prefix string) []string {
	dir, _ := filepath.Split(prefix)
	entries, err := os.ReadDir(filepath.Join(".", dir))
	if filepath.IsAbs(dir) {
		entries, err = os.ReadDir(dir)
	}
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		switch {
		case lang.Visible(e.Name()) != e.Name(): // readline would print it unescaped
		case e.IsDir() && !strings.HasPrefix(e.Name(), "."):
			out = append(out, dir+e.Name()+"/")
		case strings.HasSuffix(e.Name(), ".rql"):
			out = append(out, dir+e.Name())
		}
	}
	return out
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// takesModel reports whether the name of a model follows the word.
func takesModel(word string) bool {
	s := lang.FindStatement(word)
	return s != nil && s.Model || word == "INTO" || word == "EXTENDS"
}

// statementWords begin the statements that a prompt accepts.
func statementWords() []string {
	var words []string
	for _, s := range lang.Statements() {
		if (s.Is(lang.InScript) || s.Is(lang.InProgram)) && !s.Unbuilt {
			words = append(words, s.Head)
		}
	}
	slices.Sort(words)
	return words
}

// clauseWords are the clauses of the statement that the words before the cursor
// begin.
func clauseWords(before []string) []string {
	for _, w := range before {
		if s := lang.FindStatement(strings.ToUpper(w)); s != nil && s.Class == lang.Defines {
			return append(lang.Keywords(), lang.TypeNames()...)
		}
	}
	return lang.DataWords()
}

// operations are those of fields, after SET.
func operations(before []string) (names []string) {
	for _, w := range before {
		if !strings.EqualFold(w, "SET") {
			continue
		}
		for _, o := range lang.FieldOps() {
			names = append(names, o.Name+"(")
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	return nil
}

// functionNames end in a parenthesis, which completion inserts too.
func functionNames() []string {
	var names []string
	for _, f := range lang.Functions() {
		names = append(names, f.Name+"(")
	}
	return names
}
