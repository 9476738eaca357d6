package compile

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// Cache finds compiled programs by their exact text, then by the shape of
// their tokens with the literals lifted out; the kinds of the parameters are
// part of the key, and a change of the catalog drops what was planned before.
type Cache struct {
	catalog *catalog.Catalog
	mu      sync.RWMutex
	texts   map[string]*textEntry
	shape   map[string]*Program
	bytes   int // of the texts
	// How often a text was found, and how often it was not.
	hits, misses atomic.Int64
}

// Stats are figures of a cache.
type Stats struct {
	Texts, Programs int   // that are kept: programs are those of texts that differ only in their literals
	Hits, Misses    int64 // of calls: texts that were found, by themselves or their form, and those that were checked anew
}

// Stats gives the figures of now.
func (c *Cache) Stats() Stats {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return Stats{Texts: len(c.texts), Programs: len(c.shape), Hits: c.hits.Load(), Misses: c.misses.Load()}
}

// textEntry is what is known of one text.
type textEntry struct {
	params []string
	kinds  map[string]*Text
}

// Bounds of the cache: a level that has so many entries is emptied, both are when the texts have so many bytes, and a
// longer text than maxCachedText is not kept.
const (
	maxCached      = 1000
	maxCachedBytes = 4 << 20
	maxCachedText  = 64 << 10
)

// New makes an empty cache of programs that are checked against a catalog.
func New(held *catalog.Catalog) *Cache {
	return &Cache{catalog: held, texts: map[string]*textEntry{}, shape: map[string]*Program{}}
}

// Find finds a program by its exact text, if it was checked against the schema of now.
func (c *Cache) Find(text string, args map[string]any) *Text {
	found := c.find(text, args, c.catalog.Schema())
	if found != nil {
		c.hits.Add(1)
	}
	return found
}

func (c *Cache) find(text string, args map[string]any, schema *ir.Schema) *Text {
	c.mu.RLock()
	defer c.mu.RUnlock()
	t := c.texts[text]
	if t == nil || len(args) != len(t.params) {
		return nil
	}
	var buf [32]byte
	sig, ok := signature(buf[:0], t.params, args)
	if !ok {
		return nil
	}
	found := t.kinds[string(sig)]
	if found == nil || found.schema != schema {
		return nil
	}
	return found
}

// put keeps a program.
func (c *Cache) put(text, shape string, args map[string]any, made *Text) {
	if len(text) > maxCachedText {
		return
	}
	sig, ok := signature(nil, made.Prog.Params, args)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bytes+len(text) > maxCachedBytes {
		c.shape = map[string]*Program{}
	}
	if len(c.texts) >= maxCached || c.bytes+len(text) > maxCachedBytes {
		c.texts, c.bytes = map[string]*textEntry{}, 0
	}
	t := c.texts[text]
	if t == nil {
		c.bytes += len(text)
		t = &textEntry{params: made.Prog.Params, kinds: map[string]*Text{}}
		c.texts[text] = t
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
	names := paramNames(shape)
	if len(names) != len(args) {
		return nil
	}
	sig, ok := signature(nil, names, args)
	if !ok {
		return nil
	}
	if p := c.shape[shape+string(sig)]; p != nil && p.schema == schema {
		return p
	}
	return nil
}

// Text parses and checks a text, or finds it in the cache. Errors: *lang.CheckError, or that of a connection.
func (c *Cache) Text(ctx context.Context, src *lang.Source, args map[string]any, o check.Options) (*Text, error) {
	plain := len(o.Vars) == 0 && !o.Prompt && !o.Program && !o.NoParams
	schema := c.catalog.Schema()
	shape, literals := "", 0
	if plain {
		if found := c.find(src.Text, args, schema); found != nil {
			c.hits.Add(1)
			return found, nil
		}
		if s, lits, ok := shapeOf(src.Text); ok {
			shape, literals = string(s), len(lits)
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
	c.misses.Add(1)
	prog, diags, err := Check(ctx, src, args, o, schema)
	if err != nil {
		return nil, err
	}
	if diags.Err() != nil {
		// Somebody else may have changed the catalog since it was read, and another call may have read it again
		// meanwhile: what counts is whether it is still the one that the text was checked against.
		if _, err := c.catalog.Reload(ctx); err != nil {
			return nil, err
		}
		if now := c.catalog.Schema(); now != schema {
			schema = now
			if prog, diags, err = Check(ctx, src, args, o, schema); err != nil {
				return nil, err
			}
		}
		if diags.Err() != nil {
			return nil, lang.NewCheckError(src, diags)
		}
	}
	made := &Text{Program: newProgram(src, prog, schema)}
	if plain && cacheable(prog) {
		if shape != "" && !liftable(prog, literals) || !made.compileConstants() {
			shape = ""
		}
		c.put(src.Text, shape, args, made)
	}
	return made, nil
}

// shapeOf is the shape of a text that the cache may keep.
func shapeOf(text string) ([]byte, []parser.Literal, bool) {
	if len(text) > maxCachedText {
		return nil, nil, false
	}
	return parser.Shape(text, nil)
}

// From checks the statements of a text from the given one on against the
// catalog as it is; they keep their ordinals.
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
	return &Text{Program: newProgram(src, prog, schema)}, nil
}

// Checked checks a text with parameters of the types of o, and keeps nothing of it. Before an error of
// the text the catalog is read again: somebody else may have changed it.
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

// checked checks a text against the catalog as it was last read.
func (c *Cache) checked(ctx context.Context, src *lang.Source, o check.Options) (*Text, error) {
	schema := c.catalog.Schema()
	prog, diags, err := Check(ctx, src, nil, o, schema)
	switch {
	case err != nil:
		return nil, err
	case diags.Err() != nil:
		return nil, lang.NewCheckError(src, diags)
	}
	return &Text{Program: newProgram(src, prog, schema)}, nil
}
