// Package into reads rows into Go values: structs, maps and single values. What
// a type cannot hold is found from the types of the columns where they tell,
// before anything is sent.
package into
