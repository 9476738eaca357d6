package run

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// claim is a value of a UNIQUE GLOBAL that a document is to get, or has lost.
type claim struct {
	m        *ir.Model
	i        int           // of the UNIQUE
	id       string        // of the UNIQUE, as a script names it
	keys     keyspace.Keys // of the document's partition
	key      string        // of the document
	value    string
	low      string // the number must exceed it
	place    any    // of the statement in the script
	number   string // that it has; "" as long as there is none
	entry    string // of another document, or what is to be removed
	from     *Database
	of       string // the document of the entry: its key, in the partition of from
	released bool
}

// highest is the field of the hash of entries with the highest number; a value is never encoded so.
const highest = "#"

// claimTurns is how often an entry may be another one when it is to be replaced.
const claimTurns = 32

// bucket returns the number of the bucket of the value.
func (c *claim) bucket() int { return keyspace.BucketOf(c.value, c.keys.Buckets()) }

// holder is the document in an entry.
func (c *claim) holder() string {
	if c.m.Celled() {
		return c.keys.Cell + ":" + c.key
	}
	return ":" + c.key
}

// claims reads the claims that a script asks for, or those of values that it took from documents: so many items for each.
func (db *Database) claims(s *lua.Script, items []any, each int) []*claim {
	r := script.Reply(items)
	var list []*claim
	for n := 0; n+each <= len(items); n += each {
		c := &claim{id: r.Str(n), keys: db.Conn.Keys, key: r.Str(n + 1), value: r.Str(n + 2), low: "0"}
		if each > 3 {
			c.low, c.place = r.Str(n+3), items[n+4]
		}
		if c.m, c.i = s.GlobalOf(c.id); c.m != nil {
			list = append(list, c)
		}
	}
	return list
}

// claimText is what a script is sent of claims.
func claimText(list []*claim, number func(*claim) string) string {
	var b strings.Builder
	for _, c := range list {
		n := number(c)
		if n == "" {
			continue
		}
		for _, x := range []string{c.id, c.key, c.value, strconv.Itoa(c.bucket()), n} {
			b.WriteString(strconv.Itoa(len(x)))
			b.WriteByte(':')
			b.WriteString(x)
			b.WriteByte(',')
		}
	}
	return b.String()
}

func numberOf(c *claim) string { return c.number }

// Claim makes the claims that a script asks for, and returns what it is to be sent. If another document has one of the values, the error is
// that of the script.
func (db *Database) Claim(ctx context.Context, in *conn.Conn, s *lua.Script, asks []any) (string, error) {
	db = db.On(in)
	list := db.claims(s, asks, 5)
	held, err := db.take(ctx, list)
	if err == nil && held != nil {
		_, err = script.Read(s, []any{"!", string(lang.CodeUnique), held.place, held.keys.Doc(held.m, held.key), held.m.Uniques[held.i].Label(), held.from.Conn.Keys.Doc(held.m, held.of)})
	}
	return claimText(list, numberOf), err
}

// take makes claims, and takes over the entries of documents that lack the values. It returns the first claim of a value that another document
// has.
func (db *Database) take(ctx context.Context, open []*claim) (*claim, error) {
	for range claimTurns {
		held, err := db.enter(ctx, open)
		if err != nil || len(held) == 0 {
			return nil, err
		}
		have, err := db.void(ctx, held)
		if err != nil {
			return nil, err
		}
		if i := slices.Index(have, true); i >= 0 {
			return held[i], nil
		}
		open = held
	}
	return nil, fail.Errorf(lang.CodeBusy, lang.Span{}, "other clients keep taking the values of UNIQUE %s", open[0].m.Uniques[open[0].i].Label())
}

// ahead makes the claims of the documents that jobs are to create, before their scripts are sent, as far as the values have no entries of other
// documents.
func ahead(ctx context.Context, jobs ...*task) error {
	var list []*claim
	of := map[*task][]*claim{}
	for _, j := range jobs {
		step, ok := j.p.Step.(*planner.BlockStep)
		for _, x := range j.bound.Globals {
			if ok {
				c := &claim{m: x.Model, i: x.Unique, id: step.Script.GlobalID(x.Model, x.Unique), keys: j.db.Conn.Keys, key: x.Key, value: x.Value, low: "0"}
				list, of[j] = append(list, c), append(of[j], c)
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	db := jobs[0].db
	if _, err := db.enter(ctx, list); err != nil {
		_ = db.release(ctx, list)
		return err
	}
	for _, j := range jobs {
		for _, c := range of[j] {
			if c.number != "" {
				j.bound.Claimed = append(j.bound.Claimed, c.id, c.key, c.value, c.low, "0")
			}
		}
		if text := claimText(of[j], numberOf); text != "" {
			j.bound.AddClaims(text)
		}
	}
	return nil
}

// GiveBack removes the entries of values that documents have lost, where they are still theirs. If it does not succeed, the values are free
// nevertheless.
func (db *Database) GiveBack(ctx context.Context, in *conn.Conn, s *lua.Script, gave []any) {
	_ = db.On(in).release(ctx, db.On(in).claims(s, gave, 3))
}

// release removes the entries of documents that lack the values.
func (db *Database) release(ctx context.Context, list []*claim) error {
	if len(list) == 0 {
		return nil
	}
	cmds := make([]redis.Cmder, len(list))
	for i, c := range list {
		cmds[i] = redis.NewStringCmd(ctx, "hget", c.keys.Bucket(c.bucket()).Entries(c.m, c.m.Uniques[c.i]), c.value)
	}
	if err := db.Conn.Wide().Pipeline(ctx, cmds); err != nil {
		return Unread(err)
	}
	var own []*claim
	for i, c := range list {
		c.entry = cmds[i].(*redis.StringCmd).Val()
		if _, of, ok := strings.Cut(c.entry, " "); ok && of == c.holder() && db.owner(c) == nil {
			own = append(own, c)
		}
	}
	return db.remove(ctx, own)
}

// remove makes the numbers of entries void and removes the entries, but for those whose documents have the values.
func (db *Database) remove(ctx context.Context, list []*claim) error {
	has, err := db.void(ctx, list)
	if err != nil {
		return err
	}
	var left []*claim
	for i, c := range list {
		if c.released = !has[i]; c.released {
			left = append(left, c)
		}
	}
	_, err = db.enter(ctx, left)
	return err
}

// enter sets the entries of claims, or removes those that were released. It returns the claims whose values have entries of other documents.
func (db *Database) enter(ctx context.Context, list []*claim) (held []*claim, err error) {
	schema := db.Catalog.Schema()
	var calls []*call
	at := map[string]*call{}
	for _, c := range list {
		b, ix := c.keys.Bucket(c.bucket()), c.m.Uniques[c.i]
		key := b.Entries(c.m, ix)
		x := at[key]
		if x == nil {
			x = &call{on: db.Conn.Bucket(c.bucket()), script: lua.Claim(), args: script.New(b.Never(), []string{b.Catalog(), key}, c.m.Name, bind.Version(schema, c.m))}
			at[key], calls = x, append(calls, x)
		}
		doc := c.holder()
		if c.released {
			doc = ""
		}
		x.args.Words = append(x.args.Words, c.value, c.entry, doc, c.low)
		x.claims = append(x.claims, c)
	}
	if err := db.callAll(ctx, calls); err != nil {
		return nil, err
	}
	for _, x := range calls {
		for i, c := range x.claims {
			r := script.Reply(x.reply.List(2)).Str(i)
			number, _, isEntry := strings.Cut(r, " ")
			if !isEntry {
				c.number = number
				continue
			}
			c.entry = r
			if err := db.owner(c); err != nil {
				return nil, err
			}
			held = append(held, c)
		}
	}
	return held, nil
}

// void asks the documents of entries whether they have the values. The numbers of the entries of the others become void.
func (db *Database) void(ctx context.Context, list []*claim) (have []bool, err error) {
	var calls []*call
	at := map[string]*call{}
	for _, c := range list {
		keys := c.from.Conn.Keys
		key := keys.Doc(c.m, "") + "\x00" + keys.Void(c.m, c.m.Uniques[c.i])
		x := at[key]
		if x == nil {
			s, err := db.voiding(c.m, c.i)
			if err != nil {
				return nil, err
			}
			b, err := c.from.Prepared(s, db.Catalog.Schema())
			if err != nil {
				return nil, err
			}
			x = &call{on: c.from.Conn, script: s, args: &b.Args}
			at[key], calls = x, append(calls, x)
		}
		x.claims = append(x.claims, c)
	}
	for _, x := range calls {
		asked := make([]*claim, len(x.claims))
		for i, c := range x.claims {
			of := *c
			of.key = c.of
			asked[i] = &of
		}
		x.args.Set(plan.RunClaims, claimText(asked, func(c *claim) string {
			number, _, _ := strings.Cut(c.entry, " ")
			return number
		}))
	}
	if err := db.callAll(ctx, calls); err != nil {
		return nil, err
	}
	has := make(map[*claim]bool, len(list))
	for _, x := range calls {
		r := script.Reply(x.reply.List(3))
		for i, c := range x.claims {
			has[c] = r.Str(i) == "1"
		}
	}
	have = make([]bool, len(list))
	for i, c := range list {
		have[i] = has[c]
	}
	return have, nil
}

// voidings are the scripts of voiding for one schema.
type voidings struct {
	mu     sync.Mutex
	schema *ir.Schema
	by     map[string]*lua.Script
}

// voiding returns the script that asks documents for values of a UNIQUE GLOBAL.
func (db *Database) voiding(m *ir.Model, i int) (*lua.Script, error) {
	v, schema := db.voidings, db.Catalog.Schema()
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.schema != schema {
		v.schema, v.by = schema, map[string]*lua.Script{}
	}
	name := m.Name + "." + strconv.Itoa(i)
	if s := v.by[name]; s != nil {
		return s, nil
	}
	s, err := lua.NewVoiding(schema, m, i)
	if err == nil {
		v.by[name] = s
	}
	return s, err
}

// call is a script that is run in one of several buckets.
type call struct {
	on     *conn.Conn
	script *lua.Script
	args   *script.Args
	claims []*claim
	reply  script.Reply
}

// callAll runs scripts in one round trip.
func (db *Database) callAll(ctx context.Context, calls []*call) (err error) {
	if len(calls) == 1 {
		x := calls[0]
		x.reply, err = x.on.Run(ctx, x.script, x.args)
		return err
	}
	cmds := make([]redis.Cmder, len(calls))
	for i, x := range calls {
		cmds[i] = x.on.Command(ctx, x.script, x.args, false)
	}
	if len(cmds) == 0 {
		return nil
	}
	if err := db.Conn.Scatter(ctx, cmds); err != nil {
		return Unread(err)
	}
	for i, x := range calls {
		if x.reply, err = x.on.Received(ctx, x.script, x.args, cmds[i], cmds[i].Err()); err != nil {
			return err
		}
	}
	return nil
}
