package conn

import "github.com/redis/go-redis/v9"

// redirected is a read command sent by a cluster client, which follows MOVED and ASK by itself. An ASK may be outdated when it is
// followed: the client pauses first, and meanwhile the target may have received the slot, lost it, and begun to import it again.
// It then replies that a key does not exist, because the key has not arrived yet. Data that it does return is correct, because a
// key is on one node at a time.
type redirected struct {
	Unrepeated
	ask error // the last ASK that was followed
}

// SetErr records an ASK. The client sets each reply before it follows the redirection.
func (c *redirected) SetErr(err error) {
	if _, ask := redis.IsAskError(err); ask {
		c.ask = err
	}
	c.Cmder.SetErr(err)
}

// asked returns the ASK in place of a later reply that says that the key does not exist.
func (c *redirected) asked() error {
	if c.ask != nil && saysNothing(c.Cmder) {
		c.Cmder.SetErr(c.ask)
		return c.ask
	}
	return nil
}

// saysNothing reports whether the reply is one that a missing key gives too. A script has several keys, one of which never
// exists, so a script never gets such a reply.
func saysNothing(cmd redis.Cmder) bool {
	if err := cmd.Err(); err != nil {
		return err == redis.Nil
	}
	switch c := cmd.(type) {
	case *redis.SliceCmd:
		for _, v := range c.Val() {
			if v != nil {
				return false
			}
		}
		return true
	case *redis.StringSliceCmd:
		for _, v := range c.Val() {
			if v != "" {
				return false
			}
		}
		return true
	case *redis.MapStringStringCmd:
		return len(c.Val()) == 0
	case *redis.ScanCmd:
		keys, _ := c.Val()
		return len(keys) == 0
	case *redis.StatusCmd:
		return c.Val() == "none"
	case *redis.IntCmd:
		return c.Val() == 0
	case *redis.BoolCmd:
		return !c.Val()
	case *redis.Cmd:
		list, ok := c.Val().([]any)
		return c.Val() == nil || ok && len(list) == 0
	}
	return false
}
