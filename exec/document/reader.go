package document

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// Reader reads columns of a model's documents, each document with one command: HMGET or, for documents stored as JSON, JSON.GET
// of the whole document. It is safe for concurrent use.
type Reader struct {
	model   *ir.Model
	cols    []*ir.Column
	key     int            // index of the key in cols
	members *codec.Members // for documents stored as JSON
	words   []any          // of the HMGET, without the key
	raw     bool           // its reply is read raw
}

// NewReader returns a reader of some columns.
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

// Cmd returns the command that reads the document with a key.
func (r *Reader) Cmd(ctx context.Context, key string) redis.Cmder {
	if r.members != nil {
		return redis.NewStringCmd(ctx, "json.get", key)
	}
	if r.model.Adopted { // a document may exist without any of them
		return redis.NewMapStringStringCmd(ctx, "hgetall", key)
	}
	args := slices.Clone(r.words)
	args[1] = key
	if r.raw {
		return redis.NewRawCmd(ctx, args...)
	}
	return redis.NewSliceCmd(ctx, args...)
}

// Raw makes a reader of replies that are read raw, which [Reader.Take] does; it is for a connection that is RQL's own.
func (r *Reader) Raw() *Reader {
	r.raw = r.words != nil && !r.model.Adopted
	return r
}

// Replied returns the values in a reply that a script received; see [Reader.Values].
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

// Values returns the stored texts of the columns, with nil for one that is absent. It returns no values if the document does not
// exist.
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

// named returns the values of the columns from all fields of a hash; none if it does not exist.
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

// texts parses the text of a document. A value that is not an object has none of the columns.
func (r *Reader) texts(text string) []any {
	vals, err := r.members.Read(text)
	if err != nil {
		vals = make([]any, len(r.cols))
		vals[r.key] = codec.Misfit + text
	}
	return vals
}
