package conn

import "github.com/redis/go-redis/v9"

// redirected is a read command sent by a cluster client, which follows MOVED
// and ASK by itself. An ASK may be outdated when it is followed: the client
// pauses before, and meanwhile that node may have received the slot, lost it,
// and begun to import it again. Then it replies that a key that has not arrived
// does not exist. Data that it returns is correct, though, because a key is on
// one node at a time.
type redirected struct {
	Unrepeated
	ask error // the last ASK that was followed
}

// SetErr records an ASK. The client sets each reply before it follows it.
func (c *redirected) SetErr(err error) {
	if _, ask := redis.IsAskError(err); ask {
		c.ask = err
	}
	c.Cmder.SetErr(err)
}

// asked returns the ASK in place of a later reply that says "no such key".
func (c *redirected) asked() error {
	if c.ask != nil && saysNothing(c.Cmder) {
		c.Cmder.SetErr(c.ask)
		return c.ask
	}
	return nil
}

// saysNothing reports a reply that a missing key also gives. A script has
// several keys, one of which never exists, so no node can give such a reply to
// it.
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
		return len(c.Val()) == 0
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
