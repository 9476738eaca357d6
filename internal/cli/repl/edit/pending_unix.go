//go:build unix

package edit

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// readable reports whether something can be read from f, waiting for it for at
// most d.
func readable(f *os.File, d time.Duration) bool {
	fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, int(d.Milliseconds()))
	return err == nil && n > 0 && fds[0].Revents&unix.POLLIN != 0
}
