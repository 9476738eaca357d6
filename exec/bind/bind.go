package bind

import (
	"maps"
	"slices"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// fixed computes the arguments that are the same in every run, once per catalog version.
func (x *Binder) fixed(p *planner.Plan, s *lua.Script, schema *ir.Schema) []any {
	if f, ok := p.Memo.Load().(*fixed); ok && f.schema == schema && f.keys == x.keys {
		return f.args
	}
	argv := 3 + len(s.Keys)
	slots := argv + 1 + len(s.Models) + len(s.Procs)
	args := make([]any, slots+len(s.Slots))
	args[0], args[1] = script.Sum(x.caps, s)
	args[2] = len(s.Keys)
	for i := range s.Keys {
		args[3+i] = x.keyName(&s.Keys[i])
	}
	args[argv] = x.keys.Prefix
	for i, m := range s.Models {
		args[argv+1+i] = Version(schema, m)
		if m.Version == "" && s.Access != plan.Reads && strangers(schema, m, s.Models) {
			args[argv+1+i] = "none"
		}
	}
	for i, p := range s.Procs {
		args[argv+1+len(s.Models)+i] = procedureVersion(schema, p)
	}
	for i := range s.Slots {
		args[slots+i] = x.initial(s.Slots[i].Name)
	}
	p.Memo.Store(&fixed{schema: schema, keys: x.keys, args: args})
	return args
}

// strangers reports whether a model that refers to m with ON DELETE is missing from the models known to a script.
func strangers(schema *ir.Schema, m *ir.Model, known []*ir.Model) bool {
	for _, r := range schema.Referrers(m.Name) {
		if !slices.ContainsFunc(known, func(k *ir.Model) bool { return k.Name == r.Model.Name }) {
			return true
		}
	}
	return false
}

// initial is the value of a SlotRun slot in the first step.
func (x *Binder) initial(name string) any {
	switch name {
	case plan.RunBegun:
		if x.keys.Buckets() == 1 { // there is one list of partitions, and no register
			return "1"
		}
	case plan.RunScan:
		return "1"
	case plan.RunRange, plan.RunTop:
		return "0"
	case plan.RunChunk:
		return plan.StepRows
	case plan.RunDue:
		return lua.DueCounted
	case plan.RunBytes:
		return plan.StepBytes
	}
	return ""
}

// keyName returns the name of one of KEYS. The key of a document differs from run to run, so the catalog's key takes its place.
func (x *Binder) keyName(k *plan.KeyRef) string {
	switch k.Kind {
	case plan.KeyIDs:
		return x.keys.IDs(k.Model)
	case plan.KeyIndex:
		return x.keys.Index(k.Model, k.Index)
	case plan.KeyUnique:
		return x.keys.Unique(k.Model, k.Index)
	case plan.KeyVoid:
		return x.keys.Void(k.Model, k.Index)
	case plan.KeyEnds:
		return x.keys.Ends(k.Model)
	case plan.KeyShadow:
		return x.keys.Shadows(k.Model)
	case plan.KeyParts:
		return x.keys.Parts()
	case plan.KeyNever:
		return x.keys.Never()
	}
	return x.keys.Catalog()
}

// Bind computes the arguments of a script.
func (x *Binder) Bind(b *Call, p *planner.Plan, s *lua.Script, env *eval.Env, schema *ir.Schema) error {
	f := x.fixed(p, s, schema)
	b.Argv, b.Slots, b.Run = 3+len(s.Keys), len(f)-len(s.Slots), s.Runs
	b.Seeded(-1)
	b.Words = append(make([]any, 0, len(f)+tailRoom(s)), f...)
	b.Texts = b.Small[:0]
	for i, fn := range p.Keys {
		v, err := fn(env)
		if err != nil {
			return fail.InProcedure(fail.Value(err), s.Keys[i].Within)
		}
		if t, ok := ir.KeyText(v); ok {
			b.Text(3+i, x.keys.Doc(s.Keys[i].Model, t))
		}
	}
	for i := range p.Args {
		if err := x.bindSlot(b, &p.Args[i], b.Slots+i, env); err != nil {
			return fail.InProcedure(err, p.Args[i].Slot.Within)
		}
	}
	return nil
}

// Fits reports whether a flat script is right for its arguments: the documents that it names are all known and different, and its
// scan has one range.
func (x *Binder) Fits(b *Call, s *lua.Script) bool {
	for i := range s.Slots {
		if _, ok := b.Words[b.Slots+i].(*string); !ok && s.Slots[i].Kind == plan.SlotRange {
			return false
		}
	}
	var names [8]string
	n := 0
	for i := range s.Keys {
		if s.Keys[i].Kind != plan.KeyDoc {
			continue
		}
		name, ok := b.Words[3+i].(*string)
		if !ok || n == len(names) || slices.Contains(names[:n], *name) {
			return false
		}
		names[n] = *name
		n++
	}
	return true
}

// tailRoom returns the capacity to reserve for the items of list slots.
func tailRoom(s *lua.Script) int {
	for i := range s.Slots {
		switch s.Slots[i].Kind {
		case plan.SlotRanges, plan.SlotKeys, plan.SlotDocs:
			return 16
		}
	}
	return 0
}

// Version returns the catalog version of the model for which a plan was made. If the model has changed since, it returns a
// version that no catalog has.
func Version(schema *ir.Schema, m *ir.Model) string {
	if m.Version != "" {
		return m.Version
	}
	if now := schema.Model(m.Name); now != nil && now.Def == m.Def && now.Expires == m.Expires && slices.Equal(now.Kept, m.Kept) && maps.Equal(now.Places(), m.Places()) {
		return now.Version
	}
	return "none"
}

// bindSlot computes the value of one slot, argument number at.
func (x *Binder) bindSlot(b *Call, a *planner.Arg, at int, env *eval.Env) error {
	switch a.Slot.Kind {
	case plan.SlotValue:
		v, err := a.X(env)
		if err != nil {
			return fail.Value(err)
		}
		text, err := lua.AppendArg(v, a.Slot.X.Type())
		if err != nil {
			return fail.Value(err)
		}
		b.Text(at, text)
	case plan.SlotPattern:
		v, err := a.X(env)
		if err != nil {
			return fail.Value(err)
		}
		table, err := x.patterns.table(string(a.Slot.Op), v)
		if err != nil {
			return fail.ValueAt(err, a.Slot.X.Span())
		}
		b.Words[at] = table
	case plan.SlotCell:
		b.Words[at] = x.keys.Cell
	case plan.SlotSeed:
		b.Seeded(at - b.Slots)
	case plan.SlotRanges:
		ranges, err := x.Ranges(a.Scan, env)
		if err != nil {
			return err
		}
		b.Tail(at, ranges)
	case plan.SlotRange:
		ranges, err := x.Ranges(a.Scan, env)
		if err != nil {
			return err
		}
		if len(ranges) == 2 {
			b.Text(at, ranges[0])
			b.Text(at+1, ranges[1])
		}
	case plan.SlotKeys:
		if a.X == nil { // each step sends its own
			b.Tail(at, nil)
			return nil
		}
		v, err := a.X(env)
		if err != nil {
			return fail.Value(err)
		}
		texts, ok := keyspace.Texts(v)
		if !ok && a.Slot.Name == "" {
			return fail.NullKey(a.Slot.X)
		}
		b.Tail(at, texts)
		if x.caps.Declared {
			b.Declare(x.keys.Named(a.Slot.Scan.Model, texts))
		}
	case plan.SlotSearch:
		items, err := x.asked(a.Find, env)
		if err != nil {
			return err
		}
		b.Tail(at, items)
	case plan.SlotDocs:
		if a.New != nil {
			return x.bindNew(b, a, at, env)
		}
		return x.bindDocs(b, a, at, env)
	}
	return nil
}

// SendNames replaces the document keys at the end of the arguments with those of the next step.
func (x *Binder) SendNames(b *Call, m *ir.Model, ids []string) {
	b.Forget()
	b.Undeclare(b.Named)
	at := b.Slots + b.Run[plan.RunNames]
	start, n := b.Words[at].(int)+b.Argv-1, b.Words[at+1].(int)
	b.Words = slices.Delete(b.Words, start, start+n)
	b.Tail(at, ids)
	if b.Named = 0; x.caps.Declared {
		b.Named = len(ids)
		b.Declare(x.keys.Named(m, ids))
	}
}

// procedureVersion returns the catalog version of the procedure for which a plan was made. If the procedure has changed since, it
// returns a version that no catalog has.
func procedureVersion(schema *ir.Schema, p *ir.Procedure) string {
	if p.Version != "" {
		return p.Version
	}
	if now := schema.Procedure(p.Name); now != nil && now.Def == p.Def {
		return now.Version
	}
	return "none"
}
