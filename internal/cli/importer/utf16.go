package importer

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// utf16Decoder makes UTF-8 of UTF-16. The decoder of x/text replaces what is no character, half of a surrogate pair or of a code
// unit, by U+FFFD, as which it would be stored. This one replaces it by a byte that UTF-8 does not have, so that the value which
// contains it is found invalid, with its place.
type utf16Decoder struct {
	transform.NopResetter
	big bool
}

const notUTF8 = 0xff

// Transform implements transform.Transformer.
func (d utf16Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	var order binary.ByteOrder = binary.LittleEndian
	if d.big {
		order = binary.BigEndian
	}
	for nSrc < len(src) {
		if nDst+utf8.UTFMax > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		left, size := src[nSrc:], 2
		if len(left) < 2 {
			if !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			dst[nDst] = notUTF8
			return nDst + 1, len(src), nil
		}
		r := rune(order.Uint16(left))
		if utf16.IsSurrogate(r) {
			if len(left) < 4 && !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			pair := rune(utf8.RuneError)
			if len(left) >= 4 {
				pair = utf16.DecodeRune(r, rune(order.Uint16(left[2:])))
			}
			if pair == utf8.RuneError {
				dst[nDst] = notUTF8
				nDst, nSrc = nDst+1, nSrc+2
				continue
			}
			r, size = pair, 4
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}
