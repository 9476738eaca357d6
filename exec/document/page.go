package document

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/keyspace"
)

// Page is room for the commands that read some documents, used by one round trip after the other: by the next one only when all
// that the one before it read was taken.
type Page struct {
	Texts, IDs []string // entries of an index that the round trip read, and the keys in them

	cmds  []redis.Cmder
	names []string
	words []any
	made  []redis.RawCmd
}

// Empty forgets the commands.
func (p *Page) Empty() {
	clear(p.Texts[:cap(p.Texts)])
	clear(p.IDs[:cap(p.IDs)])
	clear(p.cmds[:cap(p.cmds)])
	clear(p.names[:cap(p.names)])
	clear(p.words[:cap(p.words)])
	clear(p.made[:cap(p.made)])
}

// Few reports whether the room is small enough to be kept by each of many readers.
func (p *Page) Few() bool { return cap(p.words) <= 64 }

// sized returns room for n values, which may hold others.
func sized[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	*s = (*s)[:n]
	return *s
}

// Pages are the commands that read documents, in a room, and have place for two more.
func (r *Reader) Pages(ctx context.Context, room *Page, keys keyspace.Keys, ids []string) []redis.Cmder {
	names := keys.AppendNames(sized(&room.names, len(ids))[:0], r.model, ids)
	return r.Cmds(ctx, room, sized(&room.cmds, len(ids)+2)[:0], names)
}

// keysOfExists is how many keys an EXISTS has at most.
const keysOfExists = 1000

// Exists are the commands that count which documents there are, in a room, and have place for four more.
func (r *Reader) Exists(ctx context.Context, room *Page, keys keyspace.Keys, ids []string) []redis.Cmder {
	names := keys.AppendNames(sized(&room.names, len(ids))[:0], r.model, ids)
	cmds := sized(&room.cmds, (len(ids)+keysOfExists-1)/keysOfExists+4)[:0]
	for list := range slices.Chunk(names, keysOfExists) {
		words := make([]any, 1, len(list)+1)
		words[0] = "exists"
		for i := range list {
			if r.raw {
				words = append(words, &list[i])
			} else {
				words = append(words, list[i])
			}
		}
		cmds = append(cmds, redis.NewIntCmd(ctx, words...))
	}
	return cmds
}

// Cmds appends the commands that read the documents of names, which they refer to.
func (r *Reader) Cmds(ctx context.Context, room *Page, cmds []redis.Cmder, names []string) []redis.Cmder {
	if !r.raw {
		for _, name := range names {
			cmds = append(cmds, r.Cmd(ctx, name))
		}
		return cmds
	}
	n := len(r.words)
	words, made := sized(&room.words, n*len(names)), sized(&room.made, len(names))
	for i := range names {
		r.Raw1(ctx, &made[i], words[i*n:(i+1)*n:(i+1)*n], &names[i])
		cmds = append(cmds, &made[i])
	}
	return cmds
}

// Words returns how many words a command has whose reply is read raw; 0 if none is.
func (r *Reader) Words() int {
	if !r.raw {
		return 0
	}
	return len(r.words)
}

// Raw1 makes a command that reads the document of a name, which it refers to, of so many words as there are.
func (r *Reader) Raw1(ctx context.Context, cmd *redis.RawCmd, words []any, name *string) {
	copy(words, r.words)
	words[1] = name
	*cmd = *redis.NewRawCmd(ctx, words...)
}

// List returns a command whose reply is a list of texts, which [Reader.Listed] reads.
func (r *Reader) List(ctx context.Context, words ...any) redis.Cmder {
	if r.raw {
		return redis.NewRawCmd(ctx, words...)
	}
	return redis.NewStringSliceCmd(ctx, words...)
}

// Listed appends the texts of a list to others. They share memory.
func (r *Reader) Listed(c redis.Cmder, texts []string) ([]string, error) {
	switch c := c.(type) {
	case *redis.StringSliceCmd:
		return append(texts, c.Val()...), c.Err()
	case *redis.RawCmd:
		if c.Err() != nil {
			return texts, c.Err()
		}
		return listed(c.Val(), texts)
	}
	return texts, nil
}

func listed(reply []byte, texts []string) ([]string, error) {
	n, at := header(reply, 0, '*')
	if n < 0 {
		return texts, noReply("ZRANGEBYLEX with a list of entries")
	}
	all := string(reply)
	texts = slices.Grow(texts, min(n, len(reply)))
	for range n {
		size, from, err := item(reply, at)
		if err != nil || size < 0 {
			return texts, noReply("ZRANGEBYLEX with a list of entries")
		}
		texts, at = append(texts, all[from:from+size]), from+size+2
	}
	return texts, nil
}
