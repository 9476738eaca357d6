package lua

import (
	_ "embed"
	"sync"

	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// Formats are those of the catalog that this version reads and writes: the second is that of a database in which a model has, or
// had, PARTITION BY, the third that of one whose partitions lie in buckets, and the fourth the same with registers of the partitions. Programs
// that know only earlier ones do not write there.
const (
	Format1 = "1"
	Format2 = "2"
	Format3 = "3"
	Format4 = "4"
)

// ReadsFormat reports whether this version knows a format of the catalog.
func ReadsFormat(s string) bool { return s == Format1 || s == Format2 || Divided(s) }

// Divided reports whether the partitions lie in buckets in a catalog of a format.
func Divided(s string) bool { return s == Format3 || s == Format4 }

//go:embed handwritten/catalog.lua
var catalogText string

//go:embed handwritten/define.lua
var defineText string

//go:embed handwritten/drop.lua
var dropText string

// Define is the script that changes a model's definition: see handwritten/define.lua.
func Define() *Script { return handwritten(catalogText+defineText, plan.Writes) }

//go:embed handwritten/rename.lua
var renameText string

// Rename is the script that gives a model another name: see handwritten/rename.lua.
func Rename() *Script { return handwritten(catalogText+renameText, plan.Writes) }

//go:embed handwritten/job.lua
var jobText string

// Job is the script that begins work in steps: see handwritten/job.lua.
func Job() *Script { return handwritten(jobText, plan.Writes) }

//go:embed handwritten/came.lua
var cameText string

// Came is the script that records how far work in steps has come over partitions: see handwritten/came.lua.
func Came() *Script { return handwritten(cameText, plan.Writes) }

//go:embed handwritten/procedure.lua
var procedureText string

// Procedure is the script that changes a procedure's definition: see handwritten/procedure.lua.
func Procedure() *Script { return handwritten(catalogText+procedureText, plan.Writes) }

// Checkpoint is a script that does nothing but what its guard does.
func Checkpoint() *Script { return handwritten("return {'+',0}\n", plan.Deletes) }

// Record is the script that writes what is known of runs: see handwritten/record.lua.
func Record() *Script { return handwritten(recordText, plan.Deletes) }

//go:embed handwritten/record.lua
var recordText string

//go:embed handwritten/empty.lua
var emptyText string

// Empty is the script that deletes keys of a model: see handwritten/empty.lua.
func Empty() *Script { return handwritten(emptyText, plan.Deletes) }

//go:embed handwritten/raise.lua
var raiseText string

// Raise is the script that brings a bucket's copy of the versions in the catalog up to it: see handwritten/raise.lua.
func Raise() *Script { return handwritten(raiseText, plan.Writes) }

//go:embed handwritten/list.lua
var listText string

// Listed is the script that compares the list of partitions with a partition, and List the same with writes: see handwritten/list.lua.
func Listed() *Script { return handwritten(listText, plan.Reads) }

// List is Listed with writes.
func List() *Script { return handwritten(listText, plan.Writes) }

//go:embed handwritten/begin.lua
var beginText string

// Begin is the script that enters partitions in the register of a model: see handwritten/begin.lua.
func Begin() *Script { return begin() }

var begin = sync.OnceValue(func() *Script { return handwritten(beginText, plan.Writes) })

//go:embed handwritten/parts.lua
var partsText string

// Parts is the script that reads a set of each partition in a bucket: see handwritten/parts.lua.
func Parts() *Script { return parts() }

var parts = sync.OnceValue(func() *Script { return handwritten(partsText, plan.Reads) })

//go:embed handwritten/claim.lua
var claimText string

// Claim is the script that changes entries of a UNIQUE GLOBAL: see handwritten/claim.lua.
func Claim() *Script { return handwritten(claimText, plan.Writes) }

//go:embed handwritten/lock.lua
var lockText string

//go:embed handwritten/renew.lua
var renewText string

//go:embed handwritten/unlock.lua
var unlockText string

// Lock, Renew and Unlock are the scripts of locks: see handwritten/lock.lua, renew.lua and unlock.lua.
func Lock() *Script { return handwritten(lockText, plan.Writes) }

// Renew makes a lease longer.
func Renew() *Script { return handwritten(renewText, plan.Writes) }

// Unlock gives locks back; it works on a full server too.
func Unlock() *Script { return handwritten(unlockText, plan.Deletes) }

// Drop is the script that takes a model out of the catalog: see handwritten/drop.lua.
func Drop() *Script { return handwritten(catalogText+dropText, plan.Deletes) }

//go:embed handwritten/forget.lua
var forgetText string

// Forget is the script that takes a model in buckets out of the catalog: see handwritten/forget.lua.
func Forget() *Script { return handwritten(catalogText+forgetText, plan.Deletes) }

//go:embed handwritten/refused.lua
var refusedText string

// Refused is the script that tells which commands a server does not know or not allow: see handwritten/refused.lua.
func Refused() *Script { return handwritten(refusedText, plan.Reads) }

// commands are those that scripts run; a test holds the list.
var commands = [...]string{"DEL", "EXISTS", "FT.INFO", "FT.SEARCH", "GET", "HDEL", "HEXISTS", "HGET", "HGETALL", "HLEN", "HMGET", "HSET", "HSTRLEN", "INCR", "JSON.DEL", "JSON.GET", "JSON.NUMINCRBY", "JSON.SET", "JSON.TYPE",
	"PERSIST", "PEXPIRE", "PEXPIREAT", "PEXPIRETIME", "PTTL", "SADD", "SCARD", "SET", "SISMEMBER", "SMEMBERS", "SRANDMEMBER", "SREM", "TIME", "UNLINK", "ZADD", "ZCARD", "ZLEXCOUNT", "ZRANGE", "ZRANGEBYLEX", "ZRANGEBYSCORE", "ZREM", "ZREMRANGEBYLEX",
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

//go:embed handwritten/look.lua
var lookText string

// Look is the script that looks at documents and what is entered of them, and Mend the same with writes: see handwritten/look.lua.
func Look() *Script { return handwritten(catalogText+lookText, plan.Reads) }

// Mend is Look with writes.
func Mend() *Script { return handwritten(catalogText+lookText, plan.Writes) }

func handwritten(text string, access plan.Access) *Script {
	s := &Script{Text: text, Access: access}
	s.finish()
	return s
}
