package script

import (
	"slices"

	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// Args is a script with the arguments of one run: EVALSHA, sum, number of
// keys, keys, ARGV. Places of SlotRun slots are set before each step.
type Args struct {
	Words []any
	Argv  int            // where ARGV[1] is in args
	Slots int            // where the first slot is in args
	Run   map[string]int // SlotRun name → its slot
	Texts []string       // what args point into: a string in an interface would be copied
	Small [8]string      // room for texts
	// Of the keys in front of ARGV the last: those of the names that a step was
	// sent, then those that the script asked for, in so many rounds.
	Named, Asked, Rounds int
	Guard                *Guard // of a run that saves its position; nil: of no such run
}

// Send is the command that runs a script with these arguments: by its sum, or with its whole text.
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

// Text makes argument i of a string.
func (b *Args) Text(i int, s string) {
	b.Texts = append(b.Texts, s)
	b.Words[i] = &b.Texts[len(b.Texts)-1]
}

// Set gives a SlotRun slot its value.
func (b *Args) Set(name string, value any) {
	if i, ok := b.Run[name]; ok {
		b.Words[b.Slots+i] = value
	}
}

// Declare puts keys behind those of the script.
func (b *Args) Declare(names []string) {
	keys := make([]any, len(names))
	for i := range names {
		keys[i] = &names[i]
	}
	b.Words = slices.Insert(b.Words, b.Argv, keys...)
	b.shift(len(keys))
}

// Undeclare takes the last n keys out again.
func (b *Args) Undeclare(n int) {
	b.Words = slices.Delete(b.Words, b.Argv-n, b.Argv)
	b.shift(-n)
}

func (b *Args) shift(n int) {
	b.Argv, b.Slots = b.Argv+n, b.Slots+n
	b.Words[2] = b.Argv - 3
}

// Forget takes out the keys that the script asked for: the next step has others.
func (b *Args) Forget() {
	if b.Rounds > 0 {
		b.Undeclare(b.Asked)
		b.Asked, b.Rounds = 0, 0
	}
}

// Form is how scripts are sent to this server.
func Form(caps planner.Caps) lua.Form {
	return lua.Form{Header: caps.Shebang, Declared: caps.Declared, Locking: caps.Locking}
}

// Sum is the command that runs a script that the server knows, and its sum.
func Sum(caps planner.Caps, s *lua.Script) (name, sha any) {
	return run(caps, s, "evalsha"), s.Sum(Form(caps))
}

// run is the command that runs a script; the one that promises to write nothing where the server has it.
func run(caps planner.Caps, s *lua.Script, name string) string {
	if s.Access == plan.Reads && caps.EvalRO {
		return name + "_ro"
	}
	return name
}

// New are the arguments of a script whose keys and ARGV are given as they are.
func New(never string, keys []string, argv ...any) *Args {
	b := &Args{Argv: 4 + len(keys), Words: append(make([]any, 0, 4+len(keys)+len(argv)), nil, nil, len(keys)+1)}
	for _, k := range keys {
		b.Words = append(b.Words, k)
	}
	b.Words = append(append(b.Words, never), argv...)
	return b
}

// Tail appends the items of a list slot and says where they are.
func (b *Args) Tail(at int, items []string) {
	b.Words[at], b.Words[at+1] = len(b.Words)-b.Argv+1, len(items)
	for i := range items {
		b.Words = append(b.Words, &items[i])
	}
}
