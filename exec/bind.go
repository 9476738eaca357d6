package exec

import (
	"crypto/rand"
	"errors"
	"fmt"
	"sort"
	"sync"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
)

// bound is a script with the arguments of one run: EVALSHA, sum, number of
// keys, keys, ARGV. Places of SlotRun slots are set before each step.
type bound struct {
	args  []any
	argv  int            // where ARGV[1] is in args
	slots int            // where the first slot is in args
	run   map[string]int // SlotRun name → its slot
	texts []string       // what args point into: a string in an interface would be copied
	few   [4]string      // room for texts
}

// text makes argument i of a string.
func (b *bound) text(i int, s string) {
	b.texts = append(b.texts, s)
	b.args[i] = &b.texts[len(b.texts)-1]
}

// set gives a SlotRun slot its value.
func (b *bound) set(name string, value any) {
	if i, ok := b.run[name]; ok {
		b.args[b.slots+i] = value
	}
}

// fixed is what the arguments of a plan's script are in every run: the command,
// the sum, the keys known beforehand, the prefix, the catalog's versions.
type fixed struct {
	schema *ir.Schema // whose versions they are
	args   []any
}

// fixed computes them once for each catalog.
func (e *Engine) fixed(p *planner.Plan, s *lua.Script, schema *ir.Schema) []any {
	if f, ok := p.Memo.Load().(*fixed); ok && f.schema == schema {
		return f.args
	}
	argv := 3 + len(s.Keys)
	slots := argv + 1 + len(s.Models) + len(s.Procs)
	args := make([]any, slots+len(s.Slots))
	args[0], args[1] = e.sum(s)
	args[2] = len(s.Keys)
	for i := range s.Keys {
		args[3+i] = e.keyName(&s.Keys[i])
	}
	args[argv] = e.keys.prefix
	for i, m := range s.Models {
		args[argv+1+i] = version(schema, m)
	}
	for i, p := range s.Procs {
		args[argv+1+len(s.Models)+i] = procedureVersion(schema, p)
	}
	for i := range s.Slots {
		args[slots+i] = initial(s.Slots[i].Name)
	}
	p.Memo.Store(&fixed{schema: schema, args: args})
	return args
}

// initial is what a slot holds until it is set: the first step of a scan begins at the start.
func initial(name string) any {
	switch name {
	case lua.RunScan:
		return "1"
	case lua.RunArm, lua.RunTop:
		return "0"
	case lua.RunChunk:
		return planner.StepRows
	case lua.RunBytes:
		return stepBytes
	}
	return ""
}

// keyName is the name of one of KEYS; of a document's, which differs from run
// to run, the catalog's in its place.
func (e *Engine) keyName(k *lua.KeyRef) string {
	switch k.Kind {
	case lua.KeyIDs:
		return e.keys.ids(k.Model)
	case lua.KeyIndex:
		return e.keys.index(k.Model, k.Index)
	case lua.KeyUnique:
		return e.keys.unique(k.Model, k.Index)
	}
	return e.keys.catalog()
}

// bind computes the arguments of a script.
func (e *Engine) bind(b *bound, p *planner.Plan, s *lua.Script, env *eval.Env, schema *ir.Schema) error {
	f := e.fixed(p, s, schema)
	b.argv, b.slots, b.run = 3+len(s.Keys), len(f)-len(s.Slots), s.Runs
	b.args = append(make([]any, 0, len(f)+tailRoom(s)), f...)
	b.texts = b.few[:0]
	for i, fn := range p.Keys {
		v, err := fn(env)
		if err != nil {
			return inProcedure(valueError(err), s.Keys[i].Within)
		}
		if t, ok := keyText(v); ok {
			b.text(3+i, e.keys.doc(s.Keys[i].Model, t))
		}
	}
	for i := range p.Args {
		if err := e.bindSlot(b, &p.Args[i], b.slots+i, env); err != nil {
			return inProcedure(err, p.Args[i].Slot.Within)
		}
	}
	return nil
}

// inProcedure moves the place of an error into the procedure that its value stands in.
func inProcedure(err error, w *lang.Within) error {
	if e, ok := asError(err); ok && w != nil {
		c := *e
		c.within(w.At(c.Span))
		return &c
	}
	return err
}

// tailRoom is room for the items of list slots.
func tailRoom(s *lua.Script) int {
	for i := range s.Slots {
		switch s.Slots[i].Kind {
		case lua.SlotArms, lua.SlotKeys, lua.SlotDocs:
			return 16
		}
	}
	return 0
}

// version is the catalog version of the model a plan was made for; a model
// that has changed since gives one that no catalog holds.
func version(schema *ir.Schema, m *ir.Model) string {
	if m.Version != "" {
		return m.Version
	}
	if now := schema.Model(m.Name); now != nil && now.Def == m.Def {
		return now.Version
	}
	return "none"
}

// bindSlot computes one slot, which is argument at.
func (e *Engine) bindSlot(b *bound, a *planner.Arg, at int, env *eval.Env) error {
	switch a.Slot.Kind {
	case lua.SlotValue:
		query := env.Query
		env.Query = a.Slot.Query
		v, err := a.X(env)
		env.Query = query
		if err != nil {
			return valueError(err)
		}
		text, err := lua.AppendArg(v, a.Slot.X.Type())
		if err != nil {
			return valueError(err)
		}
		b.text(at, text)
	case lua.SlotPattern:
		v, err := a.X(env)
		if err != nil {
			return valueError(err)
		}
		table, err := e.patterns.table(string(a.Slot.Op), v)
		if err != nil {
			return valueErrorAt(err, a.Slot.X.Span())
		}
		b.args[at] = table
	case lua.SlotSeed:
		var seed [16]byte
		_, _ = rand.Read(seed[:])
		b.args[at] = string(seed[:])
	case lua.SlotArms:
		ranges, err := e.ranges(a.Scan, env)
		if err != nil {
			return err
		}
		b.tail(at, ranges)
	case lua.SlotKeys:
		v, err := a.X(env)
		if err != nil {
			return valueError(err)
		}
		texts, ok := keyTexts(v)
		if !ok && a.Slot.Name == "" {
			return nullKey(a.Slot.X)
		}
		b.tail(at, texts)
	case lua.SlotDocs:
		return e.bindDocs(b, a, at, env)
	}
	return nil
}

// tail appends the items of a list slot and says where they are.
func (b *bound) tail(at int, items []string) {
	b.args[at], b.args[at+1] = len(b.args)-b.argv+1, len(items)
	for i := range items {
		b.args = append(b.args, &items[i])
	}
}

// keyTexts are the texts of one key or a list of keys; false when one is null.
func keyTexts(v any) (texts []string, ok bool) {
	list, many := v.([]any)
	if !many {
		list = []any{v}
	}
	out := make([]string, 0, len(list))
	for _, x := range list {
		if t, ok := keyText(x); ok {
			out = append(out, t)
		}
	}
	return out, len(out) == len(list)
}

// The ends of a set of members. No member is below the empty string or begins
// with the byte ff, which UTF-8 does not have; unlike - and + they may change places when a walk goes backwards.
const (
	lowest  = "["
	highest = "(\xff"
)

// ranges computes the ranges of a scan: min, max pairs in order, none
// overlapping another.
func (e *Engine) ranges(a *planner.ScanArgs, env *eval.Env) ([]string, error) {
	query := env.Query
	env.Query = true
	out, err := e.spans(a, env)
	env.Query = query
	for i, b := range out {
		switch b {
		case "-":
			out[i] = lowest
		case "+":
			out[i] = highest
		}
	}
	return out, err
}

func (e *Engine) spans(a *planner.ScanArgs, env *eval.Env) ([]string, error) {
	sc := a.Scan
	if len(sc.Comps) == 0 {
		return []string{"-", "+"}, nil
	}
	if a.Plain {
		return plainSpan(a, env)
	}
	prefixes := []string{""}
	for i := range sc.Comps {
		c, fns := &sc.Comps[i], &a.Comps[i]
		switch c.Kind {
		case lua.CompEq, lua.CompIn:
			values, err := compValues(c, fns, env)
			if err != nil {
				return nil, err
			}
			prefixes, err = extend(sc, c, prefixes, values)
			if err != nil {
				return nil, err
			}
			if i == len(sc.Comps)-1 {
				return allOf(sc, prefixes), nil
			}
		default:
			return spanOf(sc, c, fns, prefixes, env)
		}
	}
	return nil, nil
}

// plainSpan is the one range of values that are equal in all components, or in
// all but the last, which lies between two.
func plainSpan(a *planner.ScanArgs, env *eval.Env) ([]string, error) {
	var lo, hi [128]byte
	min, max := append(lo[:0], '['), append(hi[:0], '(')
	for i := range a.Comps {
		c, fns := &a.Scan.Comps[i], &a.Comps[i]
		if c.Kind == lua.CompEq {
			v, err := fns.X(env)
			if err != nil {
				return nil, valueError(err)
			}
			n := len(min)
			if min, err = codec.AppendMember(min, v, c.T); err != nil {
				return nil, valueError(err)
			}
			max = append(max, min[n:]...)
			min, max = append(min, 0), append(max, 0)
			continue
		}
		var empty bool
		var err error
		if min, empty, err = edge(min, fns.Lo, c.T, c.LoInc, env); err != nil || empty {
			return nil, err
		}
		if fns.Hi == nil {
			break
		}
		max, empty, err = edge(max, fns.Hi, c.T, !c.HiInc, env)
		if err != nil || empty {
			return nil, err
		}
		if string(min[1:]) >= string(max[1:]) {
			return nil, nil
		}
		return []string{string(min), string(max)}, nil
	}
	if len(max) == 1 {
		return []string{string(min), "+"}, nil
	}
	max[len(max)-1]++ // everything behind the components before
	return []string{string(min), string(max)}, nil
}

// edge appends one end of a range: of the values up to v, v with them or not;
// without v just above null, which no comparison holds for. empty tells that v is null.
func edge(dst []byte, v eval.Fn, t lang.Type, before bool, env *eval.Env) (out []byte, empty bool, err error) {
	if v == nil {
		return append(append(dst, codec.NullMember...), 1), false, nil
	}
	x, err := v(env)
	if err != nil || x == nil {
		return dst, x == nil, valueError(err)
	}
	if dst, err = codec.AppendMember(dst, x, t); err != nil {
		return dst, false, valueError(err)
	}
	if before {
		return append(dst, 0), false, nil
	}
	return append(dst, 1), false, nil
}

// compValues are the values of an equality or an IN.
func compValues(c *lua.Comp, fns *planner.CompArgs, env *eval.Env) ([]any, error) {
	if fns.X != nil {
		v, err := fns.X(env)
		return []any{v}, valueError(err)
	}
	if fns.List != nil {
		v, err := fns.List(env)
		if err != nil {
			return nil, valueError(err)
		}
		list, _ := v.([]any)
		return list, nil
	}
	out := make([]any, len(fns.Items))
	for i, fn := range fns.Items {
		v, err := fn(env)
		if err != nil {
			return nil, valueError(err)
		}
		out[i] = v
	}
	return out, nil
}

// extend makes every prefix longer by every value.
func extend(sc *lua.IndexScan, c *lua.Comp, prefixes []string, values []any) ([]string, error) {
	out := make([]string, 0, len(prefixes)*len(values))
	for _, p := range prefixes {
		for _, v := range values {
			if sc.Index == nil {
				if t, ok := keyText(v); ok {
					m, err := codec.KeyMember(v, sc.Model.Key.Type)
					if err != nil {
						return nil, valueError(err)
					}
					_ = t
					out = append(out, p+m)
				}
				continue
			}
			m, err := codec.Member(v, c.T)
			if err != nil {
				return nil, valueError(err)
			}
			out = append(out, p+m+"\x00")
		}
	}
	if len(out) > 1000 {
		return nil, errorf(lang.CodeTooLarge, lang.Span{}, "an IN of an indexed field takes at most 1,000 values; this one makes %d", len(out))
	}
	sort.Strings(out)
	return dedupe(out), nil
}

// dedupe removes equal neighbours.
func dedupe(s []string) []string {
	out := s[:0]
	for i, x := range s {
		if i == 0 || x != s[i-1] {
			out = append(out, x)
		}
	}
	return out
}

// allOf are the ranges of everything behind each prefix; of keys themselves, just them.
func allOf(sc *lua.IndexScan, prefixes []string) []string {
	out := make([]string, 0, 2*len(prefixes))
	for _, p := range prefixes {
		if sc.Index == nil {
			out = append(out, "["+p, "["+p)
			continue
		}
		r := codec.All(p)
		out = append(out, r.Min, r.Max)
	}
	return out
}

// spanOf are the ranges of a component that is no equality, behind each prefix.
func spanOf(sc *lua.IndexScan, c *lua.Comp, fns *planner.CompArgs, prefixes []string, env *eval.Env) ([]string, error) {
	values := make([]any, 3)
	for i, fn := range []eval.Fn{fns.Lo, fns.Hi, fns.X} {
		if fn == nil {
			continue
		}
		v, err := fn(env)
		if err != nil {
			return nil, valueError(err)
		}
		if v == nil {
			return nil, nil // a comparison with null holds for nothing
		}
		values[i] = v
	}
	var out []string
	for _, p := range prefixes {
		r, err := oneSpan(sc, c, values, p)
		if err != nil {
			return nil, valueError(err)
		}
		if !r.Empty() {
			out = append(out, r.Min, r.Max)
		}
	}
	return out, nil
}

// oneSpan is the range behind one prefix; values are lo, hi and the prefix string.
func oneSpan(sc *lua.IndexScan, c *lua.Comp, values []any, p string) (codec.Range, error) {
	if sc.Index == nil {
		return keySpan(sc, c, values)
	}
	switch c.Kind {
	case lua.CompNotNull:
		return codec.NotNull(p), nil
	case lua.CompPrefix:
		s, _ := values[2].(string)
		if c.Like {
			s = likePrefix(s)
		}
		return codec.StartsWith(p, s), nil
	}
	r := codec.NotNull(p)
	for i, inc := range []bool{c.LoInc, c.HiInc} {
		if values[i] == nil {
			continue
		}
		m, err := codec.Member(values[i], c.T)
		if err != nil {
			return r, err
		}
		op := [][2]lang.Op{{lang.OpGt, lang.OpGe}, {lang.OpLt, lang.OpLe}}[i][0]
		if inc {
			op = [][2]lang.Op{{lang.OpGt, lang.OpGe}, {lang.OpLt, lang.OpLe}}[i][1]
		}
		r = r.Intersect(codec.Compared(p, op, m))
	}
	return r, nil
}

// keySpan is the range of keys between two.
func keySpan(sc *lua.IndexScan, c *lua.Comp, values []any) (codec.Range, error) {
	r := codec.Range{Min: "-", Max: "+"}
	edge := func(v any, inc bool) (string, error) {
		m, err := codec.KeyMember(v, sc.Model.Key.Type)
		if inc {
			return "[" + m, err
		}
		return "(" + m, err
	}
	var err error
	if values[0] != nil {
		r.Min, err = edge(values[0], c.LoInc)
	}
	if err == nil && values[1] != nil {
		r.Max, err = edge(values[1], c.HiInc)
	}
	return r, err
}

// patternCache keeps the tables of patterns, which cost more to make than to send.
type patternCache struct {
	mu sync.Mutex
	m  map[string]string
}

// table is the table of a pattern; null gives "", which matches nothing.
func (c *patternCache) table(op string, v any) (string, error) {
	text, ok := v.(string)
	if !ok {
		return "", nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.m[op+"\x00"+text]; ok {
		return t, nil
	}
	p, err := eval.CompilePattern(lang.Op(op), text)
	if err != nil {
		return "", err
	}
	if c.m == nil || len(c.m) >= 256 {
		c.m = map[string]string{}
	}
	t := p.Table()
	c.m[op+"\x00"+text] = t
	return t, nil
}

// valueError makes an *Error of a fault or a failed conversion; nil stays nil.
func valueError(err error) error { return valueErrorAt(err, lang.Span{}) }

func valueErrorAt(err error, sp lang.Span) error {
	if err == nil {
		return nil
	}
	if _, ok := asError(err); ok {
		return err
	}
	var f *eval.Fault
	if errors.As(err, &f) {
		return &Error{Code: f.Code, Message: f.Message, Span: f.Span, Statement: -1}
	}
	var c *codec.Error
	if errors.As(err, &c) {
		return &Error{Code: c.Code, Message: c.Message, Span: sp, Statement: -1}
	}
	return fmt.Errorf("compute a value: %w", err)
}
