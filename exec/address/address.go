// Package address parses database URLs: RQL's own settings and the TLS files. Its errors say what is wrong and never repeat a
// password.
package address

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
)

// URL is a parsed database URL.
type URL struct {
	*url.URL  // without RQL's own settings
	Namespace string
	// Retry is how long to retry a statement that was not executed. 0 means that the URL does not set it; a negative value
	// disables retries.
	Retry time.Duration
	// Buckets is the number of buckets of a namespace in braces; 0 means that the URL does not set it.
	Buckets int
	// Replicas: statements that only read do so from replicas. Nearest: from the primary or a replica, whichever answers sooner.
	Replicas, Nearest bool
	// Wait is how many replicas a write waits for.
	Wait int
	TLS  TLS
}

const (
	example = "a URL looks like redis://user:password@host:6379/0?ns=shop"
	encode  = example + "; in a password write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25"
)

// Parse parses a URL. The error is an *Error.
func Parse(raw string) (*URL, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return nil, &Error{"the database URL has no scheme", example + " or unix:///path/to/socket"}
	}
	u, err := url.Parse(raw)
	if IsServer(scheme) {
		if bad := misplaced(scheme, rest); bad != nil {
			return nil, bad
		}
	}
	if err != nil {
		return nil, unreadable(rest)
	}
	out := &URL{URL: u}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, &Error{"what follows ? in the database URL cannot be read", "settings are name=value, separated by &: ?ns=shop&retry=10s; a % in a value is %25"}
	}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if _, client := known[name]; len(q[name]) > 1 && (client || ownSetting(name)) {
			return nil, &Error{name + " is set twice in the database URL", example}
		}
	}
	if err := out.settings(q); err != nil {
		return nil, err
	}
	if u.Scheme == "mem" {
		for name := range q {
			return nil, unknown(name)
		}
	}
	if IsServer(u.Scheme) {
		if err := out.server(q); err != nil {
			return nil, err
		}
	}
	u.RawQuery = q.Encode()
	return out, nil
}

// misplaced returns an error for a URL with an unescaped / or # in the password, which ended the host part early.
func misplaced(scheme, rest string) error {
	if strings.Contains(rest, "#") {
		return &Error{"the database URL cannot be read: a # ends it", encode}
	}
	rest, _, _ = strings.Cut(rest, "?")
	if i := strings.IndexByte(rest, '/'); scheme != "unix" && i >= 0 && strings.Contains(rest[i:], "@") {
		return &Error{"the database URL cannot be read: a / ends its host, and an @ follows", encode}
	}
	return nil
}

// unreadable says why a text is not a valid URL.
func unreadable(rest string) error {
	host := rest[strings.LastIndexByte(rest, '@')+1:]
	if end := strings.IndexAny(host, "/?#"); end >= 0 {
		host = host[:end]
	}
	what := "a user, password or host has a character that must be encoded"
	switch {
	case badEscape.MatchString(rest):
		what = "a % in it is not followed by two hexadecimal digits"
	case strings.Count(rest, "@") > 1:
		what = "there is more than one @"
	case strings.Count(host, "[") != strings.Count(host, "]"):
		what = "a bracket of an IPv6 address is missing"
	case badPort.MatchString(host):
		what = "what follows the host's colon is not a port"
	}
	return &Error{"the database URL cannot be read: " + what, encode}
}

var (
	badEscape = regexp.MustCompile(`%(?:[^0-9a-fA-F]|.[^0-9a-fA-F]|.?$)`)
	addr      = regexp.MustCompile(`^(?:\[[^\]]*\]|[^:\[\]]*)(?::[0-9]+)?$`)
	badPort   = regexp.MustCompile(`:[0-9]*[^0-9\]:]`)
)

// own are RQL's own settings, but for those of TLS.
var own = []string{"ns", "retry", "buckets", "read", "wait"}

// maxWait is the greatest number of replicas to wait for.
const maxWait = 100

// settings removes RQL's own settings from a query and reads them.
func (u *URL) settings(q url.Values) error {
	u.Namespace = q.Get("ns")
	q.Del("ns")
	if text := q.Get("retry"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return &Error{"retry in the database URL is not a duration", "?retry=10s, or ?retry=0 for never"}
		}
		if u.Retry = d; d == 0 {
			u.Retry = -1
		}
	}
	q.Del("retry")
	if text := q.Get("buckets"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || !keyspace.IsBuckets(n) {
			return &Error{"buckets in the database URL is not a power of two from 1 to " + strconv.Itoa(keyspace.MaxBuckets), "?buckets=" + strconv.Itoa(keyspace.DefaultBuckets) + ", which is the number of a namespace in braces anyway"}
		}
		u.Buckets = n
	}
	q.Del("buckets")
	switch text := q.Get("read"); text {
	case "", "primary":
	case "replica":
		u.Replicas = true
	case "nearest":
		u.Nearest = true
	default:
		return &Error{"read in the database URL is none of primary, replica and nearest", "?read=replica reads from the replicas of a cluster, ?read=nearest from the node that answers soonest"}
	}
	q.Del("read")
	if text := q.Get("wait"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > maxWait {
			return &Error{"wait in the database URL is not a number of replicas", "?wait=1 lets each write wait until a replica has it"}
		}
		u.Wait = n
	}
	q.Del("wait")
	return u.TLS.take(u.Scheme, q)
}

// known are the settings that the client accepts, including those for Sentinels.
var known = map[string]kind{
	"db": number, "protocol": number, "client_name": text,
	"dial_timeout": duration, "read_timeout": duration, "write_timeout": duration,
	"pool_fifo": truth, "pool_size": number, "pool_timeout": duration,
	"min_idle_conns": number, "max_idle_conns": number, "max_active_conns": number, "max_concurrent_dials": number,
	"pipeline_pool_size": number, "pipeline_read_buffer_size": number, "pipeline_write_buffer_size": number,
	"conn_max_idle_time": duration, "conn_max_lifetime": duration, "conn_max_lifetime_jitter": duration,
	"master": text, "sentinel_username": text, "sentinel_password": text,
}

// server checks for what the client would reject without a clear error.
func (u *URL) server(q url.Values) error {
	if u.Scheme == "unix" {
		if u.Path == "" || u.Path == "/" {
			return &Error{"the database URL names no socket", "unix:///path/to/socket, with three slashes"}
		}
	} else if db := strings.Trim(u.Path, "/"); db != "" && (!isDigits(db) || db[0] == '-') {
		return &Error{"what follows the host in the database URL is not a database number", "redis://host:6379/0; a namespace is ?ns=shop, and a / in a password is %2F"}
	}
	if strings.HasPrefix(u.Scheme, "redis") && strings.Contains(u.Host, ",") {
		return &Error{"the database URL names several hosts, and " + u.Scheme + ":// is for one", "cluster://host:7000,host:7001 is a cluster, sentinel://host:26379,host:26380?master=NAME what Sentinels monitor"}
	}
	if u.Scheme != "unix" {
		for _, h := range strings.Split(u.Host, ",") {
			if !addr.MatchString(h) || (h == "" || h[0] == ':') && !strings.HasPrefix(u.Scheme, "redis") {
				return &Error{"the database URL cannot be read: its hosts are not host:port, separated by commas", example}
			}
			if port := h[strings.LastIndexAny(h, "]:")+1:]; strings.Contains(h, ":"+port) && port != "" {
				if n, err := strconv.Atoi(port); err != nil || n > 65535 {
					return &Error{"the database URL cannot be read: what follows the host's colon is not a port", example}
				}
			}
		}
	}
	if sentinel := strings.HasPrefix(u.Scheme, "sentinel"); !sentinel && q.Has("master") {
		return &Error{"master in the database URL is for Sentinels", "sentinel://host:26379?master=" + q.Get("master")}
	}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		k, ok := known[name]
		switch {
		case name == "max_retries":
			return &Error{"max_retries in the database URL is not used: RQL itself retries, and only what was not executed", "?retry=10s, or ?retry=0 for never"}
		case !ok:
			return unknown(name)
		case !k.takes(q.Get(name)):
			return &Error{fmt.Sprintf("%s in the database URL is not %s", name, string(k)), example}
		}
	}
	return nil
}

// unknown returns the error for an unknown setting. It names the setting only if the name cannot be part of a password.
func unknown(name string) error {
	names := append(tlsSettings(), own...)
	for n := range known {
		names = append(names, n)
	}
	slices.Sort(names)
	if near := lang.Nearest(name, names); near != "" {
		return &Error{"the database URL has an unknown setting: " + lang.Quote(name), "did you mean " + near + "?"}
	}
	return &Error{"the database URL has an unknown setting", "there are " + strings.Join(names, ", ") + "; in a password write ? as %3F and & as %26"}
}

// ownSetting reports whether a setting is RQL's own.
func ownSetting(name string) bool {
	return slices.Contains(append(append(tlsSettings(), own...), settingSkip), name)
}
