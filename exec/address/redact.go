package address

import (
	"regexp"
	"strings"
)

const hidden = "***"

var (
	schemed = regexp.MustCompile(`(?s)^(.*?)([a-zA-Z][a-zA-Z0-9+.-]*)://(.*)$`)
	// One or more hosts with ports.
	host = regexp.MustCompile(`^(?:\[[0-9a-fA-F:.]*\]|[^:\[\]\s]*)(?::[0-9]*)?$`)
	// A URL parameter that contains a secret.
	secret = regexp.MustCompile(`(?i)^[a-z_]*(?:password|passwd|secret|token)[a-z_]*=`)
	// The database number, which may follow the host.
	database = regexp.MustCompile(`^/[0-9]*/?$`)
)

// Redact returns an address, or a text that contains one, without its password, even if it is malformed. A user without a
// password may be a misplaced password, so it is hidden too.
func Redact(raw string) string {
	before, scheme, rest := "", "", raw
	if m := schemed.FindStringSubmatch(raw); m != nil {
		before, scheme, rest = m[1], m[2], m[3]
	}
	out := before
	if scheme != "" {
		out += scheme + "://"
	}
	// A password may contain an unescaped @ or /, so everything up to the last @ is removed.
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		user, _, pair := strings.Cut(rest[:at], ":")
		switch {
		case !pair && !(scheme == "unix" && rest[:at] == ""):
			user = hidden
		case strings.ContainsAny(user, "/?#@"):
			user = hidden
		case pair:
			user += ":" + hidden
		}
		out, rest = out+user+"@", rest[at+1:]
	}
	if scheme != "" && !IsServer(scheme) && scheme != "mem" && scheme != "dir" {
		// It is unknown which parts of other URLs are secret.
		scheme = ""
	}
	if scheme == "" {
		return out + redactQuery(rest)
	}
	return out + redactRest(scheme, rest)
}

// RedactIn returns a message without the passwords of the addresses in it. A text without a scheme is no address there, such as
// that of a person at a host.
func RedactIn(message string) string {
	if !strings.Contains(message, "://") {
		return message
	}
	return Redact(message)
}

// redactRest hides misplaced parts of what follows the password.
func redactRest(scheme, rest string) string {
	rest, fragment, ok := strings.Cut(rest, "#")
	if ok && fragment != "" {
		fragment = "#" + hidden
	}
	query := ""
	if i := strings.IndexByte(rest, '?'); i >= 0 {
		rest, query = rest[:i], rest[i:]
	}
	hosts, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		hosts, path = rest[:i], rest[i:]
	}
	list := strings.Split(hosts, ",")
	for i, h := range list {
		if !host.MatchString(h) {
			name, _, _ := strings.Cut(h, ":")
			list[i] = name + ":" + hidden
		}
	}
	if IsServer(scheme) && scheme != "unix" && path != "" && !database.MatchString(path) {
		path = "/" + hidden
	}
	return strings.Join(list, ",") + path + redactQuery(query) + fragment
}

// redactQuery hides the values of settings that are secret or unknown, after a "?".
func redactQuery(s string) string {
	head, query, ok := strings.Cut(s, "?")
	if !ok || query == "" {
		return s
	}
	parts := strings.Split(query, "&")
	for i, p := range parts {
		name, _, _ := strings.Cut(p, "=")
		_, client := known[name]
		switch {
		case secret.MatchString(p):
			parts[i] = name + "=" + hidden
		case !client && !ownSetting(name) && p != "":
			parts[i] = hidden
		}
	}
	return head + "?" + strings.Join(parts, "&")
}
