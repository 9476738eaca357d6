package exec

import (
	"cmp"
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/exec/schema"
	"github.com/rql-lang/rql/exec/verify"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// verify runs VERIFY: it finds every document that does not fit its model, and every entry that is missing or superfluous. Its
// report includes what was repaired before the definition changed.
func (r *runner) verify(ctx context.Context, st *ir.Verify) (*Rows, error) {
	var done []verify.Finding
	for t := r.s.e.db.Conn.Turns(); ; {
		list, again, err := r.verified(ctx, st)
		if err != nil && err != fail.ErrStale {
			return nil, err
		}
		if err == nil && !again {
			return findings(append(done, list...), st.Repair), nil
		}
		done = append(done, slices.DeleteFunc(list, func(f verify.Finding) bool { return !f.Repaired })...)
		if err := r.s.e.db.Again(ctx, &t, st.Model.Name, st.Sp); err != nil {
			return nil, err
		}
	}
}

// verified makes one attempt. again says that with the current catalog, more can be repaired.
func (r *runner) verified(ctx context.Context, st *ir.Verify) (list []verify.Finding, again bool, err error) {
	e, m := r.s.e, st.Model
	if st.Repair {
		lost, err := schema.New(r.s.e.db, r.src, r.progress).Restore(ctx, st)
		if err != nil {
			return nil, false, err
		}
		for _, key := range lost {
			list = append(list, verify.Finding{Key: key, Problem: "it is not there, and there are documents", Repaired: true})
		}
	} else if err := e.db.Catalog.Known(ctx, m.Name, nil); err != nil {
		return nil, false, err
	}
	all := e.db.Catalog.Schema()
	if now := all.Model(m.Name); now != nil {
		m = now
	}
	if st.Repair && m.Expires {
		if err := e.db.ClearAway(ctx, m); err != nil {
			return list, false, err
		}
	}
	copies, err := r.copies(ctx, m, st.Repair)
	if list = append(list, copies...); err != nil {
		return list, false, err
	}
	parts, err := r.verifiedParts(ctx, all, m, st.Repair)
	if list = append(list, parts.Findings...); err != nil {
		return list, false, err
	}
	found, err := verify.Search(ctx, e.db.Conn, m, parts.Over)
	if list = append(list, found...); err != nil {
		return list, false, err
	}
	err = e.db.VerifyGlobals(ctx, m, st.Repair, func(key, problem string, repaired bool) {
		list = append(list, verify.Finding{Key: key, Problem: problem, Repaired: repaired})
	})
	if err != nil {
		return list, false, err
	}
	err = schema.New(e.db, r.src, r.progress).Dangling(ctx, m, func(key string, ref *ir.Column) {
		list = append(list, verify.Finding{Key: key, Problem: ref.Name + " names a document of " + ref.Target() + " that does not exist", Repaired: st.Refs && ref.OnDelete() == ir.OnDeleteSetNull})
	})
	if err == nil && st.Refs {
		err = schema.New(e.db, r.src, r.progress).NullRefs(ctx, m)
	}
	if err != nil {
		return list, false, err
	}
	v := catalog.VersionCmd(ctx, e.db.Conn.Keys, m.Name)
	if err := e.db.Conn.Process(ctx, v); err != nil && err != redis.Nil {
		return list, false, conn.ServerError(err, false, "")
	}
	if catalog.Version(v) != m.Version {
		return list, false, fail.ErrStale
	}
	if parts.Unmarked && st.Repair {
		return list, true, e.db.Catalog.Mark(ctx, []*ir.Model{m})
	}
	return list, false, nil
}

// copies compares the copies of the catalog in buckets with it, and the lists of partitions with the buckets that they are in.
func (r *runner) copies(ctx context.Context, m *ir.Model, repair bool) (list []verify.Finding, err error) {
	e := r.s.e
	if repair {
		_ = e.db.Catalog.Raise(ctx, m.Name) // what it does not change is found
	}
	err = e.db.Catalog.Copies(ctx, m, func(b *conn.Conn, copied, home string) {
		problem := "the copy of the catalog has another version of " + m.Name + ": the next statement in this bucket raises it"
		if catalog.Number(copied) >= catalog.Number(home) {
			problem = "the copy of the catalog has version " + copied + " of " + m.Name + ", which is newer than the catalog's, " + home + ": were nodes restored from different backups?"
		}
		list = append(list, verify.Finding{Key: b.Keys.Catalog(), Problem: problem})
	})
	if err != nil || !m.Celled() {
		return list, err
	}
	err = e.db.Conn.Misplaced(ctx, m, repair, func(b *conn.Conn, name string) {
		list = append(list, verify.Finding{Key: b.Keys.Parts(), Problem: "it names " + name + ", which belongs in another bucket", Repaired: repair})
	})
	if err != nil {
		return list, err
	}
	lacks, err := e.db.Lacks(ctx, m, repair)
	for _, name := range lacks {
		list = append(list, verify.Finding{Key: e.db.Conn.Keys.Begun(m), Problem: "it lacks " + name + ", which statements over all partitions miss", Repaired: repair})
	}
	return list, err
}

// verifiedParts looks at a model, in each of its partitions and in those that the list of partitions lacks.
func (r *runner) verifiedParts(ctx context.Context, all *ir.Schema, m *ir.Model, repair bool) (out verify.Report, err error) {
	db := r.s.e.db
	tell := func(n int64) { r.progress(run.Progress{What: "VERIFY " + m.Name, Rows: n}) }
	one := func(part *run.Database) error {
		rep, err := verify.Model(ctx, part.Conn, all, m, repair, tell)
		if err != nil {
			return err
		}
		out.Findings, out.Unmarked, out.Over = append(out.Findings, rep.Findings...), out.Unmarked || rep.Unmarked, out.Over+rep.Over
		if !m.Celled() {
			return nil
		}
		right, err := part.Listed(ctx, m, repair)
		if err == nil && !right {
			out.Findings = append(out.Findings, verify.Finding{Key: part.Conn.Keys.Parts(), Problem: "it is wrong about " + m.StoredName() + part.Conn.Keys.Cell, Repaired: repair})
		}
		return err
	}
	if !m.Celled() {
		err = db.Each(ctx, m, one)
		return out, err
	}
	found, texts, err := verify.Names(ctx, db.Conn, all, m, repair, tell)
	if out.Findings = append(out.Findings, found...); err != nil {
		return out, err
	}
	seen := map[string]bool{}
	for _, text := range texts {
		part := db.In(text)
		seen[part.Conn.Keys.Cell] = true
		if err := one(part); err != nil {
			return out, err
		}
	}
	err = db.Each(ctx, m, func(part *run.Database) error {
		if seen[part.Conn.Keys.Cell] {
			return nil
		}
		return one(part)
	})
	return out, err
}

// findings returns rows of the findings, in the order of their keys.
func findings(list []verify.Finding, repair bool) *Rows {
	columns, types := []string{"key", "problem"}, []lang.Type{lang.TypeString, lang.TypeString}
	if repair {
		columns, types = append(columns, "repaired"), append(types, lang.TypeBool)
	}
	slices.SortStableFunc(list, func(a, b verify.Finding) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Problem, b.Problem))
	})
	values := make([][]any, len(list))
	for i, f := range list {
		values[i] = []any{f.Key, f.Problem, f.Repaired}[:len(columns)]
	}
	out := rows.New("VERIFY", columns, values)
	out.Types = types
	return out
}
