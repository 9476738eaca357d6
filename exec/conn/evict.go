package conn

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// MemoryCmd returns the command that asks for the eviction policy. If the user may not send INFO, the policy is unknown and there
// is no warning.
func MemoryCmd(ctx context.Context) *redis.StringCmd {
	return redis.NewStringCmd(ctx, "info", "memory")
}

// EvictionText returns a text that says that the server may evict keys, from its reply to MemoryCmd; "" if it does not, or if
// this is unknown.
func EvictionText(info *redis.StringCmd) string {
	limit, policy := "", ""
	for _, line := range strings.Split(info.Val(), "\n") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), ":"); name {
		case "maxmemory":
			limit = value
		case "maxmemory_policy":
			policy = value
		}
	}
	when := "when its memory is full"
	if limit == "0" {
		when = "once maxmemory is set and reached"
	}
	switch {
	case strings.HasPrefix(policy, "allkeys-"):
		return "this server evicts any key " + when + " (maxmemory-policy " + policy + "): documents, indexes and the catalog can vanish, and results are then silently wrong; the right policy is noeviction"
	case strings.HasPrefix(policy, "volatile-"):
		return "this server evicts what expires " + when + " (maxmemory-policy " + policy + "): documents that expire can vanish earlier, and COUNT counts them until they would have expired; records of ATOMIC KEY and locks can vanish early; the right policy is noeviction"
	}
	return ""
}

// Bless protects the catalog from eviction if the server can and allows it. Nothing depends on it.
func (c *Conn) Bless(ctx context.Context) {
	if !c.blesses {
		return
	}
	cmd := redis.NewCmd(ctx, "bless", "set", c.Keys.Catalog(), "NO-EVICT")
	cmd.SetFirstKeyPos(2)
	_ = c.Process(ctx, cmd)
}
