package format

import (
	"reflect"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// roles is what the tree says of the places of a text.
type roles struct {
	names  map[int]bool // where a name, or a literal that is a word, begins
	called map[int]bool // where a name begins that a ( or < belongs to
	signs  map[int]bool // where a value begins with a minus
	index  map[int]bool // where an X[I] ends that has no list in front
	lists  map[int]bool // where a list or an object begins
	types  []lang.Span
}

// rolesOf reads the whole tree. Names are found wherever a node has one, so that a new node needs no code here.
func rolesOf(f *lang.File) *roles {
	r := &roles{names: map[int]bool{}, called: map[int]bool{}, signs: map[int]bool{}, index: map[int]bool{}, lists: map[int]bool{}}
	for _, s := range f.Stmts {
		r.value(reflect.ValueOf(s))
	}
	slices.SortFunc(r.types, func(a, b lang.Span) int { return a.Start - b.Start })
	return r
}

func (r *roles) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			r.value(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			r.value(v.Index(i))
		}
	case reflect.Struct:
		if v.CanInterface() {
			r.node(v.Interface())
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				r.value(v.Field(i))
			}
		}
	}
}

func (r *roles) node(n any) {
	switch n := n.(type) {
	case lang.Ident:
		if n.Name != "" { // one that is not written has no place
			r.names[n.Sp.Start] = true
		}
	case lang.Name:
		r.names[n.Sp.Start] = true
	case lang.Member:
		r.names[n.NameSp.Start] = true
	case lang.Entry:
		r.names[n.NameSp.Start] = true
	case lang.Call:
		r.names[n.NameSp.Start], r.called[n.NameSp.Start] = true, true
	case lang.Method:
		r.names[n.NameSp.Start], r.called[n.NameSp.Start] = true, true
	case lang.CallStmt:
		r.called[n.Name.Sp.Start] = true
	case lang.ProcedureStmt:
		r.called[n.Name.Sp.Start] = true
	case lang.TypeExpr:
		r.names[n.Sp.Start], r.called[n.Sp.Start] = true, true
		r.types = append(r.types, n.Sp)
	case lang.Literal:
		r.literal(&n)
	case lang.Unary:
		if n.Op == lang.OpSub {
			r.signs[n.Sp.Start] = true
		}
	case lang.List:
		r.lists[n.Sp.Start] = true
	}
}

// literal notes the words of a literal, which keep their letters, and a minus in front of a number.
func (r *roles) literal(x *lang.Literal) {
	r.signs[x.Sp.Start] = true
	for i := x.Sp.Start; i < x.Sp.End; i++ {
		r.names[i] = true
	}
}

// inType reports a place within a type.
func (r *roles) inType(at int) bool {
	for _, sp := range r.types {
		if sp.Start <= at && at < sp.End {
			return true
		}
	}
	return false
}

// give tells the items what they are.
func (r *roles) give(list []item) {
	prev := -1 // the token before
	for i := range list {
		it := &list[i]
		if it.comment() {
			continue
		}
		at := it.span.Start
		switch it.kind {
		case parser.TokenWord:
			it.keyword = !r.names[at] && !strings.HasPrefix(it.text, "@")
			if it.keyword {
				it.text = strings.ToUpper(it.text)
			}
		case parser.TokenSign:
			it.inType = r.inType(at)
			it.sign = it.text == "-" && r.signs[at]
			if prev >= 0 {
				before := &list[prev]
				it.glued = it.text == "(" && r.called[before.span.Start] || it.text == "[" && !r.lists[at]
			}
		}
		prev = i
	}
}
