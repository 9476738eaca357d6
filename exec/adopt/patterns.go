package adopt

import (
	"context"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

const (
	maxKeys  = 20_000 // number of keys from which the patterns are computed
	manyOf   = 50     // a position with so many different segments holds keys, not names
	variable = "{id}"
)

var keyLike = regexp.MustCompile(`^([0-9]+|[0-9a-fA-F]{8,}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})$`)

// Patterns examines up to 20,000 keys that are not RQL's, and returns the patterns of their names: pattern, type, number, and an
// example.
func Patterns(ctx context.Context, c *conn.Conn, schema *ir.Schema) ([][]any, error) {
	var keys []string
	for names := c.ScanKeys(c.Keys.Prefix + "*"); !names.Done && len(keys) < maxKeys; {
		list, err := names.Page(ctx)
		if err != nil {
			return nil, err
		}
		for _, k := range list {
			if k = strings.TrimPrefix(k, c.Keys.Prefix); !strings.HasPrefix(k, "rql:") && !ours(schema, k) {
				keys = append(keys, k)
			}
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	kinds, err := types(ctx, c, keys)
	if err != nil {
		return nil, err
	}
	counts, first := map[[2]string]int64{}, map[[2]string]string{}
	for i, p := range patterns(keys) {
		at := [2]string{p, kinds[i]}
		if counts[at]++; counts[at] == 1 {
			first[at] = keys[i]
		}
	}
	out := make([][]any, 0, len(counts))
	for at, n := range counts {
		out = append(out, []any{at[0], at[1], n, first[at]})
	}
	sort.Slice(out, func(i, j int) bool {
		if a, b := out[i][2].(int64), out[j][2].(int64); a != b {
			return a > b
		}
		return out[i][0].(string)+out[i][1].(string) < out[j][0].(string)+out[j][1].(string)
	})
	return out, nil
}

// ours reports whether a key is the name of a document of a model.
func ours(schema *ir.Schema, key string) bool {
	for m := range schema.Models() {
		if m.Celled() && strings.HasPrefix(key, m.StoredName()+"@") || strings.HasPrefix(key, m.Prefix) && strings.HasSuffix(key, m.Suffix) {
			return true
		}
	}
	return false
}

// types returns the type of each key.
func types(ctx context.Context, c *conn.Conn, keys []string) ([]string, error) {
	out := make([]string, 0, len(keys))
	for some := range slices.Chunk(keys, 1000) {
		cmds := make([]redis.Cmder, len(some))
		for i, k := range some {
			cmds[i] = redis.NewStatusCmd(ctx, "type", c.Keys.Prefix+k)
		}
		if err := c.Pipeline(ctx, cmds); err != nil {
			return nil, err
		}
		for _, cmd := range cmds {
			out = append(out, cmd.(*redis.StatusCmd).Val())
		}
	}
	return out, nil
}

// patterns returns the pattern of each name: segments between colons that look like keys, or that are one of many in their
// position, are replaced by a placeholder.
func patterns(keys []string) []string {
	split := make([][]string, len(keys))
	for i, k := range keys {
		split[i] = strings.Split(k, ":")
		for j, s := range split[i] {
			if keyLike.MatchString(s) {
				split[i][j] = variable
			}
		}
	}
	for at := range 16 { // from left to right, so that a replaced segment counts as one for those that follow
		follow := map[string]map[string]bool{}
		place := func(s []string) string {
			return strings.Join(s[:at], ":") + "\x00" + string(rune('0'+min(len(s), 70)))
		}
		for _, s := range split {
			if at < len(s) {
				if follow[place(s)] == nil {
					follow[place(s)] = map[string]bool{}
				}
				follow[place(s)][s[at]] = true
			}
		}
		for _, s := range split {
			if at < len(s) && len(follow[place(s)]) > manyOf {
				s[at] = variable
			}
		}
	}
	out := make([]string, len(keys))
	for i, s := range split {
		out[i] = lang.Visible(strings.Join(s, ":"))
	}
	return out
}
