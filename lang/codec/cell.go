package codec

import (
	"github.com/rql-lang/rql/lang"
)

// CellKind says which field of a Cell holds its value.
type CellKind uint8

// The kinds of cells.
const (
	CellNull CellKind = iota
	CellInt
	CellFloat
	CellBool
	CellString
	CellOther
)

// Cell is a value of a row that is not in an interface, and so needs no memory
// of its own. The zero Cell is null.
type Cell struct {
	Kind  CellKind
	Bool  bool
	Int   int64
	Float float64
	Text  string
	Other any // any other value; of a string, the same in an interface, if there is one
}

// Value is the value in an interface.
func (c *Cell) Value() any {
	switch c.Kind {
	case CellInt:
		return c.Int
	case CellFloat:
		return c.Float
	case CellBool:
		return c.Bool
	case CellString:
		if c.Other != nil {
			return c.Other
		}
		return c.Text
	case CellOther:
		return c.Other
	}
	return nil
}

// Parse is the function Parse, into a cell.
func (c *Cell) Parse(text string, t *lang.Type) (err error) {
	*c = Cell{}
	if t.Variant != "" {
		c.Kind = CellOther
		c.Other, err = parseVariant(text, *t)
		return err
	}
	if t.Kind == lang.KRef {
		key := t.Scalar()
		t = &key
	}
	switch t.Repr() {
	case lang.ReprInt, lang.ReprLong:
		return c.integer(text, t)
	case lang.ReprString:
		c.Kind, c.Text = CellString, text
		return storedString(text, *t)
	case lang.ReprBool:
		if text != "1" && text != "0" {
			return badValue(text, "not a bool (1 or 0)")
		}
		c.Kind, c.Bool = CellBool, text == "1"
		return nil
	case lang.ReprFloat:
		f, ok := readFloat(text)
		if !ok {
			return badValue(text, "not a float")
		}
		c.Kind, c.Float = CellFloat, f
		return nil
	}
	c.Kind = CellOther
	c.Other, err = parseOther(text, *t)
	return err
}

// integer parses the decimal text of a value of a ReprInt or ReprLong type.
func (c *Cell) integer(text string, t *lang.Type) error {
	v, ok := readInt(text)
	if !ok {
		return badValue(text, "not "+t.NotNull().String()+" in decimal")
	}
	k := t.Kind.Info()
	if k.Repr == lang.ReprInt && !k.Holds(v) {
		return badValue(text, "beyond "+k.Range+", the range of "+t.NotNull().String())
	}
	if k.Make == nil {
		c.Kind, c.Int = CellInt, v
	} else {
		c.Kind, c.Other = CellOther, k.Make(v)
	}
	return nil
}
