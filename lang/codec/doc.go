// Package codec implements the encodings of RQL values (the text of a hash
// field, the order-preserving member of an index, canonical JSON, a Go value)
// and the single definition of order and equality. Generated Lua produces the
// same bytes, so each rule is documented next to its code.
package codec
