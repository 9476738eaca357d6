package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/internal/complete"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// completion says what may stand at a place: what a prompt offers there.
func (s *server) completion(f *file, t *text, at int) any {
	schema := s.w.within(context.Background(), f)
	c := complete.Completer{Schema: func() *ir.Schema { return schema }, Params: func() []string { return f.tree.Params },
		Keys: func(*ir.Model, string) []string { return nil }}
	list, word := c.Candidates(t.s[:at])
	items := []completionItem{}
	over := t.rangeOf(lang.Span{Start: at - len(word), End: at})
	seen := map[string]bool{}
	for _, x := range list {
		if seen[x] || len(x) < len(word) || !strings.EqualFold(x[:len(word)], word) {
			continue
		}
		seen[x] = true
		items = append(items, completionItem{Label: x, Kind: kindOf(x, schema), TextEdit: &textEdit{over, x}})
	}
	return items
}

func kindOf(x string, schema *ir.Schema) int {
	switch {
	case strings.HasSuffix(x, "("):
		return kindFunction
	case schema.Model(x) != nil:
		return kindClass
	case complete.IsKeyword(x) && x == strings.ToUpper(x):
		return kindKeyword
	case strings.HasPrefix(x, "'"):
		return kindValue
	}
	return kindField
}

// wordAt is the word at a place, and whether a ( follows.
func wordAt(text string, at int) (sp lang.Span, called, ok bool) {
	tokens := slices.DeleteFunc(parser.Lex(text), func(t parser.Token) bool { return t.Kind == parser.TokenComment })
	for i, t := range tokens {
		if t.Kind == parser.TokenWord && t.Span.Start <= at && at <= t.Span.End {
			called = i+1 < len(tokens) && text[tokens[i+1].Span.Start] == '('
			return t.Span, called, true
		}
	}
	return lang.Span{}, false, false
}

// hover explains the word at a place: a model, a field, a name that LET, FOR or a procedure binds, a function or the first word of a statement.
func (s *server) hover(f *file, t *text, at int) any {
	sp, called, ok := wordAt(t.s, at)
	if !ok {
		return nil
	}
	schema := s.w.within(context.Background(), f)
	word := t.s[sp.Start:sp.End]
	value := ""
	if m := schema.Model(strings.TrimPrefix(word, "@")); m != nil {
		value = "```rql\n" + m.Def + "\n```"
	} else if m, field := complete.FieldAt(t.s[:sp.Start], strings.TrimPrefix(word, "@"), schema); field != nil {
		value = "```rql\n" + fieldText(field) + "\n```\nof " + m.Name
	} else if b := f.bound(strings.TrimPrefix(word, "@"), sp.Start); b != nil {
		value = s.bindingText(f, b, schema)
	} else if fn := lang.FindFunction(strings.ToLower(word)); fn != nil && called {
		value = "```rql\n" + strings.Join(fn.Calls, "\n") + "\n```"
		if fn.Note != "" {
			value += "\n" + fn.Note
		}
	} else if st := lang.FindStatement(strings.ToUpper(word)); st != nil {
		value = fmt.Sprintf("**%s** %s.", st.Head, st.Doc)
		if words := st.ClauseWords(); words != "" {
			value += "\n\n" + words
		}
		if x := lang.Example(st.Head); x != "" {
			value += "\n\n```rql\n" + x + "\n```"
		}
	}
	if value == "" {
		return nil
	}
	return hover{markup{"markdown", value}, t.rangeOf(sp)}
}

func fieldText(f *ir.Field) string {
	text := f.Name + " " + f.Type.String()
	for _, a := range []struct {
		is   bool
		word string
	}{{f.Key, "KEY"}, {f.Unique, "UNIQUE"}, {f.Index, "INDEX"}, {f.Revision, "REVISION"}} {
		if a.is {
			text += " " + a.word
		}
	}
	return text
}

// definition is where the model, procedure, field or name at a place is declared.
func (s *server) definition(f *file, t *text, at int) any {
	sp, _, ok := wordAt(t.s, at)
	if !ok {
		return nil
	}
	word := strings.TrimPrefix(t.s[sp.Start:sp.End], "@")
	if x := s.declared(f, word, ""); x != nil {
		return x
	}
	schema := s.w.within(context.Background(), f)
	if m, field := complete.FieldAt(t.s[:sp.Start], word, schema); field != nil {
		return s.declared(f, m.Name, field.Name)
	}
	if b := f.bound(word, sp.Start); b != nil {
		return location{f.uri, t.rangeOf(b.name.Sp)}
	}
	return nil
}

// declared is the place of a name, or of a field of a model: in the document, else in another file.
func (s *server) declared(f *file, name, field string) any {
	for _, in := range append([]*file{f}, s.w.files()...) {
		var place *lang.Span
		in.declares(func(id lang.Ident, st lang.Stmt) {
			switch m, is := st.(*lang.ModelStmt); {
			case place != nil || id.Name != name:
			case field == "":
				place = &id.Sp
			case is:
				for _, d := range m.Fields {
					if d.Name.Name == field {
						place = &d.Name.Sp
					}
				}
			}
		})
		if place != nil {
			return location{in.uri, newText(in.src.Text, s.bytes).rangeOf(*place)}
		}
	}
	return nil
}
