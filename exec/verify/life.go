package verify

import (
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang/codec"
)

// lifeCmds are the commands that read the end of a document and what is entered of it. Of a model that is not known to
// have ends, only whether the document has one.
func (v *verifier) lifeCmds(id string) []redis.Cmder {
	end := redis.NewIntCmd(v.ctx, "pexpiretime", v.c.Keys.Doc(v.m, id))
	if !v.m.Expires {
		return []redis.Cmder{end}
	}
	return []redis.Cmder{end, redis.NewFloatCmd(v.ctx, "zscore", v.c.Keys.Ends(v.m), id), redis.NewStringCmd(v.ctx, "hget", v.c.Keys.Shadows(v.m), id)}
}

// lives reports that the replies to lifeCmds agree, for a document of a row.
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

// ended compares the end of a document that is there with what is entered of it.
func (v *verifier) ended(id string, row []any, got script.Reply) []wrong {
	key := v.c.Keys.Doc(v.m, id)
	end, score := got.Int(readEnd), got.Str(readScore)
	entered := got[readScore] != nil && !failed(got[readScore])
	at, _ := strconv.ParseFloat(score, 64)
	switch {
	case v.m.Foreign || failed(got[readScore]):
	case end <= 0 && entered:
		return []wrong{{key, "an end is entered, and the document has none", v.endless(id)}}
	case end <= 0:
	case !v.m.Expires:
		v.unmarked = true
		return []wrong{{key, "it has an end, and " + v.m.Name + " is not known to have any: COUNT counts it when it has ended", nil}}
	case !entered:
		return []wrong{{key, "its end is not entered", v.enterEnd(id, row, end)}}
	case at > float64(end):
		return []wrong{{key, "its end is entered later than it comes", v.enterEnd(id, row, end)}}
	case len(v.m.Shadow) > 0 && got.Str(readShadow) != v.shadow(row):
		return []wrong{{key, "what is kept for when it has ended is not what it holds", v.enterEnd(id, row, end)}}
	}
	return nil
}

// endless are the commands that take out what is entered of an end.
func (v *verifier) endless(id string) [][]any {
	return [][]any{{"ZREM", v.c.Keys.Ends(v.m), id}, {"HDEL", v.c.Keys.Shadows(v.m), id}}
}

// forgotten are the commands that take out what is kept of a document that is gone, one of whose entries is taken
// out: who makes the document anew takes the entries of its shadow for there, and where there is no shadow, no end for entered.
func (v *verifier) forgotten(id string) [][]any {
	if !v.m.Expires || len(v.m.Shadow) == 0 {
		return nil
	}
	return v.endless(id)
}

// enterEnd are the commands that enter an end.
func (v *verifier) enterEnd(id string, row []any, end int64) [][]any {
	cmds := [][]any{{"ZADD", v.c.Keys.Ends(v.m), strconv.FormatInt(end, 10), id}}
	if len(v.m.Shadow) > 0 {
		cmds = append(cmds, []any{"HSET", v.c.Keys.Shadows(v.m), id, v.shadow(row)})
	}
	return cmds
}

// shadow is what is kept beside a document with an end.
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
