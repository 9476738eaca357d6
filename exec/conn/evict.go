package conn

import (
	"context"
	"log/slog"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang"
)

// MemoryCmd asks for the eviction policy of the server. If INFO is denied the
// policy is unknown and no warning is given.
func MemoryCmd(ctx context.Context) *redis.StringCmd {
	return redis.NewStringCmd(ctx, "info", "memory")
}

// EvictionText describes, from the server's reply, that it may evict keys; ""
// if it does not, or if this is unknown.
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
		when = "as soon as it has a maxmemory and that is full"
	}
	switch {
	case strings.HasPrefix(policy, "allkeys-"):
		return "this server evicts any key " + when + " (maxmemory-policy " + policy + "): documents, indexes and the catalog can vanish, and answers are then wrong without a word; the right policy is noeviction"
	case strings.HasPrefix(policy, "volatile-"):
		return "this server evicts what expires " + when + " (maxmemory-policy " + policy + "): records of ATOMIC KEY and locks can end early; the right policy is noeviction"
	}
	return ""
}

// Eviction describes that the server may evict keys, as of when the connection
// was opened; "" if it does not, or if this is unknown.
func (c *Conn) Eviction() string { return c.eviction }

// log writes warnings about the server to the program's log.
func (c *Conn) log(ctx context.Context, o Options) {
	if c.eviction == "" {
		return
	}
	l := o.Log
	if l == nil {
		l = slog.Default()
	}
	l.WarnContext(ctx, "rql: "+c.eviction, "code", string(lang.CodeMayEvict))
}
