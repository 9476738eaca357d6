package exec_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// A stepped change that gets no answer says how many rows are done and how many may be, for its first step and a later one.
func TestOutcomeOfSteps(t *testing.T) {
	t.Parallel()
	s := testredis.Run(t)
	p := newProxy(t, s)
	e := open(t, p.URL)
	must(t, e, "MODEL N { id int KEY, n int }")
	for _, text := range []string{"UPDATE N ALL SET n = -1", "DELETE N ALL"} {
		for _, done := range []int64{0, 2000} {
			for _, cancelled := range []bool{false, true} {
				must(t, e, "DELETE N ALL")
				fill(t, e, 5000)
				word, how := "\r\nrql:catalog\r\n", "cut"
				if done > 0 {
					word = "\r\n(d1999\r\n" // the third step names where the second stopped
				}
				if cancelled {
					how = "hold"
				}
				p.set(how, word)
				c, cancel := context.WithTimeout(ctx, 5*time.Second)
				if cancelled {
					c, cancel = context.WithTimeout(ctx, time.Second)
				}
				_, err := tryCtx(c, e, text)
				cancel()
				p.set("", "")
				x := runError(t, err, text)
				want{code: lang.CodeOutcomeUnknown, outcome: exec.OutcomeUnknown, hint: "the steps before are done"}.matches(t, text, x)
				require.Equal(t, done, x.Done, text)
				require.Equal(t, int64(1000), x.InDoubt, text)
				require.Contains(t, x.Error(), fmt.Sprint(done)+" rows are done, at most 1000 more may be")
				changed := 5000 - number(t, e, "COUNT N WHERE n >= 0")
				require.Contains(t, []int64{done, done + 1000}, changed, text)
			}
		}
	}
	sound(t, e)
}

// A stepped change that is refused or stopped in its middle says just how many rows it changed.
func TestOutcomeOfRefusedStep(t *testing.T) {
	s := testredis.Run(t)
	e := open(t, s.URL)
	must(t, e, "MODEL N { id int KEY, n int, s string DEFAULT '' }")
	fill(t, e, 10000)
	changed := func() int64 { return 10000 - number(t, e, "COUNT N WHERE s = ''") }
	// stop calls f as soon as the second step is done.
	stop := func(f func()) func() {
		done := make(chan struct{})
		go func() {
			defer close(done)
			for s.Client.HGet(ctx, "N:1500", "s").Val() == "" {
			}
			f()
		}()
		return func() { <-done }
	}
	text := "UPDATE N ALL SET s = 'changed'"
	wait := stop(func() { s.Do("CONFIG", "SET", "maxmemory", "1") })
	x := failure(t, e, text)
	wait()
	s.Do("CONFIG", "SET", "maxmemory", "0")
	want{code: lang.CodeOutOfMemory, outcome: exec.OutcomePartial, hint: "maxmemory"}.matches(t, text, x)
	require.Equal(t, changed(), x.Done)
	require.Positive(t, x.Done)

	must(t, e, "UPDATE N ALL SET s = ''")
	c, cancel := context.WithCancel(ctx)
	wait = stop(cancel)
	patient, err := exec.Open(ctx, s.URL, exec.Options{Grace: 5 * time.Second})
	require.NoError(t, err)
	defer patient.Close()
	_, err = tryCtx(c, patient, text)
	wait()
	x = runError(t, err, text)
	// A step that was sent is awaited, so this is never in doubt on a server that answers.
	want{code: lang.CodeCancelled, outcome: exec.OutcomePartial}.matches(t, text, x)
	require.NotContains(t, x.Error(), "cancelled: cancelled")
	require.Equal(t, changed(), x.Done)

	must(t, e, "UPDATE N ALL SET s = ''")
	wait = stop(s.Kill)
	x = failure(t, e, text)
	wait()
	require.Positive(t, x.Done)
	switch x.Outcome {
	case exec.OutcomeUnknown:
		require.Equal(t, int64(1000), x.InDoubt)
	default:
		require.Equal(t, exec.OutcomePartial, x.Outcome)
	}
	require.Contains(t, []lang.Code{lang.CodeConnection, lang.CodeOutcomeUnknown}, x.Code)
}

// UNIQUE names the document that has the value, wherever it is found out.
func TestUniqueNamesTheHolder(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, fixture)
		tests := []struct{ text, holder string }{
			{"CREATE User { id: 'new', email: 'a@x', name: 'N', age: 1 }", "User:u1"},
			{"CREATE User [{ id: 'n1', email: 'n@x', name: 'N', age: 1 }, { id: 'n2', email: 'n@x', name: 'N', age: 1 }]", "User:n1"},
			{"UPDATE User 'u2' SET email = 'c@x'", "User:u3"},
			{"ATOMIC < UPDATE User 'u2' SET email = 'z@x'; UPDATE User 'u3' SET email = 'z@x' >", "User:u2"},
			{"PUT User { id: 'new', email: 'b@x', name: 'N', age: 1 }", "User:u2"},
			{"UPDATE Team 't2' SET name = 'core'; MODEL Team { id string KEY, name string INDEX UNIQUE }", "Team:t1"},
		}
		for _, tt := range tests {
			x := failure(t, e, tt.text)
			require.Equal(t, lang.CodeUnique, x.Code, tt.text)
			require.Equal(t, tt.holder, x.Holder, tt.text)
			require.Contains(t, x.Message, tt.holder, tt.text)
			require.NotEqual(t, x.Key, x.Holder)
		}
	})
}

// A refused command is named, also where the server's error within a script does not say which one it was.
func TestRefusedCommandsAreNamed(t *testing.T) {
	s := testredis.Run(t, "--rename-command", "HSET", "")
	e := open(t, s.URL)
	x := failure(t, e, "MODEL N { id int KEY, n int }")
	require.Equal(t, lang.CodeNeeds, x.Code, x.Error())
	require.Contains(t, x.Message, "HSET")

	s = testredis.Run(t)
	e = open(t, s.URL)
	must(t, e, fixture)
	tests := []struct{ right, text, command string }{
		{"-get", "ATOMIC KEY 'k' FOR 1h < UPDATE User 'u1' SET age = 31 >", "GET"},
		{"-hmget", "UPDATE User 'u1' SET age = 31", "HMGET"},
		{"-hset", "UPDATE User 'u1' SET age = 31", "HSET"},
		{"-zlexcount", "FIND User WHERE age > 1 AND name > 'A'", "ZLEXCOUNT"},
	}
	for _, tt := range tests {
		s.Do("ACL", "SETUSER", "limited", "reset", "on", ">pw", "~*", "+@all", tt.right)
		x := failure(t, open(t, s.URLOf("limited", "pw")), tt.text)
		require.Equal(t, lang.CodeDenied, x.Code, "%s: %s", tt.right, x.Error())
		require.Contains(t, x.Message, tt.command, tt.right)
	}
	// A key that holds something else is still said to.
	s.Do("SADD", "rql:once:k", "x")
	require.Equal(t, lang.CodeBadValue, failure(t, e, "ATOMIC KEY 'k' FOR 1h < UPDATE User 'u1' SET age = 31 >").Code)
}

// A value that the server's protocol does not take is not called a server that is not there.
func TestParameterBeyondBulkLength(t *testing.T) {
	s := testredis.Run(t, "--proto-max-bulk-len", "1mb")
	e := open(t, s.URL)
	must(t, e, fixture)
	for _, text := range []string{"COUNT User WHERE name = $x", "UPDATE User 'u1' SET name = $x"} {
		_, err := try(e, text, map[string]any{"x": strings.Repeat("x", 8<<20)})
		x := runError(t, err, text)
		require.Equal(t, exec.OutcomeNone, x.Outcome)
		require.NotContains(t, x.Message, "cannot be reached", text)
		require.Contains(t, x.Hint, "proto-max-bulk-len", x.Error())
	}
	must(t, e, "UPDATE User 'u1' SET name = 'short'")
}
