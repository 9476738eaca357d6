package verify

import (
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
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
	return score.Err() == nil && score.Val() <= float64(end) && (len(v.m.Shadow) == 0 || v.shadows(kept.Val(), row))
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
	case len(v.m.Shadow) > 0 && !v.shadows(got.Str(readShadow), row):
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
		parts[i] = shadowPart(c, row)
	}
	return strings.Join(parts, ",")
}

// shadows reports whether kept is a shadow of a document. A column that no index has any more may differ: what was
// written before its index was dropped stays.
func (v *verifier) shadows(kept string, row []any) bool {
	needed := ir.ShadowOf(v.m)
	for i, c := range v.m.Shadow {
		part, rest, ok := cutShadow(kept)
		if !ok || slices.Contains(needed, c) && part != shadowPart(c, row) {
			return false
		}
		if i < len(v.m.Shadow)-1 {
			if rest, ok = strings.CutPrefix(rest, ","); !ok {
				return false
			}
		}
		kept = rest
	}
	return kept == ""
}

// shadowPart returns the part of a shadow for a column; nil is one that the model no longer has.
func shadowPart(c *ir.Column, row []any) string {
	if c == nil || row[c.Slot] == nil {
		return "-"
	}
	text, err := codec.Text(row[c.Slot], c.Type.NotNull())
	if err != nil {
		return "-"
	}
	return strconv.Itoa(len(text)) + ":" + text
}

// cutShadow returns the first part of a shadow and what follows it.
func cutShadow(kept string) (part, rest string, ok bool) {
	if rest, ok = strings.CutPrefix(kept, "-"); ok {
		return "-", rest, true
	}
	length, _, ok := strings.Cut(kept, ":")
	n, err := strconv.Atoi(length)
	if end := len(length) + 1 + n; ok && err == nil && n >= 0 && end <= len(kept) {
		return kept[:end], kept[end:], true
	}
	return "", "", false
}
