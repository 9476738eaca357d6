package conn

import "github.com/redis/go-redis/v9"

// trip is a round trip that callers share.
type trip struct {
	of   []*waiter
	cmds []redis.Cmder
	// checks are the different last reads of callers, each of which is sent once, behind all other commands; same are those that
	// are not sent, because one of the checks is equal.
	checks []redis.Cmder
	same   []replied
}

// replied is a command that gets the reply of another one.
type replied struct{ cmd, by *redis.StringSliceCmd }

// maxChecks is how many different last reads are looked for.
const maxChecks = 8

// reset prepares the next round trip.
func (t *trip) reset() {
	clear(t.of)
	clear(t.cmds)
	clear(t.checks)
	clear(t.same)
	t.of, t.cmds, t.checks, t.same = t.of[:0], t.cmds[:0], t.checks[:0], t.same[:0]
}

// add adds a caller. The last of his commands usually asks whether his plan is still valid, as those of most others do. One that is
// executed later answers all of them: nobody has got a reply by then.
func (t *trip) add(w *waiter) {
	t.of = append(t.of, w)
	n := len(w.cmds) - 1
	check, ok := w.cmds[n].(*redis.StringSliceCmd)
	if !ok || n == 0 {
		t.cmds = append(t.cmds, w.cmds...)
		return
	}
	t.cmds = append(t.cmds, w.cmds[:n]...)
	for _, c := range t.checks {
		if c := c.(*redis.StringSliceCmd); sameTexts(c.Args(), check.Args()) {
			t.same = append(t.same, replied{check, c})
			return
		}
	}
	if len(t.checks) == maxChecks {
		t.cmds = append(t.cmds, check)
		return
	}
	t.checks = append(t.checks, check)
}

// answer tells the callers that their commands have been answered.
func (t *trip) answer() {
	for _, r := range t.same {
		r.cmd.SetVal(r.by.Val())
		r.cmd.SetErr(r.by.Err())
	}
	for _, w := range t.of {
		w.done <- struct{}{}
	}
}

// sameTexts reports whether the arguments of two commands are the same texts.
func sameTexts(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	if len(a) > 0 && &a[0] == &b[0] {
		return true
	}
	for i := range a {
		x, text := a[i].(string)
		if y, is := b[i].(string); !text || !is || x != y {
			return false
		}
	}
	return true
}
