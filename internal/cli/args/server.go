package args

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"unicode"

	"github.com/rql-lang/rql/lang"
)

// Embedded is the server used when none is named.
const Embedded = "mem://"

// Server says where the data is and who said so.
type Server struct {
	URL  string // "" when Dir is set
	Dir  string // directory of a private redis-server
	From string // "RQL_URL", "REDIS_URL", "" for the command line, "default" for the embedded server
}

// Server chooses the server: the command line, else RQL_URL, else REDIS_URL, else the embedded one.
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
	return Server{URL: raw, From: from}, nil
}

// schemes lists what a server's address may begin with.
func schemes() []string {
	return []string{"redis", "rediss", "unix", "cluster", "clusters", "sentinel", "sentinels", "mem", "dir"}
}

// checkURL finds the usual slips in an address, without ever printing its password.
func checkURL(raw string) *UsageError {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return usagef("redis://"+Redact(raw), "%q is no address of a server", Redact(raw))
	}
	for _, s := range schemes() {
		if scheme == s {
			if _, err := url.Parse(raw); err != nil {
				return usagef("write special characters of a password as %XX: @ is %40, / is %2F, # is %23",
					"the address of the server cannot be read")
			}
			return nil
		}
	}
	hint := "the schemes are redis://, rediss:// (TLS), unix://, cluster://, clusters:// (TLS), sentinel://, sentinels:// (TLS), dir:// and mem://"
	if near := lang.Nearest(scheme, schemes()); near != "" && rest != "" {
		hint = "did you mean " + near + "://" + Redact("x://" + rest)[len("x://"):] + "?"
	}
	return usagef(hint, "unknown scheme %q in the address of the server", scheme)
}

// hostPort matches what people type for a server without its scheme.
func hostPort(s string) bool {
	host, port, ok := strings.Cut(s, ":")
	return s == "localhost" || ok && host != "" && port != "" && strings.Trim(port, "0123456789") == ""
}

// checkServer tells a server from the other things people write in its place.
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
		return usagef("rql redis://"+s, "%q is no address of a server", s)
	}
	if strings.IndexFunc(s, unicode.IsSpace) > 0 {
		return usagef("rql -c '"+s+"'", "%q is neither a command nor a server", s)
	}
	return usagef(`the commands are `+strings.Join(commands(), ", ")+`; a server is redis://host:port`,
		"%q is neither a command nor a server", s)
}

func commands() []string {
	return []string{string(Run), string(Check), string(Explain), string(Version), string(Help)}
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// Redact returns an address without its password, whether or not it is well formed.
func Redact(raw string) string {
	out := secretQuery.ReplaceAllString(raw, "${1}***")
	head := ""
	if i := strings.Index(out, "://"); i >= 0 {
		head, out = out[:i+3], out[i+3:]
	}
	// A password may hold @ or / that should have been escaped: all up to the last @ goes.
	at := strings.LastIndexByte(out, '@')
	if at < 0 {
		return head + out
	}
	user, _, hasPassword := strings.Cut(out[:at], ":")
	if hasPassword {
		user += ":***"
	}
	return head + user + out[at:]
}

var secretQuery = regexp.MustCompile(`(?i)([?&][a-z_]*(?:password|passwd|secret|token)[a-z_]*=)[^&#]*`)
