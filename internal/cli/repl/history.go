package repl

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rql-lang/rql/internal/complete"
	"github.com/rql-lang/rql/lang"
)

// historyLimit is the number of entries kept.
const historyLimit = 1000

// breakMark represents a line break in the file, which has one line per entry.
const breakMark = '⏎'

// HistoryFile returns the history file: $RQL_HISTORY, or ~/.rql_history; "" if
// the variable is set and empty, or there is no home directory.
func HistoryFile(lookup func(string) (string, bool), home func() (string, error)) string {
	if v, ok := lookup("RQL_HISTORY"); ok {
		return v
	}
	dir, err := home()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, ".rql_history")
}

// history is the list of entries, oldest first, each with its own lines.
type history struct {
	file    string
	entries []string
}

func loadHistory(file string) *history {
	h := &history{file: file}
	if file == "" {
		return h
	}
	f, err := os.Open(file)
	if err != nil {
		return h // there is no file yet
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		if entry := scan.Text(); lang.VisibleLines(entry) == entry {
			h.entries = append(h.entries, unfold(entry))
		}
	}
	if extra := len(h.entries) - historyLimit; extra > 0 {
		h.entries = h.entries[extra:]
		h.rewrite()
	}
	return h
}

// rewrite replaces the file. Failing to write the history is not an error.
func (h *history) rewrite() {
	var lines strings.Builder
	for _, e := range h.entries {
		if line, ok := fold(e); ok {
			lines.WriteString(line + "\n")
		}
	}
	temp := h.file + ".new"
	err := os.WriteFile(temp, []byte(lines.String()), 0o600)
	if err == nil {
		err = os.Rename(temp, h.file)
	}
	if err != nil {
		h.file = ""
	}
}

// add appends an entry to the list and, if it can be restored from it, to the
// file.
func (h *history) add(text string) {
	entry := strings.TrimRight(text, " \t\n")
	if entry == "" || strings.HasPrefix(text, " ") || secret.MatchString(text) {
		return
	}
	if n := len(h.entries); n > 0 && h.entries[n-1] == entry {
		return
	}
	h.entries = append(h.entries, entry)
	if line, ok := fold(entry); ok {
		h.save(line)
	}
}

func (h *history) save(entry string) {
	if h.file == "" {
		return
	}
	f, err := os.OpenFile(h.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(entry + "\n")
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		h.file = ""
	}
}

// secret matches text that looks like a password after its name, or in a URL.
var secret = regexp.MustCompile(`(?i)(password|passwd|pwd|secret|token|api_?key|credential)\w*['"]?\s*(:|=|!=)|://[^/\s'"]*:[^/\s'"]*@`)

// fold joins a text into one line. It returns false for a text that unfold
// could not restore: one with a line break inside a string, or with the mark
// itself.
func fold(text string) (string, bool) {
	if strings.ContainsRune(text, breakMark) {
		return "", false
	}
	folded, ok := strings.Builder{}, true
	complete.Walk(text, '\n', func(r rune, inString bool) {
		if r == '\n' {
			ok = ok && !inString
			r = breakMark
		}
		folded.WriteRune(r)
	})
	return folded.String(), ok
}

// unfold restores the lines of an entry; a mark inside a string is text.
func unfold(line string) string {
	if !strings.ContainsRune(line, breakMark) {
		return line
	}
	var text strings.Builder
	complete.Walk(line, breakMark, func(r rune, inString bool) {
		if r == breakMark && !inString {
			r = '\n'
		}
		text.WriteRune(r)
	})
	return text.String()
}
