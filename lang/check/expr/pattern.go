package expr

import (
	"errors"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// patternWork is the work of compiling a pattern that counts as one expression, so that a text full of slow patterns reaches the
// limit too.
const patternWork = 40

// pattern reports an invalid literal pattern of LIKE or MATCHES.
func (c *Checker) pattern(op lang.Op, k *ir.Const) {
	s, ok := k.Value.(string)
	if !ok {
		return
	}
	c.Alive()
	p, err := eval.CompilePattern(op, s)
	if err == nil {
		c.CountFilled(p.Work()/patternWork, k.Sp)
		return
	}
	code, message := lang.CodeBadPattern, err.Error()
	var bad *codec.Error
	if errors.As(err, &bad) {
		code, message = bad.Code, bad.Message
	}
	c.Errorf(code, k.Sp, "%s", message)
	if code == lang.CodePatternTooBig {
		c.CountFilled(lang.MaxExprs/10, k.Sp)
	}
}
