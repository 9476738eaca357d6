package parser

import (
	"strings"
	"testing"

	"github.com/rql-lang/rql/lang"
)

func addSeeds(f *testing.F) {
	for _, s := range parseText(samples(f)).Stmts {
		f.Add(lang.Print(s))
	}
	for _, s := range strings.SplitAfter(samples(f), ";\n") {
		f.Add(s)
	}
	for _, s := range []string{"ATOMIC < ENSURE a > (get(b)) >", "FIND U WHERE a IN (1) + 2", "SELECT * FROM a", "IF a THEN", "FIND U RETURN (distinct(a)) + 1"} {
		f.Add(s)
	}
}

// FuzzParse: nothing panics, every span lies in its source, and the walks over
// tokens agree with the parser.
func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		file := parseText(text)
		checkSpans(t, file)
		for _, d := range file.Diags {
			if d.Span.Start < 0 || d.Span.End < d.Span.Start || d.Span.End > len(text)+1 {
				t.Fatalf("%v outside the text: %+v", d, d.Span)
			}
			if d.Stmt < 0 || d.Stmt > len(file.Stmts) {
				t.Fatalf("%v belongs to statement %d", d, d.Stmt)
			}
		}
		_ = file.Diags.Render(file.Source)
		Complete(text)
		if _, literals, ok := Shape(text, nil); ok {
			lang.WalkFile(file, func(n lang.Node) bool {
				if l, isLiteral := n.(*lang.Literal); isLiteral && l.Ord >= len(literals) {
					t.Fatalf("literal %v has ordinal %d of %d", l.Value, l.Ord, len(literals))
				}
				return true
			})
		}
		size := 0
		for _, p := range allPieces(text) {
			size += len(p.Text)
		}
		if size != len(text) && len(text) < lang.MaxSource {
			t.Fatalf("the pieces have %d of %d bytes", size, len(text))
		}
		documentsAreParsed(t, text)
	})
}

// documentsAreParsed: what the reader of documents takes is one RESTORE without parameters for the parser too, and ends where it does.
func documentsAreParsed(t *testing.T, text string) {
	t.Helper()
	for _, from := range restores(text) {
		for _, keep := range []bool{false, true} {
			docs, end, _ := documents(text[from:], keep)
			if docs == nil {
				continue
			}
			f := parseText(text[from : from+end])
			if len(f.Diags) > 0 || len(f.Stmts) != 1 || len(f.Params) > 0 {
				t.Fatalf("read, but not parsed: %q: %v", text[from:from+end], f.Diags)
			}
			st, ok := f.Stmts[0].(*lang.PutStmt)
			if !ok || !st.Restore || st.Model.Name != docs.Model {
				t.Fatalf("read as a RESTORE of %s: %q", docs.Model, text[from:from+end])
			}
			if list, ok := st.Doc.(*lang.List); !ok || keep && len(list.Items) != len(docs.Docs) {
				t.Fatalf("other documents: %q", text[from:from+end])
			}
		}
	}
}

// restores lists where a text may have a RESTORE, and its beginning.
func restores(text string) []int {
	out := []int{0}
	for at := range text {
		if beginsRestore(text[at:]) {
			out = append(out, at)
		}
	}
	return out
}

func allPieces(text string) (out []Piece) {
	for s := NewSplitter(strings.NewReader(text)); ; {
		p, err := s.Next()
		if err != nil {
			return out
		}
		out = append(out, p)
	}
}

// FuzzPrint: what parses prints as a text that parses to the same tree.
func FuzzPrint(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		file := parseText(text)
		if len(file.Diags) > 0 {
			return
		}
		for _, s := range file.Stmts {
			if len(text) < lang.MaxSource/4 {
				roundTrip(t, s)
			}
		}
	})
}
