package run

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// keysRead is a read of documents by key. It is part of the job, so that it is made with it.
type keysRead struct {
	keysRun
	// What the next run uses again: rooms, and its methods as functions, which are made once.
	own      document.Row
	room     document.Page
	finished func() error
	given    rows.Cells
}

// keysRun is the state of one run.
type keysRun struct {
	j       *task
	ctx     context.Context
	step    *planner.KeysStep
	reader  *document.Reader
	keys    []string
	names   []string // of the documents
	cmds    []redis.Cmder
	check   *redis.StringSliceCmd
	raising []redis.Cmder // commands that raise ends
	keeping *kept
	row     *document.Row // own, or that of all jobs of the round trip
	at      int           // of the document that is given next
	one     [2]string     // room for a single key and name
}

// reset makes it a read that did not run. It keeps what the next one uses again, in which nothing is left.
func (k *keysRead) reset() {
	k.keysRun = keysRun{}
	k.own.Empty()
	if k.room.Few() {
		k.room.Empty()
	} else {
		k.room = document.Page{}
	}
}

// start prepares the round trip. The last command tells whether the catalog is
// still the one that the plan was made for.
func (k *keysRead) start(j *task, ctx context.Context, step *planner.KeysStep) error {
	k.j, k.ctx, k.step, k.at, k.row = j, ctx, step, 0, &k.own
	if j.shared != nil {
		k.row = &j.shared.row
		k.row.Many = true
	}
	v, err := step.Key(&j.Env)
	if err != nil {
		return fail.Value(err)
	}
	if t, ok := ir.KeyText(v); ok {
		if k.one[0] = t; j.shared != nil {
			k.one[1] = j.shared.doc(j.db.Conn.Keys, step.Model, t)
		} else {
			k.one[1] = j.db.Conn.Keys.Doc(step.Model, t)
		}
		k.keys, k.names = k.one[:1], k.one[1:]
	} else {
		if k.keys, ok = keyspace.Texts(v); !ok {
			return fail.NullKey(step.KeyX)
		}
		k.names = j.db.Conn.Keys.Named(step.Model, k.keys)
	}
	k.reader = j.reader(step.Model, step.Cols)
	k.cmds = k.reader.Cmds(ctx, &k.room, j.first.cmds, k.names)
	check, sent := j.checking(ctx, step.Model, k.cmds)
	k.check = check
	read := len(sent)
	switch {
	case step.Keeps != nil:
		if k.keeping, err = j.keeping(ctx, j.db, step.Model, step.Keeps, k.keys); err != nil {
			return err
		}
		sent = append(sent, k.keeping.cmd)
	case step.Refresh:
		for _, id := range k.keys {
			sent = j.db.refresh(ctx, sent, step.Model, id)
		}
		k.raising = sent[read:]
	}
	if k.finished == nil {
		k.finished, k.given = k.finish, k.next
	}
	j.first.cmds, j.first.finish = sent, k.finished
	return nil
}

// finish reads the replies.
func (k *keysRead) finish() error {
	j, step := k.j, k.step
	if err := j.current(k.check, step.Model); err != nil {
		return err
	}
	switch {
	case step.Keeps != nil:
		if err := k.keeping.done(k.ctx, k.keeping.cmd.Err()); err != nil {
			j.NotRefreshed(err)
		}
	case step.Refresh:
		j.refreshed(k.ctx, step.Model, k.raising)
	}
	found, err := k.found()
	if err != nil {
		return err
	}
	if step.Exist {
		j.Rows.From(rows.One([]any{found > 0}))
		return nil
	}
	j.Env.Query = true
	if j.unit == nil && rows.Unboxed(j.p.Local) {
		j.Rows.FromCells(k.given, j.p.Local)
		return nil
	}
	docs := make([][]any, 0, found)
	for {
		cells, err := k.next()
		if err != nil {
			return err
		}
		if cells == nil {
			break
		}
		docs = append(docs, k.row.Values())
	}
	j.returned(docs)
	return nil
}

// found counts the documents. One that is not there may be an error.
func (k *keysRead) found() (n int, err error) {
	var gone []string
	for i, c := range k.cmds {
		switch there, err := k.reader.There(c); {
		case err != nil:
			return 0, conn.DocumentError(err, k.names[i], k.step.KeyX)
		case there:
			if n++; k.step.Exist {
				if _, err := k.reader.Take(c, k.row); err != nil {
					return 0, err
				}
				k.j.prof.took(k.row)
			}
		case !k.step.Skip:
			gone = append(gone, k.names[i])
		}
	}
	if len(gone) > 0 {
		return 0, fail.Missing(gone, k.step.KeyX)
	}
	return n, nil
}

// next gives the next document; no cells behind the last one.
func (k *keysRead) next() ([]codec.Cell, error) {
	for k.at < len(k.cmds) {
		i := k.at
		k.at++
		there, err := k.reader.Take(k.cmds[i], k.row)
		if err != nil {
			return nil, conn.DocumentError(err, k.names[i], k.step.KeyX)
		}
		if !there {
			continue
		}
		k.j.prof.took(k.row)
		return k.row.Cells, k.reader.Decode(k.j.db.Conn.Keys, k.keys[i], k.row, &k.j.Rows)
	}
	return nil, nil
}

// card answers COUNT from an index.
func (j *task) card(ctx context.Context, step *planner.CardStep) error {
	ranges, err := j.db.Binder.Ranges(step.Bound, &j.Env)
	if err != nil {
		return err
	}
	key := j.db.scanned(step.Scan)
	cmds := counts(ctx, j.first.cmds, key, ranges)
	var check *redis.StringSliceCmd
	check, j.first.cmds = j.checking(ctx, step.Model, cmds)
	j.first.finish = func() error {
		if err := j.current(check, step.Model); err != nil {
			return err
		}
		n, err := summed(cmds, key)
		if err != nil {
			return err
		}
		return j.number(n)
	}
	return nil
}

// number makes the number of documents the result, or what it is the only group for.
func (j *task) number(n int64) error {
	row := rows.One([]any{n})
	if l := j.p.Local; l != nil && j.unit == nil {
		bd, err := rows.BoundsOf(l, &j.Env)
		if err != nil {
			return err
		}
		j.Env.Query = true
		row = rows.Finish(l, row, &j.Env, bd, 0, &j.Rows)
	}
	j.Rows.From(row)
	return nil
}
