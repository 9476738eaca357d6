package script

import (
	"crypto/rand"
	"slices"

	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// Args is a script with the arguments of one run: EVALSHA, SHA1, number of keys, keys, ARGV. The SlotRun slots are set before
// each step.
type Args struct {
	Words []any
	Argv  int            // index of ARGV[1] in Words
	Slots int            // index of the first slot in Words
	Run   map[string]int // SlotRun name → index of its slot
	Texts []string       // backing store of the texts in Words: a string in an interface would be copied
	Small [8]string      // room for a few texts
	// The last keys before ARGV: those of the documents that a step was given, then those that the script asked for, and the
	// number of rounds in which it did.
	Named, Asked, Rounds int
	// Claims are the claims of values of a UNIQUE GLOBAL that the script is sent, Claimed what it, or who sent it, asked for, and ClaimRounds
	// the number of rounds in which it did.
	Claims      string
	Claimed     []any
	ClaimRounds int
	seed        int    // index of the slot with the seed of uuid(), from 1; 0: there is none
	Guard       *Guard // of a run that saves its position; otherwise nil
	Short       bool   // too few replicas have what it wrote
}

// Send returns the words of the command that runs the script: by its SHA1, or with its text.
func (b *Args) Send(caps planner.Caps, s *lua.Script, text bool) []any {
	form, guarded := Form(caps), b.Guard != nil && s.Access != plan.Reads
	form.Guarded = guarded
	switch {
	case text:
		b.Words[0], b.Words[1] = run(caps, s, "eval"), s.In(form)
	case b.Words[0] == nil || guarded:
		b.Words[0], b.Words[1] = run(caps, s, "evalsha"), s.Sum(form)
	}
	if guarded {
		return b.Guard.words(b)
	}
	return b.Words
}

// Text sets argument i to a string.
func (b *Args) Text(i int, s string) {
	b.Texts = append(b.Texts, s)
	b.Words[i] = &b.Texts[len(b.Texts)-1]
}

// Number is Set for a number, which is in memory of its own only if there is such a slot.
func (b *Args) Number(name string, n int64) {
	if i, ok := b.Run[name]; ok {
		b.Words[b.Slots+i] = n
	}
}

// Set sets a SlotRun slot.
func (b *Args) Set(name string, value any) {
	if i, ok := b.Run[name]; ok {
		b.Words[b.Slots+i] = value
	}
}

// Seeded says that the slot with that index is the seed of uuid(), and sets it; -1: there is none.
func (b *Args) Seeded(slot int) {
	b.seed = slot + 1
	b.Reseed()
}

// Reseed sets the seed of uuid(), if there is one. Each run of a script needs its own: uuid() counts from 0 in each.
func (b *Args) Reseed() {
	if b.seed == 0 {
		return
	}
	var seed [16]byte
	_, _ = rand.Read(seed[:])
	b.Words[b.Slots+b.seed-1] = string(seed[:])
}

// Declare appends keys to those of the script.
func (b *Args) Declare(names []string) {
	keys := make([]any, len(names))
	for i := range names {
		keys[i] = &names[i]
	}
	b.Words = slices.Insert(b.Words, b.Argv, keys...)
	b.shift(len(keys))
}

// Undeclare removes the last n keys.
func (b *Args) Undeclare(n int) {
	b.Words = slices.Delete(b.Words, b.Argv-n, b.Argv)
	b.shift(-n)
}

func (b *Args) shift(n int) {
	b.Argv, b.Slots = b.Argv+n, b.Slots+n
	b.Words[2] = b.Argv - 3
}

// Forget removes the keys that the script asked for: the next step has others.
func (b *Args) Forget() {
	if b.Rounds > 0 {
		b.Undeclare(b.Asked)
		b.Asked, b.Rounds = 0, 0
	}
}

// AddClaims adds claims to those that the script is sent.
func (b *Args) AddClaims(text string) {
	b.Claims += text
	b.Set(plan.RunClaims, b.Claims)
}

// ForgetClaims removes them: the next step has others.
func (b *Args) ForgetClaims() {
	if b.Claimed != nil {
		b.Claims, b.Claimed, b.ClaimRounds = "", nil, 0
		b.Set(plan.RunClaims, "")
	}
}

// Form returns the form in which scripts are sent to this server.
func Form(caps planner.Caps) lua.Form {
	return lua.Form{Header: caps.Shebang, Declared: caps.Declared, Locking: caps.Locking}
}

// Sum returns the command that runs a script by its SHA1, and the SHA1.
func Sum(caps planner.Caps, s *lua.Script) (name, sha any) {
	return run(caps, s, "evalsha"), s.Sum(Form(caps))
}

// run returns the command that runs a script: the read-only one if the server has it and the script does not write.
func run(caps planner.Caps, s *lua.Script, name string) string {
	if s.Access == plan.Reads && caps.EvalRO {
		return name + "_ro"
	}
	return name
}

// New returns the arguments of a script with the given keys and ARGV.
func New(never string, keys []string, argv ...any) *Args {
	b := &Args{Argv: 4 + len(keys), Words: append(make([]any, 0, 4+len(keys)+len(argv)), nil, nil, len(keys)+1)}
	for _, k := range keys {
		b.Words = append(b.Words, k)
	}
	b.Words = append(append(b.Words, never), argv...)
	return b
}

// Tail appends the items of a list slot, and sets the slot to their position and number.
func (b *Args) Tail(at int, items []string) {
	b.Words[at], b.Words[at+1] = len(b.Words)-b.Argv+1, len(items)
	for i := range items {
		b.Words = append(b.Words, &items[i])
	}
}
