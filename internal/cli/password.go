package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/lang"
)

// withPassword adds to a server's address a password that is not part of it: from a file, the environment, or the user.
func (p *program) withPassword(raw string) (string, error) {
	u, err := address.Parse(raw)
	if err != nil || !address.IsServer(u.Scheme) {
		return raw, nil // an error is reported when it is opened
	}
	if _, has := u.User.Password(); has {
		return raw, nil
	}
	if p.args.Ask {
		return p.askPassword(raw)
	}
	password := ""
	if file := p.args.Password; file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", &args.UsageError{Message: "cannot read the password: " + err.Error()}
		}
		password = strings.TrimRight(string(text), "\r\n")
	}
	for _, name := range []string{"RQL_PASSWORD", "REDISCLI_AUTH"} {
		if password == "" {
			password = p.getenv(name)
		}
	}
	if password == "" {
		return raw, nil
	}
	return put(raw, password), nil
}

// put inserts a password into an address.
func put(raw, password string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String()
}

// mayAsk reports whether to try again with a password that the user types, after the server denied access.
func (p *program) mayAsk(o exec.SessionOptions, raw string, err error) bool {
	var e *exec.Error
	if !errors.As(err, &e) || e.Code != lang.CodeDenied || !o.Prompt || p.args.Ask {
		return false
	}
	u, perr := address.Parse(raw)
	if perr != nil {
		return false
	}
	_, has := u.User.Password()
	return !has
}

// askPassword reads a password from the terminal without echo.
func (p *program) askPassword(raw string) (string, error) {
	in, ok := p.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", &args.UsageError{Message: "there is no terminal to ask for the password", Hint: "RQL_PASSWORD or --password-file"}
	}
	before, err := term.MakeRaw(int(in.Fd())) // before the question is there to be answered
	if err != nil {
		return "", fmt.Errorf("cannot turn the terminal's echo off: %w", err)
	}
	asked := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{bytewise{in}, p.stderr}, "")
	text, err := asked.ReadPassword("Password of " + lang.Visible(address.Redact(raw)) + ": ")
	if bad := term.Restore(int(in.Fd()), before); err == nil && bad != nil {
		err = bad
	}
	if errors.Is(err, io.EOF) { // ^C or ^D
		err = context.Canceled
	}
	if err != nil {
		return "", fmt.Errorf("cannot read the password: %w", err)
	}
	return put(raw, text), nil
}

// bytewise reads one byte at a time, so that input after the line is left for the next reader.
type bytewise struct{ io.Reader }

func (b bytewise) Read(p []byte) (int, error) { return b.Reader.Read(p[:min(1, len(p))]) } //nolint:wrapcheck // it stands for the reader

// label returns the prompt: server, database and namespace.
func (p *program) label(s args.Server) string {
	name, ns := "rql", p.args.Namespace
	if s.Dir != "" {
		name = filepath.Base(s.Dir)
	} else if u, err := address.Parse(s.URL); err == nil && address.IsServer(u.Scheme) {
		name = serverLabel(u)
		if ns == "" {
			ns = u.Namespace
		}
	}
	if ns != "" {
		name += " " + ns
	}
	if p.args.ReadOnly {
		name += " (read-only)"
	}
	return lang.Visible(name) + "> "
}

func serverLabel(u *address.URL) string {
	name := u.Host
	if first, _, more := strings.Cut(name, ","); more {
		name = first + ",…"
	}
	db := strings.Trim(u.Path, "/")
	if u.Scheme == "unix" {
		name, db = filepath.Base(u.Path), ""
	}
	if q := u.Query().Get("db"); q != "" {
		db = q
	}
	if db != "" && db != "0" {
		name += "/" + db
	}
	return name
}

// remote reports whether a server is on another machine.
func remote(s args.Server) bool {
	u, err := address.Parse(s.URL)
	if s.Dir != "" || err != nil || !address.IsServer(u.Scheme) || u.Scheme == "unix" {
		return false
	}
	for host := range strings.SplitSeq(u.Host, ",") {
		name := (&url.URL{Host: host}).Hostname()
		if name != "localhost" && name != "::1" && name != "" && !strings.HasPrefix(name, "127.") {
			return true
		}
	}
	return false
}
