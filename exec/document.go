package exec

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// docReader reads columns of a model's documents by one command each: HMGET,
// or of documents stored as JSON, JSON.GET of the whole.
type docReader struct {
	model   *ir.Model
	cols    []*ir.Column
	key     int            // where the key is among cols
	members *codec.Members // of documents stored as JSON
}

func newDocReader(m *ir.Model, cols []*ir.Column) *docReader {
	r := &docReader{model: m, cols: cols}
	for i, c := range cols {
		if c.Slot == m.KeyColumn().Slot && c.Coll == nil {
			r.key = i
		}
	}
	if m.JSON {
		paths, forms := make([]string, len(cols)), make([]codec.Form, len(cols))
		for i, c := range cols {
			paths[i], forms[i] = c.Name, codec.FormObject
			if !c.Presence {
				forms[i] = codec.FormOf(c.Stored())
			}
		}
		r.members = codec.NewMembers(paths, forms)
	}
	return r
}

// cmd is the command that reads the document of a key.
func (r *docReader) cmd(ctx context.Context, key string) redis.Cmder {
	if r.members != nil {
		return redis.NewStringCmd(ctx, "json.get", key)
	}
	if r.model.Adopted { // it may lack any of them, and be there
		return redis.NewMapStringStringCmd(ctx, "hgetall", key)
	}
	args := make([]any, len(r.cols)+2)
	args[0], args[1] = "hmget", key
	for i, c := range r.cols {
		args[i+2] = c.Name
	}
	return redis.NewSliceCmd(ctx, args...)
}

// values are the stored texts of the columns, nil where one is absent; no
// values where there is no document.
func (r *docReader) values(c redis.Cmder) ([]any, error) {
	switch c := c.(type) {
	case *redis.SliceCmd:
		if err := c.Err(); err != nil || c.Val()[r.key] == nil {
			return nil, err
		}
		return c.Val(), nil
	case *redis.MapStringStringCmd:
		if c.Err() != nil || len(c.Val()) == 0 {
			return nil, c.Err()
		}
		vals := make([]any, len(r.cols))
		for i, col := range r.cols {
			if text, ok := c.Val()[col.Name]; ok {
				vals[i] = text
			}
		}
		return vals, nil
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

// texts reads the text of a document. What is no object has none of the columns.
func (r *docReader) texts(text string) []any {
	vals, err := r.members.Read(text)
	if err != nil {
		vals = make([]any, len(r.cols))
		vals[r.key] = codec.Misfit + text
	}
	return vals
}

// docText is the text of a document stored as JSON; row holds its columns by slot.
func docText(m *ir.Model, row []any) (string, error) {
	b, err := appendObject(nil, m, m.Stored(), "", row)
	return string(b), err
}

func appendObject(dst []byte, m *ir.Model, fields []*ir.Field, prefix string, row []any) ([]byte, error) {
	dst = append(dst, '{')
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), f.Name...), '"', ':')
		c := m.Column(prefix + f.Name)
		var err error
		switch {
		case f.Type.Kind == lang.KEmbedded && f.Emb != nil && c != nil && row[c.Slot] == nil:
			dst = append(dst, "null"...)
		case f.Type.Kind == lang.KEmbedded && f.Emb != nil:
			dst, err = appendObject(dst, m, f.Emb.Stored(), prefix+f.Name+".", row)
		case row[c.Slot] == nil && c.EmptyNull():
			dst = append(dst, `""`...)
		case row[c.Slot] == nil:
			dst = append(dst, "null"...)
		default:
			dst, err = codec.AppendNatural(dst, row[c.Slot], c.Stored().NotNull())
		}
		if err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// build plans a statement, unless the server lacks what its models need.
func build(st ir.Stmt, prog *ir.Program, caps planner.Caps) (*planner.Plan, error) {
	if err := needs(caps, st.Info().Uses, st.Info().Sp); err != nil {
		return nil, err
	}
	p, err := planner.Build(st, prog, caps)
	var n *planner.NeedsError
	if errors.As(err, &n) {
		return nil, fail.Errorf(lang.CodeNeeds, n.Span, "%s", n.Message).WithHint(n.Hint)
	}
	return p, err
}

// needs refuses models that the server cannot hold the documents of.
func needs(caps planner.Caps, uses []*ir.Model, sp lang.Span) error {
	for _, m := range uses {
		if m.JSON && !caps.JSON {
			return fail.Errorf(lang.CodeNeeds, sp, "%s is STORED AS JSON, which this server cannot: it lacks JSON.SET", m.Name).
				WithHint("Redis 8 has it, Redis Stack, a server with the module RedisJSON, and mem://; STORED AS HASH works on every server")
		}
	}
	return nil
}

// planError is the error of a plan: what the server lacks for it, or a mistake of this library.
func planError(err error, stmt int) error {
	if e, ok := fail.As(err); ok {
		return e
	}
	return &fail.Error{Code: lang.CodeServer, Message: err.Error(), Statement: stmt, Cause: err}
}
