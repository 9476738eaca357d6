package compile

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// Cache finds compiled programs by their exact text, then by their token sequence with the literals lifted out. The kinds of the
// parameters are part of the key. A change of the catalog invalidates the entries.
type Cache struct {
	catalog *catalog.Catalog
	view    *ir.Schema // what the program has declared; nil: it sees everything
	mu      sync.RWMutex
	texts   map[string]*textEntry
	shape   map[string]*Program
	bytes   int // total size of the texts
	kinds   int // total number of programs in the entries of the texts
	// How often a text was found, and how often not.
	hits, misses atomic.Int64
}

// Stats are the counters of a cache.
type Stats struct {
	Texts, Programs int   // cached texts and programs; texts that differ only in their literals share a program
	Hits, Misses    int64 // texts found, by text or by form, and texts compiled
}

// Stats returns the current counters.
func (c *Cache) Stats() Stats {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return Stats{Texts: len(c.texts), Programs: len(c.shape), Hits: c.hits.Load(), Misses: c.misses.Load()}
}

// textEntry is the cache entry of one text.
type textEntry struct {
	params paramList
	kinds  map[string]*Text
}

// Limits of the cache. A level that reaches its number of programs is emptied; both levels are emptied when the texts reach their
// total size. A text longer than maxCachedText is not cached, and one whose parameters come in more than maxKinds combinations of
// kinds loses its programs.
const (
	maxCached      = 1000
	maxKinds       = 256
	maxCachedBytes = 4 << 20
	maxCachedText  = 64 << 10
)

// New returns an empty cache of programs that are checked against a catalog.
func New(held *catalog.Catalog) *Cache {
	return &Cache{catalog: held, texts: map[string]*textEntry{}, shape: map[string]*Program{}}
}

// Last is the text that a batch, or the calls in some room, found last: many of the texts that follow are equal.
type Last struct {
	found *Text
	text  string
	kinds []byte // the signature of its arguments
}

// Find finds a program by its exact text, if it was checked against the current schema. last is that of the batch or of the room.
func (c *Cache) Find(text string, args map[string]any, last *Last) *Text {
	schema := c.catalog.Schema()
	found := last.again(text, args, schema)
	if found == nil {
		found = c.find(text, args, schema, last)
	}
	if found != nil {
		c.hits.Add(1)
	}
	return found
}

// again returns the last text if it is this one. That takes no lock.
func (l *Last) again(text string, args map[string]any, schema *ir.Schema) *Text {
	if l.found == nil || l.text != text || l.found.schema != schema {
		return nil
	}
	var buf [32]byte
	params := paramList{l.found.Prog.Params, l.found.Prog.Optional}
	if kinds, ok := params.signature(buf[:0], args); !ok || string(kinds) != string(l.kinds) {
		return nil
	}
	return l.found
}

// find looks a text up, and makes it the last one, unless last is nil.
func (c *Cache) find(text string, args map[string]any, schema *ir.Schema, last *Last) *Text {
	c.mu.RLock()
	defer c.mu.RUnlock()
	t := c.texts[text]
	if t == nil {
		return nil
	}
	var buf [32]byte
	sig, ok := t.params.signature(buf[:0], args)
	if !ok {
		return nil
	}
	found := t.kinds[string(sig)]
	if found == nil || found.schema != schema {
		return nil
	}
	if last != nil {
		last.found, last.text, last.kinds = found, text, append(last.kinds[:0], sig...)
	}
	return found
}

// put caches a program.
func (c *Cache) put(text, shape string, args map[string]any, made *Text) {
	if len(text) > maxCachedText {
		return
	}
	params := paramList{made.Prog.Params, made.Prog.Optional}
	sig, ok := params.signature(nil, args)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bytes+len(text) > maxCachedBytes {
		c.shape = map[string]*Program{}
	}
	if c.kinds >= maxCached || c.bytes+len(text) > maxCachedBytes {
		c.texts, c.bytes, c.kinds = map[string]*textEntry{}, 0, 0
	}
	t := c.texts[text]
	if t == nil {
		c.bytes += len(text)
		t = &textEntry{params: params, kinds: map[string]*Text{}}
		c.texts[text] = t
	}
	if t.kinds[string(sig)] == nil {
		if len(t.kinds) >= maxKinds {
			c.kinds -= len(t.kinds)
			clear(t.kinds)
		}
		c.kinds++
	}
	t.kinds[string(sig)] = made
	if shape != "" {
		if len(c.shape) >= maxCached {
			c.shape = map[string]*Program{}
		}
		c.shape[shape+string(sig)] = made.Program
	}
}

// shaped finds a program by the shape of its text.
func (c *Cache) shaped(shape string, args map[string]any, schema *ir.Schema) *Program {
	c.mu.RLock()
	defer c.mu.RUnlock()
	params := paramsOf(shape)
	sig, ok := params.signature(nil, args)
	if !ok {
		return nil
	}
	if p := c.shape[shape+string(sig)]; p != nil && p.schema == schema {
		return p
	}
	return nil
}

// Text returns a compiled text from the cache, or parses and checks it. Errors: *lang.CheckError, or an error of the connection.
func (c *Cache) Text(ctx context.Context, src *lang.Source, args map[string]any, o check.Options) (*Text, error) {
	plain := len(o.Vars) == 0 && !o.Prompt && !o.Program && !o.NoParams && !o.NoRefresh
	schema := c.catalog.Schema()
	as := batchKey(o.Batch)
	shape, literals := "", 0
	if plain {
		if found := c.find(as+src.Text, args, schema, nil); found != nil {
			c.hits.Add(1)
			return found, nil
		}
		if s, lits, ok := shapeOf(src.Text); ok {
			shape, literals = as+string(s), len(lits)
			if p := c.shaped(shape, args, schema); p != nil {
				out := &Text{Program: p, Consts: make([]any, len(lits))}
				for i := range lits {
					out.Consts[i] = lits[i].Value
				}
				if out.checked() {
					c.hits.Add(1)
					return out, nil
				}
			}
		}
	}
	prog, schema, err := c.fresh(ctx, parser.Parse(src), args, o)
	if err != nil {
		return nil, err
	}
	made := &Text{Program: newProgram(src, c.seen(prog), schema)}
	if plain && cacheable(prog) {
		if shape != "" && !liftable(prog, literals) || !made.compileConstants() {
			shape = ""
		}
		c.put(as+src.Text, shape, args, made)
	}
	return made, nil
}

// Parsed checks a text that is already parsed, and does not cache it. Errors: those of Text.
func (c *Cache) Parsed(ctx context.Context, file *lang.File, args map[string]any, o check.Options) (*Text, error) {
	prog, schema, err := c.fresh(ctx, file, args, o)
	if err != nil {
		return nil, err
	}
	return &Text{Program: newProgram(file.Source, c.seen(prog), schema)}, nil
}

// fresh checks a parsed text against the catalog, which is read again before a mistake is reported.
func (c *Cache) fresh(ctx context.Context, file *lang.File, args map[string]any, o check.Options) (*ir.Program, *ir.Schema, error) {
	c.misses.Add(1)
	src, schema := file.Source, c.catalog.Schema()
	prog, diags, err := checkFile(ctx, file, args, o, schema)
	if err != nil {
		return nil, nil, err
	}
	if diags.Err() != nil {
		// The catalog may have changed since it was read, and another call may have reloaded it meanwhile. What matters is
		// whether it is still the schema against which the text was checked.
		if _, err := c.catalog.Reload(ctx); err != nil {
			return nil, nil, err
		}
		if now := c.catalog.Schema(); now != schema {
			schema = now
			if prog, diags, err = Check(ctx, src, args, o, schema); err != nil {
				return nil, nil, err
			}
		}
		if diags.Err() != nil {
			return nil, nil, lang.NewCheckError(src, diags)
		}
	}
	return prog, schema, nil
}

// batchKey stands before the text of a batch in the keys of the cache: no other text begins so.
func batchKey(counts []int) string {
	if counts == nil {
		return ""
	}
	out := []byte{0}
	for _, n := range counts {
		out = append(strconv.AppendInt(out, int64(n), 36), ' ')
	}
	return string(out)
}

// shapeOf returns the shape of a text that may be cached.
func shapeOf(text string) ([]byte, []parser.Literal, bool) {
	if len(text) > maxCachedText {
		return nil, nil, false
	}
	return parser.Shape(text, nil)
}

// From checks the statements of a text, starting at the given one, against the current catalog. They keep their indexes.
func (c *Cache) From(ctx context.Context, src *lang.Source, args map[string]any, o check.Options, from int) (*Text, error) {
	schema := c.catalog.Schema()
	file := parser.Parse(src)
	file.Stmts = file.Stmts[from:]
	prog, diags, err := checkFile(ctx, file, args, o, schema)
	if err != nil {
		return nil, err
	}
	if diags.Err() != nil {
		for _, d := range diags {
			d.Stmt += from
		}
		if from == 0 {
			return nil, lang.NewCheckError(src, diags)
		}
		d := diags[0]
		return nil, &lang.Error{Code: d.Code, Message: "the catalog was changed meanwhile: " + d.Message, Hint: d.Hint, Source: src, Span: d.Span, Statement: d.Stmt}
	}
	prog.Stmts = append(make([]ir.Stmt, from), prog.Stmts...)
	return &Text{Program: newProgram(src, c.seen(prog), schema)}, nil
}

// Checked checks a text with parameters of the types in o, without caching it. Before it returns an error in the text, it reloads
// the catalog, which another client may have changed.
func (c *Cache) Checked(ctx context.Context, src *lang.Source, o check.Options) (*Text, error) {
	made, err := c.checked(ctx, src, o)
	var mistakes *lang.CheckError
	if !errors.As(err, &mistakes) {
		return made, err
	}
	changed, bad := c.catalog.Reload(ctx)
	switch {
	case bad != nil:
		return nil, bad
	case changed:
		return c.checked(ctx, src, o)
	}
	return nil, err
}

// checked checks a text against the catalog as last read.
func (c *Cache) checked(ctx context.Context, src *lang.Source, o check.Options) (*Text, error) {
	schema := c.catalog.Schema()
	prog, diags, err := Check(ctx, src, nil, o, schema)
	switch {
	case err != nil:
		return nil, err
	case diags.Err() != nil:
		return nil, lang.NewCheckError(src, diags)
	}
	return &Text{Program: newProgram(src, c.seen(prog), schema)}, nil
}
