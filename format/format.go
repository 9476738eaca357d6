package format

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// Width is how many columns a line has where it can be broken.
const Width = 100

// shebang begins a script that the operating system starts.
const shebang = "#!"

// Source formats a text. A text that does not parse is a *lang.CheckError with the places of its mistakes.
// What is formatted parses to the same tree, and formatting it again changes nothing.
func Source(name, text string) (string, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	head := ""
	if strings.HasPrefix(text, shebang) {
		first, _, _ := strings.Cut(text, "\n")
		head = strings.TrimRight(first, " \t\r") + "\n"
		text = "--" + text[len(shebang):] // a comment of the same length
	}
	src := lang.NewSource(name, text)
	file := parser.Parse(src)
	if len(file.Diags) > 0 {
		return "", lang.NewCheckError(src, file.Diags)
	}
	l := newLayout(file)
	out := l.write()
	if err := same(l, out); err != nil {
		return "", fmt.Errorf("%s cannot be formatted: %w", name, err)
	}
	if head != "" {
		_, rest, _ := strings.Cut(out, "\n")
		out = head + rest
	}
	return out, nil
}

// same makes sure that what was formatted is what was written: its tree, and its comments.
func same(l *layout, out string) error {
	file := parser.Parse(lang.NewSource("", out))
	if len(file.Diags) > 0 {
		return file.Diags[0]
	}
	if lang.PrintFile(file) != lang.PrintFile(l.file) {
		return fmt.Errorf("it would parse to something else; please report it")
	}
	if !slices.Equal(comments(out), comments(l.text)) {
		return fmt.Errorf("a comment would be lost; please report it")
	}
	return nil
}

// comments are the comments of a text.
func comments(text string) (out []string) {
	for _, it := range items(text) {
		if it.comment() {
			out = append(out, it.text)
		}
	}
	return out
}
