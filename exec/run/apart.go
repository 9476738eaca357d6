package run

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// A script saves the position of its run in its own slot. So a statement of a migration that writes in buckets, or in several partitions,
// has a position in each, beside that of the run.

// apart gives a run that saves its position the guard of its part in the partition or bucket that it has entered. It reports whether an
// earlier run has done this part.
func (j *task) apart(ctx context.Context) (done bool, err error) {
	keys := j.db.Conn.Keys
	if _, bucket := keys.InBucket(); j.Guard == nil || !bucket && j.p.Over == nil {
		return false, nil
	}
	if err := j.settled(); err != nil {
		return false, err
	}
	if j.p.Over != nil && !j.p.Over.Model.Celled() {
		keys.Cell = ""
	}
	list, err := j.guards(ctx, []keyspace.Keys{keys})
	if err != nil || list[0] == nil {
		return err == nil, err
	}
	j.Guard = list[0]
	return false, nil
}

// guards returns the guards of the parts of a statement in partitions; nil for each that an earlier run has done.
func (j *task) guards(ctx context.Context, in []keyspace.Keys) ([]*script.Guard, error) {
	list := make([]*script.Guard, len(in))
	for i, k := range in {
		list[i] = j.Guard.In(k.Migrations(), k.Cell)
	}
	for at := 0; j.Guard.Begun && at < len(in); at += scatterTrip {
		part := list[at:min(at+scatterTrip, len(in))]
		cmds := make([]redis.Cmder, len(part))
		for i, g := range part {
			cmds[i] = redis.NewStringCmd(ctx, "hget", g.Key, g.Field)
		}
		if err := j.db.Conn.Wide().Pipeline(ctx, cmds); err != nil {
			return nil, err
		}
		for i, g := range part {
			if err := cmds[i].Err(); err != nil && err != redis.Nil {
				return nil, conn.ServerError(err, false, g.Key)
			}
			text := cmds[i].(*redis.StringCmd).Val()
			switch p, ok := script.ParsePlace(text); {
			case !ok:
				return nil, fail.BadValue(g.Key, g.Field, text)
			case p.Statement > g.Statement:
				part[i] = nil
			case p.Statement == g.Statement:
				g.Place = p
			}
		}
	}
	return list, nil
}

// guard gives the partitions of a run that saves its position their guards, and marks those in which an earlier run has done the statement.
func (s *scatter) guard() error {
	if s.j.Guard == nil {
		return nil
	}
	in := make([]keyspace.Keys, len(s.units))
	for i, u := range s.units {
		in[i] = u.place()
	}
	list, err := s.j.guards(s.ctx, in)
	for i, g := range list {
		s.units[i].guard, s.units[i].did = g, g == nil
	}
	return err
}

// settled refuses, in a run that saves its position, a new document whose bucket the next run would not find again.
func (j *task) settled() error {
	for i := range j.p.Pins {
		pin := &j.p.Pins[i]
		m := pin.Model
		if m == nil {
			continue
		}
		if (pin.X == nil || pin.Docs && j.bound.Key != nil) && volatile(m.Part.Default) {
			return unsettled(m, j.p.Stmt.Info().Sp)
		}
	}
	return nil
}

// settledDocs is settled for the documents of a CREATE or PUT in several partitions.
func (j *task) settledDocs(st *ir.Create, docs []bind.Given) error {
	if j.Guard == nil {
		return nil
	}
	f := st.Model.Part
	if volatile(f.Default) {
		for i := range docs {
			if !docs[i].Has(f) {
				return unsettled(st.Model, docs[i].Sp)
			}
		}
	}
	return nil
}

func volatile(x ir.Expr) bool { return x != nil && ir.Has(x, ir.IsVolatile) }

func unsettled(m *ir.Model, sp lang.Span) error {
	f := m.Part
	return fail.Errorf(lang.CodeNotAllowed, sp, "%s of this document of %s, which names its partition, would have another value in the run that goes on after this one was killed", f.Name, m.Name).
		WithHint("write a value for " + f.Name)
}
