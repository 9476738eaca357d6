package run

import (
	"context"

	"github.com/redis/go-redis/v9"
	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/planner"
)

// byKeys reads documents by key. The last command checks that the catalog is
// still the one that the plan was made for.
func (j *task) byKeys(ctx context.Context, step *planner.KeysStep) error {
	v, err := step.Key(&j.Env)
	if err != nil {
		return fail.Value(err)
	}
	keys, ok := keyspace.Texts(v)
	if !ok {
		return fail.NullKey(step.KeyX)
	}
	cmds, docs := j.first.cmds, j.reader(step.Model, step.Cols)
	for _, k := range keys {
		cmds = append(cmds, docs.Cmd(ctx, j.db.Conn.Keys.Doc(step.Model, k)))
	}
	check, sent := j.checking(ctx, step.Model, cmds)
	read := len(sent)
	var keeping *kept
	switch {
	case step.Keeps != nil:
		if keeping, err = j.keeping(ctx, step.Model, step.Keeps, keys); err != nil {
			return err
		}
		sent = append(sent, keeping.cmd)
	case step.Refresh:
		for _, k := range keys {
			sent = j.refresh(ctx, sent, step.Model, k)
		}
	}
	j.first.cmds = sent
	j.first.finish = func() error {
		if err := j.current(check, step.Model); err != nil {
			return err
		}
		switch {
		case step.Keeps != nil:
			if err := keeping.done(ctx); err != nil {
				j.NotRefreshed(err)
			}
		case step.Refresh:
			j.refreshed(ctx, step.Model, sent[read:])
		}
		return j.found(step, docs, keys, cmds)
	}
	return nil
}

// found returns rows of the documents that were read by key.
func (j *task) found(step *planner.KeysStep, docs *document.Reader, keys []string, cmds []redis.Cmder) error {
	j.prof.read(cmds, 0)
	var found [][]any
	var gone []string
	for i, c := range cmds {
		vals, err := docs.Values(c)
		if err != nil {
			return conn.DocumentError(err, j.db.Conn.Keys.Doc(step.Model, keys[i]), step.KeyX)
		}
		if vals == nil {
			if !step.Skip {
				gone = append(gone, j.db.Conn.Keys.Doc(step.Model, keys[i]))
			}
			continue
		}
		row, err := document.Decode(j.db.Conn.Keys, step.Model, step.Cols, vals, keys[i], &j.Rows)
		if err != nil {
			return err
		}
		found = append(found, row)
	}
	if len(gone) > 0 {
		return fail.Missing(gone, step.KeyX)
	}
	if step.Exist {
		j.Rows.From(rows.One([]any{len(found) > 0}))
		return nil
	}
	j.Env.Query = true
	j.Rows.From(rows.Returned(j.p.Local, found, &j.Env, &j.Rows))
	return nil
}

// card answers COUNT from an index.
func (j *task) card(ctx context.Context, step *planner.CardStep) error {
	ranges, err := j.db.Binder.Ranges(step.Bound, &j.Env)
	if err != nil {
		return err
	}
	key := j.db.Conn.Keys.IDs(step.Model)
	if step.Scan.Index != nil {
		key = j.db.Conn.Keys.Index(step.Model, step.Scan.Index)
	}
	cmds := j.first.cmds
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i] == bind.Lowest && ranges[i+1] == bind.Highest {
			cmds = append(cmds, redis.NewIntCmd(ctx, "zcard", key))
		} else {
			cmds = append(cmds, redis.NewIntCmd(ctx, "zlexcount", key, ranges[i], ranges[i+1]))
		}
	}
	var check *redis.SliceCmd
	check, j.first.cmds = j.checking(ctx, step.Model, cmds)
	j.first.finish = func() error {
		if err := j.current(check, step.Model); err != nil {
			return err
		}
		n := int64(0)
		for _, c := range cmds {
			ic := c.(*redis.IntCmd)
			if ic.Err() != nil {
				return conn.DocumentError(ic.Err(), key, nil)
			}
			n += ic.Val()
		}
		j.Rows.From(rows.One([]any{n}))
		return nil
	}
	return nil
}
