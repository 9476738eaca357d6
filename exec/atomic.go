package exec

import (
	"context"
	"errors"
	"sort"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

// atomic is a batch as one block. Its text is that of its calls in order, with
// parameters that are told apart; the checker makes one statement of it, whose
// row has what each statement gives.
type atomic struct {
	calls  []Batched
	runner runner
	scope  scope
	pieces []piece
}

// piece is a part of the block's text that is copied from that of a call.
type piece struct {
	at   int // in the block's text
	call int
	from int // in the call's text
}

// Atomic runs calls as one block: all of them or none, in one round trip. If one
// of them cannot be part of a block, nothing is sent. Each gets its result or an
// error; all but the one that failed have errors that Follow it.
func (e *Engine) Atomic(ctx context.Context, calls []Batched) {
	a := &atomic{calls: calls, scope: scope{e: e}}
	for i := range calls {
		x := &calls[i]
		if x.Err == nil {
			x.Call.runner.to = x.To
			x.Err = a.plan(i)
		}
		if x.Err != nil {
			x.Err = numbered(x.Err, i)
			spoil(calls, i)
			return
		}
	}
	if len(calls) == 0 {
		return
	}
	a.runner = runner{s: &a.scope, block: a}
	a.join()
	if done, err := a.run(ctx); err != nil {
		a.failed(err)
	} else {
		a.deliver(done)
	}
}

// plan plans the statements of call k by themselves, for the form of their rows.
func (a *atomic) plan(k int) error {
	r := &a.calls[k].Call.runner
	for i := range r.c.Prog.Stmts {
		if _, err := r.c.Plan(i, r.s.e.db.Conn.Can()); err != nil {
			return r.place(run.PlanError(err, i), i)
		}
	}
	return nil
}

// join makes the text and the arguments of the block.
func (a *atomic) join() {
	given := map[string]bool{}
	for _, x := range a.calls {
		for name := range x.Call.runner.args {
			given[name] = true
		}
	}
	var text strings.Builder
	args, taken := map[string]any{}, map[string]bool{}
	for k, x := range a.calls {
		r := &x.Call.runner
		a.scope.batch = append(a.scope.batch, len(r.c.Prog.Stmts))
		own, at := map[string]string{}, 0
		copied := func(to int) {
			a.pieces = append(a.pieces, piece{at: text.Len(), call: k, from: at})
			text.WriteString(r.src.Text[at:to])
			at = to
		}
		for _, t := range parser.Lex(r.src.Text) {
			if t.Kind != parser.TokenParam {
				continue
			}
			name := strings.TrimSuffix(r.src.Text[t.Span.Start+1:t.Span.End], "?")
			as, known := own[name]
			if !known {
				as = name
				for n := k + 1; taken[as] || as != name && given[as]; n++ {
					as = name + "_" + strconv.Itoa(n)
				}
				own[name], taken[as] = as, true
				if v, ok := r.args[name]; ok { // an optional one may be absent
					args[as] = v
				}
			}
			if as != name {
				copied(t.Span.Start + 1)
				text.WriteString(as)
				at = t.Span.Start + 1 + len(name)
			}
		}
		copied(len(r.src.Text))
		text.WriteString("\n;\n") // behind a comment too
	}
	a.runner.src, a.runner.args = lang.NewSource("", text.String()), args
}

// run runs the block.
func (a *atomic) run(ctx context.Context) (*Rows, error) {
	r := &a.runner
	c, err := a.scope.e.cache.Text(ctx, r.src, r.args, a.scope.options())
	if err != nil {
		return nil, err
	}
	if err := r.use(c); err != nil {
		return nil, err
	}
	return r.statement(ctx, 0)
}

// again compiles the calls again, whose rows may be others when the catalog has changed.
func (a *atomic) again(ctx context.Context) error {
	for k := range a.calls {
		x := &a.calls[k]
		if x.Err = x.Call.runner.compile(ctx, 0); x.Err == nil {
			x.Err = a.plan(k)
		}
		if x.Err != nil {
			x.Err = numbered(x.Err, k)
			spoil(a.calls, k)
			return x.Err
		}
	}
	return nil
}

// failed gives each call its error.
func (a *atomic) failed(err error) {
	for _, x := range a.calls {
		if x.Err != nil {
			return // each has one
		}
	}
	k, own := a.blame(err)
	for i := range a.calls {
		x := &a.calls[i]
		if k < 0 || i == k {
			x.Err = own
			continue
		}
		// What failed is no cause: a program that asks by errors.Is means its own text.
		x.Follows, x.Err = true, &lang.Error{Code: lang.CodeCancelled, Statement: -1,
			Message: "nothing of the batch was done: this is its text " + strconv.Itoa(i+1) + ", and text " + strconv.Itoa(k+1) + " failed"}
	}
}

// blame finds the call that an error is of, and makes it one of that call's text; below 0: it is of the whole block.
func (a *atomic) blame(err error) (int, error) {
	var mistakes *CheckError
	if errors.As(err, &mistakes) {
		return a.mistaken(mistakes)
	}
	e, ok := fail.As(err)
	if !ok || e.Span == (lang.Span{}) {
		return -1, err
	}
	sp := compile.Respan(a.runner.c.Source, a.runner.src, e.Span)
	k, _ := a.locate(sp.Start)
	own := *e
	own.Source, own.Statement, own.Span = a.calls[k].Call.runner.src, a.statement(k, sp), a.span(k, sp)
	own.Within = a.within(k, sp, e.Within)
	return k, numbered(own.Locate(), k)
}

// mistaken is the call with the first mistake in the block, and its mistakes.
func (a *atomic) mistaken(all *CheckError) (int, error) {
	first := -1
	var diags lang.Diags
	for _, d := range all.Diags {
		k, _ := a.locate(d.Span.Start)
		if d.Severity != lang.SeverityError || first >= 0 && k != first {
			continue
		}
		first = k
		own := *d
		own.Span, own.Stmt, own.Within = a.span(k, d.Span), a.statement(k, d.Span), a.within(k, d.Span, d.Within)
		if d.Code == lang.CodeTooLong || d.Code == lang.CodeTooLarge { // the text by itself was not
			own.Hint = "the batch is one block, with the limits of one text: send it in several batches, or CREATE lists of documents"
		}
		diags = append(diags, &own)
	}
	if first < 0 {
		return -1, all
	}
	return first, numbered(lang.NewCheckError(a.calls[first].Call.runner.src, diags), first)
}

// numbered says in the message of an error that it is of text k of the batch.
func numbered(err error, k int) error {
	text := " (text " + strconv.Itoa(k+1) + " of the batch)"
	var mistakes *CheckError
	if errors.As(err, &mistakes) {
		diags := make(lang.Diags, len(mistakes.Diags))
		for i, d := range mistakes.Diags {
			own := *d
			own.Message += text
			diags[i] = &own
		}
		return lang.NewCheckError(mistakes.Source, diags)
	}
	if e, ok := fail.As(err); ok {
		own := *e
		own.Message += text
		return &own
	}
	return err
}

// locate finds the call, and the place in its text, of a place in the block's text.
func (a *atomic) locate(at int) (call, own int) {
	i := sort.Search(len(a.pieces), func(i int) bool { return a.pieces[i].at > at }) - 1
	p := a.pieces[max(i, 0)]
	return p.call, min(p.from+at-p.at, len(a.calls[p.call].Call.runner.src.Text))
}

// span is a span of the block's text as one of the text of call k, in which it begins.
func (a *atomic) span(k int, sp lang.Span) lang.Span {
	_, start := a.locate(sp.Start)
	call, end := a.locate(sp.End)
	if call != k {
		end = len(a.calls[k].Call.runner.src.Text)
	}
	return lang.Span{Start: start, End: end}
}

// within is the place in a procedure that call k calls.
func (a *atomic) within(k int, sp lang.Span, w *lang.Within) *lang.Within {
	if w == nil {
		return nil
	}
	own := *w
	own.Call = a.span(k, sp)
	return &own
}

// statement is the ordinal in its text of the statement of call k in which a span begins.
func (a *atomic) statement(k int, sp lang.Span) int {
	_, at := a.locate(sp.Start)
	r, n := &a.calls[k].Call.runner, 0
	for i, st := range r.c.Prog.Stmts {
		if compile.Respan(r.c.Source, r.src, st.Info().Sp).Start <= at {
			n = i
		}
	}
	return n
}

// deliver gives each call its part of the block's row.
func (a *atomic) deliver(done *Rows) {
	values := map[string]any{}
	for done.Next() {
		for i, v := range done.Values() {
			values[done.Columns[i]] = v
		}
	}
	ord, changed := 0, int64(0)
	for k := range a.calls {
		x := &a.calls[k]
		r := &x.Call.runner
		for i := range r.c.Prog.Stmts {
			column := strconv.Itoa(ord)
			ord++
			p, err := r.c.Plan(i, r.s.e.db.Conn.Can())
			if err != nil { // it was planned before
				x.Err = err
				break
			}
			out := &Rows{Kind: p.Kind, Columns: p.Columns, Types: p.Types, Scalar: p.Scalar}
			out.From(rows.List(rowsOf(p, values["v"+column])))
			if n, ok := values["n"+column].(int64); ok {
				out.Count(n - changed)
				changed = n
			}
			for _, w := range done.Warnings() {
				out.Warn(w)
			}
			if err := r.deliver(out, i); err != nil {
				x.Err = numbered(carriedOut(r.place(err, i), done.Affected()), k)
				break
			}
		}
	}
}

// carriedOut says in the error of rows that could not be read that the block has changed documents, of whichever call they are.
func carriedOut(err error, changed int64) error {
	e, ok := fail.As(err)
	if !ok || changed == 0 || e.Outcome != lang.OutcomeNone {
		return err
	}
	own := *e
	own.Outcome, own.Done = lang.OutcomeDone, changed
	return &own
}

// rowsOf are the rows of a planned statement whose value a block has given.
func rowsOf(p *planner.Plan, v any) [][]any {
	if len(p.Columns) == 0 || v == nil {
		return nil
	}
	list, many := v.([]any)
	if !many {
		list = []any{v}
	}
	names := compile.Stored(p.Stmt, p.Columns) // as the block has them
	out := make([][]any, len(list))
	for i, x := range list {
		members, is := x.(map[string]any)
		if p.Scalar || !is {
			out[i] = []any{x}
			continue
		}
		row := make([]any, len(p.Columns))
		for j, name := range names {
			row[j] = members[name]
		}
		out[i] = row
	}
	return out
}
