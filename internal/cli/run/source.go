package run

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sort"
	"strings"
	"sync/atomic"

	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/include"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// Source is a text to run, with the results of parsing it.
type Source struct {
	*lang.Source
	Dir    string // relative names in IMPORT are relative to this
	File   *lang.File
	Before int // number of statements of the script before this part
	// docs are the documents of a RESTORE that is all of this, which was read instead of parsed; File is nil then, until parsed is called.
	docs *parser.Documents
}

func newSource(src *lang.Source, dir string) *Source {
	return &Source{Source: src, Dir: dir, File: parser.Parse(src)}
}

// parsed returns the source with its tree.
func (s *Source) parsed() *Source {
	if s.File == nil {
		s.File, s.docs = parser.Parse(s.Source), nil
	}
	return s
}

// NewSource parses a text; its errors are reported by Precheck or when it runs.
func NewSource(name, dir, text string) *Source { return newSource(lang.NewSource(name, text), dir) }

// Script is a text of any length. A text that is longer, or has more statements
// or tokens, than the parser accepts is read and run in parts of one or a few
// statements.
type Script struct {
	Name  string
	parts []*Source                     // for a short script: several if it has INCLUDE, else one
	dir   string                        // for a long script
	open  func() (io.ReadCloser, error) // for a long script, over a counter of read
	read  atomic.Int64                  // bytes that were read from it
	size  int64                         // bytes that it has
}

// NewScript returns a script for a text.
func NewScript(name, dir, text string) *Script {
	if len(text) <= lang.MaxSource {
		if whole := NewSource(name, dir, text); !whole.tooLong() {
			return &Script{Name: name, parts: whole.expanded()}
		}
	}
	s := &Script{Name: name, dir: dir, size: int64(len(text))}
	s.open = func() (io.ReadCloser, error) { return io.NopCloser(&counted{strings.NewReader(text), &s.read}), nil }
	return s
}

// Typed returns a script for a text of a prompt, where INCLUDE is refused.
func Typed(text string) *Script { return &Script{parts: []*Source{NewSource("", ".", text)}} }

// expanded returns the source with the files that it includes, in parts.
func (s *Source) expanded() (out []*Source) {
	before := 0
	for _, p := range include.Expand(s.File, s.Dir) {
		out = append(out, &Source{Source: p.File.Source, Dir: p.Dir, File: p.File, Before: before})
		before += len(p.File.Stmts)
	}
	return out
}

// counted is a reader that counts what is read.
type counted struct {
	io.Reader
	n *atomic.Int64
}

// Read reads and counts.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err //nolint:wrapcheck // it stands for the reader
}

// tooLong reports whether a text exceeds the limits of the parser.
func (s *Source) tooLong() bool {
	return slices.ContainsFunc(s.File.Diags, func(d *lang.Diag) bool { return d.Code == lang.CodeTooLong })
}

// Long reports whether the script runs in parts.
func (s *Script) Long() bool { return s.parts == nil }

// Each returns the parts of the script in order, until ctx ends.
func (s *Script) Each(ctx context.Context, f func(*Source) error) error {
	return s.each(ctx, true, func(part *Source) error { return f(part.parsed()) })
}

// each returns the parts of the script in order, until ctx ends. Those of a long script are read again each time; with keep, the
// documents of a RESTORE come with them if that is quicker than to parse it.
func (s *Script) each(ctx context.Context, keep bool, f func(*Source) error) error {
	if !s.Long() {
		for _, part := range s.parts {
			if err := f(part); err != nil {
				return err
			}
		}
		return nil
	}
	s.read.Store(0)
	r, err := s.open()
	if err != nil {
		return err
	}
	defer r.Close()
	defer roomy()()
	split := parser.NewSplitter(r)
	split.Documents(keep)
	parts, stop := s.ahead(ctx, split)
	defer stop()
	for before := 0; ; {
		next, more := <-parts
		if !more {
			return fmt.Errorf("reading %s: %w", s.Name, ctx.Err())
		}
		if next.err != nil {
			return s.readError(next.err)
		}
		next.part.Before = before
		before += next.part.statements()
		if err := f(next.part); err != nil {
			return err
		}
	}
}

// roomy gives the garbage collector more room, unless GOGC says how much, until the returned function is called. To parse a long
// script makes much garbage: 7 MB of a dump take 1.1 s of CPU instead of 1.7 s, and 69 MB instead of 50 MB.
func roomy() (end func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	was := debug.SetGCPercent(200)
	return func() { debug.SetGCPercent(was) }
}

// readAhead is a part of a script, or the error behind the last one.
type readAhead struct {
	part *Source
	err  error
}

// ahead parses the next part while the one before it runs.
func (s *Script) ahead(ctx context.Context, split *parser.Splitter) (parts <-chan readAhead, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	out, ended := make(chan readAhead), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			piece, err := split.NextBatch()
			next := readAhead{err: err}
			switch {
			case err != nil:
			case piece.Docs != nil:
				next.part = &Source{Source: piece.Source(s.Name), Dir: s.dir, docs: piece.Docs}
			default:
				next.part = newSource(piece.Source(s.Name), s.dir)
			}
			select {
			case out <- next:
			case <-ctx.Done():
				close(out)
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return out, func() { cancel(); <-ended }
}

// readError is the result of what ended the reading of a script; nil at its end.
func (s *Script) readError(err error) error {
	var d *lang.Diag
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &d):
		return &args.UsageError{Message: fmt.Sprintf("%s: %s", s.Name, d.Message), Hint: d.Hint}
	}
	return fmt.Errorf("cannot read %s: %w", s.Name, err)
}

// Files opens script files; "-" is standard input.
func Files(ctx context.Context, names []string, stdin io.Reader) ([]*Script, error) {
	out := make([]*Script, 0, len(names))
	for _, name := range names {
		open := file
		if name == "-" {
			open = func(string) (*Script, error) { return Stdin(ctx, stdin) }
		}
		s, err := open(name)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func file(name string) (*Script, error) {
	info, err := os.Stat(name)
	if err == nil && (info.Size() > lang.MaxSource || lang.Zipped(name)) {
		s := &Script{Name: name, dir: filepath.Dir(name), size: info.Size()}
		s.open = func() (io.ReadCloser, error) {
			f, err := os.Open(name)
			if err != nil {
				return nil, fileError(name, err)
			}
			if lang.Zipped(name) {
				return unzipped(f, name, &s.read)
			}
			return withoutShebang(f, &s.read), nil
		}
		return s, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	return NewScript(name, filepath.Dir(name), include.Comment(string(text))), nil
}

// unzipped is the content of a file whose name ends in .gz.
func unzipped(f *os.File, name string, read *atomic.Int64) (io.ReadCloser, error) {
	r, err := gzip.NewReader(&counted{f, read})
	if err != nil {
		return nil, errors.Join(fileError(name, err), f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{r, f}, nil
}

// withoutShebang makes a first line that begins with #! a comment: see [include.Comment].
func withoutShebang(f *os.File, read *atomic.Int64) io.ReadCloser {
	head := make([]byte, len(include.Shebang))
	n, _ := io.ReadFull(f, head) // an error is reported when the rest is read
	return struct {
		io.Reader
		io.Closer
	}{&counted{io.MultiReader(strings.NewReader(include.Comment(string(head[:n]))), f), read}, f}
}

func fileError(name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	hint := ""
	if errors.Is(err, fs.ErrNotExist) {
		if _, e := os.Stat(name + ".rql"); e == nil {
			hint = "did you mean " + name + ".rql?"
		}
	}
	return &args.UsageError{Message: fmt.Sprintf("cannot read %s: %v", name, err), Hint: hint}
}

// Stdin reads standard input to its end, or until ctx ends.
func Stdin(ctx context.Context, stdin io.Reader) (*Script, error) {
	type read struct {
		text []byte
		err  error
	}
	done := make(chan read, 1)
	go func() {
		text, err := io.ReadAll(stdin)
		done <- read{text, err}
	}()
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("reading standard input: %w", ctx.Err())
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("cannot read standard input: %w", r.err)
		}
		return NewScript("<stdin>", ".", string(r.text)), nil
	}
}

// Statements returns a script for each -c.
func Statements(texts []string) []*Script {
	out := make([]*Script, len(texts))
	for i, text := range texts {
		name := "-c"
		if len(texts) > 1 {
			name = fmt.Sprintf("-c#%d", i+1)
		}
		out[i] = NewScript(name, ".", text)
	}
	return out
}

// Precheck finds, before anything runs, the errors that each script has by itself, and parameters that no script uses.
func Precheck(ctx context.Context, scripts []*Script, params map[string]any) error {
	used := map[string]bool{}
	for _, s := range scripts {
		if err := s.syntax(ctx, func(param string) { used[param] = true }); err != nil {
			return err
		}
	}
	return unusedParams(params, used)
}

// syntax returns the errors that a script has by itself, and calls use with the parameters that it uses.
func (s *Script) syntax(ctx context.Context, use func(param string)) error {
	return s.each(ctx, false, func(part *Source) error {
		if part.docs != nil {
			return nil // it is valid, and has no parameters
		}
		if part.File.Diags.Err() != nil {
			for _, d := range part.File.Diags {
				d.Stmt += part.Before
			}
			return lang.NewCheckError(part.Source, part.File.Diags)
		}
		if i := slices.IndexFunc(part.File.Stmts, isInclude); s.Long() && i >= 0 {
			d := lang.Errorf(lang.CodeTooLong, part.File.Stmts[i].Span(), "a script with INCLUDE is checked as one text, and this one is too long for that")
			return lang.NewCheckError(part.Source, lang.Diags{d.WithHint("run the files one after the other: rql run a.rql b.rql")})
		}
		for _, p := range part.File.Params {
			use(p)
		}
		return nil
	})
}

// statements returns how many statements the source has.
func (s *Source) statements() int {
	if s.docs != nil {
		return 1
	}
	return len(s.File.Stmts)
}

func isInclude(s lang.Stmt) bool {
	_, ok := s.(*lang.IncludeStmt)
	return ok
}

func unusedParams(params map[string]any, used map[string]bool) error {
	var unused, names []string
	for name := range params {
		if !used[name] {
			unused = append(unused, "$"+name)
		}
	}
	if len(unused) == 0 {
		return nil
	}
	sort.Strings(unused)
	for name := range used {
		names = append(names, name)
	}
	sort.Strings(names)
	hint := ""
	if near := lang.Nearest(strings.TrimPrefix(unused[0], "$"), names); near != "" {
		hint = "did you mean --param " + near + "=…?"
	}
	return &args.UsageError{Message: "no statement uses the parameter " + strings.Join(unused, ", "), Hint: hint}
}

// params selects those that the source uses: the engine rejects others.
func (s *Source) params(all map[string]any) map[string]any {
	out := map[string]any{}
	for _, name := range s.File.Params {
		if v, ok := all[name]; ok {
			out[name] = v
		}
	}
	return out
}

// Heading returns the comment directly above a statement, or "".
func (s *Source) Heading(statement int) string {
	if statement < 0 || statement >= len(s.File.Stmts) {
		return ""
	}
	before := s.Text[:s.File.Stmts[statement].Span().Start]
	lines := strings.Split(before, "\n")
	if strings.TrimSpace(lines[len(lines)-1]) != "" {
		return "" // other text precedes it on its line
	}
	var heading []string
	for i := len(lines) - 2; i >= 0; i-- {
		text, ok := strings.CutPrefix(strings.TrimSpace(lines[i]), "--")
		if !ok {
			break
		}
		heading = append([]string{strings.TrimSpace(text)}, heading...)
	}
	return strings.Join(heading, "\n")
}
