package args

import (
	"errors"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/lang"
)

// Embedded is the server used when none is given.
const Embedded = "mem://"

// Server is the selected server, and what selected it.
type Server struct {
	URL  string // "" if Dir is set
	Dir  string // directory of a private redis-server
	TLS  address.TLS
	From string // "RQL_URL", "REDIS_URL", "" for the command line, "default" for the embedded server
}

// Server selects the server: the command line, else RQL_URL, else REDIS_URL,
// else the embedded one.
func (a *Args) Server(getenv func(string) string) (Server, error) {
	if a.Data != "" {
		return Server{Dir: a.Data}, nil
	}
	raw, from := a.URL, ""
	for _, name := range []string{"RQL_URL", "REDIS_URL"} {
		if raw == "" && getenv(name) != "" {
			raw, from = getenv(name), name
		}
	}
	if raw == "" {
		return Server{URL: Embedded, From: "default"}, nil
	}
	if err := checkURL(raw); err != nil {
		if from != "" {
			return Server{}, usagef(err.Hint, "%s: %s", from, err.Message)
		}
		return Server{}, err
	}
	if dir, ok := strings.CutPrefix(raw, "dir://"); ok {
		if dir == "" {
			return Server{}, usagef("dir:///home/me/db", "dir:// names no directory")
		}
		return Server{Dir: dir, From: from}, nil
	}
	t, err := a.tls(raw, getenv)
	if err != nil {
		return Server{}, err
	}
	return Server{URL: raw, TLS: t, From: from}, nil
}

// tls returns the TLS settings: from flags, else from the URL, else from the
// environment, which applies to any server reached over TLS. Disabling
// verification must be requested in the same place as the server.
func (a *Args) tls(raw string, getenv func(string) string) (address.TLS, error) {
	scheme, _, _ := strings.Cut(raw, "://")
	if err := a.TLS.For(scheme); err != nil {
		return address.TLS{}, usageOf(err)
	}
	if !address.IsTLS(scheme) {
		return address.TLS{}, nil
	}
	u, err := address.Parse(raw)
	if err != nil {
		return address.TLS{}, usageOf(err)
	}
	return a.TLS.Or(u.TLS).Or(address.TLS{CA: getenv("RQL_TLS_CA"), Cert: getenv("RQL_TLS_CERT"),
		Key: getenv("RQL_TLS_KEY"), ServerName: getenv("RQL_TLS_SERVER_NAME")}), nil
}

// schemes returns the schemes of server URLs.
func schemes() []string { return append(address.Schemes(), "mem", "dir") }

// checkURL detects common mistakes in a URL, without ever printing its
// password.
func checkURL(raw string) *UsageError {
	scheme, rest, ok := strings.Cut(raw, "://")
	switch {
	case !ok:
		return usagef("redis://"+address.Redact(raw), "%q is not the address of a server", address.Redact(raw))
	case address.IsServer(scheme):
		_, err := address.Parse(raw)
		return usageOf(err)
	case slices.Contains(schemes(), scheme):
		return nil
	}
	hint := "the schemes are redis://, rediss:// (TLS), unix://, cluster://, clusters:// (TLS), sentinel://, sentinels:// (TLS), dir:// and mem://"
	if near := lang.Nearest(scheme, schemes()); near != "" && rest != "" {
		hint = "did you mean " + address.Redact(near+"://"+rest) + "?"
	}
	return usagef(hint, "unknown scheme %q in the database URL", scheme)
}

// usageOf converts an error in a URL to a usage error; nil stays nil.
func usageOf(err error) *UsageError {
	var bad *address.Error
	if !errors.As(err, &bad) {
		return nil
	}
	return usagef(bad.Hint, "%s", bad.Message)
}

// hostPort reports whether s is a server without a scheme.
func hostPort(s string) bool {
	host, port, ok := strings.Cut(s, ":")
	return s == "localhost" || ok && host != "" && port != "" && strings.Trim(port, "0123456789") == ""
}

// checkServer distinguishes a server from other words that may be in its place.
func checkServer(s string) *UsageError {
	if strings.Contains(s, "://") {
		return checkURL(s)
	}
	if strings.HasSuffix(s, ".rql") || isFile(s) {
		return usagef("rql run "+s, "%q is a file, not a server", s)
	}
	if near := lang.Nearest(s, commands()); near != "" {
		return usagef("did you mean rql "+near+"?", "unknown command %q", s)
	}
	if hostPort(s) {
		return usagef("rql redis://"+s, "%q is not the address of a server", s)
	}
	if strings.IndexFunc(s, unicode.IsSpace) > 0 {
		return usagef("rql -c '"+s+"'", "%q is neither a command nor a server", s)
	}
	return usagef(`the commands are `+strings.Join(commands(), ", ")+`; a server is redis://host:port`,
		"%q is neither a command nor a server", s)
}

func commands() []string {
	return []string{string(Run), string(Check), string(Explain), string(Gen), string(Adopt), string(Infer), string(Caps), string(Fmt), string(Doctor), string(LSP), string(MCP), string(Migrate), string(Dump), string(Shells), string(Man), string(Version), string(Help)}
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
