// Package codec has the forms a value of RQL can take: the text of a hash
// field, the order-preserving member of an index, canonical JSON, a Go value;
// and the one order and the one equality that every part agrees on. The same
// bytes are made by generated Lua, so each rule is written next to its code.
package codec
