package judge

import (
	"crypto/rand"
	"fmt"
)

// uuid returns a value of uuid(): version 7, milliseconds first.
func (d *DB) uuid() string {
	if d.UUID != nil {
		return d.UUID()
	}
	b := make([]byte, 16)
	rand.Read(b)
	ms := int64(d.clock())
	for i := 5; i >= 0; i-- {
		b[i] = byte(ms)
		ms >>= 8
	}
	b[6], b[8] = b[6]&0x0f|0x70, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
