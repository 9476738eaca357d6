package migrate

import (
	"cmp"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// Snapshot is the file that holds the models after all migrations. It is not itself a migration.
const Snapshot = "models.rql"

// File is a migration.
type File struct {
	Version string // the digits at the start of its name
	Name    string // of the file, without the directory
	Sum     string // hash of its statements, without comments, white space and the case of keywords
	number  uint64
	up      part
	down    *part // nil if the file has no DOWN part
}

// part is one half of a migration: what it does, or what undoes it.
type part struct {
	src   *lang.Source
	file  *lang.File
	sums  []string     // hashes of the statements
	prog  *ir.Program  // set by Set.check
	after []*ir.Schema // the models after each statement
}

// Set is the migrations of a directory, in order.
type Set struct {
	Files  []*File
	schema *ir.Schema // after all migrations
	wrong  error      // what Load returns: the statements that do not check
}

var fileName = regexp.MustCompile(`^([0-9]{1,14})_[^/]+\.rql$`)

// Load reads and checks the migrations of a directory. It checks them without a server, each against the models that result from
// those before it. Errors: bad-migration, or a *lang.CheckError for each file that has errors.
func Load(ctx context.Context, fsys fs.FS) (*Set, error) {
	s, err := Read(ctx, fsys)
	if err != nil {
		return nil, err
	}
	return s, s.wrong
}

// Read is Load for a Runner, which reports statements that do not check unless a file is missing or was edited, which may be why.
// Error: bad-migration.
func Read(ctx context.Context, fsys fs.FS) (*Set, error) {
	if fsys == nil {
		return nil, bad("", "there is no directory of migrations")
	}
	entries, err := fs.ReadDir(fsys, ".") // fs.Glob would say nothing of a directory that cannot be read
	if err != nil {
		return nil, bad("", "the directory of migrations cannot be read: %s", err)
	}
	s := &Set{}
	for _, e := range entries {
		name := e.Name()
		if path.Ext(name) != ".rql" || name == Snapshot {
			continue
		}
		f, err := read(fsys, name)
		if err != nil {
			return nil, err
		}
		s.Files = append(s.Files, f)
	}
	slices.SortFunc(s.Files, func(a, b *File) int {
		return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.Name, b.Name))
	})
	for i, f := range s.Files[:max(len(s.Files)-1, 0)] {
		if next := s.Files[i+1]; f.number == next.number {
			return nil, bad("give one of them another number", "%s and %s have the same number", f.Name, next.Name)
		}
	}
	s.wrong = s.check(ctx)
	return s, nil
}

func bad(hint, format string, args ...any) *lang.Error {
	return &lang.Error{Code: lang.CodeBadMigration, Statement: -1, Message: fmt.Sprintf(format, args...), Hint: hint}
}

func read(fsys fs.FS, name string) (*File, error) {
	m := fileName.FindStringSubmatch(name)
	if m == nil {
		return nil, bad("rql migrate new NAME makes a file with the next number", "%s is not the name of a migration: it begins with a number, as in 0001_users.rql", name)
	}
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, bad("", "%s cannot be read: %s", name, err)
	}
	number, _ := strconv.ParseUint(m[1], 10, 64) // 14 digits at most
	f := &File{Version: m[1], Name: name, number: number}
	f.up = newPart(name, string(text))
	at := slices.IndexFunc(f.up.file.Stmts, func(s lang.Stmt) bool { _, is := s.(*lang.DownStmt); return is })
	if at >= 0 {
		// Both halves keep their positions in the file.
		sp := f.up.file.Stmts[at].Span()
		down := newPart(name, blank(string(text[:sp.End]))+string(text[sp.End:]))
		f.up, f.down = newPart(name, string(text[:sp.Start])), &down
	}
	h := sha1.New()
	h.Write([]byte(strings.Join(f.up.sums, "\n")))
	if f.down != nil {
		h.Write([]byte("\nDOWN\n" + strings.Join(f.down.sums, "\n")))
	}
	f.Sum = hex.EncodeToString(h.Sum(nil))
	return f, nil
}

// blank replaces everything except line breaks by spaces.
func blank(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c != '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}

func newPart(name, text string) part {
	p := part{src: lang.NewSource(name, text)}
	p.file = parser.Parse(p.src)
	for _, s := range p.file.Stmts {
		sum := sha1.Sum([]byte(lang.Print(s)))
		p.sums = append(p.sums, hex.EncodeToString(sum[:8]))
	}
	return p
}

// check checks all files, each against the models that result from those before it.
func (s *Set) check(ctx context.Context) error {
	schema := ir.NewSchema()
	var all []error
	for _, f := range s.Files {
		if err := f.up.check(ctx, schema); err != nil {
			all = append(all, err)
			break // those after it depend on it
		}
		schema = f.up.prog.Schema
		if f.down != nil {
			if err := f.down.check(ctx, schema); err != nil {
				all = append(all, err)
			}
		}
	}
	s.schema = schema
	return errors.Join(all...)
}

func (p *part) check(ctx context.Context, schema *ir.Schema) error {
	prog, found := check.Check(ctx, p.file, schema, check.Options{Migration: true})
	found = append(slices.Clone(p.file.Diags), found...)
	if found.Err() == nil && prog != nil {
		for _, st := range prog.Stmts {
			if d := refused(st); d != nil {
				found = append(found, d)
			}
		}
	}
	if found.Err() != nil {
		return lang.NewCheckError(p.src, found)
	}
	if prog == nil {
		return ctx.Err()
	}
	p.prog = prog
	for _, st := range prog.Stmts {
		p.after = append(p.after, st.Info().Schema)
	}
	return nil
}

// refused returns an error for a statement that could not be resumed after a run was killed; nil for any other statement.
func refused(st ir.Stmt) *lang.Diag {
	why, hint := "", ""
	switch st := st.(type) {
	case *ir.Import:
		why, hint = "IMPORT", "run it by rql run, or write the documents as PUT statements"
	case *ir.Adopt:
		if st.Apply {
			why, hint = "ADOPT … APPLY", "write the MODEL that ADOPT proposes"
		}
	case *ir.Let:
		switch st.Stmt.(type) {
		case nil, *ir.Get, *ir.Find, *ir.Count, *ir.Exists:
		default:
			why, hint = "a LET of a statement that changes documents", "put both into one ATOMIC block"
		}
	case *ir.Update:
		if t := st.Target; t.Key == nil && (st.Model.Foreign || st.Model.Unlisted) {
			why, hint = "an UPDATE of documents that are found by their names", "change them one by one by their keys, or by rql run"
		}
	}
	if why == "" {
		return nil
	}
	return lang.Errorf(lang.CodeNotAllowed, st.Info().Sp, "%s", why+" is not allowed in a migration: a run that was killed could not tell what it had done").WithHint("%s", hint)
}

// Models returns the text of the models and procedures that result from the migrations, each after those that it depends on.
func (s *Set) Models() string {
	var b strings.Builder
	for _, m := range s.schema.InOrder() {
		b.WriteString(m.Def + ";\n\n")
	}
	for _, name := range s.schema.Procedures() {
		b.WriteString(s.schema.Procedure(name).Def + ";\n\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
