// Package into reads rows into Go values: structs, maps and single values. Where the types of the columns are known, a Go type
// that cannot hold them is found before anything is sent.
package into
