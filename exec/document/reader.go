package document

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// Reader reads columns of a model's documents by one command each: HMGET,
// or of documents stored as JSON, JSON.GET of the whole. It is safe for goroutines.
type Reader struct {
	model   *ir.Model
	cols    []*ir.Column
	key     int            // where the key is among cols
	members *codec.Members // of documents stored as JSON
	words   []any          // of the HMGET, without the key
}

// NewReader makes a reader of some columns.
func NewReader(m *ir.Model, cols []*ir.Column) *Reader {
	r := &Reader{model: m, cols: cols}
	for i, c := range cols {
		if c.Slot == m.KeyColumn().Slot && c.Coll == nil {
			r.key = i
		}
	}
	if m.JSON {
		paths, forms := make([]string, len(cols)), make([]codec.Form, len(cols))
		for i, c := range cols {
			paths[i], forms[i] = c.Place(), codec.FormObject
			if !c.Presence {
				forms[i] = codec.FormOf(c.Stored())
			}
		}
		r.members = codec.NewMembers(paths, forms)
		return r
	}
	r.words = make([]any, len(cols)+2)
	r.words[0] = "hmget"
	for i, c := range cols {
		r.words[i+2] = c.Place()
	}
	return r
}

// Cmd is the command that reads the document of a key.
func (r *Reader) Cmd(ctx context.Context, key string) redis.Cmder {
	if r.members != nil {
		return redis.NewStringCmd(ctx, "json.get", key)
	}
	if r.model.Adopted { // it may lack any of them, and be there
		return redis.NewMapStringStringCmd(ctx, "hgetall", key)
	}
	args := slices.Clone(r.words)
	args[1] = key
	return redis.NewSliceCmd(ctx, args...)
}

// Replied are the values of a reply to the command that a script was given; see [Reader.Values].
func (r *Reader) Replied(v any) []any {
	switch v := v.(type) {
	case string:
		return r.texts(v)
	case []any:
		switch {
		case r.model.Adopted:
			fields := make(map[string]string, len(v)/2)
			for i := 0; i+1 < len(v); i += 2 {
				name, _ := v[i].(string)
				fields[name], _ = v[i+1].(string)
			}
			return r.named(fields)
		case v[r.key] != nil:
			return v
		}
	}
	return nil
}

// Values are the stored texts of the columns, nil where one is absent; no
// values where there is no document.
func (r *Reader) Values(c redis.Cmder) ([]any, error) {
	switch c := c.(type) {
	case *redis.SliceCmd:
		if err := c.Err(); err != nil || c.Val()[r.key] == nil {
			return nil, err
		}
		return c.Val(), nil
	case *redis.MapStringStringCmd:
		return r.named(c.Val()), c.Err()
	case *redis.StringCmd:
		if c.Err() == redis.Nil {
			return nil, nil
		}
		if c.Err() != nil {
			return nil, c.Err()
		}
		return r.texts(c.Val()), nil
	}
	return nil, nil
}

// named are the values of the columns among all fields of a hash; none where it is not there.
func (r *Reader) named(fields map[string]string) []any {
	if len(fields) == 0 {
		return nil
	}
	vals := make([]any, len(r.cols))
	for i, col := range r.cols {
		if text, ok := fields[col.Place()]; ok {
			vals[i] = text
		}
	}
	return vals
}

// texts reads the text of a document. What is no object has none of the columns.
func (r *Reader) texts(text string) []any {
	vals, err := r.members.Read(text)
	if err != nil {
		vals = make([]any, len(r.cols))
		vals[r.key] = codec.Misfit + text
	}
	return vals
}
