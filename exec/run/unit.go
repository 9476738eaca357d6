package run

import (
	"context"
	"slices"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// wideScatter is the number of partitions above which a statement over them is warned of.
const wideScatter = 10_000

// unit is a partition, in which a part of a statement over several partitions runs. For a model that is PARTITION BY its KEY, it is
// all documents whose keys are in one place.
type unit struct {
	db   *Database
	text string // the partition; "" of a model that is PARTITION BY its KEY
	part any    // its value
	keys []any  // of a GET: those of its documents
	docs []bind.Given
	most int64 // rows of a step; 0: as many as the plan says
	// guard saves the position of a write in a migration; nil: none does. did says that an earlier run has done it.
	guard *script.Guard
	did   bool
}

// place identifies the partition or, where a model is PARTITION BY its KEY, the bucket.
func (u *unit) place() keyspace.Keys {
	k := u.db.Conn.Keys
	if u.text == "" {
		k.Cell = ""
	}
	return k
}

// units returns the partitions in which a statement works, in the order of their values.
func (j *task) units(ctx context.Context) ([]*unit, error) {
	var list []*unit
	var err error
	known := false
	if j.p.Over.Value != nil {
		list, known, err = j.holding(ctx, j.p.Over.Value)
	}
	switch m := j.p.Over.Model; {
	case known || err != nil:
	case len(j.p.Pins) > 0:
		list, err = j.namedUnits(m)
	default:
		list, err = j.db.units(ctx, m)
	}
	j.wide(len(list))
	return list, err
}

// wide warns of a statement that works in very many partitions.
func (j *task) wide(parts int) {
	j.prof.parts(parts)
	if parts > wideScatter {
		j.Rows.Warn(rows.Warning{Code: lang.CodeWideScatter, Text: "the statement works in " + some(parts) + " of " + j.p.Over.Model.Name})
	}
}

// units returns all partitions of a model that have documents, in the order of their values.
func (db *Database) units(ctx context.Context, m *ir.Model) ([]*unit, error) {
	var list []*unit
	err := db.Each(ctx, m, func(part *Database) error {
		u, err := part.unit(m)
		list = append(list, u)
		return err
	})
	sortUnits(list)
	return list, err
}

// unit returns the partition of a database.
func (db *Database) unit(m *ir.Model) (*unit, error) {
	u := &unit{db: db}
	if !m.Celled() {
		return u, nil
	}
	u.text, _ = ir.PartOf(db.Conn.Keys.Cell)
	var err error
	if u.part, err = codec.Parse(u.text, m.Part.Type.NotNull()); err != nil {
		return nil, fail.BadValue(db.Conn.Keys.Parts(), m.Part.Name, u.text)
	}
	return u, nil
}

func sortUnits(list []*unit) {
	slices.SortFunc(list, func(a, b *unit) int { return codec.Compare(a.part, b.part) })
}

// namedUnits returns the partitions that a statement names. Those of a GET have the keys of their documents.
func (j *task) namedUnits(m *ir.Model) ([]*unit, error) {
	pin := &j.p.Pins[0]
	texts, err := j.partTexts(pin)
	if err != nil {
		return nil, err
	}
	var keys []any
	if of := j.p.Over.Keys; of != nil {
		v, err := of(&j.Env)
		if err != nil {
			return nil, fail.Value(err)
		}
		keys, _ = v.([]any)
	}
	var list []*unit
	at := map[keyspace.Keys]*unit{}
	for i, text := range texts {
		in := j.db.In(text)
		place := in.Conn.Keys
		if !m.Celled() {
			place.Cell = ""
		}
		u := at[place]
		if u == nil {
			if u, err = in.unit(m); err != nil {
				return nil, err
			}
			at[place] = u
			list = append(list, u)
		}
		if keys != nil {
			u.keys = append(u.keys, keys[i])
		}
	}
	sortUnits(list)
	return list, nil
}

// partTexts returns the partitions that a list names; none if it is null.
func (j *task) partTexts(pin *planner.Pin) ([]string, error) {
	v, err := pin.Value(&j.Env)
	if err != nil {
		return nil, fail.Value(err)
	}
	list, _ := v.([]any)
	texts := make([]string, len(list))
	for i, v := range list {
		if texts[i], err = partText(v, pin); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// from returns where a walk in order begins in one of several partitions: at the position of a cursor, which may be in another one.
func (j *task) from(c *plan.Candidate, p *rows.Position, u *unit) (string, bool) {
	s := planner.Op[planner.Sort](j.p.Local)
	n := len(s.Terms)
	key := p.Vals[len(p.Vals)-1]
	sc := c.Scans[0]
	var cols []*ir.Column
	text := ""
	if sc.Index != nil {
		cols = sc.Index.Cols[c.Lead:]
		if c.Lead > 0 { // all ranges begin with the values in front of the order
			ranges, err := j.ranges(sc)
			if err != nil || len(ranges) == 0 {
				return "", false
			}
			text = leadingValues(ranges[0][1:], c.Lead) + "\x00"
		}
	}
	if len(cols) > n {
		return "", false
	}
	for i, col := range cols {
		e, err := codec.Member(p.Vals[i], col.Type)
		if err != nil {
			return "", false
		}
		text += e + "\x00"
	}
	entry, err := codec.KeyMember(key, sc.Model.Key.Type)
	if err != nil {
		return "", false
	}
	later := 0 // than the partition of the position: its documents with equal values come behind it
	if s.Part > 0 {
		if later = codec.Compare(u.part, p.Vals[n]); c.Rev {
			later = -later
		}
	}
	switch {
	case later == 0:
		return "(" + text + entry, true
	case len(cols) < n && later > 0: // the key is one of these values
		return "[" + text + entry, true
	case len(cols) < n:
		return "(" + text + entry, true
	case (later > 0) == c.Rev:
		return "[" + text[:len(text)-1] + "\x01", true // behind all entries with these values
	}
	return "[" + text, true // before them
}
