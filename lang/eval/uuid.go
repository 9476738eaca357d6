package eval

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/rql-lang/rql/lang"
)

// NewUUID returns a version 7 UUID (RFC 9562) from an instant after 1970 and ten random bytes.
func NewUUID(now lang.DateTime, random [10]byte) string {
	var b [16]byte
	for i := range 6 {
		b[i] = byte(now >> (40 - 8*i))
	}
	copy(b[6:], random[:])
	b[6] = 0x70 | b[6]&0x0f
	b[8] = 0x80 | b[8]&0x3f
	text := make([]byte, 0, 36)
	for i, part := range [][]byte{b[0:4], b[4:6], b[6:8], b[8:10], b[10:16]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}

// RandomUUID returns a random version 7 UUID for an instant.
func RandomUUID(now lang.DateTime) string {
	var random [10]byte
	rand.Read(random[:]) // never fails: the program ends if there is no randomness
	return NewUUID(now, random)
}
