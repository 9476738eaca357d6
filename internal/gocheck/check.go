package gocheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/into"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/parser"

	_ "github.com/rql-lang/rql/mem" // the models are declared on an embedded server
)

// catalog is the database against which texts are checked.
type catalog struct {
	engine *exec.Engine
	bad    bool // its models have errors, which were reported
}

// check checks the texts of a package.
func (c *checker) check(ctx context.Context, given *exec.Engine, p *pkg, all []*pkg) error {
	c.texts += len(p.texts)
	at := &catalog{engine: given}
	if given == nil && len(p.texts) > 0 {
		var err error
		if at, err = c.catalog(ctx, declaring(p, all)); err != nil {
			return err
		}
	}
	for _, t := range p.texts {
		if file := parser.Parse(t.src); file.Diags.Err() != nil {
			for _, d := range file.Diags {
				c.say(t, d)
			}
			continue
		}
		if at.bad {
			continue
		}
		if err := c.text(ctx, at.engine, t); err != nil {
			return err
		}
	}
	return nil
}

// catalog declares the models of packages. Of several with the same name, the first one is used.
func (c *checker) catalog(ctx context.Context, pkgs []*pkg) (*catalog, error) {
	var texts []string
	var owners []*text
	met := map[string]bool{}
	for _, p := range pkgs {
		for _, t := range p.models {
			for _, st := range parser.Parse(t.src).Stmts {
				name := ""
				switch st := st.(type) {
				case *lang.ModelStmt:
					name = "MODEL " + st.Name.Name
				case *lang.ProcedureStmt:
					name = "PROCEDURE " + st.Name.Name
				}
				if name != "" && !met[name] {
					met[name] = true
					texts, owners = append(texts, strings.Repeat(" ", st.Span().Start)+t.src.Slice(st.Span())), append(owners, t)
				}
			}
		}
	}
	key := strings.Join(texts, "\x00")
	if k := c.engines[key]; k != nil {
		return k, nil
	}
	k := &catalog{}
	c.engines[key] = k
	sources := make([]*lang.Source, len(texts))
	for i, text := range texts {
		sources[i] = lang.NewSource(owners[i].src.Name, text)
	}
	d, err := exec.Declare(ctx, sources)
	if err == nil {
		if k.engine, err = exec.Open(ctx, "mem://", exec.Options{}); err == nil {
			_, err = k.engine.Apply(ctx, d)
		}
		return k, err
	}
	var mistakes *lang.CheckError
	if !errors.As(err, &mistakes) {
		return nil, err
	}
	for i, s := range sources {
		if s == mistakes.Source && owners[i].file != nil {
			k.bad = true
			return k, c.fail(owners[i], err)
		}
	}
	return nil, err
}

// text checks a text against the models, and its parameters and target.
func (c *checker) text(ctx context.Context, e *exec.Engine, t *text) error {
	var params map[string]lang.Type
	switch {
	case t.takes != nil:
		var err error
		if params, err = fieldsOf(t); err != nil {
			return c.fail(t, err)
		}
	case t.params != nil && t.call != "WithModelText":
		params = map[string]lang.Type{}
		for name, typ := range t.params {
			params[name] = typeOf(typ)
		}
	}
	var target exec.Target
	if t.target != nil && !isResult(t.target) {
		target = &rows{of: reflected(t.target), name: t.target}
	}
	d, err := e.Describe(ctx, t.src, params, target)
	if err != nil {
		return c.fail(t, err)
	}
	if d.Many && (t.call == "One" || t.call == "Maybe") {
		x := lang.Errorf(lang.CodeBadTarget, lang.Span{End: len(t.src.Text)}, "one row is expected from %s, which may change many documents", d.Shape.Kind)
		c.say(t, x.WithHint("name the document by its key, LIMIT 1, or use Query"))
	}
	for _, u := range d.Unserved {
		x := lang.Errorf(lang.CodeNoIndex, u.Span, "no index serves this, so every %s is read", u.Model.Name)
		x.Severity = lang.SeverityWarning
		c.say(t, x.WithHint("%s", cmp.Or(u.Advice, "INDEX on a field that it compares or orders by; EXPLAIN shows the plan")))
	}
	return nil
}

// typeOf returns the type of a parameter with values of a Go type.
func typeOf(t types.Type) lang.Type {
	if b, ok := t.(*types.Basic); ok && b.Kind() == types.UntypedNil {
		return lang.TypeNull
	}
	return codec.TypeFor(reflected(t))
}

// fieldsOf returns the parameters that the struct of a Prepare provides.
func fieldsOf(t *text) (map[string]lang.Type, error) {
	of := reflected(t.takes)
	out := map[string]lang.Type{}
	if of.Kind() != reflect.Struct {
		return nil, badParam("%s is not a struct, whose fields would be the arguments", types.TypeString(t.takes, (*types.Package).Name))
	}
	fields, err := codec.Fields(of)
	if err != nil {
		return nil, badParam("%s", fail.Message(err))
	}
	names := parser.Parse(t.src).Params
	at, unused := codec.FieldsOf(names, fields)
	for i, name := range names {
		if at[i] >= 0 { // the checker reports a missing parameter
			field := of.FieldByIndex(fields[at[i]].Index).Type
			if err := codec.Unsupported(field); err != nil {
				return nil, badParam("$%s: %s", name, fail.Message(err))
			}
			out[name] = codec.TypeFor(field)
		}
	}
	if unused >= 0 {
		return nil, badParam("the text has no parameter for the field %s of %s", of.FieldByIndex(fields[unused].Index).Name, types.TypeString(t.takes, (*types.Package).Name))
	}
	return out, nil
}

func badParam(format string, args ...any) error {
	return &lang.Error{Code: lang.CodeBadParam, Statement: -1, Message: fmt.Sprintf(format, args...)}
}

// rows is the type into which rows are read.
type rows struct {
	of   reflect.Type
	name types.Type // in the checked program
}

// Fit implements exec.Target.
func (r *rows) Fit(s *exec.Shape) ([]int, any, error) {
	if s.Late {
		return nil, nil, nil
	}
	if len(s.Columns) == 0 {
		return nil, nil, into.NoRows(s.Kind)
	}
	cols := make([]into.Column, len(s.Columns))
	for i, c := range s.Columns {
		cols[i] = into.Column(c)
	}
	if _, _, err := into.New(r.of, cols); err != nil {
		err = into.Refused(err)
		var x *lang.Error
		if errors.As(err, &x) {
			x.Message = strings.ReplaceAll(x.Message, r.of.String(), types.TypeString(r.name, (*types.Package).Name))
		}
		return nil, nil, err
	}
	return nil, nil, nil
}
