package rql

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/parser"
)

// PrepareFiles gives the fields of a struct the named statements of files: those
// in the files that match one of the patterns, as for WithModels. A statement has
// its name in a comment above it, and statements that follow belong to it up to
// the next name:
//
//	-- name: OrdersOf
//	FIND Order WHERE customer = $customer RETURN id, total ORDER BY id;
//
// A field is a *Prepared, which is prepared as by Prepare, or a string, which is
// the text. It is that of the statement with its name, found as a column is: by
// its tag, else without regard to case and "_":
//
//	//go:embed *.rql
//	var files embed.FS
//
//	var texts struct {
//		OrdersOf *rql.Prepared[Order, struct{ Customer string }]
//		AddOrder *rql.Prepared[*rql.Result, struct{ Order Order }]
//	}
//	err := rql.PrepareFiles(ctx, db, &texts, files)
//
// All mistakes are found together, each with its place in its file. A field
// without a statement is one; a statement without a field is not, for another
// part of the program may use it. The files may hold models and procedures too,
// which are for WithModels, and the word behind the name that rql gen wants.
func PrepareFiles(ctx context.Context, db *DB, into any, files fs.FS, patterns ...string) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return &Error{Code: CodeBadArgument, Statement: -1, Message: fmt.Sprintf("the statements go into the struct that a pointer leads to, not into %T", into)}
	}
	v = v.Elem()
	fields, err := codec.Fields(v.Type())
	if err != nil {
		return badArguments("%s", reasonOf(err))
	}
	named, err := namedTexts(rqlFiles{in: files, glob: patterns})
	if err != nil {
		return publicError(err)
	}
	names := make([]string, len(named))
	for i := range named {
		names[i] = named[i].Name
	}
	var found []error
	at, _ := codec.FieldsOf(names, fields)
	texts := make([]*parser.NamedText, len(fields))
	for i, f := range at {
		if f >= 0 {
			texts[f] = &named[i]
		}
	}
	for i, f := range fields {
		if texts[i] == nil {
			found = append(found, &Error{Code: CodeBadArgument, Statement: -1, Message: fmt.Sprintf("no statement has the name of the field %s of %s", v.Type().FieldByIndex(f.Index).Name, v.Type()),
				Hint: nearest(f.Name, names)})
			continue
		}
		if err := prepareAt(ctx, db, v, f.Index, texts[i]); err != nil {
			found = append(found, placed(err, texts[i]))
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return errors.Join(found...)
}

// nearest is a hint.
func nearest(name string, names []string) string {
	if n := lang.Nearest(name, names); n != "" {
		return "there is -- name: " + n
	}
	return "write -- name: " + name + " above it"
}

// preparer is a *Prepared.
type preparer interface {
	prepare(ctx context.Context, db *DB, src *lang.Source) error
}

// prepareAt gives the field of a struct at an index its statement. Nil pointers to embedded structs on the way get one.
func prepareAt(ctx context.Context, db *DB, v reflect.Value, index []int, text *parser.NamedText) error {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() && !v.CanSet() {
				return &Error{Code: CodeBadTarget, Statement: -1, Message: fmt.Sprintf("the embedded *%s is nil, and not exported", v.Type().Elem())}
			}
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return prepareInto(ctx, db, v, text)
}

// prepareInto gives a field its statement.
func prepareInto(ctx context.Context, db *DB, field reflect.Value, text *parser.NamedText) error {
	if field.Kind() == reflect.String {
		field.SetString(text.Source.Text)
		return nil
	}
	if field.Kind() == reflect.Pointer {
		made := reflect.New(field.Type().Elem())
		if p, ok := made.Interface().(preparer); ok {
			if err := p.prepare(ctx, db, text.Source); err != nil {
				return err
			}
			field.Set(made)
			return nil
		}
	}
	return &Error{Code: CodeBadTarget, Statement: -1, Message: fmt.Sprintf("the field of a statement is a *rql.Prepared or a string, not %s", field.Type())}
}

// placed says of an error without a place which statement it is of.
func placed(err error, text *parser.NamedText) error {
	var e *Error
	var mistakes *CheckError
	if errors.As(err, &mistakes) || !errors.As(err, &e) || e.Code == CodeConnection {
		return err
	}
	c := *e
	if c.Source == nil {
		c.Source = text.Source
	}
	c.Locate()
	c.Message += fmt.Sprintf(" (%s, %s:%d)", text.Name, c.Source.Name, c.Line)
	return &c
}

// namedTexts reads the named texts of files.
func namedTexts(of rqlFiles) ([]parser.NamedText, error) {
	sources, err := of.read("statements")
	if err != nil {
		return nil, err
	}
	var out []parser.NamedText
	in := map[string]*lang.Source{}
	for _, src := range sources {
		f, err := parser.ReadNamed(src)
		if err != nil {
			return nil, err
		}
		if len(f.Loose) > 0 {
			return nil, f.Mistake(f.Loose[0], "write -- name: OrdersOf above it", "the statement has no name")
		}
		for _, x := range f.Texts {
			if other := in[x.Name]; other != nil {
				return nil, f.Mistake(x.At, "", "there is a text with the name %s in %s too", x.Name, other.Name)
			}
			in[x.Name] = src
			out = append(out, x)
		}
	}
	return out, nil
}
