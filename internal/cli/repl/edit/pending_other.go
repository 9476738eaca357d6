//go:build !unix

package edit

import (
	"os"
	"time"
)

// readable does not wait if it cannot know: each key is then read and drawn separately.
func readable(_, _ *os.File, d time.Duration) (ready, woken bool) { return d < 0, false }
