package cli

import (
	osexec "os/exec"
	"syscall"
)

// setChild keeps ^C from reaching the server, and ends it when rql is killed.
func setChild(cmd *osexec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
