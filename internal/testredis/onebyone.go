package testredis

import "testing"

// OneByOne skips a test in which one call follows the other if the race detector is on, which makes it slow and finds nothing in it.
func OneByOne(t interface{ Skip(...any) }) {
	if raced {
		t.Skip("one call after the other: there is nothing for the race detector")
	}
}

// Rounds is how often a test repeats what it does at random: a third of n under the race detector, which makes it slow and needs no luck.
func Rounds(n int) int {
	if raced {
		return max(1, n/3)
	}
	return n
}

// Interpreted skips, under the race detector, a test on the embedded server that runs on redis-server too: most of its time would be that
// of the interpreter of Lua, which is one goroutine. The tests of mem and of the root package have the embedded server.
func Interpreted(t testing.TB) {
	t.Helper()
	if raced && KindOf("redis").Missing() == "" {
		t.Skip("the embedded server has race tests of its own")
	}
}
