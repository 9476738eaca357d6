package rql

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/parser"
)

// Prepared is a checked text, with rows of type T and arguments of type A. It is safe for concurrent use, and valid as long as
// its database is open: it holds neither a connection nor a plan of its own, and follows changes of the catalog.
type Prepared[T, A any] struct {
	on    Runner
	text  string
	takes []argument
}

// argument is a parameter and the field of A that provides it.
type argument struct {
	name  string
	index []int
}

// Prepare checks a text against the models of the database, so that a program detects errors when it starts: the names and types
// in the text, its parameters against the fields of the struct A, and the columns of its last statement against T, which is a
// type as for Query, or *Result for a text whose rows are not read. For a text without parameters, A is struct{}. Prepare does
// not send the text.
//
// The fields for parameters are matched by name, like those for columns. Every parameter must have a field, and every field a
// parameter.
func Prepare[T, A any](ctx context.Context, db *DB, text string) (*Prepared[T, A], error) {
	p := &Prepared[T, A]{}
	if err := p.prepare(ctx, db, lang.NewSource("", text)); err != nil {
		return nil, err
	}
	return p, nil
}

// prepare checks a text and makes p its prepared form.
func (p *Prepared[T, A]) prepare(ctx context.Context, db *DB, src *lang.Source) error {
	e, err := db.ready(ctx)
	if err != nil {
		return publicError(err)
	}
	types := map[string]lang.Type{}
	takes, err := arguments(reflect.TypeFor[A](), src, types)
	if err != nil {
		return err
	}
	var target exec.Target
	if t := collect[T](src.Text, nil).target; t != nil {
		target = db.target(t)
	}
	if err := e.Check(ctx, src, types, target); err != nil {
		return publicError(err)
	}
	*p = Prepared[T, A]{on: db, text: src.Text, takes: takes}
	return nil
}

// arguments finds the fields for the parameters, and their types.
func arguments(t reflect.Type, src *lang.Source, types map[string]lang.Type) ([]argument, error) {
	file := parser.Parse(src)
	if file.Diags.Err() != nil {
		return nil, lang.NewCheckError(src, file.Diags)
	}
	if t.Kind() != reflect.Struct {
		return nil, badArguments("%s is not a struct, whose fields would be the arguments", t)
	}
	fields, err := codec.Fields(t)
	if err != nil {
		return nil, badArguments("%s", reasonOf(err))
	}
	at, unused := codec.FieldsOf(file.Params, fields)
	out := make([]argument, 0, len(at))
	for i, name := range file.Params {
		if at[i] < 0 {
			if file.Optional[name] {
				continue
			}
			return nil, badArguments("%s has no field for $%s", t, name)
		}
		index := fields[at[i]].Index
		out = append(out, argument{name, index})
		of := t.FieldByIndex(index).Type
		if err := codec.Unsupported(of); err != nil {
			return nil, badArguments("$%s: %s", name, reasonOf(err))
		}
		types[name] = codec.TypeFor(of)
	}
	if unused >= 0 {
		return nil, badArguments("the text has no parameter for the field %s of %s", t.FieldByIndex(fields[unused].Index).Name, t)
	}
	return out, nil
}

// reasonOf returns the message of an error about a Go type, without its code.
func reasonOf(err error) string {
	var c *codec.Error
	if errors.As(err, &c) {
		return c.Message
	}
	return err.Error()
}

func badArguments(format string, args ...any) error {
	return &Error{Code: lang.CodeBadParam, Statement: -1, Message: fmt.Sprintf(format, args...)}
}

// On returns the same text for another Runner: a Batch, or a wrapper around the database.
func (p *Prepared[T, A]) On(r Runner) *Prepared[T, A] {
	if p == nil || p.on == nil {
		return nil
	}
	c := *p
	c.on = r
	return &c
}

// Text returns the text.
func (p *Prepared[T, A]) Text() string {
	if p == nil {
		return ""
	}
	return p.text
}

// runner returns what runs the text; nil, which no function accepts, for what Prepare did not return.
func (p *Prepared[T, A]) runner() Runner {
	if p == nil {
		return nil
	}
	return p.on
}

// args returns the arguments of a call.
func (p *Prepared[T, A]) args(a A) Args {
	if p == nil || len(p.takes) == 0 {
		return nil
	}
	v, out := reflect.ValueOf(a), make(Args, len(p.takes))
	for _, f := range p.takes {
		x, err := v.FieldByIndexErr(f.index)
		if err != nil { // in an embedded struct that is nil
			out[f.name] = nil
			continue
		}
		out[f.name] = x.Interface()
	}
	return out
}

// One is like the function One.
func (p *Prepared[T, A]) One(ctx context.Context, a A) (T, error) {
	return One[T](ctx, p.runner(), p.Text(), p.args(a))
}

// Maybe is like the function Maybe.
func (p *Prepared[T, A]) Maybe(ctx context.Context, a A) (T, bool, error) {
	return Maybe[T](ctx, p.runner(), p.Text(), p.args(a))
}

// All is like the function Query.
func (p *Prepared[T, A]) All(ctx context.Context, a A) ([]T, error) {
	return Query[T](ctx, p.runner(), p.Text(), p.args(a))
}

// Stream is like the function Stream.
func (p *Prepared[T, A]) Stream(ctx context.Context, a A) iter.Seq2[T, error] {
	return Stream[T](ctx, p.runner(), p.Text(), p.args(a))
}

// Page is like the function QueryPage.
func (p *Prepared[T, A]) Page(ctx context.Context, a A) (Page[T], error) {
	return QueryPage[T](ctx, p.runner(), p.Text(), p.args(a))
}

// Exec is like the function Do.
func (p *Prepared[T, A]) Exec(ctx context.Context, a A) (*Result, error) {
	return Do(ctx, p.runner(), p.Text(), p.args(a))
}

// Queue is like the function Queue.
func (p *Prepared[T, A]) Queue(b *Batch, a A) *Queued[T] {
	if p.runner() == nil {
		b = nil
	}
	return Queue[T](b, p.Text(), p.args(a))
}
