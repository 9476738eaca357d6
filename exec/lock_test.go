package exec_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/lock"
	"github.com/rql-lang/rql/lang"
)

func keys(ids ...string) []lock.Key {
	var out []lock.Key
	for _, id := range ids {
		out = append(out, lock.Key{Model: "User", ID: id})
	}
	return out
}

// Of twenty that want one lock each has it alone, with fencing numbers that grow.
func TestLockContention(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		var wg sync.WaitGroup
		var inside, most atomic.Int32
		var mu sync.Mutex
		var fences []int64
		errs := make([]error, 20)
		for i := range errs {
			wg.Add(1)
			go func() {
				defer wg.Done()
				errs[i] = e.Lock(ctx, keys("u1"), time.Second, func(_ context.Context, fence int64) error {
					most.Store(max(most.Load(), inside.Add(1)))
					mu.Lock()
					fences = append(fences, fence)
					mu.Unlock()
					time.Sleep(2 * time.Millisecond)
					inside.Add(-1)
					return nil
				})
			}()
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		require.Equal(t, int32(1), most.Load())
		require.Len(t, fences, 20)
		require.IsIncreasing(t, fences)
		require.Zero(t, e.Client().Exists(ctx, "rql:lock:User:u1").Val())
	})
}

// Two that want the same locks in different order do not wait for each other for ever.
func TestLockOrder(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		limited, stop := context.WithTimeout(ctx, 30*time.Second)
		defer stop()
		var wg sync.WaitGroup
		var n atomic.Int32
		errs := make([]error, 10)
		for i := range errs {
			wg.Add(1)
			go func() {
				defer wg.Done()
				want := keys("a", "b", "c")
				if i%2 == 1 {
					want = keys("c", "b", "a", "a")
				}
				errs[i] = e.Lock(limited, want, time.Second, func(context.Context, int64) error { n.Add(1); return nil })
			}()
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		require.Equal(t, int32(10), n.Load())
	})
}

// A lease that is lost ends the context of the work, with a cause that says so.
func TestLockLost(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		err := e.Lock(ctx, keys("u1"), 60*time.Millisecond, func(ctx context.Context, _ int64) error {
			require.NoError(t, e.Client().Del(ctx, "rql:lock:User:u1").Err())
			require.NoError(t, e.Client().Set(ctx, "rql:lock:User:u1", "somebody else", 0).Err())
			<-ctx.Done()
			var x *exec.Error
			require.True(t, errors.As(context.Cause(ctx), &x))
			require.Equal(t, lang.CodeLockLost, x.Code)
			return ctx.Err()
		})
		require.Equal(t, lang.CodeLockLost, runError(t, err, "Lock").Code)
		require.Equal(t, "somebody else", e.Client().Get(ctx, "rql:lock:User:u1").Val(), "a lock that another has is not given back")

		broken := errors.New("broken")
		err = e.Lock(ctx, keys("u2"), 60*time.Millisecond, func(ctx context.Context, _ int64) error {
			require.NoError(t, e.Client().Del(ctx, "rql:lock:User:u2").Err())
			<-ctx.Done()
			return broken
		})
		require.ErrorIs(t, err, broken)
		require.Equal(t, lang.CodeLockLost, runError(t, err, "Lock").Code)
	})
}

// A lease is renewed for as long as the work takes, and no longer.
func TestLockRenewal(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		c := e.Client()
		require.NoError(t, e.Lock(ctx, keys("u1"), 900*time.Millisecond, func(ctx context.Context, _ int64) error {
			token := c.Get(ctx, "rql:lock:User:u1").Val()
			require.NotEmpty(t, token)
			time.Sleep(2 * time.Second)
			require.NoError(t, ctx.Err())
			require.Equal(t, token, c.Get(ctx, "rql:lock:User:u1").Val())
			return nil
		}))
		require.Zero(t, c.Exists(ctx, "rql:lock:User:u1").Val())
	})
}

// A caller that stops waiting leaves nothing behind; one whose context ends while it works gives the lock back.
func TestLockCancelled(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		wait := func() error {
			return e.Lock(ctx, keys("b"), time.Minute, func(context.Context, int64) error {
				waiting, stop := context.WithTimeout(ctx, 50*time.Millisecond)
				defer stop()
				return e.Lock(waiting, keys("b", "a"), time.Minute, func(context.Context, int64) error {
					t.Error("the lock is held")
					return nil
				})
			})
		}
		err := wait()
		for range 4 { // the time may end while the lock is asked for, and then the outcome is not known
			if runError(t, err, "Lock").Code != lang.CodeOutcomeUnknown {
				break
			}
			err = wait()
		}
		require.Equal(t, lang.CodeCancelled, runError(t, err, "Lock").Code)
		require.Zero(t, e.Client().Exists(ctx, "rql:lock:User:a", "rql:lock:User:b").Val())

		working, stop := context.WithCancel(ctx)
		err = e.Lock(working, keys("a"), time.Minute, func(ctx context.Context, _ int64) error {
			stop()
			<-ctx.Done()
			return ctx.Err()
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, e.Client().Exists(ctx, "rql:lock:User:a").Val())

		require.Panics(t, func() {
			_ = e.Lock(ctx, keys("a"), time.Minute, func(context.Context, int64) error { panic("work") })
		})
		require.Zero(t, e.Client().Exists(ctx, "rql:lock:User:a").Val())
	})
}

// The fencing number keeps a holder whose lease ended from writing over a later one.
func TestLockFence(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL Report { id string KEY, body string, fence int DEFAULT 0 }; CREATE Report { id: 'r', body: '' }")
		write := func(fence int64, body string) error {
			_, err := try(e, `ATOMIC <
				LET r = GET Report 'r';
				ENSURE $fence >= r.fence ELSE 'a later holder of the lock has written';
				UPDATE Report 'r' SET body = $body, fence = $fence
			>`, map[string]any{"fence": fence, "body": body})
			return err
		}
		var first, second int64
		take := func(to *int64) {
			require.NoError(t, e.Lock(ctx, []lock.Key{{Model: "Report", ID: "r"}}, time.Second, func(_ context.Context, fence int64) error {
				*to = fence
				return nil
			}))
		}
		take(&first)
		take(&second)
		require.Greater(t, second, first)
		require.NoError(t, write(second, "second"))
		require.NoError(t, write(second, "second again"))
		require.Equal(t, lang.CodeEnsureFailed, runError(t, write(first, "first"), "ATOMIC").Code)
		require.Equal(t, "second again", must(t, e, "GET Report 'r' RETURN body").rows[0][0])
	})
}

func TestLockMistakes(t *testing.T) {
	e := open(t, "mem://")
	for _, list := range [][]lock.Key{nil, {{Model: "User"}}, {{ID: "u"}}, {{Model: "a:b", ID: "u"}}} {
		err := e.Lock(ctx, list, time.Second, func(context.Context, int64) error { return nil })
		require.Equal(t, lang.CodeBadKey, runError(t, err, "Lock").Code)
	}
}
