package gocheck

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// pkg is a package as reported by go list, and what was parsed of it.
type pkg struct {
	ImportPath, Dir, Export string
	GoFiles, CgoFiles       []string
	EmbedFiles              []string
	Deps                    []string
	ImportMap               map[string]string
	DepOnly, Standard       bool
	Error                   *struct{ Err, Pos string }

	fset   *token.FileSet
	files  []*file
	info   *types.Info
	types  *types.Package
	values map[types.Object]ast.Expr // of the constants of the package
	texts  []*text
	models []*text
}

// file is a Go file.
type file struct {
	ast    *ast.File
	source *lang.Source
	base   token.Pos
}

// load lists packages, and reads those that match the patterns, and those of their imports that use the library.
func load(ctx context.Context, dir string, patterns []string) ([]*pkg, error) {
	all, err := list(ctx, dir, patterns)
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	var out []*pkg
	for _, p := range all {
		exports[p.ImportPath] = p.Export
		if p.DepOnly && (p.Standard || !slices.Contains(p.Deps, library)) {
			continue
		}
		if p.Error != nil {
			return nil, fmt.Errorf("%s does not compile: %s", p.ImportPath, strings.TrimSpace(p.Error.Err))
		}
		out = append(out, p)
	}
	fset := token.NewFileSet()
	known := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("the go command does not know %s", path)
		}
		return os.Open(exports[path])
	})
	for _, p := range out {
		if err := p.read(fset, known, dir); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// list runs the go command, which builds imported packages if necessary.
func list(ctx context.Context, dir string, patterns []string) ([]*pkg, error) {
	args := append([]string{"list", "-e", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,CgoFiles,EmbedFiles,Deps,ImportMap,DepOnly,Standard,Error", "--"}, patterns...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, strings.TrimSpace(said.String()))
	}
	var pkgs []*pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &pkg{}
		if err := dec.Decode(p); errors.Is(err, io.EOF) {
			return pkgs, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		pkgs = append(pkgs, p)
	}
}

// imports finds the export data of imported packages.
type imports struct {
	from  types.Importer
	names map[string]string
}

// Import implements types.Importer.
func (i imports) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if real := i.names[path]; real != "" {
		path = real
	}
	p, err := i.from.Import(path)
	if err != nil {
		return nil, fmt.Errorf("importing %s: %w", path, err)
	}
	return p, nil
}

// read parses and type-checks a package.
func (p *pkg) read(fset *token.FileSet, from types.Importer, dir string) error {
	p.fset = fset
	p.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}, Instances: map[*ast.Ident]types.Instance{}}
	var parsed []*ast.File
	for _, name := range append(p.GoFiles, p.CgoFiles...) {
		full := filepath.Join(p.Dir, name)
		text, err := os.ReadFile(full) //nolint:gosec // a file of the package
		if err != nil {
			return fmt.Errorf("cannot read: %w", err)
		}
		f, err := parser.ParseFile(fset, full, text, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("it does not compile: %w", err)
		}
		parsed = append(parsed, f)
		p.files = append(p.files, &file{ast: f, source: lang.NewSource(shown(full, dir), string(text)), base: f.FileStart})
	}
	var failed error
	conf := types.Config{Importer: imports{from, p.ImportMap}, FakeImportC: true, Error: func(err error) {
		if failed == nil {
			failed = err
		}
	}}
	p.types, _ = conf.Check(p.ImportPath, fset, parsed, p.info) // the first error is kept
	if failed != nil {
		return fmt.Errorf("it does not compile: %w", failed)
	}
	p.values = map[types.Object]ast.Expr{}
	for _, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
				for i, name := range spec.Names {
					p.values[p.info.Defs[name]] = spec.Values[i]
				}
			}
			return true
		})
	}
	return nil
}

// shown returns the path of a file for display: relative to the directory where the patterns are looked up, if it is below that.
func shown(full, dir string) string {
	root, err := filepath.Abs(dir)
	if err != nil {
		return full
	}
	short, err := filepath.Rel(root, full)
	if err != nil || strings.HasPrefix(short, "..") {
		return full
	}
	return short
}
