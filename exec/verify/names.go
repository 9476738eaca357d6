package verify

import (
	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// named looks at every document of a model that other programs write, and at what else has such a name.
func (v *verifier) named() error {
	n := document.NewNames(v.c, v.m)
	n.Other = v.problem
	for !n.Done {
		ids, err := n.Next(v.ctx)
		for err == nil && len(ids) > 0 {
			some := ids[:min(len(ids), verifyBatch)]
			ids = ids[len(some):]
			_, err = v.read(some, true)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// strays looks for keys under the model's prefix that are not listed.
func (v *verifier) strays() error {
	names := v.c.ScanKeys(v.c.Keys.Pattern(v.m))
	for !names.Done {
		list, err := names.Page(v.ctx)
		if err != nil {
			return err
		}
		for _, k := range list {
			t := v.c.Keys.IDOf(v.m, k)
			m := t
			if kind := v.m.Key.Type.Kind; kind == lang.KInt || kind == lang.KInt64 {
				id, err := codec.Parse(t, v.m.Key.Type)
				if err != nil {
					v.problem(k, "the key is no "+v.m.Key.Type.String())
					continue
				}
				if m, err = codec.KeyMember(id, v.m.Key.Type); err != nil {
					continue
				}
			}
			switch err := v.c.Process(v.ctx, redis.NewFloatCmd(v.ctx, "zscore", v.c.Keys.IDs(v.m), m)); {
			case err == redis.Nil:
				v.problem(k, "not listed: FIND does not see it")
			case err != nil && conn.IsConnection(err):
				return conn.ServerError(err, false, "")
			}
		}
	}
	return nil
}
