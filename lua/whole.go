package lua

import (
	_ "embed"

	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// Format is the format of the catalog that this version reads and writes.
const Format = "1"

//go:embed whole/catalog.lua
var catalogText string

//go:embed whole/define.lua
var defineText string

//go:embed whole/drop.lua
var dropText string

// Define is the script that changes a model's definition: see whole/define.lua.
func Define() *Script { return whole(catalogText+defineText, plan.Writes) }

//go:embed whole/procedure.lua
var procedureText string

// Procedure is the script that changes a procedure's definition: see whole/procedure.lua.
func Procedure() *Script { return whole(catalogText+procedureText, plan.Writes) }

//go:embed whole/lock.lua
var lockText string

//go:embed whole/renew.lua
var renewText string

//go:embed whole/unlock.lua
var unlockText string

// Lock, Renew and Unlock are the scripts of locks: see whole/lock.lua, renew.lua and unlock.lua.
func Lock() *Script { return whole(lockText, plan.Writes) }

// Renew makes a lease longer.
func Renew() *Script { return whole(renewText, plan.Writes) }

// Unlock gives locks back; it works on a full server too.
func Unlock() *Script { return whole(unlockText, plan.Deletes) }

// Drop is the script that takes a model out of the catalog: see whole/drop.lua.
func Drop() *Script { return whole(catalogText+dropText, plan.Deletes) }

//go:embed whole/refused.lua
var refusedText string

// Refused is the script that tells which commands a server does not know or not allow: see whole/refused.lua.
func Refused() *Script { return whole(refusedText, plan.Reads) }

// commands are those that scripts run; a test holds the list.
var commands = [...]string{"DEL", "EXISTS", "FT.INFO", "FT.SEARCH", "GET", "HDEL", "HEXISTS", "HGET", "HGETALL", "HLEN", "HMGET", "HSET", "INCR", "JSON.DEL", "JSON.GET", "JSON.NUMINCRBY", "JSON.SET", "JSON.TYPE",
	"PERSIST", "PEXPIRE", "PEXPIREAT", "PEXPIRETIME", "PTTL", "SADD", "SCARD", "SET", "SISMEMBER", "SMEMBERS", "SRANDMEMBER", "SREM", "TIME", "UNLINK", "ZADD", "ZCARD", "ZLEXCOUNT", "ZRANGE", "ZRANGEBYLEX", "ZRANGEBYSCORE", "ZREM",
	"ZREVRANGEBYLEX", "ZSCORE"}

// Commands lists the commands that the script may run.
func (s *Script) Commands() []string {
	said := map[string]bool{}
	if text, err := tree.Parse(s.Text); err == nil { // a test holds that every script reads
		tree.Walk(text, func(n *tree.Node) bool {
			if n.Op == tree.OpString {
				said[n.Text] = true
			}
			return true
		})
	}
	var out []string
	for _, c := range commands {
		if said[c] {
			out = append(out, c)
		}
	}
	return out
}

//go:embed whole/look.lua
var lookText string

// Look is the script that looks at documents and what is entered of them, and Mend the same with writes: see whole/look.lua.
func Look() *Script { return whole(catalogText+lookText, plan.Reads) }

// Mend is Look with writes.
func Mend() *Script { return whole(catalogText+lookText, plan.Writes) }

func whole(text string, access plan.Access) *Script {
	s := &Script{Text: text, Access: access}
	s.finish()
	return s
}
