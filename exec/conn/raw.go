package conn

import (
	"strings"

	"github.com/redis/go-redis/v9"
)

// A reply that is read raw is one allocation instead of two for each value. The client does not look into it, so an error in
// it is found here; a client of several nodes would not follow it, which is why only a connection of its own reads raw.

// answer is an error that the server replied.
type answer string

func (a answer) Error() string { return string(a) }

// RedisError marks it as an answer of the server, as those of the client are.
func (answer) RedisError() {}

// settle gives commands whose raw replies are errors these errors, and returns that of the connection, if it broke
// behind some replies; otherwise err or the first.
func settle(cmds []redis.Cmder, err error) error {
	for _, cmd := range cmds {
		if e := refused(cmd); e != nil && err == nil {
			err = e
		}
	}
	if err != nil && !IsConnection(err) {
		if broken := firstError(cmds); IsConnection(broken) {
			return broken
		}
	}
	return err
}

// refused gives a command whose raw reply is an error this error, and returns it.
func refused(cmd redis.Cmder) error {
	raw, ok := cmd.(*redis.RawCmd)
	if !ok || raw.Err() != nil {
		return nil
	}
	reply := raw.Val()
	if len(reply) == 0 || reply[0] != '-' && reply[0] != '!' {
		return nil
	}
	text := string(reply[1:])
	if reply[0] == '!' { // its length comes first
		_, text, _ = strings.Cut(text, "\r\n")
	}
	raw.SetErr(answer(strings.TrimSuffix(text, "\r\n")))
	return raw.Err()
}
