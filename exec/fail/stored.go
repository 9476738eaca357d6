package fail

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// BadValue is the error of a stored value that does not fit its type, of a
// field of one of the models, if they are known.
func BadValue(key, field, text string, models ...*ir.Model) error {
	e := &lang.Error{Code: lang.CodeBadValue, Key: key, Field: field, Statement: -1}
	e.Message, e.Hint = Describe(lang.CodeBadValue, key, field, text)
	Advise(e, text, models)
	return e
}

// Advise adds the type that the field would rather have to the hint of a stored value that does not fit.
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

// TypeAdvice says which type reads a stored text that does not fit its column, or nothing.
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
