package conn

import (
	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/keyspace"
)

// Behind is a command that is sent behind the others of a round trip: to each node that the round trip goes to, with the keys of a bucket
// there. It asks for what is changed in all buckets before anything else is: if one reply says that it has not been, what was read before is
// valid, on whatever node.
type Behind struct {
	*redis.StringSliceCmd // as it is sent where all commands go to one server
	of                    func(keyspace.Keys) *redis.StringSliceCmd
	asked                 []Asked
	again                 bool // some of the others were sent again, perhaps behind it
}

// Asked is what was asked in the bucket with these keys.
type Asked struct {
	Keys keyspace.Keys
	Cmd  *redis.StringSliceCmd
}

// NewBehind returns such a command, which of makes for a bucket.
func (c *Conn) NewBehind(of func(keyspace.Keys) *redis.StringSliceCmd) *Behind {
	return &Behind{StringSliceCmd: of(c.Keys), of: of}
}

// Sent returns the command as it is sent with others by the connection.
func (b *Behind) Sent(c *Conn) redis.Cmder {
	if c.Wide().Spreads() {
		return b
	}
	return b.StringSliceCmd
}

// Replies returns what was asked. It is false if something may have been read later.
func (b *Behind) Replies(c *Conn) ([]Asked, bool) {
	if !c.Wide().Spreads() {
		return []Asked{{c.Keys, b.StringSliceCmd}}, true
	}
	for _, a := range b.asked {
		if a.Cmd.Err() != nil {
			return nil, false
		}
	}
	return b.asked, !b.again && len(b.asked) > 0
}

// last returns the command that is sent behind others; nil if there is none.
func last(cmds []redis.Cmder) *Behind {
	if len(cmds) == 0 {
		return nil
	}
	b, _ := cmds[len(cmds)-1].(*Behind)
	return b
}

// to adds the command to those of each node.
func (b *Behind) to(c *Conn, list []*toNode) {
	for _, m := range list {
		keys := c.Keys.Holding(c.keyOf(m.cmds[len(m.cmds)-1]))
		a := Asked{keys, b.of(keys)}
		b.asked, m.cmds = append(b.asked, a), append(m.cmds, a.Cmd)
	}
}
