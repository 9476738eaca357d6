package verify

import (
	"context"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang/ir"
)

// Lost says which structures of a model do not exist although there are documents: the set of their keys, and indexes.
func Lost(ctx context.Context, c *conn.Conn, m *ir.Model) (list bool, indexes []*ir.Index, err error) {
	if m.Foreign {
		return false, nil, nil
	}
	v := &verifier{c: c, ctx: ctx, m: m, docs: document.NewReader(m, m.Columns)}
	s := &sizes{v: v}
	if err := v.look([]subject{s}); err != nil {
		return false, nil, err
	}
	if s.listed == 0 && !m.Unlisted {
		if list, err = v.unlistedAll(); err != nil {
			return false, nil, err
		}
	}
	if s.listed > 0 || list {
		indexes = s.empty
	}
	return list, indexes, nil
}

// unlistedAll reports whether no document is listed although there are some.
func (v *verifier) unlistedAll() (bool, error) {
	for names := document.NewNames(v.c, v.m); !names.Done; {
		ids, err := names.Next(v.ctx)
		if err != nil {
			return false, err
		}
		for _, id := range ids {
			s := &sizes{v: v, id: id}
			if err := v.look([]subject{s}); err != nil {
				return false, err
			}
			if s.listed > 0 || s.there {
				return s.listed == 0, nil
			}
		}
	}
	return false, nil
}

// sizes are the numbers of entries of a model, and whether the document of a key exists.
type sizes struct {
	v      *verifier
	id     string // "" for none
	listed int64
	empty  []*ir.Index
	there  bool
}

func (s *sizes) reads() ([][]any, []string) {
	r := &reading{}
	r.add("ZCARD", s.v.c.Keys.IDs(s.v.m))
	for _, ix := range s.v.m.Indexes {
		r.add("ZCARD", s.v.c.Keys.Index(s.v.m, ix))
	}
	if s.id != "" {
		s.v.doc(r, s.id)
	}
	return r.cmds, r.keys
}

func (s *sizes) judge(got script.Reply, _ int64) ([]wrong, bool) {
	s.listed, s.empty = got.Int(0), nil
	for i, ix := range s.v.m.Indexes {
		if got[i+1] == int64(0) && !ix.Building {
			s.empty = append(s.empty, ix)
		}
	}
	if s.id != "" {
		_, s.there = s.v.row(s.id, got[len(got)-1])
	}
	return nil, false
}
