package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// dataDir is a private redis-server that keeps its data in a directory.
type dataDir struct {
	url    string
	cmd    *osexec.Cmd
	exited chan error
	temp   string // contains the socket: its path is limited to about 100 bytes
	log    *bytes.Buffer
	lock   *os.File
}

// Time limits for the server to load its data, and to write it on exit.
const (
	startTimeout = 5 * time.Minute
	stopTimeout  = 30 * time.Second
)

// startDataDir starts the machine's redis-server as a child that listens only
// on a Unix socket and appends every change to a file in dir. Two programs
// cannot use one directory at the same time.
func startDataDir(ctx context.Context, dir string) (*dataDir, error) {
	program, err := osexec.LookPath("redis-server")
	if err != nil {
		return nil, errors.New("--data needs redis-server, which is not installed on this machine (Debian: apt install redis-server; macOS: brew install redis)")
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("the directory of --data: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the directory of --data: %w", err)
	}
	d := &dataDir{log: &bytes.Buffer{}, exited: make(chan error, 1)}
	if d.lock, err = lockDir(dir); err != nil {
		return nil, err
	}
	if d.temp, err = os.MkdirTemp("", "rql-"); err != nil {
		return nil, errors.Join(fmt.Errorf("the directory of --data: %w", err), d.lock.Close())
	}
	socket := filepath.Join(d.temp, "s")
	d.url = "unix://" + socket
	d.cmd = osexec.Command(program, "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700",
		"--dir", dir, "--appendonly", "yes", "--save", "", "--daemonize", "no", "--logfile", "")
	d.cmd.Stdout, d.cmd.Stderr = d.log, d.log
	d.cmd.ExtraFiles = []*os.File{d.lock} // the lock lives as long as the server does
	setChild(d.cmd)
	if err := d.start(); err != nil {
		return nil, errors.Join(err, d.clean())
	}
	if err := d.wait(ctx, socket); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// start runs the server from a thread that lives as long as the server: on systems that end children with their parent, the
// parent is the thread.
func (d *dataDir) start() error {
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := d.cmd.Start()
		started <- err
		if err == nil {
			d.exited <- d.cmd.Wait()
			close(d.exited)
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("cannot start redis-server: %w", err)
	}
	return nil
}

// wait returns when the server replies on its socket.
func (d *dataDir) wait(ctx context.Context, socket string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		if ready(socket) {
			return nil
		}
		select {
		case <-d.exited:
			return fmt.Errorf("redis-server ended at once: %s", lastLine(d.log.Bytes()))
		case <-ctx.Done():
			return fmt.Errorf("waiting for redis-server: %w", ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// ready waits for a PONG. While the server loads its data it replies LOADING.
func ready(socket string) bool {
	c, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	answer := make([]byte, 5)
	if c.SetDeadline(time.Now().Add(time.Second)) != nil {
		return false
	}
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	_, err = c.Read(answer)
	return err == nil && string(answer) == "+PONG"
}

func lastLine(log []byte) string {
	lines := bytes.Split(bytes.TrimSpace(log), []byte("\n"))
	return string(lines[len(lines)-1])
}

// close shuts the server down cleanly: it writes outstanding data and exits.
func (d *dataDir) close() error {
	err := interrupt(d.cmd.Process)
	select {
	case <-d.exited:
		err = nil
	case <-time.After(stopTimeout):
		err = errors.Join(err, errors.New("redis-server does not end; it was killed"), d.cmd.Process.Kill())
	}
	return errors.Join(err, d.clean())
}

func (d *dataDir) clean() error {
	return errors.Join(d.lock.Close(), os.RemoveAll(d.temp))
}
