package lsp

import (
	"context"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/internal/include"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// maxFiles is how many files of a folder are read for their models.
const maxFiles = 2000

// file is a file of RQL, with what it declares.
type file struct {
	uri  string
	src  *lang.Source
	tree *lang.File
}

func newFile(uri, text string) *file {
	src := lang.NewSource(pathOf(uri), text)
	return &file{uri: uri, src: src, tree: parser.Parse(src)}
}

// declares gives the names and places of what a file declares.
func (f *file) declares(each func(name lang.Ident, st lang.Stmt)) { include.Declares(f.tree, each) }

// workspace has the files of the folder that the editor shows, and the texts that it has open.
type workspace struct {
	root  string
	disk  map[string]*file
	open  map[string]*file
	known *ir.Schema // of a server, or nil
}

// read reads the files of the folder.
func (w *workspace) read() {
	w.disk = map[string]*file{}
	if w.root == "" {
		return
	}
	_ = filepath.WalkDir(w.root, func(path string, d fs.DirEntry, err error) error { // what cannot be read declares nothing
		name := ""
		if d != nil {
			name = d.Name()
		}
		switch {
		case err != nil:
			return nil
		case d.IsDir() && path != w.root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "vendor"):
			return fs.SkipDir
		case len(w.disk) == maxFiles:
			return fs.SkipAll
		case d.IsDir() || filepath.Ext(name) != ".rql":
			return nil
		}
		if text, err := os.ReadFile(path); err == nil && len(text) <= lang.MaxSource {
			w.disk[uriOf(path)] = newFile(uriOf(path), string(text))
		}
		return nil
	})
}

// files are all of them, in the order of their names, each as the editor has it.
func (w *workspace) files() []*file {
	var out []*file
	for uri, f := range w.disk {
		if w.open[uri] == nil {
			out = append(out, f)
		}
	}
	for _, f := range w.open {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *file) int { return strings.Compare(a.uri, b.uri) })
	return out
}

// schema has the models and procedures that the other files declare, and those of the server. Of two of a name the first counts.
func (w *workspace) schema(ctx context.Context, of *file) *ir.Schema {
	all := w.known
	if all == nil {
		all = ir.NewSchema()
	}
	var others []*lang.File
	for _, f := range w.files() {
		if f != of {
			others = append(others, f.tree)
		}
	}
	return include.Beside(ctx, all, []*lang.File{of.tree}, others)
}

// within is the schema at the end of a document: with its own models.
func (w *workspace) within(ctx context.Context, of *file) *ir.Schema {
	all := w.schema(ctx, of)
	for _, st := range of.tree.Stmts {
		switch st.(type) {
		case *lang.ModelStmt, *lang.ProcedureStmt:
			prog, _, err := compile.Check(ctx, lang.NewSource("", of.src.Slice(st.Span())), nil, check.Options{}, all)
			if err == nil && prog != nil {
				all = prog.Schema
			}
		}
	}
	return all
}

// pathOf is the path of a file; of what is none, its URI.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" {
		return uri
	}
	path := u.Path
	if len(path) > 2 && path[0] == '/' && path[2] == ':' { // file:///C:/x
		path = path[1:]
	}
	return filepath.FromSlash(path)
}

func uriOf(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
