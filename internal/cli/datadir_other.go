//go:build !unix

package cli

import (
	"errors"
	"os"
	osexec "os/exec"
)

func lockDir(string) (*os.File, error) {
	return nil, errors.New("not on this system: a private redis-server needs a unix socket")
}

func interrupt(p *os.Process) error { return p.Kill() }

func setChild(*osexec.Cmd) {}
