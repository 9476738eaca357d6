package verify

import (
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

const (
	documentPage = 500   // documents per round trip
	entryPage    = 1_000 // entries per round trip
)

// page iterates over a sorted set and calls f with each page of members.
func (v *verifier) page(key string, n int, f func([]string) error) error {
	if err := v.scores(key); err != nil {
		return err
	}
	lo := "-"
	for {
		if err := fail.Ended(v.ctx); err != nil {
			return err
		}
		cmd := redis.NewStringSliceCmd(v.ctx, "zrangebylex", key, lo, "+", "limit", 0, n)
		if err := v.c.Process(v.ctx, cmd); err != nil {
			if x := conn.ServerError(err, false, key); x.Code != lang.CodeBadValue {
				return x
			}
			v.found(key, "the key holds another kind of value", false)
			return nil
		}
		list := cmd.Val()
		if len(list) == 0 {
			return nil
		}
		if err := f(list); err != nil {
			return err
		}
		v.seen.add(len(list))
		lo = "(" + list[len(list)-1]
	}
}

// scores checks that all scores of a set are 0, because only then are its members in byte order.
func (v *verifier) scores(key string) error {
	low, high := redis.NewIntCmd(v.ctx, "zcount", key, "-inf", "(0"), redis.NewIntCmd(v.ctx, "zcount", key, "(0", "+inf")
	if err := v.c.Pipeline(v.ctx, []redis.Cmder{low, high}); err != nil {
		return err
	}
	n := low.Val() + high.Val()
	if n == 0 {
		return nil
	}
	v.found(key, strconv.FormatInt(n, 10)+" entries have a score other than 0", v.repair)
	if !v.repair {
		return nil
	}
	for _, bounds := range [][2]string{{"-inf", "(0"}, {"(0", "+inf"}} {
		for {
			cmd := redis.NewStringSliceCmd(v.ctx, "zrangebyscore", key, bounds[0], bounds[1], "limit", 0, documentPage)
			if err := v.c.Process(v.ctx, cmd); err != nil {
				return conn.ServerError(err, false, key)
			}
			if len(cmd.Val()) == 0 {
				break
			}
			if err := v.look([]subject{zero{key, cmd.Val()}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// documents checks every listed document and adds its entries to the sums. It reads the next page meanwhile.
func (v *verifier) documents() error {
	v.sums = make(sums, sumCount)
	key := v.c.Keys.IDs(v.m)
	w := v.walk() // results of the reading goroutine
	err := v.ahead(func(send func(*docPage) error) error {
		return w.page(key, documentPage, func(members []string) error {
			var ids []string
			for _, m := range members {
				id, err := codec.ParseKeyMember(m, v.m.Key.Type)
				if err != nil {
					if err := w.look([]subject{w.junk(key, m, "the entry "+lang.Quote(fail.Clip(m, 40))+" is no key")}); err != nil {
						return err
					}
					continue
				}
				t, _ := ir.KeyText(id)
				ids = append(ids, t)
			}
			p, err := v.read(ids)
			if err != nil {
				return err
			}
			return send(p)
		})
	})
	v.list = append(v.list, w.list...)
	return err
}

// docPage is a page of documents, with the replies to the commands that read them.
type docPage struct {
	ids  []string
	docs []redis.Cmder
	life [][]redis.Cmder
	// members are the replies with the members of collections that have an index: len(v.m.Members) of each document.
	members []*redis.StringSliceCmd
}

// read reads a page of documents.
func (v *verifier) read(ids []string) (*docPage, error) {
	p := &docPage{ids: ids, docs: make([]redis.Cmder, len(ids))}
	var cmds []redis.Cmder
	for i, id := range ids {
		p.docs[i] = v.docs.Cmd(v.ctx, v.c.Keys.Doc(v.m, id))
		cmds = append(cmds, p.docs[i])
		if !v.m.Foreign {
			p.life = append(p.life, v.lifeCmds(id))
			cmds = append(cmds, p.life[i]...)
		}
		for _, ix := range v.m.Members {
			c := redis.NewStringSliceCmd(v.ctx, membersCmd(v.c.Keys.Collection(v.m, ix.Of, id), ix)...)
			p.members, cmds = append(p.members, c), append(cmds, c)
		}
	}
	if len(cmds) == 0 {
		return p, nil
	}
	return p, v.c.Pipeline(v.ctx, cmds)
}

// ahead runs the reading and the checking of pages concurrently, and returns the first error.
func (v *verifier) ahead(read func(send func(*docPage) error) error) error {
	pages, failed := make(chan *docPage, 2), make(chan error, 1)
	go func() {
		defer close(pages)
		failed <- read(func(p *docPage) error {
			select {
			case pages <- p:
				return nil
			case <-v.ctx.Done():
				return fail.Ended(v.ctx)
			}
		})
	}()
	for p := range pages {
		v.add(p)
	}
	return <-failed
}

// add checks the documents of a page, and adds their entries to the sums.
func (v *verifier) add(p *docPage) {
	for i, id := range p.ids {
		key := v.c.Keys.Doc(v.m, id)
		vals, err := v.docs.Values(p.docs[i])
		switch {
		case err != nil:
			v.found(key, "the key holds another kind of value", false)
			continue
		case vals == nil:
			v.suspects = append(v.suspects, id)
			continue
		}
		row := v.values(key, vals)
		if p.life != nil && !v.lives(row, p.life[i]) {
			v.suspects = append(v.suspects, id)
		}
		sum := &v.sums[v.hash.at(id)]
		for j, ix := range v.m.Members {
			if v.believed(ix) {
				for _, m := range v.entriesOf(ix, row, p.members[i*len(v.m.Members)+j].Val()) {
					*sum += v.hash.of(entered{index: len(v.m.Indexes) + j, text: m})
				}
			}
		}
		for i, ix := range v.m.Indexes {
			if v.believed(ix) && readable(ix, row) {
				for _, m := range v.members(ix, row) {
					*sum += v.hash.of(entered{index: i, text: m})
				}
			}
		}
		for i, ix := range v.m.Uniques {
			if v.believed(ix) && readable(ix, row) {
				if f, ok := v.uniqueField(ix, row); ok {
					*sum += v.hash.of(entered{index: len(v.m.Ordered()) + i, text: f, id: id})
				}
			}
		}
	}
}

// listedIn collects the listed documents of the suspect sums, except those already known.
func (v *verifier) listedIn(which []bool, known map[string]bool) error {
	return v.page(v.c.Keys.IDs(v.m), entryPage, func(members []string) error {
		var list []subject
		for _, m := range members {
			x, err := codec.ParseKeyMember(m, v.m.Key.Type)
			if err != nil {
				continue
			}
			if id, _ := ir.KeyText(x); which[v.hash.at(id)] && !known[id] {
				list = append(list, &listed{v: v, id: id})
			}
		}
		return v.look(list)
	})
}

// index subtracts the entries of an index from the sums or, given suspects, collects the entries of these sums.
func (v *verifier) index(n int, ix *ir.Index, suspects []bool) error {
	if suspects == nil {
		v.sums = make(sums, sumCount)
	}
	key := v.c.Keys.Index(v.m, ix)
	return v.page(key, entryPage, func(members []string) error {
		var list []subject
		for _, m := range members {
			x, err := codec.SplitMember(m, len(ix.Cols), v.m.Key.Type)
			if err != nil {
				if suspects == nil {
					list = append(list, v.junk(key, m, "the entry "+lang.Quote(fail.Clip(m, 40))+" is not an entry of the index "+ix.Name))
				}
				continue
			}
			id, _ := ir.KeyText(x)
			at := v.hash.at(id)
			switch {
			case suspects == nil:
				v.sums[at] -= v.hash.of(entered{index: n, text: m})
			case suspects[at]:
				list = append(list, &entry{v: v, ix: ix, key: key, member: m, id: id})
			}
		}
		return v.look(list)
	})
}

// junk returns an entry that names no document.
func (v *verifier) junk(key, member, text string) subject {
	return &entry{v: v, key: key, member: member, text: text}
}

// unique does the same as index for a unique index. HSCAN may return a value twice, which only makes it a suspect.
func (v *verifier) unique(n int, ix *ir.Index, suspects []bool) error {
	if suspects == nil {
		v.sums = make(sums, sumCount)
	}
	key := v.c.Keys.Unique(v.m, ix)
	for entries := v.c.ScanIn("hscan", key); !entries.Done; {
		page, err := entries.Page(v.ctx)
		if err != nil {
			if x, ok := fail.As(err); !ok || x.Code != lang.CodeBadValue {
				return err
			}
			v.found(key, "the key holds another kind of value", false)
			return nil
		}
		var list []subject
		for i := 0; i+1 < len(page); i += 2 {
			field, id := page[i], page[i+1]
			at := v.hash.at(id)
			switch {
			case suspects == nil:
				v.sums[at] -= v.hash.of(entered{index: n, text: field, id: id})
			case suspects[at]:
				list = append(list, &claim{v: v, ix: ix, key: key, field: field, id: id})
			}
		}
		if err := v.look(list); err != nil {
			return err
		}
	}
	return nil
}
