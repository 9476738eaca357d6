package testredis

import "testing"

// OneByOne skips a test in which one call follows the other if the race detector is on, which makes it slow and finds nothing in it.
func OneByOne(t testing.TB) {
	t.Helper()
	if raced {
		t.Skip("one call after the other: there is nothing for the race detector")
	}
}
