package check

import (
	"errors"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// pattern reports a literal pattern that LIKE or MATCHES cannot read.
func (c *checker) pattern(op lang.Op, k *ir.Const) {
	s, ok := k.Value.(string)
	if !ok {
		return
	}
	_, err := eval.CompilePattern(op, s)
	if err == nil {
		return
	}
	code, message := lang.CodeBadPattern, err.Error()
	var bad *codec.Error
	if errors.As(err, &bad) {
		code, message = bad.Code, bad.Message
	}
	c.errorf(code, k.Sp, "%s", message)
}
