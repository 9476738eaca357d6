//go:build unix

package edit

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// readable waits until something can be read from f or from wake, for at most d, or without a limit if d is negative.
func readable(f, wake *os.File, d time.Duration) (ready, woken bool) {
	fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}, {Fd: int32(wake.Fd()), Events: unix.POLLIN}}
	ms := -1
	if d >= 0 {
		ms = int(d.Milliseconds())
	}
	for {
		_, err := unix.Poll(fds, ms)
		if err == unix.EINTR { //nolint:errorlint // it is an Errno
			continue
		}
		const any = unix.POLLIN | unix.POLLHUP | unix.POLLERR
		return fds[0].Revents&any != 0, fds[1].Revents&any != 0
	}
}
