package verify

import (
	"context"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// verifyBatch is how many documents or entries one trip of VERIFY looks at.
const verifyBatch = 500

// verifier compares the documents of a model with its indexes.
type verifier struct {
	c      *conn.Conn
	ctx    context.Context
	m      *ir.Model
	layout eval.Layout
	checks []eval.Cond
	rows   [][]any
	told   map[[2]string]bool // a SCAN may give a name twice
	over   map[string]bool    // documents whose time has come
}

// Model compares the documents of a model with its definition and its indexes. Each problem is a row of key and text.
func Model(ctx context.Context, c *conn.Conn, schema *ir.Schema, m *ir.Model) ([][]any, error) {
	v := &verifier{c: c, ctx: ctx, m: m, told: map[[2]string]bool{}, over: map[string]bool{}}
	v.layout = eval.ModelLayout(schema, v.m)
	for _, c := range v.m.Checks {
		fn, err := eval.CompileCond(c.Cond, v.layout)
		if err != nil {
			return nil, err
		}
		v.checks = append(v.checks, fn)
	}
	look := []func() error{v.documents, v.strays}
	if v.m.Scanned() {
		look = []func() error{v.named}
	}
	v.building()
	for _, f := range look {
		if err := f(); err != nil {
			return nil, err
		}
	}
	if err := v.collections(); err != nil {
		return nil, err
	}
	for _, ix := range v.m.Indexes {
		if v.m.Foreign || ix.Building { // its entries are not believed
			continue
		}
		if err := v.index(ix); err != nil {
			return nil, err
		}
	}
	for _, ix := range v.m.Uniques {
		if ix.Building {
			continue
		}
		if err := v.unique(ix); err != nil {
			return nil, err
		}
	}
	if err := v.search(); err != nil {
		return nil, err
	}
	return v.rows, nil
}

func (v *verifier) problem(key, text string) {
	if v.told[[2]string{key, text}] {
		return
	}
	v.told[[2]string{key, text}] = true
	v.rows = append(v.rows, []any{key, text})
}

// building says what is not filled yet: of that no entry is missed.
func (v *verifier) building() {
	say := func(key, what string) {
		v.problem(key, what+" is being built: the same MODEL goes on with it, VERIFY "+v.m.Name+" REPAIR makes it anew")
	}
	if v.m.Unlisted {
		say(v.c.Keys.IDs(v.m), "the set of keys")
	}
	for _, ix := range v.m.Indexes {
		if ix.Building {
			say(v.c.Keys.Index(v.m, ix), "the index "+ix.Name)
		}
	}
	for _, ix := range v.m.Uniques {
		if ix.Building {
			say(v.c.Keys.Unique(v.m, ix), "UNIQUE "+ix.Name)
		}
	}
}

// page walks a sorted set and calls f with each page of members.
func (v *verifier) page(key string, f func([]string) error) error {
	// Members are in the order of their bytes only while all scores are 0.
	low, high := redis.NewIntCmd(v.ctx, "zcount", key, "-inf", "(0"), redis.NewIntCmd(v.ctx, "zcount", key, "(0", "+inf")
	if err := v.c.Pipeline(v.ctx, []redis.Cmder{low, high}); err != nil {
		return err
	}
	if n := low.Val() + high.Val(); n > 0 {
		v.problem(key, strconv.FormatInt(n, 10)+" entries have a score other than 0")
	}
	lo := "-"
	for {
		if err := fail.Ended(v.ctx); err != nil {
			return err
		}
		cmd := redis.NewStringSliceCmd(v.ctx, "zrangebylex", key, lo, "+", "limit", 0, verifyBatch)
		if err := v.c.Process(v.ctx, cmd); err != nil {
			if x := conn.ServerError(err, false, key); x.Code != lang.CodeBadValue {
				return x
			}
			v.problem(key, "the key holds another kind of value")
			return nil
		}
		list := cmd.Val()
		if len(list) == 0 {
			return nil
		}
		if err := f(list); err != nil {
			return err
		}
		lo = "(" + list[len(list)-1]
	}
}

// read loads documents by key text: typed columns, nil where there is none; what does not fit is reported when asked to.
func (v *verifier) read(ids []string, report bool) ([][]any, error) {
	cmds, docs := make([]redis.Cmder, len(ids)), document.NewReader(v.m, v.m.Columns)
	for i, id := range ids {
		cmds[i] = docs.Cmd(v.ctx, v.c.Keys.Doc(v.m, id))
	}
	if len(cmds) == 0 {
		return nil, nil
	}
	if err := v.c.Pipeline(v.ctx, cmds); err != nil {
		return nil, err
	}
	out, vals := make([][]any, len(ids)), []any(nil)
	gone, err := v.gone(ids, cmds, docs)
	if err != nil {
		return nil, err
	}
	for i, c := range cmds {
		key := v.c.Keys.Doc(v.m, ids[i])
		if gone[i] {
			v.over[ids[i]] = true
			continue
		}
		vals, err = docs.Values(c)
		if err != nil {
			if report {
				v.problem(key, "the key holds another kind of value")
			}
			continue
		}
		out[i] = v.document(key, vals, report)
	}
	return out, nil
}

// unreadable stands for the value of a column that does not fit its type.
type unreadable struct{}

// readable reports that the values of an index are all known.
func readable(ix *ir.Index, row []any) bool {
	for _, c := range ix.Cols {
		if row[c.Slot] == (unreadable{}) {
			return false
		}
	}
	return true
}

// document reads the columns of one document; nil where it is not there.
func (v *verifier) document(key string, vals []any, report bool) []any {
	if vals == nil {
		if report {
			v.problem(key, "listed, but there is no document")
		}
		return nil
	}
	row, good := make([]any, len(v.m.Columns)), true
	if v.m.Adopted {
		vals[v.m.KeyColumn().Slot] = v.c.Keys.IDOf(v.m, key)
	}
	if id := v.c.Keys.IDOf(v.m, key); report && vals[v.m.KeyColumn().Slot] != id {
		v.problem(key, "its key field holds another key")
	}
	for i, c := range v.m.Columns {
		text, ok := vals[i].(string)
		if !ok && c.Fill != nil {
			text, ok = *c.Fill, true
		}
		if !ok && !c.Type.Null {
			row[i], good = unreadable{}, false
			if report {
				v.problem(key, c.Name+" may not be null")
			}
			continue
		}
		x, err := document.StoredIn(c, vals[i])
		if err != nil {
			row[i], good = unreadable{}, false
			if c.Lenient() {
				row[i] = nil
			}
			if report {
				what := c.Name + " does not fit its type: " + lang.Quote(fail.Clip(strings.TrimPrefix(text, codec.Misfit), 40))
				if a := fail.TypeAdvice(c, text); a != "" {
					what += "; " + a
				}
				v.problem(key, what)
			}
			continue
		}
		row[i] = x
	}
	if good && report {
		v.check(key, row)
	}
	return row
}

// check asks the CHECKs and what may not be null.
func (v *verifier) check(key string, row []any) {
	for _, c := range v.m.Columns {
		if c.Required && row[c.Slot] == nil && c.Parent != nil && row[c.Parent.Slot] == true {
			v.problem(key, c.Name+" may not be null")
		}
	}
	if f := v.m.Revision(); f != nil {
		if n, _ := row[f.Columns[0].Slot].(int64); n < 1 {
			v.problem(key, f.Name+" is no revision: "+strconv.FormatInt(n, 10))
		}
	}
	env := &eval.Env{Row: row}
	for i, fn := range v.checks {
		c := v.m.Checks[i]
		if c.Col != nil && row[c.Col.Slot] == nil {
			continue
		}
		if ok, err := fn(env); err != nil || !ok {
			v.problem(key, "CHECK "+c.Text+" does not hold")
		}
	}
}

// documents looks at every listed document and asks for its entries.
func (v *verifier) documents() error {
	return v.page(v.c.Keys.IDs(v.m), func(members []string) error {
		ids := make([]string, len(members))
		for i, m := range members {
			id, err := codec.ParseKeyMember(m, v.m.Key.Type)
			if err == nil {
				ids[i], _ = keyspace.Text(id)
			} else {
				v.problem(v.c.Keys.IDs(v.m), "the entry "+lang.Quote(fail.Clip(m, 40))+" is no key")
			}
		}
		docs, err := v.read(ids, true)
		if err != nil {
			return err
		}
		if err := v.ends(ids, docs); err != nil {
			return err
		}
		return v.entries(ids, docs)
	})
}

// entries asks that each document has its entries.
func (v *verifier) entries(ids []string, docs [][]any) error {
	type want struct {
		key, problem string
		holder       string // of a unique value
		cmd          redis.Cmder
	}
	var wants []want
	for i, row := range docs {
		if row == nil {
			continue
		}
		key := v.c.Keys.Doc(v.m, ids[i])
		for _, ix := range v.m.Indexes {
			if ix.Building || !readable(ix, row) {
				continue
			}
			for _, m := range v.members(ix, row) {
				wants = append(wants, want{key, "no entry in the index " + ix.Name, "", redis.NewFloatCmd(v.ctx, "zscore", v.c.Keys.Index(v.m, ix), m)})
			}
		}
		for _, ix := range v.m.Uniques {
			if f, ok := v.uniqueField(ix, row); ok && !ix.Building && readable(ix, row) {
				wants = append(wants, want{key, "its value in UNIQUE " + ix.Name + " is not entered", ids[i], redis.NewStringCmd(v.ctx, "hget", v.c.Keys.Unique(v.m, ix), f)})
			}
		}
	}
	if len(wants) == 0 {
		return nil
	}
	cmds := make([]redis.Cmder, len(wants))
	for i := range wants {
		cmds[i] = wants[i].cmd
	}
	if err := v.c.Pipeline(v.ctx, cmds); err != nil {
		return err
	}
	for _, w := range wants {
		switch c := w.cmd.(type) {
		case *redis.FloatCmd:
			if c.Err() != nil {
				v.problem(w.key, w.problem)
			}
		case *redis.StringCmd:
			if c.Err() != nil || c.Val() != w.holder {
				v.problem(w.key, w.problem)
			}
		}
	}
	return nil
}

// members are the index entries that a document has.
func (v *verifier) members(ix *ir.Index, row []any) []string {
	id := row[v.m.KeyColumn().Slot]
	idm, err := codec.KeyMember(id, v.m.Key.Type)
	if err != nil {
		return nil
	}
	if ix.List {
		c := ix.Cols[0]
		list, err := codec.ListMembers(row[c.Slot], c.Type)
		if err != nil {
			return nil
		}
		out := make([]string, len(list))
		for i, m := range list {
			out[i] = m + "\x00" + idm
		}
		return out
	}
	m, err := codec.Tuple(colValues(ix, row))
	if err != nil {
		return nil
	}
	return []string{m + idm}
}

func colValues(ix *ir.Index, row []any) ([]any, []lang.Type) {
	vals, types := make([]any, len(ix.Cols)), make([]lang.Type, len(ix.Cols))
	for i, c := range ix.Cols {
		vals[i], types[i] = row[c.Slot], c.Type
	}
	return vals, types
}

func (v *verifier) uniqueField(ix *ir.Index, row []any) (string, bool) {
	vals, types := colValues(ix, row)
	f, ok, err := codec.UniqueField(vals, types)
	return f, ok && err == nil
}

// index asks that every entry of an index belongs to a document that has it.
func (v *verifier) index(ix *ir.Index) error {
	key := v.c.Keys.Index(v.m, ix)
	return v.page(key, func(members []string) error {
		ids := make([]string, len(members))
		for i, m := range members {
			id, err := codec.SplitMember(m, len(ix.Cols), v.m.Key.Type)
			if err != nil {
				v.problem(key, "the entry "+lang.Quote(fail.Clip(m, 40))+" is none of the index "+ix.Name)
				continue
			}
			ids[i], _ = keyspace.Text(id)
		}
		docs, err := v.read(ids, false)
		if err != nil {
			return err
		}
		for i, m := range members {
			if row := docs[i]; ids[i] != "" && !v.over[ids[i]] && (row == nil || readable(ix, row) && !contains(v.members(ix, row), m)) {
				v.problem(v.c.Keys.Doc(v.m, ids[i]), "a stale entry in the index "+ix.Name)
			}
		}
		return nil
	})
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// unique asks that every value of a unique constraint belongs to its document.
func (v *verifier) unique(ix *ir.Index) error {
	key := v.c.Keys.Unique(v.m, ix)
	for entries := v.c.ScanIn("hscan", key); !entries.Done; {
		list, err := entries.Page(v.ctx)
		if err != nil {
			if x, ok := fail.As(err); !ok || x.Code != lang.CodeBadValue {
				return err
			}
			v.problem(key, "the key holds another kind of value")
			return nil
		}
		var fields, ids []string
		for i := 0; i+1 < len(list); i += 2 {
			fields, ids = append(fields, list[i]), append(ids, list[i+1])
		}
		docs, err := v.read(ids, false)
		if err != nil {
			return err
		}
		for i, f := range fields {
			if docs[i] != nil {
				if !readable(ix, docs[i]) {
					continue
				}
				if have, ok := v.uniqueField(ix, docs[i]); ok && have == f {
					continue
				}
			}
			if v.over[ids[i]] {
				continue
			}
			v.problem(v.c.Keys.Doc(v.m, ids[i]), "a stale entry in UNIQUE "+ix.Name)
		}
	}
	return nil
}
