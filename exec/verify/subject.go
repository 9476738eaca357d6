package verify

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// reading collects commands and the keys that they name.
type reading struct {
	cmds [][]any
	keys []string
}

func (r *reading) add(command, key string, args ...any) {
	r.cmds, r.keys = append(r.cmds, append([]any{command, key}, args...)), append(r.keys, key)
}

// doc adds the command that reads a document.
func (v *verifier) doc(r *reading, id string) {
	key := v.c.Keys.Doc(v.m, id)
	r.cmds, r.keys = append(r.cmds, v.docs.Cmd(v.ctx, key).Args()), append(r.keys, key)
}

// entry is an index entry, with the key of the document that it names; "" if its text names none.
type entry struct {
	v          *verifier
	ix         *ir.Index // nil for the set of keys
	key        string    // of the index
	member, id string
	text       string
}

func (e *entry) reads() ([][]any, []string) {
	r := &reading{}
	r.add("ZSCORE", e.key, e.member)
	if e.text == "" {
		e.v.doc(r, e.id)
		r.add("ZSCORE", e.v.c.Keys.Ends(e.v.m), e.id)
		if e.ix.Of != nil {
			e.v.holdsMember(r, e.ix, e.id, e.member)
		}
	}
	return r.cmds, r.keys
}

func (e *entry) judge(got script.Reply, now int64) ([]wrong, bool) {
	mend := [][]any{{"ZREM", e.key, e.member}}
	switch {
	case got[0] == nil || failed(got[0]):
		return nil, false
	case e.text != "":
		return []wrong{{e.key, e.text, mend}}, false
	}
	row, there := e.v.row(e.id, got[1])
	has := false
	switch {
	case !there:
		has = due(got[2], now)
	case e.ix.Of != nil:
		has = got[3] != nil && got[3] != int64(0)
	default:
		has = !readable(e.ix, row) || slices.Contains(e.v.members(e.ix, row), e.member)
	}
	if has {
		return nil, false
	}
	if !there {
		mend = append(mend, e.v.forgotten(e.id)...)
	}
	return []wrong{{e.v.c.Keys.Doc(e.v.m, e.id), "a stale entry in the index " + e.ix.Name, mend}}, false
}

// claim is an entry of a unique index: a value, and the key of the document that is entered as its holder.
type claim struct {
	v              *verifier
	ix             *ir.Index
	key, field, id string
}

func (c *claim) reads() ([][]any, []string) {
	r := &reading{}
	r.add("HGET", c.key, c.field)
	c.v.doc(r, c.id)
	r.add("ZSCORE", c.v.c.Keys.Ends(c.v.m), c.id)
	return r.cmds, r.keys
}

func (c *claim) judge(got script.Reply, now int64) ([]wrong, bool) {
	if got[0] != c.id {
		return nil, false
	}
	row, there := c.v.row(c.id, got[1])
	if there && (!readable(c.ix, row) || c.v.holds(c.ix, row, c.field)) || !there && due(got[2], now) {
		return nil, false
	}
	mend := [][]any{{"HDEL", c.key, c.field}}
	if !there {
		mend = append(mend, c.v.forgotten(c.id)...)
	}
	return []wrong{{c.v.c.Keys.Doc(c.v.m, c.id), "a stale entry in UNIQUE " + c.ix.Name, mend}}, false
}

// row decodes the reply for a document; false if it does not exist.
func (v *verifier) row(id string, reply any) ([]any, bool) {
	if failed(reply) {
		return nil, false
	}
	vals := v.docs.Replied(reply)
	if vals == nil {
		return nil, false
	}
	row, _ := v.typed(v.c.Keys.Doc(v.m, id), vals, nil)
	return row, true
}

// holds reports whether a document has a value of a unique index.
func (v *verifier) holds(ix *ir.Index, row []any, field string) bool {
	have, ok := v.uniqueField(ix, row)
	return ok && have == field
}

// due reports whether the reply is an expiration that has passed.
func due(score any, now int64) bool {
	text, ok := score.(string)
	f, err := strconv.ParseFloat(text, 64)
	return ok && err == nil && f <= float64(now)
}

// listed is a document that is read again together with all its entries.
type listed struct {
	v       *verifier
	id      string
	orphan  bool  // found by its name
	vals    []any // the stored texts from which the probes are computed
	row     []any
	members []any // the replies with the members of collections that have an index
	probes  []probe
	holders map[string]string // by field, the other document that is entered as the holder of a value of this one
}

// probe is an entry that a document must have.
type probe struct {
	ix         *ir.Index
	key, field string // field is of a unique index
	unique     bool
}

// Positions of the replies before those of the probes.
const (
	readDoc = iota
	readListed
	readEnd
	readScore
	readShadow
	readThere
	readProbes
)

func (d *listed) reads() ([][]any, []string) {
	v, r := d.v, &reading{}
	key := v.c.Keys.Doc(v.m, d.id)
	v.doc(r, d.id)
	r.add("ZSCORE", v.c.Keys.IDs(v.m), v.idMember(d.id))
	r.add("PEXPIRETIME", key)
	r.add("ZSCORE", v.c.Keys.Ends(v.m), d.id)
	r.add("HGET", v.c.Keys.Shadows(v.m), d.id)
	r.add("EXISTS", key)
	for _, ix := range v.m.Members {
		args := membersCmd(v.c.Keys.Collection(v.m, ix.Of, d.id), ix)
		r.add(args[0].(string), args[1].(string), args[2:]...)
	}
	for _, p := range d.probes {
		if !p.unique {
			r.add("ZSCORE", p.key, p.field)
			continue
		}
		r.add("HGET", p.key, p.field)
		if h := d.holders[p.field]; h != "" {
			v.doc(r, h)
		} else {
			v.doc(r, d.id)
		}
	}
	return r.cmds, r.keys
}

func (d *listed) judge(got script.Reply, now int64) ([]wrong, bool) {
	v, key := d.v, d.v.c.Keys.Doc(d.v.m, d.id)
	listed := got[readListed] != nil
	if failed(got[readDoc]) || failed(got[readListed]) {
		if d.orphan && !listed {
			return []wrong{{key, "not listed: FIND does not see it", nil}}, false
		}
		return nil, false // reported when its values were read
	}
	vals, members := v.docs.Replied(got[readDoc]), []any(got[readProbes:readProbes+len(v.m.Members)])
	if !reflect.DeepEqual(vals, d.vals) || !reflect.DeepEqual(members, d.members) && vals != nil {
		d.probe(vals, members)
		return nil, true
	}
	switch {
	case vals != nil:
		return d.entered(got, listed)
	case !listed && d.orphan && got[readThere] == int64(1):
		return []wrong{{key, "not listed: FIND does not see it", nil}}, false
	case !listed:
		return nil, false
	case due(got[readScore], now):
		v.over++
		return nil, false
	}
	gone := wrong{key, "listed, but there is no document", [][]any{{"ZREM", v.c.Keys.IDs(v.m), v.idMember(d.id)}}}
	if got[readThere] == int64(1) { // a key that is not a hash: RQL does not touch it
		gone.mend = nil
	} else if got[readScore] != nil {
		gone.mend = append(gone.mend, v.endless(d.id)...)
	}
	return []wrong{gone}, false
}

// probe chooses what to read for a document with these texts and members.
func (d *listed) probe(vals, members []any) {
	v := d.v
	d.vals, d.members, d.row, d.probes, d.holders = vals, members, nil, nil, map[string]string{}
	if vals == nil {
		return
	}
	d.row, _ = v.typed(v.c.Keys.Doc(v.m, d.id), vals, nil)
	for _, ix := range v.m.Indexes {
		if v.believed(ix) && readable(ix, d.row) {
			for _, m := range v.members(ix, d.row) {
				d.probes = append(d.probes, probe{ix: ix, key: v.c.Keys.Index(v.m, ix), field: m})
			}
		}
	}
	for i, ix := range v.m.Members {
		list, _ := members[i].([]any)
		if v.believed(ix) {
			for _, m := range v.entriesOf(ix, d.row, texts(list)) {
				d.probes = append(d.probes, probe{ix: ix, key: v.c.Keys.Index(v.m, ix), field: m})
			}
		}
	}
	for _, ix := range v.m.Uniques {
		if !v.believed(ix) || !readable(ix, d.row) {
			continue
		}
		if f, ok := v.uniqueField(ix, d.row); ok {
			d.probes = append(d.probes, probe{ix: ix, key: v.c.Keys.Unique(v.m, ix), field: f, unique: true})
		}
	}
}

// entered compares an existing document with its entries.
func (d *listed) entered(got script.Reply, listed bool) ([]wrong, bool) {
	v, key := d.v, d.v.c.Keys.Doc(d.v.m, d.id)
	var list []wrong
	at := readProbes + len(v.m.Members)
	for _, p := range d.probes {
		if !p.unique {
			if got[at] == nil {
				list = append(list, wrong{key, "no entry in the index " + p.ix.Name, [][]any{{"ZADD", p.key, "0", p.field}}})
			}
			at++
			continue
		}
		holder, _ := got[at].(string)
		if holder != d.id {
			if holder != "" && d.holders[p.field] != holder {
				d.holders[p.field] = holder
				return nil, true
			}
			list = append(list, d.unheld(p, holder, got[at+1]))
		}
		at += 2
	}
	list = append(list, v.ended(d.id, d.row, got)...)
	if listed {
		return list, false
	}
	w := wrong{key, "not listed: FIND does not see it", nil}
	if v.fits(d.id, d.vals) { // then all its entries are added
		w.mend = [][]any{{"ZADD", v.c.Keys.IDs(v.m), "0", v.idMember(d.id)}}
		for _, x := range list {
			w.mend = append(w.mend, x.mend...)
		}
	}
	return []wrong{w}, false
}

// unheld describes a value that is not entered for this document: it is missing, or entered for another document.
func (d *listed) unheld(p probe, holder string, doc any) wrong {
	v := d.v
	w := wrong{v.c.Keys.Doc(v.m, d.id), "its value in UNIQUE " + p.ix.Name + " is not entered", [][]any{{"HSET", p.key, p.field, d.id}}}
	if holder == "" {
		return w
	}
	if row, there := v.row(holder, doc); there && (!readable(p.ix, row) || v.holds(p.ix, row, p.field)) {
		w.problem, w.mend = "its value in UNIQUE "+p.ix.Name+" is that of "+v.c.Keys.Doc(v.m, holder)+" too", nil
	}
	return w
}

// idMember returns the entry of a key in the set of keys; the text itself if it is not a key.
func (v *verifier) idMember(id string) string {
	x, err := codec.Parse(id, v.m.Key.Type)
	if err == nil {
		if m, err := codec.KeyMember(x, v.m.Key.Type); err == nil {
			return m
		}
	}
	return id
}

// fits reports whether a document may be listed: its name has its key, and every value fits.
func (v *verifier) fits(id string, vals []any) bool {
	if x, err := codec.Parse(id, v.m.Key.Type); err != nil || id == "" || len(id) > lang.MaxIndexed {
		return false
	} else if _, err = codec.KeyMember(x, v.m.Key.Type); err != nil {
		return false
	}
	if !v.m.Adopted && vals[v.m.KeyColumn().Slot] != id {
		return false
	}
	_, good := v.typed(v.c.Keys.Doc(v.m, id), vals, nil)
	return good
}

// zero sets the scores of set members that are not 0 to 0.
type zero struct {
	key     string
	members []string
}

func (z zero) reads() ([][]any, []string) { return nil, []string{z.key} }

func (z zero) judge(script.Reply, int64) ([]wrong, bool) {
	add := []any{"ZADD", z.key, "XX"}
	for _, m := range z.members {
		add = append(add, "0", m)
	}
	return []wrong{{mend: [][]any{add}}}, false
}
