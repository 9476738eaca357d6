package repl

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/repl/edit"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// completer suggests what can be written at the cursor.
type completer struct {
	schema func() *ir.Schema
	params func() []string                           // names that have a value
	keys   func(m *ir.Model, prefix string) []string // some keys of documents
}

// complete returns what may stand in the place of the word before the cursor.
func (c *completer) complete(text string, at int) edit.Completion {
	text = text[:at]
	line := text[strings.LastIndexByte(text, '\n')+1:]
	var list []string
	var word string
	if name, arg, ok := strings.Cut(strings.TrimLeft(line, " "), " "); strings.HasPrefix(name, `\`) && !inString(text[:len(text)-len(line)]) {
		if list, word = c.command(name, arg, ok); list == nil && ok && name == `\explain` {
			list, word = c.candidates(arg)
		}
	} else {
		list, word = c.candidates(text)
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

// continues returns what a candidate puts in the place of a word that it
// continues in any case. A keyword is completed in the case that was begun.
func continues(candidate, word string) (string, bool) {
	if len(candidate) < len(word) || !strings.EqualFold(candidate[:len(word)], word) {
		return "", false
	}
	end := " "
	if strings.HasSuffix(candidate, "/") || strings.HasSuffix(candidate, "(") {
		end = ""
	}
	if word != "" && word == strings.ToLower(word) && strings.ToUpper(candidate) == candidate && isKeyword(candidate) {
		candidate = strings.ToLower(candidate)
	}
	return candidate + end, true
}

var keywords = sync.OnceValue(lang.Keywords)

func isKeyword(s string) bool {
	first, _, _ := strings.Cut(s, " ")
	_, found := slices.BinarySearch(keywords(), first)
	return found
}

// candidates are what may stand at the end of a text, and the word there.
func (c *completer) candidates(text string) (list []string, word string) {
	schema := c.schema()
	s := spotAt(text, schema)
	if s == nil {
		return nil, ""
	}
	switch t, compared := s.compared(schema); {
	case s.quote != "":
		return c.inString(s, t, compared), s.word
	case strings.HasPrefix(s.word, "$"):
		for _, p := range c.params() {
			list = append(list, "$"+p)
		}
		return list, s.word
	case s.prev() == ".":
		return c.members(s, schema), s.word
	case s.declared() && s.word != "":
		return slices.Concat(statementWords(), lang.Keywords()), s.word
	case s.head == nil || s.begins():
		return statementWords(), s.word
	case compared && t.Kind == lang.KEnum:
		for _, v := range t.Values {
			list = append(list, lang.Quote(v))
		}
		return list, s.word
	case compared && t.Kind == lang.KBool:
		return []string{"true", "false"}, s.word
	}
	if list, ok := c.names(s, schema); ok {
		return list, s.word
	}
	return c.inStatement(s), s.word
}

// inString completes what is in quotes: a file, a value of an enum, or a key.
func (c *completer) inString(s *spot, t lang.Type, compared bool) (list []string) {
	switch {
	case s.head == nil:
	case s.head.Head == "IMPORT" || s.head.Head == "EXPORT":
		for _, f := range files(s.word, dataFile) {
			if !strings.HasSuffix(f, "/") {
				f += s.quote
			}
			list = append(list, f)
		}
	case compared && t.Kind == lang.KEnum:
		for _, v := range t.Values {
			list = append(list, v+s.quote)
		}
	case s.model != nil && s.back(1) == strings.ToUpper(s.model.Name) || s.prev() == "[" && s.model != nil && s.back(2) == strings.ToUpper(s.model.Name):
		for _, k := range c.keys(s.model, s.word) {
			list = append(list, k+s.quote)
		}
	}
	return list
}

// members are the fields behind a point, and the operations of a field of SET.
func (c *completer) members(s *spot, schema *ir.Schema) (list []string) {
	names := s.path(len(s.words) - 1)
	if m := s.members(schema, names); m != nil {
		for _, f := range m.Fields {
			list = append(list, f.Name)
		}
		for _, l := range m.Links {
			list = append(list, l.Name)
		}
	}
	if t, ok := s.typeOf(schema, names); ok && s.has("SET") {
		for _, o := range lang.FieldOpNames(t.Kind) {
			list = append(list, o+"(")
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// names are those of models and procedures, where nothing else may stand.
func (c *completer) names(s *spot, schema *ir.Schema) ([]string, bool) {
	prev := s.prev()
	switch {
	case prev == "CALL", s.back(2) == "DROP" && prev == "PROCEDURE", s.back(2) == "SHOW" && prev == "PROCEDURE":
		return schema.Procedures(), true
	case prev == "DROP":
		return []string{"MODEL", "PROCEDURE"}, true
	case prev == "ALTER":
		return []string{"MODEL"}, true
	case prev == "SHOW":
		return []string{"MODEL", "MODELS", "PROCEDURE", "PROCEDURES", "STATS"}, true
	case len(s.words) == 1 && s.head.Model && s.head.Head != "MODEL", prev == "MODEL" && len(s.words) == 2,
		prev == "INTO", prev == "EXTENDS", prev == "<" && (s.back(2) == "REF" || s.back(2) == "REFS"):
		return schema.Names(), true
	}
	return nil, false
}

// inStatement are the fields of the model, the clauses that may follow, and the
// words and functions of expressions.
func (c *completer) inStatement(s *spot) (list []string) {
	if s.head.Class == lang.Defines {
		return slices.Concat(lang.Keywords(), lang.TypeNames())
	}
	if s.model != nil {
		for _, f := range s.model.Fields {
			list = append(list, f.Name)
		}
		for _, l := range s.model.Links {
			list = append(list, l.Name)
		}
	}
	list = append(list, s.clauses()...)
	if s.word == "" && len(list) > 0 {
		return list
	}
	clauses := map[string]bool{}
	for _, x := range lang.Statements() {
		for _, cl := range x.Clauses {
			clauses[cl.Head()] = true
		}
	}
	for _, w := range lang.DataWords() {
		if !clauses[w] && lang.FindStatement(w) == nil {
			list = append(list, w)
		}
	}
	for _, f := range lang.Functions() {
		list = append(list, f.Name+"(")
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// clauses are those of the statement behind the last one that is written.
func (s *spot) clauses() (list []string) {
	for i := len(s.head.Clauses) - 1; i >= 0; i-- {
		c := s.head.Clauses[i]
		if s.has(c.Head()) && (c.Follow() == "" || s.has(c.Follow())) {
			break
		}
		list = append(list, c.Words)
	}
	slices.Reverse(list)
	return list
}

// command completes a line that begins with a backslash; nil is no suggestion.
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
		return c.schema().Names(), arg
	case "i", "e", "o":
		return files(arg, func(name string) bool { return strings.HasSuffix(name, ".rql") }), arg
	case "h":
		return append(statementWords(), lang.FunctionNames()...), arg
	case "set":
		return c.params(), arg
	}
	return nil, arg
}

func dataFile(name string) bool { return lang.FileKind(name) != "" }

// files lists the directories that begin with a path, and the files that fit.
func files(prefix string, fits func(name string) bool) []string {
	dir, _ := filepath.Split(prefix)
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		switch {
		case lang.Visible(e.Name()) != e.Name(): // it could not be shown as it is
		case e.IsDir() && !strings.HasPrefix(e.Name(), "."):
			out = append(out, dir+e.Name()+"/")
		case fits(e.Name()):
			out = append(out, dir+e.Name())
		}
	}
	return out
}

// statementWords begin the statements that a prompt accepts.
func statementWords() []string {
	var words []string
	for _, s := range lang.Statements() {
		if s.Is(lang.InScript) || s.Is(lang.InProgram) {
			words = append(words, s.Head)
		}
	}
	slices.Sort(words)
	return words
}
