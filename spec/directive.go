package spec

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rql-lang/rql/lang/codec"
)

// directive executes a line that begins with a single #.
func (r *reader) directive(line string) error {
	word, rest, _ := strings.Cut(strings.TrimPrefix(line, "#"), ":")
	if word != " test" {
		word, rest, _ = strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "#")), " ")
	} else {
		word = "test"
	}
	rest = strings.TrimSpace(rest)
	if !strings.HasPrefix(line, "# ") {
		return fmt.Errorf("%q: a directive is written \"# word\", a comment \"## text\"", line)
	}
	switch word {
	case "test":
		return r.test(rest)
	case "given":
		return r.given(rest)
	}
	if r.cur == nil {
		return fmt.Errorf("# %s stands before the first \"# test:\"", word)
	}
	if len(r.text) > 0 {
		return fmt.Errorf("# %s stands among statements; directives stand before them", word)
	}
	r.pos++
	switch word {
	case "needs", "only":
		return r.guard(word, strings.Fields(rest))
	case "unordered":
		r.open().Unordered = true
		return nothing(word, rest)
	case "params":
		params, err := decodeObject(rest)
		if err != nil {
			return fmt.Errorf("# params: %w", err)
		}
		r.open().Params = map[string]any{}
		for _, c := range params {
			r.block.Params[c.Name] = c.Value
		}
		return nil
	case "cursor":
		if rest == "" || strings.ContainsAny(rest, " $") {
			return fmt.Errorf("# cursor takes the name of a parameter")
		}
		r.open().CursorAs = rest
		return nil
	case "raw":
		var args []string
		if err := json.Unmarshal([]byte(rest), &args); err != nil || len(args) < 2 {
			return fmt.Errorf("# raw takes a command as a list of strings, the key second: %q", rest)
		}
		r.open().Raw = append(r.block.Raw, args)
		return nil
	case "advance":
		d, err := codec.ParseDuration(rest)
		if err != nil || d <= 0 {
			return fmt.Errorf("# advance takes a duration, such as 2h30m")
		}
		r.open().Advance = time.Duration(d) * time.Millisecond
		return nil
	}
	return fmt.Errorf("unknown directive %q", line)
}

func nothing(word, rest string) error {
	if rest != "" {
		return fmt.Errorf("# %s takes nothing, not %q", word, rest)
	}
	return nil
}

func (r *reader) test(name string) error {
	if err := r.endCase(); err != nil {
		return err
	}
	if name == "" {
		return fmt.Errorf("a case needs a name")
	}
	for _, c := range r.script.Cases {
		if c.Name == name {
			return fmt.Errorf("the case %q stands twice", name)
		}
	}
	r.cur = &Case{Name: name, Line: r.pos + 1}
	r.pos++
	return nil
}

// guard restricts where a case runs. It applies to the case, so it is written
// at its head.
func (r *reader) guard(word string, names []string) error {
	if len(r.cur.Blocks) > 0 || r.block != nil {
		return fmt.Errorf("# %s stands at the head of a case", word)
	}
	known := []string{"json", "search"}
	to := &r.cur.Needs
	if word == "only" {
		known = []string{"judge", "embedded", "redis", "search"}
		to = &r.cur.Only
	}
	if len(names) == 0 {
		return fmt.Errorf("# %s needs a name: %s", word, strings.Join(known, ", "))
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return fmt.Errorf("# %s: %q is none of %s", word, n, strings.Join(known, ", "))
		}
	}
	*to = append(*to, names...)
	return nil
}

// given reads statements that run first: at the start of a script up to the
// first case, in a case up to the first empty line.
func (r *reader) given(rest string) error {
	if err := nothing("given", rest); err != nil {
		return err
	}
	if r.cur != nil && (r.cur.Given != "" || len(r.cur.Blocks) > 0 || r.block != nil) || r.cur == nil && r.script.Given != "" {
		return fmt.Errorf("# given stands once, at the head")
	}
	var lines []string
	for r.pos++; r.pos < len(r.script.lines); r.pos++ {
		line := r.script.lines[r.pos]
		if r.cur != nil && strings.TrimSpace(line) == "" || isDirective(line) {
			break
		}
		if line == "----" {
			return fmt.Errorf("# given has no expectation; in a case it ends at the first empty line")
		}
		if !isComment(line) {
			lines = append(lines, line)
		}
	}
	text := strings.TrimSpace(strings.Join(lines, "\n"))
	if text == "" {
		return fmt.Errorf("# given is empty")
	}
	if r.cur == nil {
		r.script.Given = text
	} else {
		r.cur.Given = text
	}
	return nil
}
