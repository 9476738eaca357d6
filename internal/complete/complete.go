// Package complete says what may stand at a place of a text: for the prompt, and for editors.
package complete

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Completer suggests what can be written at the end of a text.
type Completer struct {
	Schema func() *ir.Schema
	Params func() []string                           // names that have a value
	Keys   func(m *ir.Model, prefix string) []string // some keys of documents
}

var keywords = sync.OnceValue(lang.Keywords)

// IsKeyword reports that a text begins with a keyword in capitals.
func IsKeyword(s string) bool {
	first, _, _ := strings.Cut(s, " ")
	_, found := slices.BinarySearch(keywords(), first)
	return found
}

// Candidates are what may stand at the end of a text, and the word there.
func (c *Completer) Candidates(text string) (list []string, word string) {
	schema := c.Schema()
	s := spotAt(text, schema)
	if s == nil {
		return nil, ""
	}
	if given, in := s.options(); in {
		return option(given, s.quote), s.word
	}
	switch t, compared := s.compared(schema); {
	case s.quote != "":
		return c.inString(s, t, compared), s.word
	case strings.HasPrefix(s.word, "$"):
		for _, p := range c.Params() {
			list = append(list, "$"+p)
		}
		return list, s.word
	case s.prev() == ".":
		return c.members(s, schema), s.word
	case s.declared() && s.word != "":
		return slices.Concat(StatementWords(), lang.Keywords()), s.word
	case s.head == nil || s.begins():
		return StatementWords(), s.word
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
func (c *Completer) inString(s *spot, t lang.Type, compared bool) (list []string) {
	switch {
	case s.head == nil:
	case s.head.Head == "IMPORT" || s.head.Head == "EXPORT" || s.head.Head == "INCLUDE":
		fits := dataFile
		if s.head.Head == "INCLUDE" {
			fits = ScriptFile
		}
		for _, f := range Files(s.word, fits) {
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
		for _, k := range c.Keys(s.model, s.word) {
			list = append(list, k+s.quote)
		}
	}
	return list
}

// members are the fields behind a point, and the operations of a field of SET.
func (c *Completer) members(s *spot, schema *ir.Schema) (list []string) {
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
func (c *Completer) names(s *spot, schema *ir.Schema) ([]string, bool) {
	prev := s.prev()
	switch {
	case prev == "CALL", s.back(2) == "DROP" && prev == "PROCEDURE", s.back(2) == "SHOW" && prev == "PROCEDURE":
		return schema.Procedures(), true
	case prev == "DROP":
		return []string{"MODEL", "PROCEDURE"}, true
	case prev == "ALTER":
		return []string{"MODEL"}, true
	case prev == "SHOW":
		return []string{"JOBS", "MODEL", "MODELS", "PARTITIONS", "PROCEDURE", "PROCEDURES", "STATS"}, true
	case len(s.words) == 1 && s.head.Model && s.head.Head != "MODEL", prev == "MODEL" && len(s.words) == 2,
		prev == "INTO", prev == "EXTENDS", prev == "<" && (s.back(2) == "REF" || s.back(2) == "REFS"):
		return schema.Names(), true
	}
	return nil, false
}

// inStatement are the fields of the model, the clauses that may follow, and the
// words and functions of expressions.
func (c *Completer) inStatement(s *spot) (list []string) {
	if s.head.Class == lang.Defines {
		return s.fitting(s.defining(c.Schema()))
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
		if list = s.fitting(list); len(list) > 0 {
			return list
		}
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
	return s.fitting(slices.Compact(list))
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

// ScriptFile reports whether a name is that of a script.
func ScriptFile(name string) bool { return strings.HasSuffix(name, ".rql") }

func dataFile(name string) bool { return lang.FileKind(name) != "" }

// Files lists the directories that begin with a path, and the files that fit.
func Files(prefix string, fits func(name string) bool) []string {
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

// StatementWords begin the statements that a prompt accepts.
func StatementWords() []string {
	var words []string
	for _, s := range lang.Statements() {
		if s.Is(lang.InScript) || s.Is(lang.InProgram) {
			words = append(words, s.Head)
		}
	}
	slices.Sort(words)
	return words
}
