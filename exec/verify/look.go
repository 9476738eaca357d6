package verify

import (
	"slices"
	"strconv"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lua"
)

// What a scan finds may only have changed while it ran: a document and its entries are read by different commands. So a scan only
// collects suspects, and a script reads each of them again atomically before it is reported.

// subject is a suspect.
type subject interface {
	// reads returns the commands that read it, and the keys that they name.
	reads() (cmds [][]any, keys []string)
	// judge says what is wrong with their replies, at the server's time now in milliseconds. again says that the subject changed
	// since reads chose the commands, so others are needed.
	judge(got script.Reply, now int64) (wrong []wrong, again bool)
}

// wrong is a problem of a subject, and the commands that repair it; none if RQL cannot decide.
type wrong struct {
	key, problem string
	mend         [][]any
}

const (
	lookBatch  = 100 // subjects per script
	lookRounds = 100 // how often to read a subject that keeps changing; after that, nothing is reported about it
)

// pending is a subject with what is known about it.
type pending struct {
	subject
	seen  string // the replies to its reads, as the script encodes them
	wrong []wrong
	mends [][]any
	done  bool
}

var errReply = &lang.Error{Code: lang.CodeServer, Message: "a script returned an unexpected reply", Statement: -1}

// look reads subjects again, reports what is wrong with them, and repairs it if requested.
func (v *verifier) look(subjects []subject) error {
	list := make([]*pending, len(subjects))
	for i, s := range subjects {
		list[i] = &pending{subject: s}
	}
	for round := 0; round < lookRounds && len(list) > 0; round++ {
		for some := range slices.Chunk(list, lookBatch) {
			if err := v.lookAt(some); err != nil {
				return err
			}
		}
		list = slices.DeleteFunc(list, func(p *pending) bool { return p.done })
	}
	return nil
}

// lookAt reads some subjects once.
func (v *verifier) lookAt(list []*pending) error {
	if err := fail.Ended(v.ctx); err != nil {
		return err
	}
	s, keys := lua.Look(), []string{v.c.Keys.Catalog()}
	argv := []any{v.m.Name, v.m.Version}
	for _, p := range list {
		cmds, named := p.reads()
		keys = append(keys, named...)
		argv = append(argv, p.seen, len(cmds), len(p.mends))
		for _, c := range append(slices.Clip(cmds), p.mends...) {
			argv = append(append(argv, len(c)), c...)
		}
		if p.mends != nil {
			s = lua.Mend()
		}
	}
	r, err := v.c.Run(v.ctx, s, script.New(v.c.Keys.Never(), keys, argv...))
	if err != nil {
		return err
	}
	now, err := strconv.ParseInt(r.Str(1), 10, 64)
	if err != nil {
		return errReply
	}
	for i, p := range list {
		if err := v.take(p, r.Str(i+2), now); err != nil {
			return err
		}
	}
	return nil
}

// take handles the script's result for a subject: the replies to its reads, or "" if it was repaired.
func (v *verifier) take(p *pending, text string, now int64) error {
	if text == "" {
		p.done = true
		v.report(p.wrong, true)
		return nil
	}
	got := script.Recorded(text)
	if got == nil {
		return errReply
	}
	wrong, again := p.judge(got, now)
	p.seen, p.wrong, p.mends = "", wrong, nil
	if again {
		return nil
	}
	if v.repair {
		for _, w := range wrong {
			p.mends = append(p.mends, w.mend...)
		}
	}
	if p.mends != nil {
		p.seen = text
		return nil
	}
	p.done = true
	v.report(wrong, false)
	return nil
}

// report adds rows for problems. mended says that those with commands were repaired.
func (v *verifier) report(list []wrong, mended bool) {
	for _, w := range list {
		if w.problem != "" {
			v.found(w.key, w.problem, mended && w.mend != nil)
		}
	}
}

// failed reports whether v is the reply to a command that failed: the key has another type.
func failed(v any) bool {
	list, ok := v.([]any)
	return ok && len(list) == 1 && list[0] == int64(-1)
}
