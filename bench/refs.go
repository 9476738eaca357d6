package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
)

// refModels are a parent whose children go with it, and authors whose posts are found by a backlink.
const refModels = `
MODEL Parent { id string KEY };
MODEL Child { id string KEY, parent ref<Parent> INDEX ON DELETE CASCADE, n int };
MODEL Author { id int KEY, name string, posts refs<Post.author> };
MODEL Post { id int KEY, author ref<Author>, date int, text string, INDEX (author, date) }`

const (
	// children are those of a parent that is deleted.
	children = 1000
	// authors have postsEach posts each, of which the latest are read.
	authors, postsEach, latest = 100, 20, 10
)

// childScript writes a child, if its parent is there. KEYS: child, parent, ids, index. ARGV: id, id of the parent, n.
var childScript = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return redis.error_reply('EXISTS') end
if redis.call('EXISTS', KEYS[2]) == 0 then return redis.error_reply('NO PARENT') end
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'parent', ARGV[2], 'n', ARGV[3])
redis.call('ZADD', KEYS[3], 0, ARGV[1])
redis.call('ZADD', KEYS[4], 0, ARGV[2] .. '\0' .. ARGV[1])
return 1`)

// refFigures are those of refs. Their documents are written by loadRefs.
func (b *bench) refFigures() []*lifeFigure {
	hn, rn := 0, 0

	return []*lifeFigure{
		{name: "CREATE with an ON DELETE ref / a script", target: 1.5,
			hand: func(ctx context.Context) error {
				hn++
				id := strconv.Itoa(hn)
				return childScript.Run(ctx, b.hand, []string{handKey("Child", id), handKey("Parent", "p"), handSpace + "ids:Child", handSpace + "ix:Child:parent"}, id, "p", hn).Err()
			},
			rql: func(ctx context.Context) error {
				rn++
				r, err := b.db.Exec(ctx, `CREATE Child { id: $id, parent: 'p', n: $n }`, rql.Args{"id": strconv.Itoa(rn), "n": rn})
				return rows(r, err, 1)
			}},
		{name: "CASCADE of 1,000 children / DEL and ZREM", target: 2, times: 1, before: b.family,
			hand: b.deleteFamily,
			rql: func(ctx context.Context) error {
				_, err := b.db.Exec(ctx, `DELETE Parent 'f'`)
				return err
			}},
		{name: "count() of the posts of 100 authors / ZLEXCOUNT", target: 5, times: 20,
			hand: func(ctx context.Context) error {
				p := b.hand.Pipeline()
				for a := range authors {
					p.ZLexCount(ctx, handSpace+"ix:Post", between(a)[0], between(a)[1])
				}
				_, err := p.Exec(ctx)
				return err
			},
			rql: func(ctx context.Context) error {
				r, err := b.db.Exec(ctx, `FIND Author RETURN id, count(posts) AS n`)
				return rows(r, err, authors)
			}},
		{name: "FETCH of 10 posts of 100 authors / two pipelines", target: 5, times: 20,
			hand: b.latestPosts,
			rql: func(ctx context.Context) error {
				r, err := b.db.Exec(ctx, `FIND Author FETCH posts (RETURN date, text ORDER BY date DESC LIMIT 10)`)
				return rows(r, err, authors)
			}},
	}
}

// between are the bounds of the entries of an author.
func between(author int) [2]string {
	a := fmt.Sprintf("%04d", author)
	return [2]string{"[" + a + "\x00", "(" + a + "\x01"}
}

// latestPosts reads the latest posts of each author by hand: where they stand, then what they are.
func (b *bench) latestPosts(ctx context.Context) error {
	p := b.hand.Pipeline()
	lists := make([]*redis.StringSliceCmd, authors)
	for a := range lists {
		lists[a] = p.ZRevRangeByLex(ctx, handSpace+"ix:Post", &redis.ZRangeBy{Min: between(a)[0], Max: between(a)[1], Count: latest})
	}
	if _, err := p.Exec(ctx); err != nil {
		return fmt.Errorf("look for posts: %w", err)
	}
	q, n := b.hand.Pipeline(), 0
	for _, l := range lists {
		for _, m := range l.Val() {
			n++
			q.HMGet(ctx, handKey("Post", m[10:]), "date", "text")
		}
	}
	if n != authors*latest {
		return fmt.Errorf("%d posts instead of %d", n, authors*latest)
	}
	_, err := q.Exec(ctx)
	return err
}

// loadRefs writes the documents that are read, both ways.
func (b *bench) loadRefs(ctx context.Context) error {
	if _, err := b.db.Exec(ctx, refModels+`; CREATE Parent { id: 'p' }`); err != nil {
		return err
	}
	p := b.hand.Pipeline()
	p.HSet(ctx, handKey("Parent", "p"), "id", "p")
	var writers, posts []any
	for a := range authors {
		writers = append(writers, map[string]any{"id": a, "name": "n" + strconv.Itoa(a)})
		for i := range postsEach {
			id, date := a*postsEach+i, i*7%postsEach
			posts = append(posts, map[string]any{"id": id, "author": a, "date": date, "text": "text of a post"})
			p.HSet(ctx, handKey("Post", strconv.Itoa(id)), "id", id, "author", a, "date", date, "text", "text of a post")
			p.ZAdd(ctx, handSpace+"ix:Post", redis.Z{Member: fmt.Sprintf("%04d\x00%04d\x00%d", a, date, id)})
		}
	}
	if _, err := p.Exec(ctx); err != nil {
		return fmt.Errorf("load posts by hand: %w", err)
	}
	_, err := b.db.Exec(ctx, `CREATE Author $authors; CREATE Post $posts`, rql.Args{"authors": writers, "posts": posts})
	return err
}

// family writes a parent and its children, both ways, where they are not there.
func (b *bench) family(ctx context.Context) error {
	p := b.hand.Pipeline()
	p.HSet(ctx, handKey("Parent", "f"), "id", "f")
	p.ZAdd(ctx, handSpace+"ids:Parent", redis.Z{Member: "f"})
	list := make([]any, children)
	for i := range list {
		id := "f" + strconv.Itoa(i)
		list[i] = map[string]any{"id": id, "parent": "f", "n": i}
		p.HSet(ctx, handKey("Child", id), "id", id, "parent", "f", "n", i)
		p.ZAdd(ctx, handSpace+"ids:Child", redis.Z{Member: id})
		p.ZAdd(ctx, handSpace+"ix:Child:parent", redis.Z{Member: "f\x00" + id})
	}
	if _, err := p.Exec(ctx); err != nil {
		return fmt.Errorf("write children by hand: %w", err)
	}
	_, err := b.db.Exec(ctx, `PUT Parent { id: 'f' }; PUT Child $list`, rql.Args{"list": list})
	return err
}

// deleteFamily deletes them by hand.
func (b *bench) deleteFamily(ctx context.Context) error {
	keys := []string{handKey("Parent", "f")}
	ids, entries := make([]any, children), make([]any, children)
	for i := range ids {
		id := "f" + strconv.Itoa(i)
		keys, ids[i], entries[i] = append(keys, handKey("Child", id)), id, "f\x00"+id
	}
	p := b.hand.TxPipeline()
	p.Del(ctx, keys...)
	p.ZRem(ctx, handSpace+"ids:Parent", "f")
	p.ZRem(ctx, handSpace+"ids:Child", ids...)
	p.ZRem(ctx, handSpace+"ix:Child:parent", entries...)
	_, err := p.Exec(ctx)
	return err
}
