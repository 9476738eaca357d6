package judge

import (
	"context"
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// invoke runs CALL: its parameters, then the body up to its RETURN. Failures
// inside are reported at the call.
func (r *run) invoke(c *ir.Invoke) (*Result, error) {
	for _, l := range c.Binds {
		if _, err := r.let(l); err != nil {
			return nil, asFailure(err).in(c.Sp)
		}
	}
	return r.keyed(c.Key, func() (*Result, error) {
		out, wrote := &Result{}, len(r.wrote)
		_, err := r.body(c.Body, out)
		for i := wrote; i < len(r.wrote); i++ {
			r.wrote[i].sp = c.Sp
		}
		if err != nil {
			f := asFailure(err)
			f.sp = c.Sp
			return nil, f
		}
		return out, nil
	})
}

// record is the stored result of an ATOMIC KEY.
type record struct {
	sum    string
	res    Result
	warned []lang.Code
	until  lang.DateTime
}

// keyed runs a block unless its key has a record, which is then the result.
// The record of a new run is stored when the statement has succeeded.
func (r *run) keyed(o *ir.BlockKey, f func() (*Result, error)) (*Result, error) {
	if o == nil {
		return f()
	}
	s := &scope{r: r}
	k, err := s.eval(o.Key)
	if err != nil {
		return nil, err
	}
	d, err := s.eval(o.For)
	if err != nil {
		return nil, err
	}
	key, isText := k.(string)
	keep, isTime := d.(lang.Duration)
	switch {
	case !isText || !isTime:
		return nil, fail(lang.CodeNullValue, "the key or the duration is null")
	case key == "" || len(key) > lang.MaxIndexed:
		return nil, fail(lang.CodeBadKey, "a key of %d bytes", len(key))
	case keep < 1:
		return nil, fail(lang.CodeBadArgument, "a duration of %d ms", keep)
	}
	text := r.prog.Source.Slice(o.Body)
	if o.In != nil {
		text = o.In.Def
	}
	sum := parser.Sum(text)
	if had, ok := r.db.results[r.db.part+"\x00"+key]; ok && had.until > r.now {
		if had.sum != sum {
			return nil, fail(lang.CodeKeyReused, "%q was used for another block", key)
		}
		for _, w := range had.warned {
			r.warn(w)
		}
		res := had.res
		return &res, nil
	}
	res, err := f()
	if err != nil {
		return nil, err
	}
	r.keep = func() {
		kept := *res
		r.db.results[r.db.part+"\x00"+key] = record{sum: sum, res: kept, warned: slices.Clone(r.warned), until: r.now + lang.DateTime(keep)}
	}
	return res, nil
}

// defineProcedure stores a procedure, or drops it.
func (r *run) defineProcedure(name string, p *ir.Procedure) *Result {
	r.reshape(func() {
		if p == nil {
			r.db.schema = r.db.schema.WithoutProcedure(name)
		} else {
			r.db.schema = r.db.schema.WithProcedure(p)
		}
	})
	return &Result{}
}

// reshape warns about the procedures that are no longer valid after f.
func (r *run) reshape(f func()) {
	before := r.db.schema
	f()
	if before == r.db.schema {
		return
	}
	names, _ := check.Broken(context.Background(), before, r.db.schema)
	for range names {
		r.warn(lang.CodeBrokenProcedure)
	}
}

func (r *run) showProcedures(s *ir.Show) *Result {
	res := &Result{Columns: []string{"procedure"}}
	if s.Proc != nil {
		res.Rows = append(res.Rows, []any{s.Proc.Def})
		return res
	}
	for _, name := range r.db.schema.Procedures() {
		res.Rows = append(res.Rows, []any{name})
	}
	return res
}
