package verify

import (
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang/codec"
)

// lifeCmds returns the commands that read the expiration of a document and its entries. For a model whose documents are not known
// to expire, they only read whether the document has an expiration.
func (v *verifier) lifeCmds(id string) []redis.Cmder {
	end := redis.NewIntCmd(v.ctx, "pexpiretime", v.c.Keys.Doc(v.m, id))
	if !v.m.Expires {
		return []redis.Cmder{end}
	}
	return []redis.Cmder{end, redis.NewFloatCmd(v.ctx, "zscore", v.c.Keys.Ends(v.m), id), redis.NewStringCmd(v.ctx, "hget", v.c.Keys.Shadows(v.m), id)}
}

// lives reports whether the replies to lifeCmds are consistent for a document with the given row.
func (v *verifier) lives(row []any, cmds []redis.Cmder) bool {
	end := cmds[0].(*redis.IntCmd).Val()
	if !v.m.Expires {
		return end <= 0
	}
	score, kept := cmds[1].(*redis.FloatCmd), cmds[2].(*redis.StringCmd)
	if end <= 0 {
		return score.Err() != nil
	}
	return score.Err() == nil && score.Val() <= float64(end) && (len(v.m.Shadow) == 0 || kept.Val() == v.shadow(row))
}

// ended compares the expiration of an existing document with its entries.
func (v *verifier) ended(id string, row []any, got script.Reply) []wrong {
	key := v.c.Keys.Doc(v.m, id)
	end, score := got.Int(readEnd), got.Str(readScore)
	entered := got[readScore] != nil && !failed(got[readScore])
	at, _ := strconv.ParseFloat(score, 64)
	switch {
	case v.m.Foreign || failed(got[readScore]):
	case end <= 0 && entered:
		return []wrong{{key, "an expiration is listed, but the document has none", v.endless(id)}}
	case end <= 0:
	case !v.m.Expires:
		v.unmarked = true
		return []wrong{{key, "it expires, but " + v.m.Name + " is not marked as expiring: COUNT counts it after it has expired", nil}}
	case !entered:
		return []wrong{{key, "its expiration is not listed", v.enterEnd(id, row, end)}}
	case at > float64(end):
		return []wrong{{key, "its expiration is listed too late", v.enterEnd(id, row, end)}}
	case len(v.m.Shadow) > 0 && got.Str(readShadow) != v.shadow(row):
		return []wrong{{key, "its shadow does not match its content", v.enterEnd(id, row, end)}}
	}
	return nil
}

// endless returns the commands that remove the entries of an expiration.
func (v *verifier) endless(id string) [][]any {
	return [][]any{{"ZREM", v.c.Keys.Ends(v.m), id}, {"HDEL", v.c.Keys.Shadows(v.m), id}}
}

// forgotten returns the commands that remove what is kept about a document that no longer exists, one of whose entries is
// removed. A later document with this key would rely on the entries named by its shadow, or, without a shadow, on its listed
// expiration.
func (v *verifier) forgotten(id string) [][]any {
	if !v.m.Expires || len(v.m.Shadow) == 0 {
		return nil
	}
	return v.endless(id)
}

// enterEnd returns the commands that enter an expiration.
func (v *verifier) enterEnd(id string, row []any, end int64) [][]any {
	cmds := [][]any{{"ZADD", v.c.Keys.Ends(v.m), strconv.FormatInt(end, 10), id}}
	if len(v.m.Shadow) > 0 {
		cmds = append(cmds, []any{"HSET", v.c.Keys.Shadows(v.m), id, v.shadow(row)})
	}
	return cmds
}

// shadow returns the shadow of a document that expires.
func (v *verifier) shadow(row []any) string {
	parts := make([]string, len(v.m.Shadow))
	for i, c := range v.m.Shadow {
		parts[i] = "-"
		if c == nil || row[c.Slot] == nil {
			continue
		}
		if text, err := codec.Text(row[c.Slot], c.Type.NotNull()); err == nil {
			parts[i] = strconv.Itoa(len(text)) + ":" + text
		}
	}
	return strings.Join(parts, ",")
}
