package keyspace

import "strings"

// slots is the number of slots of a cluster.
const slots = 1 << slotBits

const slotBits = 14

// crcs is the table of CRC-16/XMODEM, with which a cluster computes the slot of a key.
var crcs = func() (t [256]uint16) {
	for i := range t {
		crc := uint16(i) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
		t[i] = crc
	}
	return t
}()

// crc continues the checksum of a text.
func crc(sum uint16, text string) uint16 {
	for i := 0; i < len(text); i++ {
		sum = sum<<8 ^ crcs[byte(sum>>8)^text[i]]
	}
	return sum
}

// slot returns the slot of a hash tag.
func slot(tag string) int { return int(crc(0, tag)) % slots }

// TagOf returns what the slot of a key depends on: the text in its braces, or all of it.
func TagOf(key string) string {
	if _, rest, ok := strings.Cut(key, "{"); ok {
		if tag, _, ok := strings.Cut(rest, "}"); ok && tag != "" {
			return tag
		}
	}
	return key
}
