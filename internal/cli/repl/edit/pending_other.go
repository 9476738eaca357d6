//go:build !unix

package edit

import (
	"os"
	"time"
)

// readable is false where it cannot be known: each key is then drawn by itself.
func readable(*os.File, time.Duration) bool { return false }
