package exec_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/planner/plan"
)

// jobbing is a hook that counts the scripts with the key of a job, and lets nothing through after some of them.
type jobbing struct {
	key       string
	most, met atomic.Int64
	at        int64 // after so many of them, then is called
	then      func()
}

func (j *jobbing) DialHook(next redis.DialHook) redis.DialHook { return next }

func (j *jobbing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if j.met.Load() >= j.most.Load() {
			return context.Canceled
		}
		err := next(ctx, cmd)
		for _, w := range cmd.Args() {
			if word(w) == j.key && err == nil {
				if j.met.Add(1) == j.at {
					j.then()
				}
				break
			}
		}
		return err
	}
}

func (j *jobbing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if j.met.Load() >= j.most.Load() {
			return context.Canceled
		}
		return next(ctx, cmds)
	}
}

// examined runs a statement and returns the numbers of documents that its steps have told of.
func examined(t *testing.T, e *exec.Engine, text string) (told []int64) {
	t.Helper()
	s := e.NewSession(exec.SessionOptions{Progress: func(p exec.Progress) { told = append(told, p.Rows) }})
	require.NoError(t, s.Run(ctx, lang.NewSource("", text), nil, func(r *exec.Rows) error { return r.Err() }))
	return told
}

// What one program does to documents in steps is seen by others; where it is killed, the next goes on from there; at the end nothing
// is left of it.
func TestJob(t *testing.T) {
	url, c := testredis.Start(t)
	e := open(t, url)
	must(t, e, "MODEL A { id int KEY, n int, s string, tags set<int> }; MODEL B { id int KEY }")
	const documents = 3500
	for i := 0; i < documents; i += 500 {
		var list []any
		for j := i; j < i+500; j++ {
			list = append(list, map[string]any{"id": j, "n": j % 7, "s": fmt.Sprint(j)})
		}
		must(t, e, "CREATE A $l", map[string]any{"l": list})
	}
	require.Empty(t, must(t, e, "SHOW JOBS").rows)
	for _, tt := range []struct{ text, work string }{
		{"ALTER MODEL A ADD INDEX n", "backfill A"},
		{"ALTER MODEL A DROP FIELD tags, ADD FIELD more int DEFAULT 3", "backfill A"},
		{"ALTER MODEL A CHANGE FIELD s int", "backfill A"},
		{"ALTER MODEL A DROP FIELD n, DROP FIELD more", "drop n, more of A"},
	} {
		j := &jobbing{key: "rql:job:A"}
		j.most.Store(4) // the one that begins, and three steps
		killed := hooked(t, url, j)
		_, err := try(killed, tt.text)
		require.Error(t, err, tt.text)
		rows := must(t, e, "SHOW JOBS").rows
		require.Len(t, rows, 1, tt.text)
		require.Equal(t, []any{"A", tt.work, int64(3 * plan.UpkeepRows), int64(documents)}, rows[0][:4], tt.text)
		require.Positive(t, rows[0][4], tt.text)
		require.Positive(t, rows[0][5], tt.text)
		for _, code := range codes(examine(t, e)) {
			require.NotEqual(t, "orphans", code)
		}
		told := examined(t, e, tt.text)
		require.EqualValues(t, 4*plan.UpkeepRows, told[0], "%s: only what was left: %v", tt.text, told)
		require.Empty(t, must(t, e, "SHOW JOBS").rows, tt.text)
		require.Zero(t, c.Exists(ctx, "rql:job:A").Val())
		sound(t, e)
	}
	require.EqualValues(t, documents, number(t, e, "COUNT A WHERE s >= 0"))
	must(t, e, "DROP MODEL A ALL; DROP MODEL B")
	keys, err := c.Keys(ctx, "*").Result()
	require.NoError(t, err)
	require.Equal(t, []string{"rql:catalog"}, keys)

	e = open(t, url+"?ns={k}&buckets=4") // over partitions, it goes on with the one behind the last that is recorded
	must(t, e, "MODEL A { id int KEY, p int, n int } PARTITION BY p; MODEL B { id int KEY, n int } PARTITION BY id")
	for p := range 40 {
		var list, spread []any
		for j := range 60 {
			list = append(list, map[string]any{"id": j + 60*p, "p": p, "n": j % 7})
			spread = append(spread, map[string]any{"id": j + 60*p, "n": j % 7})
		}
		must(t, e, "CREATE A $l; CREATE B $s", map[string]any{"l": list, "s": spread})
	}
	for _, tt := range []struct {
		model, text, work string
		done, first       int64
	}{
		{"A", "ALTER MODEL A ADD INDEX n", "backfill A", 600, 660},
		{"A", "ALTER MODEL A DROP FIELD n", "drop n of A", 600, 660},
		{"B", "ALTER MODEL B ADD INDEX n", "backfill B", 0, 0},
	} {
		j := &jobbing{key: "{k}:rql:job:" + tt.model}
		j.most.Store(3) // the one that begins, and two that record
		_, err := try(hooked(t, url+"?ns={k}&buckets=4", j), tt.text)
		require.Error(t, err, tt.text)
		rows := must(t, e, "SHOW JOBS").rows
		require.Len(t, rows, 1, tt.text)
		if tt.done == 0 { // two of four buckets
			tt.done = rows[0][2].(int64)
			require.Greater(t, tt.done, int64(2*plan.UpkeepRows))
			tt.first = tt.done + plan.UpkeepRows
		}
		require.Equal(t, []any{tt.model, tt.work, tt.done, int64(2400)}, rows[0][:4], tt.text)
		told := examined(t, e, tt.text)
		require.Equal(t, []int64{tt.first, 2400}, []int64{told[0], told[len(told)-1]}, tt.text)
		require.Empty(t, must(t, e, "SHOW JOBS").rows, tt.text)
		require.Empty(t, must(t, e, "VERIFY "+tt.model).rows, tt.text)
	}
	require.EqualValues(t, 360, number(t, e, "COUNT B WHERE n = 2"))

	var list []any // in a large partition, it goes on behind what is recorded of it
	for i := range 4000 {
		list = append(list, map[string]any{"id": 5000 + i, "p": 99, "n": i % 7})
	}
	must(t, e, "ALTER MODEL B DROP INDEX n; DELETE B ALL; CREATE B { id: 1, n: 1 }; MODEL C { id int KEY, p int, n int } PARTITION BY p; CREATE C $l", map[string]any{"l": list})
	j := &jobbing{key: "{k}:rql:job:C"}
	j.most.Store(2)
	_, err = try(hooked(t, url+"?ns={k}&buckets=4", j), "ALTER MODEL C ADD INDEX n")
	require.Error(t, err)
	require.Equal(t, int64(10*plan.UpkeepRows), must(t, e, "SHOW JOBS").rows[0][2])
	told := examined(t, e, "ALTER MODEL C ADD INDEX n")
	require.Equal(t, []int64{11 * plan.UpkeepRows, 4000}, []int64{told[0], told[len(told)-1]})
	require.Empty(t, must(t, e, "VERIFY C").rows)
	require.EqualValues(t, 572, number(t, e, "COUNT C WHERE n = 2"))
}

// A job is of one definition: a program that works for another one stops, and what is left over by one that is overtaken is not used.
func TestJobOfAnotherDefinition(t *testing.T) {
	url, c := testredis.Start(t)
	e := open(t, url)
	must(t, e, "MODEL A { id int KEY, n int }")
	var list []any
	for j := range 2500 {
		list = append(list, map[string]any{"id": j, "n": j % 7})
	}
	must(t, e, "CREATE A $l", map[string]any{"l": list})
	j := &jobbing{key: "rql:job:A"}
	j.most.Store(3)
	killed := hooked(t, url, j)
	_, err := try(killed, "ALTER MODEL A ADD INDEX n")
	require.Error(t, err)
	must(t, e, "ALTER MODEL A ADD INDEX n UNDO")
	require.Zero(t, c.Exists(ctx, "rql:job:A").Val())
	told := examined(t, e, "ALTER MODEL A ADD INDEX n")
	require.EqualValues(t, plan.UpkeepRows, told[0], "from the first document on: %v", told)
	require.EqualValues(t, 357, number(t, e, "COUNT A WHERE n = 2"))
	sound(t, e)
}

// Case 21 of what may happen to a field: dropped, killed in the middle, and added again. The statement that adds it completes the
// removal first, so no document has an old value.
func TestDroppedAndAddedAgain(t *testing.T) {
	url, _ := testredis.Start(t)
	e := open(t, url)
	must(t, e, "MODEL A { id int KEY, f int?, g set<int> }")
	var list []any
	for j := range 2500 {
		list = append(list, map[string]any{"id": j, "f": j, "g": []any{j}})
	}
	must(t, e, "CREATE A $l", map[string]any{"l": list})
	j := &jobbing{key: "rql:job:A"}
	j.most.Store(2) // the one that begins, and one step
	_, err := try(hooked(t, url, j), "ALTER MODEL A DROP FIELD f, DROP FIELD g")
	require.Error(t, err)
	require.Equal(t, []any{"A", "drop f, g of A", int64(plan.UpkeepRows), int64(2500)}, must(t, e, "SHOW JOBS").rows[0][:4])
	must(t, e, "ALTER MODEL A ADD FIELD f int?, ADD FIELD g set<int>")
	require.EqualValues(t, 2500, number(t, e, "COUNT A WHERE f IS NULL AND len(g) = 0"))
	require.Empty(t, must(t, e, "SHOW JOBS").rows)
	sound(t, e)
}

// A conversion that was killed behind a document that cannot be converted begins with the first one again: it must be counted. All documents are
// counted, of one that goes on, too.
func TestJobOfMisfits(t *testing.T) {
	url, _ := testredis.Start(t)
	e := open(t, url)
	must(t, e, "MODEL A { id int KEY, s string }")
	const documents = 3500
	for i := 0; i < documents; i += 500 {
		var list []any
		for j := i; j < i+500; j++ {
			list = append(list, map[string]any{"id": j, "s": fmt.Sprint(j)})
		}
		must(t, e, "CREATE A $l", map[string]any{"l": list})
	}
	for bad, first := range map[int]int64{0: plan.UpkeepRows, 3400: 4 * plan.UpkeepRows} {
		must(t, e, "UPDATE A $id SET s = 'x'", map[string]any{"id": int64(bad)})
		j := &jobbing{key: "rql:job:A"}
		j.most.Store(4) // the one that begins, and three steps
		_, err := try(hooked(t, url, j), "ALTER MODEL A CHANGE FIELD s int")
		require.Error(t, err)
		var told []int64
		s := e.NewSession(exec.SessionOptions{Progress: func(p exec.Progress) { told = append(told, p.Rows) }})
		err = s.Run(ctx, lang.NewSource("", "ALTER MODEL A CHANGE FIELD s int"), nil, func(r *exec.Rows) error { return r.Err() })
		require.ErrorContains(t, err, fmt.Sprintf("1 of 3500 documents of A cannot be converted: 'A:%d'", bad))
		require.Equal(t, first, told[0])
		require.Empty(t, must(t, e, "SHOW JOBS").rows)
		must(t, e, "UPDATE A $id SET s = '0'", map[string]any{"id": int64(bad)})
	}
	must(t, e, "ALTER MODEL A CHANGE FIELD s int")
	sound(t, e)
}
