//go:build !unix

package edit

import (
	"os"
	"time"
)

// readable waits for nothing where that cannot be known: each key is then read
// and drawn by itself.
func readable(_, _ *os.File, d time.Duration) (ready, woken bool) { return d < 0, false }
