// Package include replaces each INCLUDE of a script by the statements of its file.
package include

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// Part is a part of a script between two INCLUDEs, of the script itself or of a file that it includes.
type Part struct {
	File  *lang.File // its Source has the name of the file, and the positions in it
	Dir   string     // of the file: relative names are relative to it
	Start int        // offset of the text in the file
}

// Expand returns the parts of a script in the order in which they run. A text without INCLUDE, or one that does not parse, is one
// part. What is wrong with an INCLUDE is a diagnostic of the part that takes its place.
func Expand(file *lang.File, dir string) []Part {
	at := slices.IndexFunc(file.Stmts, isInclude)
	if at < 0 || file.Diags.Err() != nil {
		return []Part{{File: file, Dir: dir}}
	}
	x := &expander{size: len(file.Source.Text)}
	if info, err := os.Stat(file.Source.Name); err == nil {
		x.open = append(x.open, info)
	}
	x.file(file, dir)
	switch {
	case len(x.parts) == 0: // only files without statements
		return []Part{{File: parser.Parse(lang.NewSource(file.Source.Name, "")), Dir: dir}}
	case failed(x.parts):
		return x.parts
	}
	if text, _ := Join(x.parts); parser.Parse(lang.NewSource("", text)).Diags.Err() != nil {
		inc, _ := file.Stmts[at].(*lang.IncludeStmt)
		x.mistake(file.Source, dir, tooLong(inc))
	}
	return x.parts
}

func isInclude(s lang.Stmt) bool {
	_, ok := s.(*lang.IncludeStmt)
	return ok
}

func failed(parts []Part) bool {
	return slices.ContainsFunc(parts, func(p Part) bool { return p.File.Diags.Err() != nil })
}

// Join returns the parts as one text, which can be checked, and the offset of each part in it.
func Join(parts []Part) (text string, starts []int) {
	var b strings.Builder
	for _, p := range parts {
		starts = append(starts, b.Len())
		b.WriteString(p.File.Source.Text + "\n;")
	}
	return b.String(), starts
}

// Within returns the diagnostics of one part of a joined text, with positions in the part.
func Within(all lang.Diags, starts []int, i int) (own lang.Diags) {
	for _, d := range all {
		if d.Span.Start < starts[i] || i+1 < len(starts) && d.Span.Start >= starts[i+1] {
			continue
		}
		moved := *d
		moved.Span.Start -= starts[i]
		moved.Span.End -= starts[i]
		moved.Fix = nil
		own = append(own, &moved)
	}
	return own
}

// expander collects the parts of a script.
type expander struct {
	parts []Part
	open  []fs.FileInfo // the files that are being expanded, the script first
	depth int           // how many of them are included
	size  int           // bytes of all texts so far
}

func (x *expander) file(f *lang.File, dir string) {
	if f.Diags.Err() != nil {
		x.parts = append(x.parts, Part{File: f, Dir: dir})
		return
	}
	from := 0
	for _, s := range f.Stmts {
		inc, ok := s.(*lang.IncludeStmt)
		if !ok {
			continue
		}
		x.part(f.Source, dir, from, inc.Sp.Start)
		if d := x.include(inc, dir); d != nil {
			x.mistake(f.Source, dir, d)
		}
		from = inc.Sp.End
	}
	x.part(f.Source, dir, from, len(f.Source.Text))
}

// part adds the statements between two INCLUDEs, if there are any.
func (x *expander) part(src *lang.Source, dir string, from, to int) {
	line, col := src.Position(from)
	f := parser.Parse(lang.NewSourceAt(src.Name, src.Text[from:to], line, col))
	if len(f.Stmts) > 0 {
		x.parts = append(x.parts, Part{File: f, Dir: dir, Start: from})
	}
}

// mistake adds what is wrong with an INCLUDE.
func (x *expander) mistake(src *lang.Source, dir string, d *lang.Diag) {
	x.parts = append(x.parts, Part{File: &lang.File{Source: src, Stmts: []lang.Stmt{&lang.BadStmt{Sp: d.Span}}, Diags: lang.Diags{d}}, Dir: dir})
}

// include adds the parts of a file, or returns what is wrong.
func (x *expander) include(s *lang.IncludeStmt, dir string) *lang.Diag {
	name := s.File
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		err = errors.New("it is a directory")
	}
	if err != nil {
		return unreadable(s, name, err)
	}
	if slices.ContainsFunc(x.open, func(o fs.FileInfo) bool { return os.SameFile(o, info) }) {
		return lang.Errorf(lang.CodeInclude, s.FileSp, "%s includes itself, directly or through others", name).
			WithHint("put the statements that both need into a third file")
	}
	if x.depth == lang.MaxIncludes {
		return lang.Errorf(lang.CodeInclude, s.FileSp, "files may include each other to a depth of %d", lang.MaxIncludes).
			WithHint("include the file in the script itself")
	}
	if lang.Zipped(name) || info.Size() > lang.MaxSource-int64(x.size) {
		return tooLong(s)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return unreadable(s, name, err)
	}
	x.size += len(text) + 1 // an empty file counts too
	x.open, x.depth = append(x.open, info), x.depth+1
	x.file(parser.Parse(lang.NewSource(name, Comment(string(text)))), filepath.Dir(name))
	x.open, x.depth = x.open[:len(x.open)-1], x.depth-1
	return nil
}

func tooLong(s *lang.IncludeStmt) *lang.Diag {
	return lang.Errorf(lang.CodeTooLong, s.FileSp, "a script with the files that it includes is checked as one text, and %s is compressed or makes it too long", s.File).
		WithHint("run the files one after the other: rql run %s …", s.File)
}

func unreadable(s *lang.IncludeStmt, name string, err error) *lang.Diag {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	d := lang.Errorf(lang.CodeInclude, s.FileSp, "cannot read %s: %v", name, err)
	if _, e := os.Stat(name + ".rql"); e == nil && errors.Is(err, fs.ErrNotExist) {
		return d.WithHint("did you mean %s.rql?", s.File)
	}
	return d.WithHint("the name is relative to the file with the INCLUDE, or on standard input to the working directory")
}

// Shebang begins the first line of a script that names the program that runs it.
const Shebang = "#!"

// Comment turns a first line that begins with Shebang into a comment.
func Comment(text string) string {
	if rest, ok := strings.CutPrefix(text, Shebang); ok {
		return "--" + rest
	}
	return text
}
