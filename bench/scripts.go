package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
)

// scriptModels are what the compared scripts work on.
const scriptModels = `
MODEL Note { id string KEY, name string, age int INDEX, city string INDEX, visits int DEFAULT 0, tags list<string> DEFAULT [] };
MODEL Purse { id string KEY, balance int, ranked int INDEX };
MODEL Line { id string KEY, jobs pqueue<string>, seen set<string> }`

// Numbers of documents, and of calls in a pipeline.
const (
	notes  = 2000
	purses = 1000
	hot    = 50
)

// shape is a statement whose script is compared with one by hand that works on the same keys and checks what RQL's script checks before
// it writes: that the catalog has the version of the plan, that the document is there and is the one that its key names, that a stored
// number is written as RQL writes it, that the new one does not overflow and, before several writes, that the ACL allows each. Those of
// collections check less: RQL refuses an element that is not a valid text, and therefore cannot use ZPOPMIN.
type shape struct {
	name   string
	target float64
	text   string
	args   func(i int) rql.Args // of call i
	hand   string               // with redis.call as call, ARGV as A and KEYS as K; the version is checked before it
	model  string
	keys   func(i int) []string // behind the catalog
	argv   func(i int) []any    // behind the version
	reset  func(i int) [][]any  // commands that undo call i, or nil
	calls  int                  // of a sample; 0: as many as a pipeline has
	rounds int                  // samples, 0: as many as the options say
}

// recorder keeps the scripts that pass.
type recorder struct{ scripts [][]any }

// DialHook implements redis.Hook.
func (r *recorder) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (r *recorder) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		r.keep(cmd)
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook implements redis.Hook.
func (r *recorder) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, c := range cmds {
			r.keep(c)
		}
		return next(ctx, cmds)
	}
}

func (r *recorder) keep(cmd redis.Cmder) {
	if strings.HasPrefix(strings.ToLower(cmd.Name()), "evalsha") {
		r.scripts = append(r.scripts, append([]any(nil), cmd.Args()...))
	}
}

// scripts compares the scripts of statements with scripts by hand, by the time of the server alone: the least of many samples, of calls one
// by one and of pipelines.
func (b *bench) scripts(ctx context.Context, o options, out io.Writer) error {
	opt, err := redis.ParseURL(o.url)
	if err != nil {
		return fmt.Errorf("the server's URL: %w", err)
	}
	client, rec := redis.NewClient(opt), &recorder{}
	defer client.Close()
	client.AddHook(rec)
	db, err := rql.Wrap(client, rql.WithNamespace(space), rql.WithOwnRoundTrips())
	if err != nil {
		return err
	}
	defer db.Close()
	if err := b.fillNotes(ctx, db); err != nil {
		return err
	}
	fmt.Fprintf(out, "%-44s %26s %28s %7s  %s\n", "server µs of a script", "one by one: by hand, RQL", "in pipelines: by hand, RQL", "target", "verdict")
	for _, s := range b.shapes() {
		if !o.wanted(s.name) {
			continue
		}
		if err := b.compareScripts(ctx, o, out, db, rec, s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// fillNotes writes the documents.
func (b *bench) fillNotes(ctx context.Context, db *rql.DB) error {
	if _, err := db.Exec(ctx, scriptModels); err != nil {
		return err
	}
	var list, money []any
	for i := range notes {
		list = append(list, map[string]any{"id": noteID(i), "name": "Name " + strconv.Itoa(i), "age": i, "city": "c" + strconv.Itoa(i/10%20)})
	}
	for i := range purses {
		money = append(money, map[string]any{"id": purseID(i), "balance": 1000000, "ranked": 1000000})
	}
	if _, err := db.Exec(ctx, `CREATE Note $list; CREATE Purse $money; CREATE Line { id: 'l' }`, rql.Args{"list": list, "money": money}); err != nil {
		return err
	}
	var zs []redis.Z
	var members []any
	for i := range 100000 {
		zs = append(zs, redis.Z{Score: float64(i), Member: "job " + strconv.Itoa(i)})
		members = append(members, "member "+strconv.Itoa(i))
		if len(zs) == 1000 {
			if err := b.hand.ZAdd(ctx, space+":rql:c:Line:jobs:l", zs...).Err(); err != nil {
				return fmt.Errorf("fill a queue: %w", err)
			}
			if err := b.hand.SAdd(ctx, space+":rql:c:Line:seen:l", members...).Err(); err != nil {
				return fmt.Errorf("fill a set: %w", err)
			}
			zs, members = nil, nil
		}
	}
	return nil
}

// compareScripts measures one shape and writes its line.
func (b *bench) compareScripts(ctx context.Context, o options, out io.Writer, db *rql.DB, rec *recorder, s *shape) error {
	calls := s.calls
	if calls == 0 {
		calls = hot
	}
	var sides [2][][]any
	version, err := b.hand.HGet(ctx, space+":rql:catalog", "v:"+s.model).Result()
	if err != nil {
		return fmt.Errorf("read the catalog: %w", err)
	}
	text := "local call,A,K=redis.call,ARGV,KEYS if call('HGET',K[1]," + strconv.Quote("v:"+s.model) + ")~=A[1] then return redis.error_reply('STALE') end\n" + s.hand
	sha, err := b.hand.ScriptLoad(ctx, text).Result()
	if err != nil {
		return fmt.Errorf("load the script: %w", err)
	}
	undo := func(from, to int) error {
		if s.reset == nil {
			return nil
		}
		p := b.hand.Pipeline()
		for i := from; i < to; i++ {
			for _, c := range s.reset(i) {
				p.Do(ctx, c...)
			}
		}
		if _, err := p.Exec(ctx); err != nil {
			return fmt.Errorf("undo a call: %w", err)
		}
		return nil
	}
	for i := range calls + 3 { // the plan has its last form from the second run on
		rec.scripts = rec.scripts[:0]
		k := max(i-3, 0)
		if err := undo(k, k+1); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, s.text, s.args(k)); err != nil {
			return err
		}
		if i < 3 {
			continue
		}
		if len(rec.scripts) != 1 {
			return fmt.Errorf("the statement sent %d scripts", len(rec.scripts))
		}
		sides[1] = append(sides[1], rec.scripts[0])
		keys := append([]string{space + ":rql:catalog"}, s.keys(k)...)
		cmd := []any{"evalsha", sha, len(keys)}
		for _, key := range keys {
			cmd = append(cmd, key)
		}
		sides[0] = append(sides[0], append(append(cmd, version), s.argv(k)...))
	}
	rounds := s.rounds
	if rounds == 0 {
		rounds = o.rounds * 5
	}
	var least [2][2]float64
	for m := range least {
		for side := range sides {
			least[m][side] = math.Inf(1)
		}
	}
	for range rounds {
		for m, batch := range []int{1, calls} {
			for side := range sides {
				if err := undo(0, calls); err != nil {
					return err
				}
				us, err := b.replay(ctx, sides[side], batch)
				if err != nil {
					return err
				}
				least[m][side] = min(least[m][side], us/float64(calls))
			}
		}
	}
	if err := undo(0, calls); err != nil {
		return err
	}
	verdict := "met"
	ratio := least[1][1] / least[1][0]
	if ratio > s.target {
		verdict = "MISSED"
	}
	fmt.Fprintf(out, "%-44s %8s %8s %6.2f %12s %8s %6.2f %9s  %s\n", s.name, micros2(least[0][0]), micros2(least[0][1]), least[0][1]/least[0][0],
		micros2(least[1][0]), micros2(least[1][1]), ratio, fmt.Sprintf("≤ %g", s.target), verdict)
	return nil
}

// micros2 prints microseconds with two decimals where they are few.
func micros2(us float64) string {
	if us < 100 {
		return strconv.FormatFloat(us, 'f', 2, 64)
	}
	return micros(us)
}

// replay sends commands in pipelines of n, and returns how long the server spent on them.
func (b *bench) replay(ctx context.Context, cmds [][]any, n int) (float64, error) {
	before, err := b.usage(ctx)
	if err != nil {
		return 0, err
	}
	for at := 0; at < len(cmds); at += n {
		p := b.hand.Pipeline()
		for _, c := range cmds[at:min(at+n, len(cmds))] {
			p.Do(ctx, c...)
		}
		if _, err := p.Exec(ctx); err != nil {
			return 0, fmt.Errorf("run a script: %w", err)
		}
	}
	after, err := b.usage(ctx)
	if err != nil {
		return 0, err
	}
	return after.scripts - before.scripts, nil
}
