package conn

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang/ir"
)

// scriptSearch sends a search.
const scriptSearch = "return redis.pcall(unpack(ARGV))"

// scriptExact sends a search for documents, and another that is to give something of all of them. Of the first it returns how many match and, if
// they are not too many and the key of none has a NUL, how many keys it returned and the reply of the second: Search reads a document by its key
// up to a NUL, and thus another one. Nothing happens between the two.
const scriptExact = `local r=redis.pcall(unpack(ARGV,3,ARGV[1]+2))
if r.err then return r end
if r[1]>tonumber(ARGV[2]) then return {r[1]} end
for i=2,#r do if string.find(r[i],'\0',1,true) then return {r[1]} end end
return {r[1],#r-1,redis.pcall(unpack(ARGV,ARGV[1]+3))}`

// SearchExact returns the command of a script that sends two searches, the second one only if at most most documents match the first, and no key
// that it returns has a NUL. Its reply is the number of documents, of keys, and the reply of the second.
func (c *Conn) SearchExact(ctx context.Context, in keyspace.Keys, most int, first, second []any) *redis.Cmd {
	words := []any{"eval_ro", scriptExact, 2, in.Catalog(), in.Never(), len(first), most}
	return redis.NewCmd(ctx, slices.Concat(words, first, second)...)
}

// SearchesApart reports whether each bucket has a Search index of its own with the documents of a model there.
func (c *Conn) SearchesApart(m *ir.Model) bool {
	return m.Part != nil && c.Caps.Search && !c.Caps.SearchParts
}

// Searched calls f with the connection to each bucket that has a Search index of a model, some at a time; with that to the namespace itself
// if it has the only one.
func (c *Conn) Searched(m *ir.Model, f func([]*Conn) error) error {
	if c.SearchesApart(m) {
		return c.EachBucket(f)
	}
	return f([]*Conn{c.Home()})
}

// SearchKeys returns the keys with which the Search index of a model is named, in the bucket of the connection.
func (c *Conn) SearchKeys(m *ir.Model) keyspace.Keys {
	if c.SearchesApart(m) {
		return c.Keys
	}
	return c.Keys.Home()
}

// SearchCmd returns the command of a search with these words, by an index that is named with some keys.
func (c *Conn) SearchCmd(ctx context.Context, in keyspace.Keys, words []any) *redis.Cmd {
	return redis.NewCmd(ctx, c.SearchWords(in, words...)...)
}

// SearchWords returns the words of a command to Search that reads.
//
// On a cluster a node finds the documents that it has, which are a part of them while their slot moves. There a script sends the command: it
// declares two keys of the slot, one of which is never there, so that no node runs it until the slot is with one of them.
func (c *Conn) SearchWords(in keyspace.Keys, words ...any) []any {
	if c.Caps.SearchParts {
		return words
	}
	return slices.Concat([]any{"eval_ro", scriptSearch, 2, in.Catalog(), in.Never()}, words)
}

// searches decides what Search is used for. On a cluster a script must be able to search, which it is not where each search asks several nodes.
func (c *Conn) searches(mode string) {
	if mode == modeCluster && !(c.Caps.SearchInScript && c.Caps.EvalRO) {
		c.Caps.Search = false
	}
	c.Caps.SearchParts = c.Caps.Search && mode != modeCluster
}

// BlocksSearch reports whether a search failed because a script cannot wait for several nodes.
func BlocksSearch(err error) bool {
	return !IsConnection(err) && strings.Contains(err.Error(), "Cannot block")
}
