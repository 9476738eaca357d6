package address

import (
	"slices"
	"strconv"
	"time"
)

// Error reports an invalid URL, or an invalid setting in one.
type Error struct{ Message, Hint string }

// Error returns the message without the hint.
func (e *Error) Error() string { return e.Message }

// IsServer reports whether the scheme is one of servers on the network or a socket.
func IsServer(scheme string) bool { return slices.Contains(Schemes(), scheme) }

// Schemes returns the schemes for which IsServer is true.
func Schemes() []string {
	return []string{"redis", "rediss", "unix", "cluster", "clusters", "sentinel", "sentinels"}
}

// IsTLS reports whether the scheme uses TLS.
func IsTLS(scheme string) bool {
	return scheme == "rediss" || scheme == "clusters" || scheme == "sentinels"
}

// kind is the type of a setting's value.
type kind string

// takes reports whether s is a valid value. The client treats "" as not set.
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
