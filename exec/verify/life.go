package verify

import (
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/lang/codec"
)

// gone says which of the documents that were read are missing because their
// time has come: what is left of them is cleared away by the next writes.
func (v *verifier) gone(ids []string, cmds []redis.Cmder, docs *document.Reader) ([]bool, error) {
	out := make([]bool, len(ids))
	if !v.m.Expires {
		return out, nil
	}
	now := redis.NewTimeCmd(v.ctx, "time")
	ask, of := []redis.Cmder{now}, []int(nil)
	for i, c := range cmds {
		if vals, err := docs.Values(c); vals == nil && err == nil {
			ask, of = append(ask, redis.NewFloatCmd(v.ctx, "zscore", v.c.Keys.Ends(v.m), ids[i])), append(of, i)
		}
	}
	if len(of) == 0 {
		return out, nil
	}
	if err := v.c.Pipeline(v.ctx, ask); err != nil {
		return nil, err
	}
	for j, i := range of {
		due := ask[j+1].(*redis.FloatCmd)
		out[i] = due.Err() == nil && due.Val() <= float64(now.Val().UnixMilli())
	}
	return out, nil
}

// ends asks that the end of each document is entered, and what is kept beside it.
func (v *verifier) ends(ids []string, docs [][]any) error {
	if !v.m.Expires {
		return nil
	}
	var ask []redis.Cmder
	for i, row := range docs {
		if row != nil {
			ask = append(ask, redis.NewIntCmd(v.ctx, "pexpiretime", v.c.Keys.Doc(v.m, ids[i])),
				redis.NewFloatCmd(v.ctx, "zscore", v.c.Keys.Ends(v.m), ids[i]), redis.NewStringCmd(v.ctx, "hget", v.c.Keys.Shadows(v.m), ids[i]))
		}
	}
	if len(ask) == 0 {
		return nil
	}
	if err := v.c.Pipeline(v.ctx, ask); err != nil {
		return err
	}
	for i, row := range docs {
		if row == nil {
			continue
		}
		v.end(v.c.Keys.Doc(v.m, ids[i]), row, ask[0].(*redis.IntCmd).Val(), ask[1].(*redis.FloatCmd), ask[2].(*redis.StringCmd))
		ask = ask[3:]
	}
	return nil
}

// end compares the end of a document with what is entered of it.
func (v *verifier) end(key string, row []any, end int64, score *redis.FloatCmd, kept *redis.StringCmd) {
	switch {
	case end == -2: // it has ended meanwhile
	case end == -1 && score.Err() == nil:
		v.problem(key, "an end is entered, and the document has none")
	case end == -1:
	case score.Err() != nil:
		v.problem(key, "its end is not entered")
	case score.Val() > float64(end):
		v.problem(key, "its end is entered later than it comes")
	case len(v.m.Shadow) > 0 && kept.Val() != v.shadow(row):
		v.problem(key, "what is kept for when it has ended is not what it holds")
	}
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
