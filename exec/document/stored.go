package document

import (
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// Stored decodes the reply for a hash field. A missing field is null, or an error if null is not allowed.
func Stored(reply any, t *lang.Type) (any, error) {
	var c codec.Cell
	if err := StoredCell(reply, t, &c); err != nil {
		return nil, err
	}
	return c.Value(), nil
}

// StoredCell is Stored, into a cell.
func StoredCell(reply any, t *lang.Type, c *codec.Cell) error {
	x := textOf(reply)
	return x.of(t, c)
}

// StoredIn decodes the text of a column from its storage format.
func StoredIn(c *ir.Column, reply any) (any, error) {
	var cell codec.Cell
	x := textOf(reply)
	if err := x.in(c, &cell); err != nil {
		return nil, err
	}
	return cell.Value(), nil
}

// in is StoredIn, into a cell.
func (x *text) in(c *ir.Column, cell *codec.Cell) error {
	if c.Own() {
		return x.of(&c.Type, cell)
	}
	if (x.s == "" || x.s == codec.Misfit+`""`) && c.EmptyNull() {
		*x = text{}
	}
	t := c.Stored()
	return x.of(&t, cell)
}

// of is Stored, into a cell.
func (x *text) of(t *lang.Type, cell *codec.Cell) error {
	if !x.there {
		*cell = codec.Cell{}
		if t.Null {
			return nil
		}
		return errAbsent
	}
	err := cell.Parse(x.s, t)
	if cell.Kind == codec.CellString {
		cell.Other = x.boxed
	}
	return err
}

// Lenient returns the warning for a stored value that does not fit and reads as null.
func Lenient(key, field string) rows.Warning {
	return rows.Warning{Code: lang.CodeBadValue, Key: key, Field: field,
		Text: "what is stored in the field " + field + " of " + lang.Quote(fail.Clip(key, 60)) + " does not fit its type and is read as null"}
}

var errAbsent = &codec.Error{Code: lang.CodeBadValue, Message: "absent"}
