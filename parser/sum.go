package parser

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
)

// Sum returns a hash of the tokens of a block, `< … >`: equal for texts that
// differ only in blanks and comments. Literals count; values of parameters do
// not.
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
