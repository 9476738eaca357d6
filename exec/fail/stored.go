package fail

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// BadValue returns the error for a stored value that does not fit its type. models are those whose field it may be, if known.
func BadValue(key, field, text string, models ...*ir.Model) error {
	e := &lang.Error{Code: lang.CodeBadValue, Key: key, Field: field, Statement: -1}
	e.Message, e.Hint = Describe(lang.CodeBadValue, key, field, text)
	Advise(e, text, models)
	return e
}

// Advise adds a type that can read the stored value to the hint.
func Advise(e *lang.Error, text string, models []*ir.Model) {
	for _, m := range models {
		if c := m.Column(e.Field); c != nil {
			if a := TypeAdvice(c, text); a != "" {
				e.Hint = a + "; " + e.Hint
				return
			}
		}
	}
}

// TypeAdvice names a type that reads a stored text that does not fit its column, or returns "".
func TypeAdvice(c *ir.Column, text string) string {
	if c.Presence {
		return ""
	}
	a := codec.Advice(c.Stored(), text, c.JSON)
	if a != "" {
		a = "the type " + a + " reads it"
	}
	return a
}
