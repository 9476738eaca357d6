package schema

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// factor is how many times as long as the rehearsal an action takes. Measured on Redis 7.0 with 50,000 documents of 8 fields, in the
// server's own time of scripts: ADD INDEX 2.05, ADD UNIQUE 2.08, CHANGE FIELD of two fields with the removal of the old values 3.4; and
// where the rehearsal computes nothing of the documents, ADD FIELD with a DEFAULT 3.9 and DROP FIELD 2.2.
func (r *rehearsal) factor(how ir.How) float64 {
	switch {
	case how == ir.HowConvert:
		return 3.4
	case how == ir.HowFill && !r.all:
		return 3.9
	}
	return 2.1
}

// result is a row for each action.
func (r *rehearsal) result(ctx context.Context) (*rows.Rows, error) {
	var list [][]any
	for _, w := range r.works {
		row, err := r.row(ctx, w)
		if err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	out := rows.New("ALTER", ir.DryRunColumns(), list)
	out.Types = []lang.Type{lang.TypeString, lang.TypeString, lang.TypeInt.OrNull(), lang.TypeInt, lang.TypeInt.OrNull(), lang.TypeFloat.OrNull(), lang.TypeString.OrNull(), lang.TypeInt, lang.ListOf(lang.TypeString)}
	return out, nil
}

// row is what one action would do.
func (r *rehearsal) row(ctx context.Context, w *ir.Work) ([]any, error) {
	start := time.Now()
	sum, problem, err := r.found(ctx, w)
	if err != nil {
		return nil, err
	}
	test := time.Since(start)
	n := r.documents
	documents, size, seconds := any(int64(0)), any(nil), any(nil)
	if w.How != ir.HowCatalog {
		documents = n
		if r.was.Scanned() {
			documents = nil
		}
	}
	if n >= sampledMost {
		if size, err = r.bytes(ctx, w); err != nil {
			return nil, err
		}
		seconds = r.seconds(n, w.How, test)
	}
	slices.Sort(sum.keys)
	keys := make([]any, len(sum.keys))
	for i, key := range sum.keys {
		keys[i] = key
	}
	var code any
	if sum.failing > 0 {
		code = string(problem)
	}
	return []any{w.Action, w.How.String(), documents, sum.entries, size, seconds, code, sum.failing, keys}, nil
}

// found adds up what the parts of an action found, and says which error it would end with.
func (r *rehearsal) found(ctx context.Context, w *ir.Work) (sum finding, problem lang.Code, err error) {
	worse := func(f *finding, code lang.Code) {
		if f.failing > 0 && problem == "" {
			problem = code
			sum.fails(f.failing, f.keys)
		}
	}
	if w.Empty {
		f, none := &finding{}, &ir.Check{Cond: &ir.Const{Base: ir.Base{T: lang.TypeBool}, Value: false}}
		if err := r.c.violate(ctx, r.was, none, func(part *run.Database, key string) { f.fails(1, []string{named(part, key)}) }); err != nil {
			return sum, "", err
		}
		worse(f, lang.CodeModelChanged)
	}
	for _, k := range w.Tests {
		f, code := &finding{}, lang.CodeCheckFailed
		if k.Ref != nil {
			code = lang.CodeDanglingRef
		}
		now := sameCheck(r.spec.Schema, r.next, k)
		if err := r.c.violate(ctx, r.next, now, func(part *run.Database, key string) { f.fails(1, []string{named(part, key)}) }); err != nil {
			return sum, "", err
		}
		worse(f, code)
	}
	if w.Convert != nil {
		worse(&r.parts[0], lang.CodeMisfit)
	}
	for _, ix := range w.Indexes {
		f := r.entered(ix)
		sum.entries += f.entries
		worse(f, lang.CodeIndexedTooLong)
	}
	for _, ix := range w.Uniques {
		i := find(r.spec.Uniques, ix)
		f := r.unique(i)
		sum.entries += f.entries
		worse(f, lang.CodeIndexedTooLong)
		worse(&r.same[i], lang.CodeUnique)
	}
	return sum, problem, nil
}

// entered is what was found of an index.
func (r *rehearsal) entered(ix *ir.Index) *finding { return &r.parts[1+find(r.spec.Indexes, ix)] }

// unique is what was found of the unique constraint with a number.
func (r *rehearsal) unique(i int) *finding { return &r.parts[1+len(r.spec.Indexes)+i] }

// find is the place of an index in a list.
func find(list []*ir.Index, ix *ir.Index) int {
	return slices.IndexFunc(list, func(x *ir.Index) bool { return x.Name == ix.Name })
}

// bytes estimates how much more memory the server needs after an action, or less; nil where that is not known.
func (r *rehearsal) bytes(ctx context.Context, w *ir.Work) (any, error) {
	n, sum := r.documents, int64(0)
	for _, f := range w.Fields {
		for _, c := range r.next.Field(f.Name).Columns {
			if c.Fill != nil {
				sum += n * int64(len(c.Place())+len(*c.Fill)+fieldBytes)
			}
		}
	}
	for _, ix := range w.Indexes {
		f := r.entered(ix)
		sum += f.bytes + f.entries*entryBytes
	}
	for _, ix := range w.Uniques {
		f := r.unique(find(r.spec.Uniques, ix))
		sum += f.bytes + f.entries*valueBytes
	}
	if w.Convert != nil {
		i := slices.IndexFunc(r.spec.Convert, func(f *ir.Field) bool { return f.Name == w.Convert.Name })
		f := &r.parts[r.computed()+i]
		sum += f.bytes + f.entries*int64(len(w.Convert.Place())+fieldBytes)
	}
	if old := r.leaving(w); old != nil {
		i := slices.Index(r.drops, w)
		if i < 0 || r.looked == 0 {
			return nil, nil
		}
		f := &r.parts[r.computed()-len(r.drops)+i]
		sum -= int64(float64(f.bytes+f.entries*int64(len(old.Place())+fieldBytes)) / float64(r.looked) * float64(n))
	}
	if w.Convert != nil { // what replaces an index is estimated in the same way
		return sum - r.replaced(w), nil
	}
	var gone []redis.Cmder
	err := r.c.db.Each(ctx, r.was, func(part *run.Database) error {
		for _, key := range part.Conn.Keys.Indexes(r.was, w.Gone, w.GoneUniques) {
			gone = append(gone, redis.NewIntCmd(ctx, "memory", "usage", key))
		}
		return nil
	})
	if err != nil || len(gone) == 0 {
		return sum, err
	}
	if err := r.c.db.Conn.Wide().Pipeline(ctx, gone); err != nil {
		return nil, err
	}
	for _, cmd := range gone {
		if cmd.Err() != nil && cmd.Err() != redis.Nil {
			return nil, nil
		}
		sum -= cmd.(*redis.IntCmd).Val()
	}
	return sum, nil
}

// computed is the number of the first part of values that are computed, behind which are those of the indexes that go.
func (r *rehearsal) computed() int {
	return 1 + len(r.spec.Indexes) + len(r.spec.Uniques) + len(r.spec.Drop)
}

// replaced estimates the memory of the indexes over the values that an action gives another form.
func (r *rehearsal) replaced(w *ir.Work) (sum int64) {
	first := r.computed() + len(r.spec.Convert)
	for _, ix := range w.Gone {
		f := &r.parts[first+find(r.spec.Gone, ix)]
		sum += f.bytes + f.entries*entryBytes
	}
	for _, ix := range w.GoneUniques {
		f := &r.parts[first+len(r.spec.Gone)+find(r.spec.GoneUniques, ix)]
		sum += f.bytes + f.entries*valueBytes
	}
	return sum
}

// seconds estimates for how long an action occupies the server, from how long the test of its CHECKs, or the rehearsal, took.
func (r *rehearsal) seconds(n int64, how ir.How, test time.Duration) any {
	sum := 0.0
	switch {
	case how == ir.HowCatalog:
	case how == ir.HowTest:
		sum = test.Seconds()
	case r.timed == 0:
		return nil
	default:
		sum = r.took.Seconds() / float64(r.timed) * float64(n) * r.factor(how)
	}
	return math.Round(sum*1000) / 1000
}
