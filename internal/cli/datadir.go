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
	"sync"
	"time"
)

// dataDir is a private redis-server that keeps its data in a directory. If it dies, it is started again.
type dataDir struct {
	url     string
	args    []string // of the server
	socket  string
	temp    string // contains the socket, if its path beside the data would be too long; else ""
	lock    *os.File
	say     func(string)
	mu      sync.Mutex // guards what follows
	child   *child
	closing bool
	kept    chan struct{} // closed when the server is not watched any more
}

// child is a running server.
type child struct {
	cmd     *osexec.Cmd
	exited  chan struct{} // closed when it has ended
	log     bytes.Buffer  // to be read when it has ended
	started time.Time
}

// Time limits for the server to load its data, and to write it on exit.
const (
	startTimeout = 5 * time.Minute
	stopTimeout  = 30 * time.Second
)

const (
	// maxSocket is the length of the path of a socket, in bytes, that each system allows.
	maxSocket = 100
	// A server that ends so soon after its start, this many times in a row, is not started again.
	soon     = 2 * time.Second
	maxDeath = 3
)

// startDataDir starts the machine's redis-server as a child that listens only
// on a Unix socket and appends every change to a file in dir. Two programs
// cannot use one directory at the same time. say reports, at any time, that the server had to be started again.
func startDataDir(ctx context.Context, dir string, say func(string)) (*dataDir, error) {
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
	d := &dataDir{say: say, kept: make(chan struct{})}
	if d.lock, err = lockDir(dir); err != nil {
		return nil, err
	}
	// Beside the data nothing is left behind: the server removes its socket, also if this program is killed.
	if d.socket = filepath.Join(dir, "rql.sock"); len(d.socket) > maxSocket {
		if d.temp, err = os.MkdirTemp("", "rql-"); err != nil {
			return nil, errors.Join(fmt.Errorf("the directory of --data: %w", err), d.lock.Close())
		}
		d.socket = filepath.Join(d.temp, "s")
	}
	d.url = "unix://" + d.socket
	d.args = []string{program, "--port", "0", "--unixsocket", d.socket, "--unixsocketperm", "700",
		"--dir", dir, "--appendonly", "yes", "--save", "", "--daemonize", "no", "--logfile", ""}
	if d.child, err = d.start(); err != nil {
		return nil, errors.Join(err, d.clean())
	}
	if err := d.child.wait(ctx, d.socket); err != nil {
		return nil, errors.Join(err, d.child.stop(), d.clean())
	}
	go d.keep(dir)
	return d, nil
}

// start starts the server from a thread that lives as long as the server: on systems that end children with their parent, the
// parent is the thread.
func (d *dataDir) start() (*child, error) {
	c := &child{cmd: osexec.Command(d.args[0], d.args[1:]...), exited: make(chan struct{}), started: time.Now()}
	c.cmd.Stdout, c.cmd.Stderr = &c.log, &c.log
	c.cmd.ExtraFiles = []*os.File{d.lock} // the lock lives as long as the server does
	setChild(c.cmd)
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.cmd.Start()
		started <- err
		if err == nil {
			_ = c.cmd.Wait() // its log says why it ended
			close(c.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("cannot start redis-server: %w", err)
	}
	return c, nil
}

// keep starts the server again when it dies.
func (d *dataDir) keep(dir string) {
	defer close(d.kept)
	for deaths := 0; ; {
		<-d.child.exited
		d.mu.Lock()
		if d.closing {
			d.mu.Unlock()
			return
		}
		if deaths++; time.Since(d.child.started) > soon {
			deaths = 1
		}
		why := lastLine(d.child.log.Bytes())
		c, err := (*child)(nil), errors.New("it ended soon after each start")
		if deaths <= maxDeath {
			c, err = d.start()
		}
		if err == nil {
			d.child = c
		}
		d.mu.Unlock()
		if err != nil {
			d.say(fmt.Sprintf("the redis-server of %s ended, and is not started again: %s: %s", dir, err, why))
			return
		}
		d.say(fmt.Sprintf("the redis-server of %s ended, and was started again", dir))
	}
}

// wait returns when the server replies on its socket.
func (c *child) wait(ctx context.Context, socket string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		if ready(socket) {
			return nil
		}
		select {
		case <-c.exited:
			return fmt.Errorf("redis-server ended at once: %s", lastLine(c.log.Bytes()))
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

// stop shuts the server down cleanly: it writes outstanding data and exits.
func (c *child) stop() error {
	err := interrupt(c.cmd.Process)
	select {
	case <-c.exited:
		return nil
	case <-time.After(stopTimeout):
		return errors.Join(err, errors.New("redis-server does not end; it was killed"), c.cmd.Process.Kill())
	}
}

// close stops the server for good.
func (d *dataDir) close() error {
	d.mu.Lock()
	d.closing = true
	c := d.child
	d.mu.Unlock()
	err := c.stop()
	<-d.kept
	return errors.Join(err, d.clean())
}

func (d *dataDir) clean() error {
	err := d.lock.Close()
	if d.temp != "" {
		err = errors.Join(err, os.RemoveAll(d.temp))
	}
	return err
}
