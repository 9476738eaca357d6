package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/bench/rig"
)

const (
	// endsBatch is how many documents one CREATE has, and endsRange one look, at most: a script that is not in steps takes as
	// long as it has documents, and here PING is to be answered meanwhile.
	endsBatch = 10
	endsRange = 50
	// endsWhole is how often all documents are counted.
	endsWhole = 100 * time.Millisecond
	// brief is how long a PING may wait for what is beside it.
	brief = 5 * time.Millisecond
	// endsSpan is the longest life.
	endsSpan = 90 * time.Second
)

// manyEnds are documents with random ends.
type manyEnds struct {
	b       *bench
	db      *rql.DB
	n       int     // how many there will be
	written int     // how many there are by now
	ids     []int32 // by the value that looks ask for
	living  living
	wholes  int       // how often all were counted
	whole   time.Time // when that was last
	cpu     string    // file that says how long the server's main thread has run; "" where the server is not on this machine
	trips   []*trips
}

// trips are the round trips of one kind of statement.
type trips struct {
	what    string
	n, over int           // how many there were, and how many took longer than brief
	longest time.Duration // of the CPU of the server
}

// DialHook implements redis.Hook.
func (m *manyEnds) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (m *manyEnds) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return m.timed(ctx, []redis.Cmder{cmd}, func() error { return next(ctx, cmd) })
	}
}

// ProcessPipelineHook implements redis.Hook.
func (m *manyEnds) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return m.timed(ctx, cmds, func() error { return next(ctx, cmds) })
	}
}

// timed makes a round trip. Nothing else than PING runs on the server meanwhile, and what Redis itself does to expire documents, which
// is left out. So what its main thread runs for is the most that a PING has waited for the commands, however loaded the machine is.
func (m *manyEnds) timed(ctx context.Context, cmds []redis.Cmder, f func() error) error {
	expiring, before := m.expiring(ctx), m.ran()
	err := f()
	took := m.ran() - before
	t := m.trips[len(m.trips)-1]
	t.n++
	if took > brief {
		took -= m.expiring(ctx) - expiring
	}
	if took > brief {
		t.over++
	}
	t.longest = max(t.longest, took)
	return err
}

// expiring is how long the server has looked for keys that have expired.
func (m *manyEnds) expiring(ctx context.Context) time.Duration {
	_, ms, _ := strings.Cut(m.b.hand.Info(ctx, "stats").Val(), "expire_cycle_cpu_milliseconds:")
	ms, _, _ = strings.Cut(ms, "\r")
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Millisecond
}

// ran is how long the server's main thread has run.
func (m *manyEnds) ran() time.Duration {
	text, err := os.ReadFile(m.cpu)
	if err != nil {
		return 0
	}
	ns, _, _ := strings.Cut(string(text), " ")
	n, err := strconv.ParseInt(ns, 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(n)
}

// doing says what the next round trips are of.
func (m *manyEnds) doing(what string) {
	i := slices.IndexFunc(m.trips, func(t *trips) bool { return t.what == what })
	if i < 0 {
		i = len(m.trips)
		m.trips = append(m.trips, &trips{what: what})
	}
	last := len(m.trips) - 1
	m.trips[i], m.trips[last] = m.trips[last], m.trips[i]
}

// open opens the database whose round trips are timed.
func (m *manyEnds) open(url string) (closing func(), err error) {
	opt, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("the server's URL: %w", err)
	}
	client := redis.NewClient(opt)
	client.AddHook(m)
	if m.db, err = rql.Wrap(client, rql.WithNamespace(space)); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return func() { _, _ = m.db.Close(), client.Close() }, nil
}

// findCPU finds the file of ran.
func (m *manyEnds) findCPU(ctx context.Context) {
	info := m.b.hand.Info(ctx, "server").Val()
	_, pid, _ := strings.Cut(info, "process_id:")
	pid, _, _ = strings.Cut(pid, "\r")
	file := "/proc/" + pid + "/task/" + pid + "/schedstat"
	name, err := os.ReadFile("/proc/" + pid + "/comm")
	if _, failed := os.Stat(file); failed == nil && err == nil && strings.Contains(string(name), "redis-server") {
		m.cpu = file
	}
}

// endMany writes documents with random ends. All the while COUNT and FIND in one script agree with EXISTS of each key by hand
// before and after it, and PING is answered, as it is by a second server that has nothing to do. When all are gone and REPAIR has run, nothing is left.
func (b *bench) endMany(ctx context.Context, o options, out io.Writer) error {
	if o.docs%endsBatch > 0 || o.docs%7919 == 0 {
		return fmt.Errorf("-docs %d: not a multiple of %d, or one of 7,919", o.docs, endsBatch)
	}
	if _, err := b.db.Exec(ctx, `MODEL Many { id int KEY, n int INDEX, city string INDEX } TTL 1h`); err != nil {
		return err
	}
	if err := b.hand.ConfigResetStat(ctx).Err(); err != nil {
		return fmt.Errorf("reset the counts of the server: %w", err)
	}
	for _, a := range [][2]string{{"slowlog-log-slower-than", "2000"}, {"slowlog-max-len", "10000"}} {
		if err := b.hand.ConfigSet(ctx, a[0], a[1]).Err(); err != nil {
			return fmt.Errorf("set %s: %w", a[0], err)
		}
	}
	idle, err := rig.Start(ctx)
	if err != nil {
		return err
	}
	defer idle.Stop()
	opt, err := redis.ParseURL(idle.URL)
	if err != nil {
		return fmt.Errorf("the second server's URL: %w", err)
	}
	other := redis.NewClient(opt)
	defer other.Close()
	run, stop := context.WithCancel(ctx)
	var pings, control []time.Duration
	var wg sync.WaitGroup
	wg.Go(func() { pings = ping(run, b.hand) })
	wg.Go(func() { control = ping(run, other) })
	m := &manyEnds{b: b, n: o.docs, ids: make([]int32, o.docs), trips: []*trips{{what: "opening"}}}
	if m.living.from, err = m.clock(ctx); err != nil {
		stop()
		return err
	}
	m.findCPU(ctx)
	closeDB, err := m.open(o.url)
	if err != nil {
		stop()
		return err
	}
	defer closeDB()
	start := time.Now()
	looks, err := m.write(ctx, start)
	loaded := time.Since(start)
	for err == nil && time.Since(start) < loaded+endsSpan+time.Second {
		err = m.look(ctx)
		looks++
	}
	if err == nil {
		err = m.nothingLeft(ctx, out)
	}
	stop()
	wg.Wait()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d documents with ends of up to %s written in %s; %d looks at parts, COUNT = FIND = EXISTS by hand in each; %d at all, COUNT as computed from the ends\n",
		o.docs, endsSpan, loaded.Round(time.Second), looks, m.wholes)
	for _, t := range m.trips {
		verdict := "met"
		if t.over > 0 {
			verdict = "MISSED"
		}
		if m.cpu != "" {
			fmt.Fprintf(out, "%-32s %7d round trips, the longest %7s of the CPU of the server, besides what that took to expire keys; longer than %s: %d  %s\n", t.what, t.n, round(t.longest),
				brief, t.over, verdict)
		}
	}
	printPings(out, "beside it", pings)
	printPings(out, "of a server that has nothing to do", control)
	slow, err := b.hand.SlowLogGet(ctx, 10000).Result()
	if err != nil {
		return fmt.Errorf("ask for slow commands: %w", err)
	}
	slices.SortFunc(slow, func(x, y redis.SlowLog) int { return cmp.Compare(y.Duration, x.Duration) })
	fmt.Fprintf(out, "commands of 2 ms and more: %d\n", len(slow))
	for _, s := range slow[:min(len(slow), 5)] {
		fmt.Fprintf(out, "  %s %.120s …\n", round(s.Duration), strings.ReplaceAll(strings.Join(s.Args, " "), "\x00", " "))
	}
	return nil
}

// printPings says how long PINGs took.
func printPings(out io.Writer, what string, took []time.Duration) {
	slices.Sort(took)
	fmt.Fprintf(out, "%d PINGs %s: median %s, 99 of 100 %s, 9,999 of 10,000 %s, longest %s\n", len(took), what, round(took[len(took)/2]), round(took[len(took)*99/100]),
		round(took[len(took)*9999/10000]), round(took[len(took)-1]))
}

// write writes the documents and looks at them in between; it says how often.
func (m *manyEnds) write(ctx context.Context, start time.Time) (looks int, err error) {
	n := m.n
	r := rand.New(rand.NewPCG(1, uint64(start.UnixNano())))
	for i := 0; i < n; i += endsBatch {
		now, err := m.clock(ctx)
		if err != nil {
			return looks, err
		}
		list, ends := make([]any, endsBatch), make([]any, endsBatch)
		for k := range list {
			v := (i + k) * 7919 % n
			m.ids[v] = int32(i + k)
			list[k] = map[string]any{"id": i + k, "n": v, "city": cities[k%len(cities)]}
			end := now + 1 + r.Int64N(endsSpan.Milliseconds())
			ends[k] = time.UnixMilli(end)
			m.living.add(end)
		}
		m.doing(fmt.Sprintf("CREATE of %d", endsBatch))
		if _, err := m.db.Exec(ctx, `CREATE Many $list TTL AT $ends`, rql.Args{"list": list, "ends": ends}); err != nil {
			return looks, err
		}
		m.written = i + endsBatch
		if i/endsBatch%100 == 0 {
			looks++
			if err := m.look(ctx); err != nil {
				return looks, err
			}
		}
	}
	return looks, nil
}

// look counts a part of the documents by the index and by reading them, in one script. That is not more than EXISTS says
// of their keys before, and not less than it says after: they only end meanwhile.
func (m *manyEnds) look(ctx context.Context) error {
	if time.Since(m.whole) > endsWhole {
		if err := m.lookAtAll(ctx); err != nil {
			return err
		}
		m.whole = time.Now()
	}
	lo := rand.IntN(m.n)
	var keys []string
	for v := lo; v < min(lo+endsRange, m.n); v++ {
		if id := int(m.ids[v]); id*7919%m.n == v && id < m.written {
			keys = append(keys, space+":Many:"+strconv.Itoa(id))
		}
	}
	before, err := m.exist(ctx, keys)
	if err != nil {
		return err
	}
	m.doing("COUNT and FIND of a part")
	r, err := m.db.Exec(ctx, `ATOMIC <
  LET a = COUNT Many WHERE n >= $lo AND n < $hi;
  LET b = FIND Many WHERE n >= $lo AND n < $hi RETURN count() AS c;
  RETURN a, b[0].c AS b
>`, rql.Args{"lo": lo, "hi": lo + endsRange})
	if err != nil {
		return err
	}
	after, err := m.exist(ctx, keys)
	if count := r.Rows[0][0].(int64); err == nil && (count != r.Rows[0][1] || count > before || count < after) {
		err = fmt.Errorf("COUNT gives %v and FIND %v; %d keys exist before, and %d after", count, r.Rows[0][1], before, after)
	}
	return err
}

// lookAtAll counts all documents, which is as many as are known to end later than the server's clock says before and after.
func (m *manyEnds) lookAtAll(ctx context.Context) error {
	before, err := m.clock(ctx)
	if err != nil {
		return err
	}
	m.doing("COUNT of all, with sweeps")
	r, err := m.db.Exec(ctx, `COUNT Many`)
	if err != nil {
		return err
	}
	after, err := m.clock(ctx)
	if err != nil {
		return err
	}
	m.wholes++
	most, least := m.living.at(before), m.living.at(after)
	if count := r.Rows[0][0].(int64); count > most || count < least {
		return fmt.Errorf("COUNT of all gives %d; by their ends there are %d before, and %d after", count, most, least)
	}
	return nil
}

// clock is the server's clock in Unix milliseconds.
func (m *manyEnds) clock(ctx context.Context) (int64, error) {
	t, err := m.b.hand.Time(ctx).Result()
	if err != nil {
		return 0, fmt.Errorf("ask for the time: %w", err)
	}
	return t.UnixMilli(), nil
}

// living knows how many documents there are by the ends that they were given.
type living struct {
	from int64   // Unix milliseconds
	ends []int32 // how many documents end in each millisecond since then
	now  int     // the millisecond before which documents were found to have ended
	n    int64   // the others
}

// add adds a document that has an end behind the last time asked for.
func (l *living) add(end int64) {
	i := int(end - l.from)
	for len(l.ends) <= i {
		l.ends = append(l.ends, 0)
	}
	l.ends[i]++
	l.n++
}

// at is how many there are at a time, which is not before the last one asked for. In the millisecond of its end a key still exists.
func (l *living) at(ms int64) int64 {
	for ; l.now < int(ms-l.from) && l.now < len(l.ends); l.now++ {
		l.n -= int64(l.ends[l.now])
	}
	return l.n
}

// exist is how many of the keys there are.
func (m *manyEnds) exist(ctx context.Context, keys []string) (int64, error) {
	if len(keys) == 0 {
		return 0, nil
	}
	n, err := m.b.hand.Exists(ctx, keys...).Result()
	if err != nil {
		return 0, fmt.Errorf("ask which keys exist: %w", err)
	}
	return n, nil
}

// ping asks a server all the time, until the context ends.
func ping(ctx context.Context, client *redis.Client) (took []time.Duration) {
	c := client.Conn()
	defer c.Close()
	for ctx.Err() == nil {
		start := time.Now()
		if c.Ping(ctx).Err() == nil {
			took = append(took, time.Since(start))
		}
		time.Sleep(time.Millisecond)
	}
	return took
}

// nothingLeft asks that nothing is left when all documents are gone and REPAIR has run.
func (m *manyEnds) nothingLeft(ctx context.Context, out io.Writer) error {
	start := time.Now()
	m.doing("COUNT of all, with sweeps")
	r, err := m.db.Exec(ctx, `COUNT Many`)
	if err != nil || r.Rows[0][0] != int64(0) {
		return fmt.Errorf("COUNT gives %v when all are gone: %w", r, err)
	}
	fmt.Fprintf(out, "COUNT of what is gone, with sweeps: %s\n", time.Since(start).Round(time.Millisecond))
	m.doing("VERIFY … REPAIR")
	if _, err := m.db.Exec(ctx, `VERIFY Many REPAIR`); err != nil {
		return err
	}
	for _, key := range []string{"rql:ids:Many", "rql:ttl:Many", "rql:exp:Many", "rql:ix:Many:n", "rql:ix:Many:city"} {
		n, err := m.b.hand.Exists(ctx, space+":"+key).Result()
		if err != nil || n > 0 {
			return fmt.Errorf("%s is left: %w", key, err)
		}
	}
	fmt.Fprintln(out, "nothing is left")
	return nil
}
