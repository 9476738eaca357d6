package doctor

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/exec/keyspace"
)

// ACL are minimal ACL rules for a user of this database on this server, as text to paste. PASSWORD is a placeholder.
type ACL struct {
	Write string `json:"write"` // for every statement
	Read  string `json:"read"`  // for read-only statements
}

// Commands that RQL sends, or that its scripts call.
var (
	readCommands = []string{
		"eval_ro", "evalsha_ro", "info", "ping", "time", "scan", "type", "exists", "get", "pttl", "pexpiretime", "memory|usage",
		"hget", "hmget", "hgetall", "hlen", "hstrlen", "hexists", "hscan",
		"zcard", "zcount", "zlexcount", "zrange", "zrangebylex", "zrangebyscore", "zrevrangebylex", "zscore", "zscan",
		"scard", "sismember", "smembers", "srandmember", "sscan",
	}
	writeCommands = []string{
		"eval", "evalsha", "set", "incr", "del", "unlink", "pexpire", "pexpireat", "persist", "hset", "hdel", "zadd", "zrem", "zremrangebylex", "sadd", "srem",
	}
	jsonReads     = []string{"json.get", "json.type"}
	jsonWrites    = []string{"json.set", "json.del", "json.numincrby"}
	searchReads   = []string{"ft.search", "ft.aggregate", "ft.info", "ft._list"}
	searchWrites  = []string{"ft.create", "ft.dropindex"}
	clusterReads  = []string{"cluster|slots", "command"}
	blessCommands = []string{"bless"}
)

// acl returns the rules for the existing models and the capabilities of the server, which rejects the name of a command that it
// does not know.
func (x *examination) acl() *ACL {
	caps := x.c.Caps
	reads, writes := slices.Clone(readCommands), slices.Clone(writeCommands)
	if caps.JSON {
		reads, writes = append(reads, jsonReads...), append(writes, jsonWrites...)
	}
	if caps.Search {
		reads, writes = append(reads, searchReads...), append(writes, searchWrites...)
	}
	if x.c.Cluster() {
		reads = append(reads, clusterReads...)
	}
	if x.c.Blesses() {
		writes = append(writes, blessCommands...)
	}
	keys := x.patterns()
	return &ACL{Write: rule("~", keys, append(writes, reads...)), Read: rule("%R~", keys, reads)}
}

// patterns returns the key patterns of the database: those of its namespace or, without one, those of RQL's own keys and of the
// documents.
func (x *examination) patterns() []string {
	switch keys := x.c.Keys; {
	case keys.Spreads(): // models with PARTITION BY may come
		return []string{keyspace.Escape(keys.Prefix) + "*", keys.BucketsPattern()}
	case keys.Prefix != "":
		return []string{keyspace.Escape(x.c.Keys.Prefix) + "*"}
	}
	out := []string{"rql:*"}
	for _, name := range x.schema.Names() {
		if p := x.c.Keys.Pattern(x.schema.Model(name)); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// rule returns a rule for the user rql. A word with a space or a quote is quoted for redis-cli.
func rule(access string, keys, commands []string) string {
	words := []string{"ACL", "SETUSER", "rql", "on", ">PASSWORD", "resetkeys", "resetchannels", "-@all"}
	for _, k := range quoted(keys) {
		if strings.HasPrefix(k, `"`) {
			words = append(words, `"`+access+k[1:])
		} else {
			words = append(words, access+k)
		}
	}
	for _, c := range slices.Sorted(slices.Values(commands)) {
		words = append(words, "+"+c)
	}
	return strings.Join(words, " ")
}
