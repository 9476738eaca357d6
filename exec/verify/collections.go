package verify

import (
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// collections looks at every key of the model's collections: that it has a
// field and a document, is of the right kind, and holds values of the field's type.
func (v *verifier) collections() error {
	prefix := v.c.Keys.Collections(v.m)
	names := v.c.ScanKeys(keyspace.Escape(prefix) + "*")
	for !names.Done {
		list, err := names.Page(v.ctx)
		if err != nil {
			return err
		}
		for _, key := range list {
			if err := v.collection(key, strings.TrimPrefix(key, prefix)); err != nil {
				return err
			}
		}
	}
	return nil
}

// collection looks at one key, whose name ends in field:id.
func (v *verifier) collection(key, name string) error {
	field, id, _ := strings.Cut(name, ":")
	f := v.m.Field(field)
	if f == nil || !f.Collection() {
		v.problem(key, v.m.Name+" has no collection "+field)
		return nil
	}
	there := redis.NewIntCmd(v.ctx, "exists", v.c.Keys.Doc(v.m, id))
	kind := redis.NewStatusCmd(v.ctx, "type", key)
	end := redis.NewIntCmd(v.ctx, "pttl", key)
	if err := v.c.Pipeline(v.ctx, []redis.Cmder{there, kind, end}); err != nil {
		return err
	}
	if there.Val() == 0 && end.Val() == -1 { // else it ends by itself
		v.problem(key, "a collection without its document")
	}
	want := map[lang.Kind]string{lang.KSet: "set", lang.KPQueue: "zset"}[f.Type.Kind]
	if got := kind.Val(); got != want && got != "none" {
		v.problem(key, "the key holds another kind of value")
		return nil
	}
	return v.elements(key, f)
}

// elements reads all members in steps; the first that does not fit is reported.
func (v *verifier) elements(key string, f *ir.Field) error {
	scan, step := "sscan", 1
	if f.Type.Kind == lang.KPQueue {
		scan, step = "zscan", 2
	}
	for members := v.c.ScanIn(scan, key); !members.Done; {
		list, err := members.Page(v.ctx)
		if err != nil {
			return err
		}
		for i := 0; i < len(list); i += step {
			_, err := codec.Parse(list[i], *f.Type.Elem)
			if err == nil && step == 2 && i+1 < len(list) {
				_, err = codec.Parse(list[i+1], lang.TypeFloat)
			}
			if err != nil {
				v.problem(key, "a member does not fit its type: "+lang.Quote(fail.Clip(list[i], 40)))
				return nil
			}
		}
	}
	return nil
}
