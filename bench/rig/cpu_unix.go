//go:build unix

package rig

import (
	"syscall"
	"time"
)

// CPU is the CPU time that this program has taken.
func CPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
