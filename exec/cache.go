package exec

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

// compiled is a checked program with the plans made so far, and what is known of
// those who read its rows. Plans are added under the lock; everything else stays
// as it is.
type compiled struct {
	src    *lang.Source
	prog   *ir.Program
	schema *ir.Schema // the catalog it was checked against
	// constants are the operations on literals that may fault: with the literals of another text of the
	// same shape one of them may have a fault that the checker has not seen.
	constants []eval.Fn
	mu        sync.Mutex
	plans     []*planner.Plan
	fits      sync.Map // Target → *fitted
}

// plan returns the plan of statement i, making it at first use.
func (c *compiled) plan(i int, caps planner.Caps) (*planner.Plan, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.plans[i] == nil {
		p, err := run.Build(c.prog.Stmts[i], c.prog, caps)
		if err != nil {
			return nil, err
		}
		c.plans[i] = p
	}
	return c.plans[i], nil
}

// planCache finds compiled programs by their exact text, then by the shape of
// their tokens with the literals lifted out; the kinds of the parameters are
// part of the key, and a change of the catalog drops what was planned before.
type planCache struct {
	mu    sync.RWMutex
	texts map[string]*textEntry
	shape map[string]*compiled
	bytes int // of the texts
}

// textEntry is what is known of one text.
type textEntry struct {
	params []string
	kinds  map[string]*cached
}

// cached is a program and the literals of this very text.
type cached struct {
	c      *compiled
	consts []any
}

// Bounds of the cache: a level that has so many entries is emptied, both are when the texts have so many bytes, and a
// longer text than maxCachedText is not kept.
const (
	maxCached      = 1000
	maxCachedBytes = 4 << 20
	maxCachedText  = 64 << 10
)

func (p *planCache) init() {
	p.texts, p.shape = map[string]*textEntry{}, map[string]*compiled{}
}

// text finds a program by its exact text.
func (p *planCache) text(text string, args map[string]any, schema *ir.Schema) *cached {
	p.mu.RLock()
	defer p.mu.RUnlock()
	t := p.texts[text]
	if t == nil || len(args) != len(t.params) {
		return nil
	}
	var buf [32]byte
	sig, ok := signature(buf[:0], t.params, args)
	if !ok {
		return nil
	}
	c := t.kinds[string(sig)]
	if c == nil || c.c.schema != schema {
		return nil
	}
	return c
}

// put keeps a program.
func (p *planCache) put(text, shape string, args map[string]any, c *cached) {
	if len(text) > maxCachedText {
		return
	}
	sig, ok := signature(nil, c.c.prog.Params, args)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bytes+len(text) > maxCachedBytes {
		p.shape = map[string]*compiled{}
	}
	if len(p.texts) >= maxCached || p.bytes+len(text) > maxCachedBytes {
		p.texts, p.bytes = map[string]*textEntry{}, 0
	}
	t := p.texts[text]
	if t == nil {
		p.bytes += len(text)
		t = &textEntry{params: c.c.prog.Params, kinds: map[string]*cached{}}
		p.texts[text] = t
	}
	t.kinds[string(sig)] = c
	if shape != "" {
		if len(p.shape) >= maxCached {
			p.shape = map[string]*compiled{}
		}
		p.shape[shape+string(sig)] = c.c
	}
}

// shaped finds a program by the shape of its text.
func (p *planCache) shaped(shape string, args map[string]any, schema *ir.Schema) *compiled {
	p.mu.RLock()
	defer p.mu.RUnlock()
	names := paramNames(shape)
	if len(names) != len(args) {
		return nil
	}
	sig, ok := signature(nil, names, args)
	if !ok {
		return nil
	}
	if c := p.shape[shape+string(sig)]; c != nil && c.schema == schema {
		return c
	}
	return nil
}

// paramNames lists the parameters of a shape once, in order of first use.
func paramNames(shape string) []string {
	const few = 16 // up to where looking at each is as fast as a map
	var out []string
	var seen map[string]bool
	for w := range strings.SplitSeq(shape, " ") {
		if !strings.HasPrefix(w, "$") {
			continue
		}
		name := w[1:]
		if len(out) < few {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
			continue
		}
		if seen == nil {
			seen = make(map[string]bool, len(out))
			for _, o := range out {
				seen[o] = true
			}
		}
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

// signature is a byte for the kind of each parameter; false when one is
// missing or so composed that its type is more than a kind.
func signature(dst []byte, names []string, args map[string]any) ([]byte, bool) {
	for _, n := range names {
		v, ok := args[n]
		if !ok {
			return nil, false
		}
		var k byte
		switch v := v.(type) {
		case int:
			k = whole(int64(v))
		case int64:
			k = whole(v)
		case int32, uint8, uint16, uint32:
			k = 'i'
		case string:
			k = 's'
		case float64, float32:
			k = 'f'
		case bool:
			k = 'b'
		default:
			k = 0
		}
		if k != 0 {
			dst = append(dst, k)
			continue
		}
		dst = append(dst, '<')
		dst = append(dst, codec.TypeOf(v).String()...)
		dst = append(dst, '>')
	}
	return dst, true
}

// whole tells an int from what is one only over 64 bits.
func whole(v int64) byte {
	if v > lang.MaxInt || v < -lang.MaxInt {
		return 'l'
	}
	return 'i'
}

// compile parses and checks a text, or finds it in the cache.
func (e *Engine) compile(ctx context.Context, src *lang.Source, args map[string]any, o check.Options) (*cached, error) {
	plain := len(o.Vars) == 0 && !o.Prompt && !o.Program && !o.NoParams
	schema := e.db.Catalog.Schema()
	shape, literals := "", 0
	if plain {
		if c := e.cache.text(src.Text, args, schema); c != nil {
			return c, nil
		}
		if s, lits, ok := shapeOf(src.Text); ok {
			shape, literals = string(s), len(lits)
			if c := e.cache.shaped(shape, args, schema); c != nil {
				out := &cached{c: c, consts: make([]any, len(lits))}
				for i := range lits {
					out.consts[i] = lits[i].Value
				}
				if out.checked() {
					return out, nil
				}
			}
		}
	}
	prog, diags, err := e.check(ctx, src, args, o, schema)
	if err != nil {
		return nil, err
	}
	if diags.Err() != nil {
		// Somebody else may have changed the catalog since it was read.
		changed, err := e.db.Catalog.Reload(ctx)
		if err != nil {
			return nil, err
		}
		if changed {
			schema = e.db.Catalog.Schema()
			if prog, diags, err = e.check(ctx, src, args, o, schema); err != nil {
				return nil, err
			}
		}
		if diags.Err() != nil {
			return nil, lang.NewCheckError(src, diags)
		}
	}
	c := &cached{c: &compiled{src: src, prog: prog, schema: schema, plans: make([]*planner.Plan, len(prog.Stmts))}}
	if plain && cacheable(prog) {
		if shape != "" && !liftable(prog, literals) || !c.c.compileConstants() {
			shape = ""
		}
		e.cache.put(src.Text, shape, args, c)
	}
	return c, nil
}

// shapeOf is the shape of a text that the cache may keep.
func shapeOf(text string) ([]byte, []parser.Literal, bool) {
	if len(text) > maxCachedText {
		return nil, nil, false
	}
	return parser.Shape(text, nil)
}

// compileFrom checks the statements of a text from the given one on against the
// catalog as it is; they keep their ordinals.
func (e *Engine) compileFrom(ctx context.Context, src *lang.Source, args map[string]any, o check.Options, from int) (*cached, error) {
	schema := e.db.Catalog.Schema()
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
	return &cached{c: &compiled{src: src, prog: prog, schema: schema, plans: make([]*planner.Plan, len(prog.Stmts))}}, nil
}

// cacheable reports a program that does not change the catalog.
func cacheable(p *ir.Program) bool {
	for _, s := range p.Stmts {
		switch s.(type) {
		case *ir.Define, *ir.Drop, *ir.DefineProcedure, *ir.DropProcedure:
			return false
		}
	}
	return true
}

// liftable reports that every literal of the text is one that other texts of
// the same shape may replace: none decides the plan or names a column.
func liftable(p *ir.Program, literals int) bool {
	seen := map[int]bool{}
	plain := true
	for _, st := range p.Stmts {
		ir.Exprs(st, func(x ir.Expr) {
			ir.Walk(x, func(x ir.Expr) bool {
				if c, ok := x.(*ir.Const); ok && c.Ord >= 0 {
					seen[c.Ord] = true
				}
				return true
			})
		})
		for _, name := range columnNames(st) {
			plain = plain && !strings.ContainsAny(name, `0123456789'"`)
		}
	}
	return plain && len(seen) == literals
}

// maxConstants is up to how many operations on literals a program is found by its shape.
const maxConstants = 32

// compileConstants compiles the operations on literals that may fault; false when there are too many.
func (c *compiled) compileConstants() bool {
	ok := true
	for _, st := range c.prog.Stmts {
		ir.Exprs(st, func(x ir.Expr) {
			ir.Walk(x, func(x ir.Expr) bool {
				if ok && ir.Faulty(x) && ir.Constant(x) {
					fn, err := eval.Compile(x, eval.Layout{Schema: c.schema})
					ok = err == nil && len(c.constants) < maxConstants
					c.constants = append(c.constants, fn)
				}
				return ok
			})
		})
	}
	return ok
}

// checked reports that no operation on the literals of this text has a fault.
func (c *cached) checked() bool {
	for _, fn := range c.c.constants {
		if _, err := fn(&eval.Env{Consts: c.consts}); err != nil {
			return false
		}
	}
	return true
}

// columnNames lists the names that a statement gives its columns.
func columnNames(st ir.Stmt) []string {
	var out []string
	add := func(items []ir.Item) {
		for _, it := range items {
			out = append(out, it.Name)
		}
	}
	switch st := st.(type) {
	case *ir.Get:
		add(st.Items)
	case *ir.Find:
		add(st.Items)
	case *ir.Create:
		add(st.Items)
	case *ir.Update:
		add(st.Items)
	case *ir.Delete:
		add(st.Items)
	case *ir.Copy:
		add(st.Items)
	case *ir.Atomic:
		for _, s := range st.Body {
			out = append(out, columnNames(s)...)
		}
	case *ir.Return:
		add(st.Items)
	case *ir.Let:
		if st.Stmt != nil {
			return columnNames(st.Stmt)
		}
	}
	return out
}

// check parses and checks a text against a schema.
func (e *Engine) check(ctx context.Context, src *lang.Source, args map[string]any, o check.Options, schema *ir.Schema) (*ir.Program, lang.Diags, error) {
	return checkFile(ctx, parser.Parse(src), args, o, schema)
}

// checkFile checks a parsed text against a schema. The error is that of a context that ended.
func checkFile(ctx context.Context, file *lang.File, args map[string]any, o check.Options, schema *ir.Schema) (*ir.Program, lang.Diags, error) {
	if o.Params == nil {
		o.Params = make(map[string]lang.Type, len(args))
		for name, v := range args {
			o.Params[name] = codec.TypeOf(v)
		}
	}
	prog, diags := check.Check(ctx, file, schema, o)
	if len(file.Diags) > 0 {
		diags = append(append(lang.Diags{}, file.Diags...), diags...)
		diags.Sort()
	}
	verifyFixes(ctx, file.Source, diags, o, schema)
	if prog == nil && diags.Err() == nil {
		return nil, nil, fail.Ended(ctx)
	}
	return prog, diags, nil
}
