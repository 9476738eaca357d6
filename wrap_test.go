package rql_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
)

// What no database can be made of is refused before anything is sent.
func TestWrapRefuses(t *testing.T) {
	for name, x := range map[string]struct {
		client redis.UniversalClient
		opts   []rql.Option
		code   rql.Code
	}{
		"nil":                 {nil, nil, rql.CodeBadArgument},
		"a nil client":        {(*redis.Client)(nil), nil, rql.CodeBadArgument},
		"a Ring":              {redis.NewRing(&redis.RingOptions{}), nil, rql.CodeNeeds},
		"no namespace":        {redis.NewClusterClient(&redis.ClusterOptions{}), nil, rql.CodeNeeds},
		"a bad namespace":     {redis.NewClusterClient(&redis.ClusterOptions{}), []rql.Option{rql.WithNamespace("{}x")}, rql.CodeNeeds},
		"reads at replicas":   {redis.NewClusterClient(&redis.ClusterOptions{ReadOnly: true}), []rql.Option{rql.WithNamespace("{x}")}, rql.CodeNeeds},
		"a cluster":           {redis.NewClusterClient(&redis.ClusterOptions{}), []rql.Option{rql.WithNamespace("{x}")}, ""},
		"a cluster, by name":  {redis.NewClusterClient(&redis.ClusterOptions{}), []rql.Option{rql.WithNamespace("x")}, ""},
		"a client of Servers": {redis.NewFailoverClient(&redis.FailoverOptions{}), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := rql.Wrap(x.client, x.opts...)
			if x.code == "" {
				require.NoError(t, err)
				require.NotNil(t, db.Client())
				return
			}
			require.ErrorIs(t, err, x.code)
			require.Nil(t, db)
		})
	}
}

// silent is the address of a server that accepts connections and never answers.
func silent(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
		}
	}()
	return l.Addr().String()
}

// Each call on a client that was not probed yet waits no longer than its own context says, whoever probes.
func TestWrapProbesWithinTheCallersContext(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: silent(t), ReadTimeout: 20 * time.Second})
	defer client.Close()
	db := wrap(t, client)
	ask := func(d time.Duration) (time.Duration, error) {
		ctx, cancel := context.WithTimeout(context.Background(), d)
		defer cancel()
		begun := time.Now()
		_, err := db.Exec(ctx, `COUNT A`)
		return time.Since(begun), err
	}
	first := make(chan time.Duration, 1)
	go func() {
		took, _ := ask(2 * time.Second)
		first <- took
	}()
	time.Sleep(100 * time.Millisecond)
	took, err := ask(300 * time.Millisecond)
	require.ErrorIs(t, err, rql.CodeCancelled)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, took, time.Second)
	require.Less(t, <-first, 4*time.Second)
	took, err = ask(100 * time.Millisecond)
	require.ErrorIs(t, err, context.DeadlineExceeded, "the next one probes by itself")
	require.Less(t, took, time.Second)
}

func TestPingAndClient(t *testing.T) {
	db := open(t)
	require.NoError(t, db.Ping(t.Context()))
	require.NoError(t, db.Client().Ping(t.Context()).Err())
	require.NoError(t, db.Close())
	require.ErrorIs(t, db.Ping(t.Context()), rql.ErrNoDatabase)
	require.Nil(t, db.Client())
	require.Nil(t, (*rql.DB)(nil).Client())
	var zero rql.DB
	require.ErrorIs(t, zero.Ping(t.Context()), rql.ErrNoDatabase)
	require.Nil(t, zero.Client())

	client := redis.NewClient(&redis.Options{Addr: silent(t)})
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, wrap(t, client).Ping(ctx), context.DeadlineExceeded)
}
