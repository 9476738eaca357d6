//go:build unix && !linux

package cli

import (
	osexec "os/exec"
	"syscall"
)

// setChild prevents ^C from reaching the server.
func setChild(cmd *osexec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
