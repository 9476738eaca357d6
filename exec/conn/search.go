package conn

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// scriptSearch sends a search.
const scriptSearch = "return redis.pcall(unpack(ARGV))"

// SearchCmd returns the command of a search with these words.
func (c *Conn) SearchCmd(ctx context.Context, words []any) *redis.Cmd {
	return redis.NewCmd(ctx, c.SearchWords(words...)...)
}

// SearchWords returns the words of a command to Search that reads.
//
// On a cluster a node finds the documents that it has, which are a part of them while their slot moves. There a script sends the command: it
// declares two keys of the slot, one of which is never there, so that no node runs it until the slot is with one of them.
func (c *Conn) SearchWords(words ...any) []any {
	if c.Caps.SearchParts {
		return words
	}
	home := c.Keys.Home()
	return slices.Concat([]any{"eval_ro", scriptSearch, 2, home.Catalog(), home.Never()}, words)
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
