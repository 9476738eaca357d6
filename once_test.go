package rql_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/rqltest"
)

const pay = `ATOMIC KEY $order FOR 1d < LET a = GET Account 'a'; ENSURE a.balance >= 10 ELSE 'too little'; UPDATE Account 'a' SET balance -= 10; RETURN a.balance - 10 AS left >`

// losing runs the calls, and loses the answers to the first ones.
type losing struct {
	rql.Runner
	lose int
	err  *rql.Error
	runs int
}

func (l *losing) Run(ctx context.Context, c *rql.Call) error {
	l.runs++
	err := l.Runner.Run(ctx, c)
	if l.runs <= l.lose {
		return l.err
	}
	return err
}

func TestExecOnce(t *testing.T) {
	ctx, db := t.Context(), rqltest.New(t, `MODEL Account { id string KEY, balance int }; CREATE Account { id: 'a', balance: 25 }`)
	unknown := &rql.Error{Code: rql.CodeOutcomeUnknown, Outcome: rql.OutcomeUnknown}
	on := &losing{Runner: db, lose: 3, err: unknown}
	res, err := rql.ExecOnce(ctx, on, pay, rql.Args{"order": "o1"})
	require.NoError(t, err)
	require.Equal(t, [][]any{{int64(15)}}, res.Rows, "it ran once")
	require.Equal(t, 4, on.runs)

	_, err = rql.ExecOnce(ctx, &losing{Runner: db, lose: 2, err: &rql.Error{Code: rql.CodeBusy}}, pay, rql.Args{"order": "o2"})
	require.NoError(t, err)
	on = &losing{Runner: db, lose: 1, err: unknown}
	_, err = rql.ExecOnce(ctx, on, pay, rql.Args{"order": "o3"})
	require.ErrorIs(t, err, rql.ErrEnsure, "a refusal is final")
	require.Equal(t, 2, on.runs)

	// What is not known when the context ends stays unknown.
	limited, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	_, err = rql.ExecOnce(limited, &losing{Runner: db, lose: 1000, err: unknown}, pay, rql.Args{"order": "o1"})
	var e *rql.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, rql.OutcomeUnknown, e.Outcome)
	balance, err := rql.One[int](ctx, db, `GET Account 'a' RETURN balance`)
	require.NoError(t, err)
	require.Equal(t, 5, balance)

	for name, text := range map[string]string{
		"no block":       `UPDATE Account 'a' SET balance -= 10`,
		"no key":         `ATOMIC < UPDATE Account 'a' SET balance -= 10 >`,
		"a computed key": `ATOMIC KEY uuid() FOR 1d < UPDATE Account 'a' SET balance -= 10 >`,
		"two blocks":     `ATOMIC KEY 'k' FOR 1d < RETURN 1 >; UPDATE Account 'a' SET balance -= 10`,
		"nothing":        ``,
	} {
		_, err := rql.ExecOnce(ctx, db, text)
		require.ErrorIs(t, err, rql.CodeBadArgument, name)
	}
	var ce *rql.CheckError
	_, err = rql.ExecOnce(ctx, db, `ATOMIC KEY 'k' <`)
	require.ErrorAs(t, err, &ce)
	_, err = rql.ExecOnce(ctx, nil, pay, rql.Args{"order": "o1"})
	require.ErrorIs(t, err, rql.ErrNoDatabase)
}

func ExampleExecOnce() {
	ctx := context.Background()
	db, err := rql.Open(ctx, "mem://")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(ctx, `MODEL Account { id string KEY, balance int }; CREATE Account { id: 'a', balance: 25 }`)
	fmt.Println(err)
	for range 2 { // the second time it is known to be done
		res, err := rql.ExecOnce(ctx, db, `ATOMIC KEY $order FOR 1d < UPDATE Account 'a' SET balance -= 10; LET a = GET Account 'a'; RETURN a.balance >`, rql.Args{"order": "o-17"})
		fmt.Println(res.Rows, err)
	}
	_, err = rql.ExecOnce(ctx, db, `UPDATE Account 'a' SET balance -= 10`)
	fmt.Println(errors.Is(err, rql.CodeBadArgument))
	// Output:
	// <nil>
	// [[15]] <nil>
	// [[15]] <nil>
	// true
}
