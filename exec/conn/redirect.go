package conn

import "github.com/redis/go-redis/v9"

// redirected is a command that reads, sent by the client of a cluster, which
// goes by itself where MOVED and ASK say. An ASK may be old when it is followed: the client pauses
// before, and meanwhile that node may have got the slot, lost it, and begun
// to import it anew. Then it says of a key that has not arrived that it is not
// there. What it has is right, though: a key lies at one node at a time.
type redirected struct {
	Unrepeated
	ask error // the last ASK that was followed
}

// SetErr notes an ASK. The client sets each answer before it follows it.
func (c *redirected) SetErr(err error) {
	if _, ask := redis.IsAskError(err); ask {
		c.ask = err
	}
	c.Cmder.SetErr(err)
}

// settle gives back the ASK in the place of an answer behind it that says "not there".
func (c *redirected) settle() error {
	if c.ask != nil && saysNothing(c.Cmder) {
		c.Cmder.SetErr(c.ask)
		return c.ask
	}
	return nil
}

// saysNothing reports an answer that a key which is not there gives too. A
// script has several keys, one of which never exists: no node answers it then.
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
