package spec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// expectation reads the lines under a "----", up to the first empty line.
func (r *reader) expectation() error {
	if r.cur == nil || len(r.text) == 0 {
		return fmt.Errorf("---- without statements before it")
	}
	b := r.closeBlock()
	if len(b.Pins) > 0 {
		return fmt.Errorf("---- after statements with \"#!\": their pins are the expectation")
	}
	e := &b.Expect
	r.pos++
	e.Line = r.pos + 1
	for ; r.pos < len(r.script.lines); r.pos++ {
		line := r.script.lines[r.pos]
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "# test:") {
			break
		}
		if isComment(line) {
			return fmt.Errorf("a comment inside an expectation")
		}
		if e.TextKind != "" {
			e.Text = append(e.Text, line)
			continue
		}
		if err := e.line(line); err != nil {
			return err
		}
	}
	e.End = r.pos + 1
	return e.consistent()
}

// line reads one line of an expectation.
func (e *Expect) line(line string) error {
	if strings.HasPrefix(line, "{") {
		cells, err := decodeObject(line)
		if err != nil {
			return fmt.Errorf("a row is one JSON object: %w", err)
		}
		e.Rows = append(e.Rows, cells)
		return nil
	}
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case line == "ok":
		e.OK = true
	case line == "no rows":
		e.NoRows = true
	case line == "cursor", line == "no cursor":
		yes := line == "cursor"
		e.Cursor = &yes
	case line == "plan", line == "state", line == "types", line == "print":
		e.TextKind, e.Text = line, []string{}
	case word == "columns" && rest != "":
		e.Columns = strings.Split(rest, ", ")
	case word == "affected":
		n, err := strconv.ParseInt(rest, 10, 64)
		if err != nil || e.Affected != nil {
			return fmt.Errorf("%q: expected one \"affected N\"", line)
		}
		e.Affected = &n
	case word == "warn" && isCode(rest):
		e.Warns = append(e.Warns, lang.Code(rest))
	case word == "error":
		return e.error(rest)
	default:
		return fmt.Errorf("%q is no expectation", line)
	}
	return nil
}

var codeForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func isCode(s string) bool { return codeForm.MatchString(s) }

func (e *Expect) error(rest string) error {
	code, msg, has := strings.Cut(rest, " ")
	if !isCode(code) || e.Error != nil {
		return fmt.Errorf("expected one \"error CODE\", perhaps with a regular expression in quotes")
	}
	e.Error = &ExpectError{Code: lang.Code(code)}
	if !has {
		return nil
	}
	msg, err := strconv.Unquote(strings.TrimSpace(msg))
	if err != nil {
		return fmt.Errorf("the message of an error is a regular expression in quotes: %w", err)
	}
	if _, err := regexp.Compile(msg); err != nil {
		return err
	}
	e.Error.Message = msg
	return nil
}

// consistent rejects expectations that are empty or contradict themselves.
func (e *Expect) consistent() error {
	other := e.OK || e.NoRows || e.Rows != nil || e.Columns != nil || e.Affected != nil || e.Cursor != nil || e.Warns != nil || e.TextKind != ""
	switch {
	case e.Error == nil && !other:
		return fmt.Errorf("the expectation is empty")
	case e.Error != nil && other:
		return fmt.Errorf("an error and something else are expected")
	case e.NoRows && e.Rows != nil:
		return fmt.Errorf("rows and \"no rows\" are expected")
	case e.OK && (e.NoRows || e.Rows != nil || e.TextKind != ""):
		return fmt.Errorf("\"ok\" stands alone")
	case e.TextKind != "" && (e.Rows != nil || e.NoRows || e.Affected != nil):
		return fmt.Errorf("%s and rows are expected", e.TextKind)
	}
	return nil
}
