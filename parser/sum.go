package parser

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
)

// Sum is a sum of the tokens of a block, `< … >`: the same for texts that differ in blanks and
// comments only. The literals count, the values of parameters do not.
func Sum(block string) string {
	shape, literals, ok := Shape("ATOMIC "+block, nil)
	if !ok {
		shape, literals = []byte(block), nil
	}
	h := sha1.New()
	h.Write(shape)
	for _, l := range literals {
		fmt.Fprintf(h, "\x00%T %v", l.Value, l.Value)
	}
	return hex.EncodeToString(h.Sum(nil))
}
