package gocheck

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// library is the path of the package whose functions take texts.
const library = "github.com/rql-lang/rql"

// text is a constant text in a Go program.
type text struct {
	file   *file // where it is written; if that is in another package, where it is used
	src    *lang.Source
	pieces []piece
	whole  lang.Span // of the argument, or of the constant's value, in the file

	call   string                // the function to which it is passed
	params map[string]types.Type // nil: unknown
	target types.Type            // of the rows; nil: they are not read into a type
	takes  types.Type            // the struct of parameters of Prepare
}

// piece is a part of a text that is written without escapes: from is its offset in the text, at its offset in the file.
type piece struct{ from, at int }

// place translates a span of the text to one of the Go file.
func (t *text) place(sp lang.Span) lang.Span {
	if len(t.pieces) == 0 {
		return t.whole
	}
	return lang.Span{Start: t.offset(sp.Start), End: max(t.offset(sp.Start)+1, t.offset(sp.End-1)+1)}
}

func (t *text) offset(n int) int {
	at := t.whole.Start
	for _, p := range t.pieces {
		if p.from > n {
			break
		}
		at = p.at + n - p.from
	}
	return at
}

// find collects the texts of a package, and the models among them.
func (p *pkg) find() {
	for _, f := range p.files {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				p.call(f, call)
			}
			return true
		})
	}
	for _, t := range p.texts {
		p.declares(t)
	}
	for _, name := range p.EmbedFiles {
		if filepath.Ext(name) != ".rql" {
			continue
		}
		full := filepath.Join(p.Dir, name)
		if content, err := os.ReadFile(full); err == nil { //nolint:gosec // a file of the package
			p.declares(&text{src: lang.NewSource(full, string(content))})
		}
	}
}

// declares records a text that declares models or procedures.
func (p *pkg) declares(t *text) {
	for _, st := range parser.Parse(t.src).Stmts {
		switch st.(type) {
		case *lang.ModelStmt, *lang.ProcedureStmt:
			p.models = append(p.models, t)
			return
		}
	}
}

// call records the text that a call passes to the library.
func (p *pkg) call(f *file, call *ast.CallExpr) {
	name, instance := p.callee(call)
	if name == nil || name.Pkg() == nil || name.Pkg().Path() != library {
		return
	}
	sig := name.Signature()
	at := -1
	for i := range sig.Params().Len() {
		if v := sig.Params().At(i); v.Name() == "text" && types.Identical(v.Type(), types.Typ[types.String]) {
			at = i
		}
	}
	if at < 0 || at >= len(call.Args) {
		return
	}
	value := p.info.Types[call.Args[at]].Value
	if value == nil || value.Kind() != constant.String {
		return
	}
	t := &text{file: f, src: lang.NewSource(f.source.Name, constant.StringVal(value)), call: name.Name()}
	p.locate(t, call.Args[at])
	p.arguments(t, call, at+1)
	if instance != nil {
		t.target = instance.At(0)
		if instance.Len() == 2 {
			t.takes = instance.At(1)
		}
	}
	p.texts = append(p.texts, t)
}

// callee returns the called function, and its type arguments.
func (p *pkg) callee(call *ast.CallExpr) (*types.Func, *types.TypeList) {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	var id *ast.Ident
	switch x := fun.(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	default:
		return nil, nil
	}
	fn, _ := p.info.Uses[id].(*types.Func)
	return fn, p.info.Instances[id].TypeArgs
}

// arguments reads the rql.Args of a call. Parts that are not literals are unknown.
func (p *pkg) arguments(t *text, call *ast.CallExpr, from int) {
	t.params = map[string]types.Type{}
	if call.Ellipsis.IsValid() {
		t.params = nil
		return
	}
	for _, arg := range call.Args[min(from, len(call.Args)):] {
		lit, ok := ast.Unparen(arg).(*ast.CompositeLit)
		if !ok {
			t.params = nil
			return
		}
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok || p.info.Types[kv.Key].Value == nil {
				t.params = nil
				return
			}
			t.params[constant.StringVal(p.info.Types[kv.Key].Value)] = types.Default(p.info.TypeOf(kv.Value))
		}
	}
}

// locate finds where a constant is written.
func (p *pkg) locate(t *text, x ast.Expr) {
	t.whole = lang.Span{Start: int(x.Pos() - t.file.base), End: int(x.End() - t.file.base)}
	for {
		x = ast.Unparen(x)
		id, ok := x.(*ast.Ident)
		if !ok {
			break
		}
		value := p.values[p.info.Uses[id]]
		if value == nil {
			return
		}
		x = value
	}
	for _, f := range p.files {
		if f.ast.FileStart <= x.Pos() && x.End() <= f.ast.FileEnd {
			t.file, t.src.Name = f, f.source.Name
			t.whole = lang.Span{Start: int(x.Pos() - f.base), End: int(x.End() - f.base)}
		}
	}
	if n, ok := p.pieceOf(t, x, 0); !ok || n != len(t.src.Text) {
		t.pieces = nil
	}
}

// pieceOf adds the pieces of a literal, or of concatenated literals, whose text begins at from.
func (p *pkg) pieceOf(t *text, x ast.Expr, from int) (int, bool) {
	switch x := ast.Unparen(x).(type) {
	case *ast.BinaryExpr:
		n, ok := p.pieceOf(t, x.X, from)
		if !ok || x.Op != token.ADD {
			return 0, false
		}
		m, ok := p.pieceOf(t, x.Y, from+n)
		return n + m, ok
	case *ast.Ident: // a constant: its text has the position of its name
		v := p.info.Types[x].Value
		if v == nil {
			return 0, false
		}
		n := len(constant.StringVal(v))
		for i := range n {
			t.pieces = append(t.pieces, piece{from + i, int(x.Pos() - t.file.base)})
		}
		return n, true
	case *ast.BasicLit:
		if x.Kind == token.STRING {
			return t.literal(x.Value, from, int(x.Pos()-t.file.base)), true
		}
	}
	return 0, false
}

// literal adds the pieces of a literal at a position in the file, and returns the length of its text.
func (t *text) literal(s string, from, at int) int {
	quote := s[0]
	s, at = s[1:len(s)-1], at+1
	t.pieces = append(t.pieces, piece{from, at})
	n := 0
	for len(s) > 0 {
		if quote == '`' {
			if s[0] == '\r' { // not part of the text
				at++
				t.pieces = append(t.pieces, piece{from + n, at})
			} else {
				at, n = at+1, n+1
			}
			s = s[1:]
			continue
		}
		r, multi, rest, err := strconv.UnquoteChar(s, quote)
		if err != nil {
			return n
		}
		size := 1
		if r >= utf8.RuneSelf && multi {
			size = utf8.RuneLen(r)
		}
		n, at = n+size, at+len(s)-len(rest)
		if len(s)-len(rest) != size {
			t.pieces = append(t.pieces, piece{from + n, at})
		}
		s = rest
	}
	return n
}

var anyType = reflect.TypeFor[any]()

// isResult reports whether a type is *rql.Result, which fits any text.
func isResult(t types.Type) bool {
	return strings.HasSuffix(types.TypeString(t, nil), "*"+library+".Result")
}
