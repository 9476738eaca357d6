package verify

import (
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// collection is the key of a document's collection.
type collection struct {
	v     *verifier
	key   string
	id    string
	field *ir.Field
	first *redis.ScanCmd // the first page of members
}

// collections checks every key of the model's collections: that its field and document exist, that it has the right type, and
// that its values fit the field's type.
func (v *verifier) collections() error {
	prefix := v.c.Keys.Collections(v.m)
	for names := v.c.ScanKeys(keyspace.Escape(prefix) + "*"); !names.Done; {
		list, err := names.Page(v.ctx)
		if err != nil {
			return err
		}
		if err := v.keysOfCollections(list); err != nil {
			return err
		}
	}
	return nil
}

// keysOfCollections checks some keys of collections.
func (v *verifier) keysOfCollections(list []string) error {
	var some []*collection
	for _, key := range list {
		field, id, _ := strings.Cut(strings.TrimPrefix(key, v.c.Keys.Collections(v.m)), ":")
		f := v.collection(field)
		if f == nil {
			v.found(key, v.m.Name+" has no collection "+field, false)
			continue
		}
		some = append(some, &collection{v: v, key: key, id: id, field: f})
	}
	return v.collected(some)
}

// collection returns the collection field with a stored name, or nil.
func (v *verifier) collection(place string) *ir.Field {
	for _, f := range v.m.Collections() {
		if f.Place() == place {
			return f
		}
	}
	return nil
}

// collected checks some collections. It reads the first members of all of them in one round trip.
func (v *verifier) collected(list []*collection) error {
	if len(list) == 0 {
		return nil
	}
	cmds, subjects, there := make([]redis.Cmder, 0, 4*len(list)), []subject(nil), list[:0:0]
	for _, c := range list {
		scan, _ := c.scan()
		c.first = redis.NewScanCmd(v.ctx, nil, scan, c.key, 0, "count", 1000)
		cmds = append(cmds, c.first, redis.NewIntCmd(v.ctx, "exists", v.c.Keys.Doc(v.m, c.id)),
			redis.NewIntCmd(v.ctx, "pexpiretime", c.key), redis.NewIntCmd(v.ctx, "pexpiretime", v.c.Keys.Doc(v.m, c.id)))
	}
	if err := v.c.Pipeline(v.ctx, cmds); err != nil {
		return err
	}
	at := func(i int) int64 { return cmds[i].(*redis.IntCmd).Val() }
	for i, c := range list {
		if c.wrong(at(4*i+1), at(4*i+2), at(4*i+3), nil) != nil {
			subjects = append(subjects, c)
		}
		if c.first.Err() != nil {
			v.found(c.key, "the key holds another kind of value", false)
			continue
		}
		there = append(there, c)
	}
	if err := v.look(subjects); err != nil {
		return err
	}
	for _, c := range there {
		if err := c.members(); err != nil {
			return err
		}
	}
	return nil
}

func (c *collection) reads() ([][]any, []string) {
	r, doc := &reading{}, c.v.c.Keys.Doc(c.v.m, c.id)
	r.add("EXISTS", doc)
	r.add("PEXPIRETIME", c.key)
	r.add("PEXPIRETIME", doc)
	r.add("ZSCORE", c.v.c.Keys.Ends(c.v.m), c.id)
	return r.cmds, r.keys
}

func (c *collection) judge(got script.Reply, now int64) ([]wrong, bool) {
	score := got[3]
	if !due(score, now) {
		score = nil
	}
	return c.wrong(got.Int(0), got.Int(1), got.Int(2), score), false
}

// wrong compares the expiration of a collection with that of its document, which may be listed with a score. -1 means none, -2 that the key
// does not exist.
func (c *collection) wrong(document, own, end int64, score any) []wrong {
	switch {
	case own == -2:
	case !c.field.Ends() && own >= 0:
		return []wrong{{c.key, "the collection expires by itself, and its index does not", [][]any{{"PERSIST", c.key}}}}
	case document == 0 && own == -1 && score != nil: // a sweep removes it with its document
	case document == 0 && own == -1: // otherwise it expires by itself
		return []wrong{{c.key, "a collection without its document", [][]any{{"UNLINK", c.key}}}}
	case document == 0:
	case end == -1 && own >= 0:
		return []wrong{{c.key, "the collection expires, but its document does not", [][]any{{"PERSIST", c.key}}}}
	case end >= 0 && own < end && c.field.Ends():
		return []wrong{{c.key, "the collection does not expire with its document", [][]any{{"PEXPIREAT", c.key, strconv.FormatInt(end+lua.CollectionGrace, 10)}}}}
	}
	return nil
}

// scan returns the command that reads the members, and the number of texts that it returns per member.
func (c *collection) scan() (string, int) {
	if c.field.Type.Kind == lang.KPQueue {
		return "zscan", 2
	}
	return "sscan", 1
}

// members reads all members in steps, and reports the first that does not fit.
func (c *collection) members() error {
	list, cursor := c.first.Val()
	if cursor == 0 {
		c.fit(list)
		return nil
	}
	scan, _ := c.scan()
	for members := c.v.c.ScanIn(scan, c.key); !members.Done; {
		list, err := members.Page(c.v.ctx)
		if err != nil {
			return err
		}
		if !c.fit(list) {
			return nil
		}
	}
	return nil
}

// fit reports the first of some members that does not fit the type.
func (c *collection) fit(list []string) bool {
	_, step := c.scan()
	for i := 0; i < len(list); i += step {
		_, err := codec.Parse(list[i], *c.field.Type.Elem)
		if err == nil && step == 2 && i+1 < len(list) {
			_, err = codec.Parse(list[i+1], lang.TypeFloat)
		}
		if err != nil {
			c.v.found(c.key, "a member does not fit its type: "+lang.Quote(fail.Clip(list[i], 40)), false)
			return false
		}
	}
	return true
}
