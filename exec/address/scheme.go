package address

import (
	"slices"
	"strconv"
	"time"
)

// Error is a URL, or a setting in it, that cannot be used.
type Error struct{ Message, Hint string }

// Error gives the message without the hint.
func (e *Error) Error() string { return e.Message }

// IsServer reports a scheme of servers on the network or a socket.
func IsServer(scheme string) bool { return slices.Contains(Schemes(), scheme) }

// Schemes lists those of IsServer.
func Schemes() []string {
	return []string{"redis", "rediss", "unix", "cluster", "clusters", "sentinel", "sentinels"}
}

// IsTLS reports a scheme that speaks TLS.
func IsTLS(scheme string) bool {
	return scheme == "rediss" || scheme == "clusters" || scheme == "sentinels"
}

// kinds of the values of settings.
type kind string

// takes reports a value of the kind. The client takes "" for nothing said.
func (k kind) takes(s string) bool {
	switch k {
	case number:
		return s == "" || isDigits(s)
	case duration:
		_, err := time.ParseDuration(s)
		return s == "" || isDigits(s) || err == nil
	case truth:
		return slices.Contains([]string{"", "true", "false", "1", "0"}, s)
	}
	return true
}

const (
	number   kind = "a whole number"
	duration kind = "a duration such as 30s"
	truth    kind = "true or false"
	text     kind = ""
)

func isDigits(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}
