package run

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// A batch often reads many documents by key. A job for each of them would be two kilobytes that are written when it starts, read
// when it finishes and cleared afterwards, most of it for other plans. What such a read needs while it waits for its reply is a
// Parked; one job after the other then finishes in the same memory.

// Parked is a read of one document, which waits for its reply.
type Parked struct {
	step      *planner.KeysStep
	reader    *document.Reader
	check     *redis.StringSliceCmd
	key, name string
	cmd       redis.RawCmd
}

// Cmd is its command.
func (p *Parked) Cmd() redis.Cmder { return &p.cmd }

// parking is the memory of the reads of a batch.
type parking struct {
	most  int // reads
	list  []Parked
	words []any // of their commands
	env   eval.Env
	said  loud // in env, of the key that is computed
}

// Most says how many reads may wait.
func (s *Shared) Most(n int) { s.parking.most = n }

// maxKept is how many reads memory is kept for.
const maxKept = 256

// Reset makes it ready for another round trip. It keeps room, in which nothing is left.
func (s *Shared) Reset() {
	p := parking{}
	if cap(s.parking.list) <= maxKept {
		clear(s.parking.list)
		clear(s.parking.words[:cap(s.parking.words)])
		p.list, p.words = s.parking.list[:0], s.parking.words[:0]
	}
	row := s.row
	row.Empty()
	*s = Shared{parking: p, row: row}
}

// loud notes that there is something to say.
type loud bool

// Warned implements eval.Warner.
func (l *loud) Warned(lang.Code, string) { *l = true }

// Parks returns the environment for the key of a read that can be parked; nil if a plan does anything else.
func (s *Shared) Parks(db *Database, p *planner.Plan) *eval.Env {
	step, ok := p.Step.(*planner.KeysStep)
	if !ok || step.Keeps != nil || step.Refresh || len(p.Pins)+len(p.Fixed)+len(p.Stale) > 0 || p.RefreshesLater() || !db.Conn.Own() || len(s.parking.list) >= s.parking.most {
		return nil
	}
	s.parking.env = eval.Env{}
	return &s.parking.env
}

// Park prepares a read for which Parks gave an environment. It returns nil if there is something to say about the key, or if it is
// several: the plan is then started as a job.
func (s *Shared) Park(ctx context.Context, db *Database, p *planner.Plan) *Parked {
	step := p.Step.(*planner.KeysStep)
	reader := db.reader(p, step.Model, step.Cols)
	n := reader.Words()
	if n == 0 {
		return nil
	}
	s.parking.said, s.parking.env.Warner = false, &s.parking.said
	v, err := step.Key(&s.parking.env)
	key, one := ir.KeyText(v)
	if err != nil || !one || bool(s.parking.said) {
		return nil
	}
	if cap(s.parking.list) < s.parking.most { // it is empty
		s.parking.list = make([]Parked, 0, s.parking.most)
	}
	if cap(s.parking.words)-len(s.parking.words) < n {
		s.parking.words = make([]any, 0, n*(s.parking.most-len(s.parking.list))) // the commands keep what they have
	}
	from := len(s.parking.words)
	s.parking.words = s.parking.words[:from+n]
	s.parking.list = append(s.parking.list, Parked{step: step, reader: reader, key: key, name: s.doc(db.Conn.Keys, step.Model, key), check: s.checked(ctx, db, p, step.Model)})
	out := &s.parking.list[len(s.parking.list)-1]
	reader.Raw1(ctx, &out.cmd, s.parking.words[from:from+n:from+n], &out.name)
	return out
}

// Resume makes a job, which Begin was called for, the one of a read whose reply has come.
func (j *Job) Resume(ctx context.Context, s *Shared, p *Parked) {
	k := &j.keys
	j.shared, s.row.Many = s, true
	k.keysRun = keysRun{j: &j.task, ctx: ctx, step: p.step, reader: p.reader, check: p.check, row: &s.row, one: [2]string{p.key, p.name}}
	k.keys, k.names = k.one[:1], k.one[1:]
	k.cmds = append(j.first.room[:0], &p.cmd)
	if k.finished == nil {
		k.finished, k.given = k.finish, k.next
	}
	j.first.finish = k.finished
}
