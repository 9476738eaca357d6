package cli

import (
	osexec "os/exec"
	"syscall"
)

// setChild prevents ^C from reaching the server, and ends the server when rql
// is killed.
func setChild(cmd *osexec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
