package doctor

import (
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/verify"
	"github.com/rql-lang/rql/lang/ir"
)

// named is the maximum number of keys that a finding names.
const named = 5

// orphans are keys to which nothing refers, of a model or RQL's own.
type orphans struct {
	keys []string // the first of them
	n    int
}

func (o *orphans) add(key string) {
	if o.n++; len(o.keys) < named {
		o.keys = append(o.keys, key)
	}
}

func (o *orphans) text() string {
	s := strings.Join(o.keys, ", ")
	if more := o.n - len(o.keys); more > 0 {
		s += " and " + strconv.Itoa(more) + " more"
	}
	return s
}

// keys scans all keys of the namespace once and reports those to which nothing refers.
func (x *examination) keys(tell func(int64)) error {
	total := &Keys{}
	unlisted := map[string]*orphans{} // documents, by model
	var own []string                  // RQL's keys that no definition uses
	seen := map[string]bool{}         // of own: SCAN may return a name twice
	models := x.prefixes()
	in := func(c *conn.Conn) error {
		for scan := c.ScanKeys(keyspace.Escape(c.Keys.Prefix) + "*"); !scan.Done; {
			page, err := scan.Page(x.ctx)
			if err != nil {
				return err
			}
			docs := map[*ir.Model][]string{}
			for _, key := range page {
				total.All++
				name := strings.TrimPrefix(key, c.Keys.Prefix)
				if rest, is := strings.CutPrefix(name, "rql:"); is {
					if !x.known(c, rest) && !seen[key] {
						seen[key], own = true, append(own, key)
					}
					continue
				}
				if m := models.of(name); m != nil && x.lies(c, m) {
					docs[m] = append(docs[m], key)
				} else {
					total.Other++
				}
			}
			if err := x.unlisted(c, docs, unlisted); err != nil {
				return err
			}
			if tell != nil {
				tell(total.All)
			}
		}
		return nil
	}
	if err := in(x.c); err != nil {
		return err
	}
	if x.c.Keys.Buckets() > 1 && x.parted() {
		err := x.c.EachBucket(func(list []*conn.Conn) error {
			for _, c := range list {
				if err := in(c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, name := range x.schema.Names() {
		if o := unlisted[name]; o != nil {
			x.found(Problem, "unlisted", name, "documents that are not in the set of keys, so FIND does not see them: "+o.text(), repair(x.schema.Model(name)))
		}
	}
	x.report.Keys = total
	return x.leftovers(own)
}

// lies reports whether documents of a model lie in the database of a connection, or in its bucket.
func (x *examination) lies(c *conn.Conn, m *ir.Model) bool {
	_, in := c.Keys.InBucket()
	return in == (m.Part != nil && x.c.Keys.Buckets() > 1)
}

// parted reports whether a model has PARTITION BY.
func (x *examination) parted() bool {
	for m := range x.schema.Models() {
		if m.Part != nil {
			return true
		}
	}
	return false
}

// prefixes finds models by the prefixes of their documents' names, behind that of the namespace.
type prefixes struct {
	byStart map[string][]*ir.Model
	lengths []int // lengths of the prefixes, the longest first
}

func (x *examination) prefixes() *prefixes {
	p := &prefixes{byStart: map[string][]*ir.Model{}}
	for _, name := range x.schema.Names() {
		m := x.schema.Model(name)
		start := keyspace.Keys{}.Docs(m)
		p.byStart[start] = append(p.byStart[start], m)
		if !slices.Contains(p.lengths, len(start)) {
			p.lengths = append(p.lengths, len(start))
		}
	}
	slices.SortFunc(p.lengths, func(a, b int) int { return b - a })
	return p
}

// of returns the model whose documents have such a name, or nil.
func (p *prefixes) of(key string) *ir.Model {
	for _, n := range p.lengths {
		if n > len(key) {
			continue
		}
		for _, m := range p.byStart[key[:n]] {
			if strings.HasSuffix(key[n:], m.Suffix) {
				return m
			}
		}
	}
	return nil
}

// unlisted adds the document keys that their models do not list.
func (x *examination) unlisted(c *conn.Conn, docs map[*ir.Model][]string, to map[string]*orphans) error {
	for m, keys := range docs {
		if m.Scanned() {
			continue // its documents are found by their names
		}
		list, err := verify.Orphans(x.ctx, c, x.schema, m, keys)
		if err != nil {
			return err
		}
		for _, f := range list {
			if to[m.Name] == nil {
				to[m.Name] = &orphans{}
			}
			if !slices.Contains(to[m.Name].keys, f.Key) {
				to[m.Name].add(f.Key)
			}
		}
	}
	return nil
}

// known reports whether RQL uses a key, given without "rql:", of the database of a connection or of its bucket, or the key expires by itself.
func (x *examination) known(c *conn.Conn, rest string) bool {
	kind, of, _ := strings.Cut(rest, ":")
	switch kind {
	case "fence":
		return of == "" && c.Keys.Whole()
	case "migrations", "catalog", "never", "undeclared", "parts":
		return of == ""
	case "once", "lock", "run":
		return true
	}
	if strings.HasPrefix(kind, "once@") {
		return true
	}
	switch kind {
	case "ids", "ttl", "exp", "job":
		m := x.stored(of)
		return m != nil && x.lies(c, m)
	}
	if kind == "begun" {
		m := x.stored(of)
		return m != nil && m.Celled() && c.Keys.Whole()
	}
	name, place, _ := strings.Cut(of, ":")
	if kind == "uqg" || kind == "uqv" {
		m := x.storedAs(name)
		if m == nil || !x.lies(c, m) {
			return false
		}
		return len(m.Emptying) > 0 || slices.ContainsFunc(m.Uniques, func(ix *ir.Index) bool { return ix.Global && ix.Place() == place })
	}
	m := x.stored(name)
	if m == nil || !x.lies(c, m) {
		return false
	}
	if m.Change != nil || len(m.Unlinking)+len(m.Emptying) > 0 || m.Before != nil {
		return true // the previous definition has keys too, until the change is complete
	}
	at := func(ix *ir.Index) bool { return ix.Place() == place }
	switch kind {
	case "ix":
		return slices.ContainsFunc(m.Ordered(), at)
	case "uq":
		return slices.ContainsFunc(m.Uniques, at)
	case "c":
		return slices.ContainsFunc(m.Fields, func(f *ir.Field) bool {
			return f.Collection() && strings.HasPrefix(place, f.Place()+":")
		})
	}
	return false
}

// stored returns the model whose keys have the name, or nil.
func (x *examination) stored(name string) *ir.Model {
	name, cell, parted := strings.Cut(name, "@")
	if m := x.storedAs(name); m != nil && m.Celled() == parted {
		_, ok := ir.PartOf("@" + cell)
		if !parted || ok {
			return m
		}
	}
	return nil
}

func (x *examination) storedAs(name string) *ir.Model {
	if x.byStored == nil {
		x.byStored = map[string]*ir.Model{}
		for m := range x.schema.Models() {
			x.byStored[m.StoredName()] = m
		}
	}
	return x.byStored[name]
}

// leftovers reports RQL's keys that no definition uses.
func (x *examination) leftovers(keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	there, err := x.there(keys)
	if err != nil {
		return err
	}
	slices.Sort(there)
	left := &orphans{}
	for _, k := range there {
		c := x.c
		if keys, in := c.Keys.BucketAt(k); in {
			i, _ := keys.InBucket()
			c = c.Bucket(i)
		}
		if !x.known(c, strings.TrimPrefix(k, c.Keys.Prefix+"rql:")) {
			left.add(k)
		}
	}
	if left.n > 0 {
		x.found(Warning, "orphans", "keys", "keys of RQL that no model uses any more: "+left.text(), "UNLINK "+strings.Join(quoted(left.keys), " "))
	}
	return nil
}

// there reads the catalog, and returns the keys that exist while it is as read: a model that is declared between the two has keys
// that the schema does not know. The catalog counts its definitions. The error is fail.ErrStale if there were some.
func (x *examination) there(keys []string) ([]string, error) {
	before, after := redis.NewStringCmd(x.ctx, "hget", x.c.Keys.Catalog(), "next"), redis.NewStringCmd(x.ctx, "hget", x.c.Keys.Catalog(), "next")
	if err := x.c.Pipeline(x.ctx, []redis.Cmder{before}); err != nil {
		return nil, err
	}
	if _, err := x.catalog.Reload(x.ctx); err != nil {
		return nil, err
	}
	x.schema, x.byStored = x.catalog.Schema(), nil
	cmds := make([]redis.Cmder, len(keys))
	for i, k := range keys {
		cmds[i] = redis.NewIntCmd(x.ctx, "exists", k)
	}
	if err := x.c.Wide().Pipeline(x.ctx, cmds); err != nil {
		return nil, err
	}
	if err := x.c.Pipeline(x.ctx, []redis.Cmder{after}); err != nil {
		return nil, err
	}
	if before.Val() != after.Val() {
		return nil, fail.ErrStale
	}
	var out []string
	for i, k := range keys {
		if cmds[i].(*redis.IntCmd).Val() == 1 {
			out = append(out, k)
		}
	}
	return out, nil
}

// quoted quotes keys for redis-cli.
func quoted(keys []string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k
		if strings.ContainsFunc(k, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\'' || r == '\\' }) {
			out[i] = strconv.Quote(k)
		}
	}
	return out
}
