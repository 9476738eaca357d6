package verify

import (
	"strconv"
	"strings"

	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// unreadable replaces a column's value that does not fit its type.
type unreadable struct{}

// readable reports whether all values of an index are known.
func readable(ix *ir.Index, row []any) bool {
	for _, c := range ix.Cols {
		if row[c.Slot] == (unreadable{}) {
			return false
		}
	}
	return true
}

// values decodes one existing document, and reports what does not fit. The document was read by a single command.
func (v *verifier) values(key string, vals []any) []any {
	say := func(text string) { v.found(key, text, false) }
	if !v.m.Adopted && vals[v.m.KeyColumn().Slot] != v.c.Keys.IDOf(v.m, key) {
		say("its key field holds another key")
	}
	if v.m.Celled() {
		if text, _ := vals[v.m.Part.Columns[0].Slot].(string); ir.Cell(text) != v.c.Keys.Cell {
			say("its " + v.m.Part.Name + " is another than that of the key")
		}
	}
	if v.misplaced(v.c.Keys.IDOf(v.m, key)) {
		say(elsewhere)
	}
	row, good := v.typed(key, vals, say)
	if good {
		v.check(row, say)
	}
	return row
}

// typed decodes the columns of one document. say, if not nil, is called for each problem.
func (v *verifier) typed(key string, vals []any, say func(string)) (row []any, good bool) {
	row, good = make([]any, len(v.m.Columns)), true
	own := v.m.KeyColumn().Slot
	for i, c := range v.m.Columns {
		val := vals[i]
		if v.m.Adopted && c.Slot == own {
			val = v.c.Keys.IDOf(v.m, key)
		}
		if val == nil && c.Fill != nil {
			val = *c.Fill
		}
		if val == nil && !c.Type.Null {
			row[i], good = unreadable{}, false
			if say != nil {
				say(c.Name + " may not be null")
			}
			continue
		}
		x, err := document.StoredIn(c, val)
		if err != nil {
			row[i], good = unreadable{}, false
			if c.Lenient() {
				row[i] = nil
			}
			if say != nil {
				say(misfit(c, val))
			}
			continue
		}
		row[i] = x
	}
	return row, good
}

// misfit describes a stored value that does not fit.
func misfit(c *ir.Column, val any) string {
	text, _ := val.(string)
	what := c.Name + " does not fit its type: " + lang.Quote(fail.Clip(strings.TrimPrefix(text, codec.Misfit), 40))
	if a := fail.TypeAdvice(c, text); a != "" {
		what += "; " + a
	}
	return what
}

// check evaluates the CHECKs and NOT NULL.
func (v *verifier) check(row []any, say func(string)) {
	for _, c := range v.m.Columns {
		if c.Required && row[c.Slot] == nil && c.Parent != nil && row[c.Parent.Slot] == true {
			say(c.Name + " may not be null")
		}
	}
	if f := v.m.Revision(); f != nil {
		if n, _ := row[f.Columns[0].Slot].(int64); n < 1 {
			say(f.Name + " is no revision: " + strconv.FormatInt(n, 10))
		}
	}
	if len(v.checks) == 0 {
		return
	}
	env := &eval.Env{Row: row}
	for i, fn := range v.checks {
		c := v.m.Checks[i]
		if c.Col != nil && row[c.Col.Slot] == nil {
			continue
		}
		if ok, err := fn(env); err != nil || !ok {
			say("CHECK " + c.Text + " does not hold")
		}
	}
}

// members returns the index entries of a document.
func (v *verifier) members(ix *ir.Index, row []any) []string {
	idm, err := codec.KeyMember(row[v.m.KeyColumn().Slot], v.m.Key.Type)
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
