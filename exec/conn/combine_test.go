package conn

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// line is a combiner whose round trips a test answers.
type line struct {
	*combiner
	trips chan []redis.Cmder // those that began
	goOn  chan error         // lets one end, with an error for all of its commands or nil
}

func newLine(most int) *line {
	l := &line{trips: make(chan []redis.Cmder, 1000), goOn: make(chan error)}
	send := func(cmds []redis.Cmder) {
		for _, cmd := range cmds {
			if w, ok := cmd.(*Write); ok {
				w.Args() // as the client does when it writes
			}
		}
		l.trips <- append([]redis.Cmder(nil), cmds...)
		if err := <-l.goOn; err != nil {
			_ = failAll(cmds, err)
		}
	}
	l.combiner = &combiner{most: most, wait: time.Second, size: maxTripCommands, carry: send}
	l.alone = func(_ context.Context, cmds []redis.Cmder, _ redis.Cmder) error {
		send(cmds)
		return firstError(cmds)
	}
	return l
}

// call makes a call beside the test, and returns where its error arrives.
func (l *line) call(ctx context.Context, cmds ...redis.Cmder) <-chan error {
	done := make(chan error, 1)
	go func() { done <- l.do(ctx, cmds, cmds[0]) }()
	synctest.Wait()
	return done
}

// got returns the error of a call that has returned.
func got(t *testing.T, done <-chan error) error {
	t.Helper()
	synctest.Wait()
	select {
	case err := <-done:
		return err
	default:
		require.FailNow(t, "the call has not returned")
		return nil
	}
}

func word(s string) redis.Cmder { return redis.NewCmd(context.Background(), s) }

func write() *Write { return NewWrite(context.Background(), "incr", "n") }

// Whoever finds a lane makes its round trip itself; the others share those that follow.
func TestCombinerShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, l := t.Context(), newLine(10)
		a, b := l.call(ctx, word("a")), l.call(ctx, word("b"))
		require.Len(t, <-l.trips, 1)
		require.Len(t, <-l.trips, 1)
		c, d, e := l.call(ctx, word("c")), l.call(ctx, word("d"), word("D")), l.call(ctx, write())
		l.goOn <- nil
		require.NoError(t, errors.Join(got(t, a)))
		require.Len(t, <-l.trips, 4, "all who waited")
		l.goOn <- nil
		require.NoError(t, got(t, b))
		l.goOn <- nil
		require.NoError(t, errors.Join(got(t, c), got(t, d), got(t, e)))
		require.Zero(t, l.lanes)
		require.Zero(t, l.n+l.bytes)
		long := make([]redis.Cmder, maxSharedCommands+1)
		for i := range long {
			long[i] = word("x")
		}
		f := l.call(ctx, long...)
		require.Zero(t, l.lanes, "a long round trip is made beside the lanes")
		l.goOn <- nil
		require.NoError(t, got(t, f))
	})
}

// An error of one command is of no concern to other callers; a broken connection is told those whose replies are missing.
func TestCombinerErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, l := t.Context(), newLine(1)
		a := l.call(ctx, word("a"))
		refusedCmd, fine, lost := word("b"), write(), write()
		b, c, d := l.call(ctx, refusedCmd), l.call(ctx, fine), l.call(ctx, lost)
		l.goOn <- nil
		require.NoError(t, got(t, a))
		refusedCmd.SetErr(answer("WRONGTYPE"))
		broken := &net.OpError{Op: "write", Err: errors.New("broken pipe")}
		lost.SetErr(broken)
		l.goOn <- nil
		require.EqualError(t, got(t, b), "WRONGTYPE")
		require.NoError(t, got(t, c))
		err := got(t, d)
		require.Equal(t, error(broken), err)
		require.True(t, MayHaveRun(lost, err), "it was sent before others of which one was not sent completely")
		alone := write()
		alone.Args()
		require.False(t, MayHaveRun(alone, broken))
	})
}

// The end of a context takes a caller out of the queue, and out of a round trip at once; the others do not notice.
func TestCombinerContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1)
		a := l.call(t.Context(), word("a"))
		<-l.trips
		ctx, end := context.WithCancel(t.Context())
		queued := write()
		b, c := l.call(ctx, queued), l.call(t.Context(), word("c"))
		end()
		err := got(t, b)
		require.True(t, isEnded(err))
		require.False(t, MayHaveRun(queued, err), "nothing was sent")
		ctx, end = context.WithCancel(t.Context())
		sent, read := write(), word("e")
		d, e := l.call(ctx, sent), l.call(ctx, read)
		l.goOn <- nil
		require.NoError(t, got(t, a))
		require.Len(t, <-l.trips, 3, "c, d and e")
		end()
		err = got(t, d)
		require.True(t, isEnded(err))
		require.True(t, MayHaveRun(sent, err))
		require.True(t, isEnded(got(t, e)))
		l.goOn <- nil
		require.NoError(t, got(t, c))
		require.Zero(t, l.lanes)

		l.grace = time.Second
		a = l.call(t.Context(), word("a"))
		ctx, end = context.WithCancel(t.Context())
		b = l.call(ctx, write())
		l.goOn <- nil
		require.NoError(t, got(t, a))
		end()
		synctest.Wait()
		l.goOn <- nil
		require.NoError(t, got(t, b), "the reply arrived in the grace period")
	})
}

// A write whose caller has gone before the client wrote it is not sent.
func TestCombinerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1)
		var words [][]any
		hold := make(chan struct{})
		l.carry = func(cmds []redis.Cmder) { // a client that waits for a connection
			<-hold
			for _, cmd := range cmds {
				words = append(words, cmd.Args())
			}
		}
		a := l.call(t.Context(), word("a"))
		ctx, end := context.WithCancel(t.Context())
		w := write()
		b := l.call(ctx, w)
		l.goOn <- nil
		require.NoError(t, got(t, a))
		end()
		err := got(t, b)
		require.True(t, isEnded(err))
		require.False(t, MayHaveRun(w, err))
		close(hold)
		synctest.Wait()
		require.Equal(t, [][]any{{"ping"}}, words)
	})
}

// The queue is bounded. Whoever finds no room waits like for a connection of a pool.
func TestCombinerBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1)
		a := l.call(t.Context(), word("a"))
		ctx, end := context.WithCancel(t.Context())
		var waiting []<-chan error
		many := make([]redis.Cmder, 16)
		for i := range many {
			many[i] = word("x")
		}
		for range maxQueued / len(many) {
			waiting = append(waiting, l.call(ctx, many...))
		}
		require.Equal(t, maxQueued, l.n)
		begun := time.Now()
		b := l.call(t.Context(), word("b"))
		require.ErrorIs(t, <-b, redis.ErrPoolTimeout)
		require.Equal(t, l.wait, time.Since(begun))
		c := l.call(t.Context(), word("c"))
		short, stop := context.WithTimeout(t.Context(), time.Millisecond)
		defer stop()
		require.True(t, isEnded(<-l.call(short, word("d"))))
		end()
		for _, w := range waiting {
			require.True(t, isEnded(got(t, w)))
		}
		l.goOn <- nil
		require.NoError(t, got(t, a))
		l.goOn <- nil
		require.NoError(t, got(t, c), "there was room again")

		a = l.call(t.Context(), word("a"))
		text := strings.Repeat("x", maxSharedBytes/2)
		waiting = nil
		for range maxQueuedBytes / (maxSharedBytes/2 + argBytes) {
			waiting = append(waiting, l.call(t.Context(), word(text)))
		}
		require.ErrorIs(t, <-l.call(t.Context(), word(text)), redis.ErrPoolTimeout)
		require.Less(t, l.n, maxQueued)
		l.goOn <- nil
		require.NoError(t, got(t, a))
		for l.lanes > 0 {
			l.goOn <- nil
			synctest.Wait()
		}
		for _, w := range waiting {
			require.NoError(t, got(t, w))
		}
		for len(l.trips) > 0 {
			require.LessOrEqual(t, bytesOf(<-l.trips), maxTripBytes)
		}
	})
}

// Lanes that do not come back are replaced, up to the number of connections, and are not more than usual when they have come back.
func TestCombinerStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(4)
		l.nearest = time.Microsecond
		var all []<-chan error
		for range 2 {
			all = append(all, l.call(t.Context(), word("stuck")))
		}
		for n := 3; n <= 4; n++ {
			begun := time.Now()
			all = append(all, l.call(t.Context(), word("next")))
			for len(l.trips) < n {
				time.Sleep(time.Millisecond)
			}
			synctest.Wait()
			require.LessOrEqual(t, time.Since(begun), 2*stuckAfter)
			require.Equal(t, n, l.lanes)
		}
		last := l.call(t.Context(), word("last"))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 4, l.lanes)
		for range 5 {
			l.goOn <- nil
			synctest.Wait()
		}
		for _, done := range append(all, last) {
			require.NoError(t, got(t, done))
		}
		require.Zero(t, l.lanes)
		require.Zero(t, l.extra)
		require.Equal(t, 2, l.limit())
	})
}

// On a network with long round trips there are more lanes: none of them waits for long.
func TestCombinerFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(8)
		a := l.call(t.Context(), word("a"))
		time.Sleep(time.Millisecond)
		l.goOn <- nil
		require.NoError(t, got(t, a))
		require.Equal(t, 6, l.limit())
	})
}

// Round trips that take long are made smaller.
func TestCombinerSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1)
		var all []<-chan error
		for range 200 {
			all = append(all, l.call(t.Context(), word("x")))
		}
		for l.lanes > 0 {
			time.Sleep(2 * slowTrip)
			l.goOn <- nil
			synctest.Wait()
		}
		var sizes []int
		for len(l.trips) > 0 {
			sizes = append(sizes, len(<-l.trips))
		}
		require.Equal(t, []int{1, 199}, sizes)
		for _, done := range all {
			require.NoError(t, got(t, done))
		}
		all = nil
		for range 200 {
			all = append(all, l.call(t.Context(), word("x")))
		}
		for l.lanes > 0 {
			l.goOn <- nil
			synctest.Wait()
		}
		sizes = nil
		for len(l.trips) > 0 {
			sizes = append(sizes, len(<-l.trips))
		}
		require.Equal(t, []int{1, 49, 98, 52}, sizes)
		for _, done := range all {
			require.NoError(t, got(t, done))
		}
	})
}

// Callers whose last commands are the same read share its reply, which is asked for behind the commands of all of them.
func TestCombinerChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		check := func(model string) *redis.StringSliceCmd {
			return redis.NewStringSliceCmd(t.Context(), "hmget", "catalog", model)
		}
		l := newLine(1)
		l.carry = func(cmds []redis.Cmder) {
			var names []string
			for _, cmd := range cmds {
				if c, ok := cmd.(*redis.StringSliceCmd); ok {
					if c.SetVal([]string{c.Args()[2].(string)}); c.Args()[2] == "bad" {
						c.SetErr(answer("NOPERM"))
					}
				}
				names = append(names, cmd.Args()[len(cmd.Args())-1].(string))
			}
			require.Equal(t, []string{"a", "b", "c", "d", "u", "e", "u", "u", "u", "t", "bad"}, names)
		}
		first := l.call(t.Context(), word("first"))
		last := []*redis.StringSliceCmd{check("u"), check("t"), check("u"), check("bad"), check("bad")}
		var all []<-chan error
		for i, name := range []string{"a", "b", "c", "d"} {
			all = append(all, l.call(t.Context(), word(name), last[i]))
		}
		alone, before := check("u"), check("u")
		all = append(all, l.call(t.Context(), alone), l.call(t.Context(), word("e"), last[4]), l.call(t.Context(), before, word("u")))
		l.goOn <- nil
		require.NoError(t, got(t, first))
		for i, done := range all {
			switch err := got(t, done); i {
			case 3, 5:
				require.EqualError(t, err, "NOPERM")
			default:
				require.NoError(t, err)
			}
		}
		for i, want := range []string{"u", "t", "u"} {
			require.Equal(t, []string{want}, last[i].Val())
		}
		require.Equal(t, []string{"u"}, alone.Val())
	})
}

// Clients of a cluster and of Sentinels share nothing: a pool that has connections to a primary that is gone would put the writes
// of many callers in doubt.
func TestWhoShares(t *testing.T) {
	own := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}})
	watched := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: "m", SentinelAddrs: []string{"127.0.0.1:1"}})
	for _, c := range []redis.UniversalClient{own, cluster, watched} {
		t.Cleanup(func() { _ = c.Close() })
	}
	require.NotNil(t, (&Conn{server: &server{client: own}}).newQueue())
	require.Nil(t, (&Conn{server: &server{client: own, ownTrips: true}}).newQueue())
	require.Nil(t, (&Conn{server: &server{client: cluster}}).newQueue())
	require.Nil(t, (&Conn{server: &server{client: watched}}).newQueue())
}
