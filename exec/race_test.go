//go:build race

package exec_test

// raced says that the race detector is on, which makes tests that do one thing after the other slow and finds nothing in them.
const raced = true
