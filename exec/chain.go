package exec

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

const (
	// minChain is the number of writes from which they share a round trip: a guard costs four more commands.
	minChain = 4
	// chainLife is how long the guard's key exists at most, in milliseconds, if nothing deletes it.
	chainLife = 60_000
)

// link is a statement of a chain: a program of its own, whose plan is that of every statement of its form.
type link struct {
	runner runner
	plan   *planner.Plan
	job    *run.Job
}

// chain sends consecutive statements that are one script each, from statement i on, in one round trip, and delivers their
// results. A guard makes each script run only if the one before it has: it does nothing after one that failed, so the first
// failure ends the text, as if they were sent one by one. chain returns the number of statements that ran; 0 if they are to be
// sent one by one.
func (r *runner) chain(ctx context.Context, i int) (int, error) {
	if i < r.unchained || !r.chains() {
		return 0, nil
	}
	links := r.links(ctx, i)
	if len(links) < minChain {
		r.unchained = i + len(links)
		return 0, nil
	}
	links = r.sendLinks(ctx, links)
	for n, l := range links {
		err := l.job.Finish()
		if err == nil {
			err = behind(r.deliver(&l.job.Rows, i+n), links[n+1:])
		} else if alone(err) {
			if err = r.one(ctx, i+n, nil); err == nil {
				return n + 1, nil
			}
			return 0, r.place(err, i+n)
		}
		if err != nil {
			return 0, r.place(r.moved(inDoubt(err, len(links)-1-n), l, i+n), i+n)
		}
	}
	return len(links), nil
}

// sendLinks sends statements up to the first whose arguments are invalid, and returns those whose turn comes: none if the server
// does not allow the guard, without which no script does anything.
func (r *runner) sendLinks(ctx context.Context, links []*link) []*link {
	key := r.s.e.db.Conn.Keys.Chain(rand.Text())
	shared := &run.Shared{Ordered: true}
	start, life := redis.NewIntCmd(ctx, "hset", key, script.ChainField, Place{}.String()), redis.NewIntCmd(ctx, "pexpire", key, chainLife)
	cmds := append(make([]redis.Cmder, 0, len(links)+3), start, life)
	for n := range links {
		l := links[n]
		l.job = l.runner.newJob(ctx, l.plan)
		l.job.Guard = &script.Guard{Key: key, Chain: true, Place: Place{Statement: n}}
		l.job.Join(shared)
		if err := l.job.Start(ctx, ""); err != nil {
			l.job.Fail(err)
			links = links[:n+1]
			break
		}
		cmds = append(cmds, l.job.Cmds()...)
	}
	cmds = append(cmds, redis.NewIntCmd(ctx, "del", key))
	if err := r.s.e.db.Conn.Batch(ctx, cmds, false); err != nil {
		for n := range links {
			links[n].job.Lost(err)
		}
	}
	if isReply(start.Err()) || isReply(life.Err()) {
		r.unchained = len(r.c.Prog.Stmts) // the server refuses the guard
	}
	if err := start.Err(); isReply(err) && fail.ReplyWord(err.Error()) == "NOPERM" {
		return nil
	}
	return links
}

// isReply reports whether an error is one with which the server replied.
func isReply(err error) bool { return err != nil && !conn.IsConnection(err) }

// chains reports whether statements can be chained on this server: it runs the commands of one round trip in order, and the
// scripts need no second one for the names of keys.
func (r *runner) chains() bool {
	c := r.s.e.db.Conn
	return r.target == nil && r.guard == nil && r.block == nil && !c.Cluster() && !c.Embedded() && !c.Caps.Declared
}

// links plans the consecutive statements from statement i on that may be chained. Those that work in buckets may not: a guard is in one slot.
func (r *runner) links(ctx context.Context, i int) (links []*link) {
	for ; i < len(r.c.Prog.Stmts) && len(links) < maxTogether; i++ {
		st := r.c.Prog.Stmts[i]
		if !oneScript(st) || r.named && names(st) {
			break
		}
		text := lang.NewSource("", r.src.Slice(compile.Respan(r.c.Source, r.src, st.Info().Sp)))
		l := &link{runner: runner{s: r.s, src: text, args: r.args}}
		c, err := r.s.e.cache.Text(ctx, text, r.args, check.Options{})
		if err != nil || l.runner.use(c) != nil {
			break
		}
		if l.plan, err = c.Plan(0, r.s.e.db.Conn.Can()); err != nil || !chainable(l.plan) || len(l.plan.Pins) > 0 && r.s.e.db.Conn.Keys.Buckets() > 1 {
			break
		}
		links = append(links, l)
	}
	return links
}

// oneScript reports whether a statement may be one script that writes.
func oneScript(st ir.Stmt) bool {
	switch st.(type) {
	case *ir.Create, *ir.Update, *ir.Delete, *ir.Copy, *ir.Expire, *ir.Atomic, *ir.Invoke:
		return len(st.Info().Pre) == 0
	}
	return false
}

// chainable reports whether a plan is one script that writes, and nothing else.
func chainable(p *planner.Plan) bool {
	joins, _ := run.Joins(p)
	step, block := p.Step.(*planner.BlockStep)
	return joins && block && !p.Refreshes && step.Key == nil && !step.Cascades() && step.Script.Access != plan.Reads
}

// names reports whether a statement reads a name of LET, whose value may be the key of a document that is read before the
// statement is sent.
func names(st ir.Stmt) (does bool) {
	ir.Exprs(st, func(x ir.Expr) {
		ir.Walk(x, func(x ir.Expr) bool {
			v, is := x.(*ir.Var)
			does = does || is && v.V.Top
			return !does
		})
	})
	return does
}

// moved converts the error of a link to one of the text of which it is statement i.
func (r *runner) moved(err error, l *link, i int) error {
	e, ok := fail.As(l.runner.place(err, 0))
	if !ok || e.Source != l.runner.src {
		return err
	}
	c, from := *e, compile.Respan(r.c.Source, r.src, r.c.Prog.Stmts[i].Info().Sp).Start
	c.Source, c.Statement = nil, -1
	c.Span = compile.Respan(r.src, r.c.Source, lang.Span{Start: from + c.Span.Start, End: from + c.Span.End})
	return &c
}

// alone reports whether a statement of a chain did nothing, and is to be sent alone: one before it was, or the plan was made
// for another catalog.
func alone(err error) bool {
	if errors.Is(err, fail.ErrStale) || errors.Is(err, bind.ErrRefused) {
		return true
	}
	e, ok := fail.As(err)
	return ok && e.Code == lang.CodeMigrationLost
}

// behind adds to the error with which the result of a statement was received how many of the statements that were sent with it, and
// are behind it, have run.
func behind(err error, links []*link) error {
	e, ok := fail.As(err)
	if !ok {
		return err
	}
	n := 0
	for n < len(links) && links[n].job.Finish() == nil {
		n++
	}
	if n == 0 {
		return err
	}
	c, hint := *e, fmt.Sprintf("of the statements behind it, which were sent together with it, %d had been applied", n)
	if c.Hint != "" {
		hint = c.Hint + "; " + hint
	}
	return c.WithHint(hint)
}

// inDoubt adds to the error of a statement that may have run that the n statements sent with it may have run too.
func inDoubt(err error, n int) error {
	e, ok := fail.As(err)
	if !ok || e.Outcome != OutcomeUnknown || n == 0 {
		return err
	}
	c := *e
	return c.WithHint(fmt.Sprintf("it was sent together with the next %d statements: each of them was applied once or not at all, none without those before it; read before you repeat them", n))
}
