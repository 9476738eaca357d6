package exec_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

const transfer = `MODEL Acc { id string KEY, n int CHECK n >= 0 };
CREATE Acc [{ id: 'a', n: 10 }, { id: 'b', n: 0 }];
PROCEDURE transfer(from string, to string, amount int DEFAULT 1) ATOMIC <
  LET a = GET Acc $from;
  ENSURE a.n >= $amount ELSE 'insufficient funds';
  UPDATE Acc $from SET n -= $amount;
  UPDATE Acc $to SET n += $amount;
  RETURN a.n - $amount AS left
>`

// What fails in the body is shown at the CALL, and where it stands in the procedure.
func TestProcedureErrorPlaces(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, transfer)
		text := "COUNT Acc;\nATOMIC <\n  CALL transfer('b', 'a', 5)\n>"
		err := failure(t, e, text)
		require.Equal(t, lang.CodeEnsureFailed, err.Code)
		require.Equal(t, "insufficient funds", err.Message)
		require.Equal(t, 1, err.Statement)
		line, col := err.Line, err.Col
		require.Equal(t, []int{3, 3}, []int{line, col})
		require.Equal(t, `3:3: ensure-failed: insufficient funds
    CALL transfer('b', 'a', 5)
    ^^^^^^^^^^^^^^^^^^^^^^^^^^
  in procedure transfer, 3:10:
      ENSURE a.n >= $amount ELSE 'insufficient funds';
             ^^^^^^^^^^^^^^
  hint: ENSURE a.n >= $amount
`, err.Diag().Render(err.Source))

		must(t, e, "PROCEDURE half(a int, b int) ATOMIC < UPDATE Acc 'a' SET n = $a // $b >")
		fault := failure(t, e, "CALL half(1, 0)")
		require.Equal(t, lang.CodeDivisionByZero, fault.Code)
		require.NotNil(t, fault.Within)
		require.Contains(t, fault.Within.Source.Slice(fault.Within.Span), "$a // $b")

		// A text that differs in its literals only uses the plan again; its caret is its own.
		err = failure(t, e, "COUNT Acc;\nATOMIC <\n     CALL transfer('b', 'aaa', 5000)\n>")
		col = err.Col
		require.Equal(t, 6, col)
	})
}

// A model that changed under a procedure: the CALL gives the mistake in the
// procedure's own text, and the change warned of it.
func TestProcedureBrokenByModel(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL M { id string KEY, n int }; PROCEDURE p() ATOMIC < LET x = COUNT M WHERE n > 1; RETURN x >")
		r := must(t, e, "DROP MODEL M")
		require.Len(t, r.warnings, 1)
		require.Equal(t, lang.CodeBrokenProcedure, r.warnings[0].Code)
		require.Equal(t, "p", r.warnings[0].Field)
		require.Contains(t, r.warnings[0].Text, "there is no model M")
		_, err := try(e, "CALL p()")
		var ce *exec.CheckError
		require.True(t, errors.As(err, &ce), "%v", err)
		require.Equal(t, lang.CodeUnknownModel, ce.Diags[0].Code)
		require.Contains(t, ce.Diags.Render(ce.Source), "in procedure p, 2:17:")
		require.Empty(t, must(t, e, "MODEL Other { id string KEY }").warnings, "it was broken before")
	})
}

// Another process defines, changes and drops procedures; what was planned is planned again.
func TestProcedureOfAnotherProcess(t *testing.T) {
	e := open(t, "mem://procedures")
	other := open(t, "mem://procedures")
	must(t, e, transfer)
	must(t, e, "MODEL Log { id string KEY DEFAULT uuid() }")
	require.Equal(t, int64(9), must(t, other, "CALL transfer('a', 'b')").rows[0][0])
	require.Equal(t, int64(8), must(t, e, "ATOMIC < LET r = CALL transfer('a', 'b'); RETURN r.left >").rows[0][0])
	must(t, other, "PROCEDURE transfer(from string, to string) ATOMIC < CREATE Log {}; RETURN 'new' AS left >")
	require.Equal(t, "new", must(t, e, "ATOMIC < LET r = CALL transfer('a', 'b'); RETURN r.left >").rows[0][0])
	require.Equal(t, int64(1), number(t, e, "COUNT Log"))
	must(t, other, "DROP PROCEDURE transfer")
	_, err := try(e, "CALL transfer('a', 'b')")
	require.ErrorContains(t, err, "unknown-procedure")
	require.Equal(t, int64(8), number(t, e, "GET Acc 'a' RETURN n"))
}

// A procedure that was dropped is gone in all buckets, for programs too that have planned its calls.
func TestProcedureDroppedInBuckets(t *testing.T) {
	e := open(t, "mem://dropped?ns={shop}&buckets=8")
	other := open(t, "mem://dropped?ns={shop}&buckets=8")
	must(t, e, bucketModels)
	must(t, e, "PROCEDURE add(t string) ATOMIC PARTITION $t < UPDATE Order 1 SET n += 1 >")
	for _, tenant := range []string{"acme", "bolt"} {
		must(t, e, "CREATE Order { tenant: $t, id: 1, n: 0, mail: 'm' }; CALL add($t)", map[string]any{"t": tenant})
	}
	must(t, other, "DROP PROCEDURE add")
	for _, tenant := range []string{"acme", "bolt"} {
		_, err := try(e, "CALL add($t)", map[string]any{"t": tenant})
		require.ErrorContains(t, err, "unknown-procedure")
	}
	require.Equal(t, int64(2), number(t, e, "FIND Order RETURN sum(n)"))
}

// A change of the catalog's format gives all models and procedures new versions: plans of programs that know the earlier one are not valid.
func TestNewFormatNewVersions(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, transfer)
		before := e.Client().HGetAll(ctx, "rql:catalog").Val()
		must(t, e, "MODEL Part { id int KEY } PARTITION BY id")
		after := e.Client().HGetAll(ctx, "rql:catalog").Val()
		require.Equal(t, "1", before["format"])
		require.Equal(t, "2", after["format"])
		for _, field := range []string{"v:Acc", "pv:transfer"} {
			require.NotEmpty(t, before[field])
			require.NotEqual(t, before[field], after[field])
		}
		require.Equal(t, int64(9), must(t, e, "CALL transfer('a', 'b')").rows[0][0])
		must(t, e, "MODEL Part2 { id int KEY } PARTITION BY id")
		require.Equal(t, after["v:Acc"], e.Client().HGet(ctx, "rql:catalog", "v:Acc").Val())
	})
}

// Many define one procedure at once: one definition stays, and all succeed.
func TestProcedureDefinedConcurrently(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, errs[i] = try(e, "PROCEDURE p() ATOMIC < RETURN 1 AS x >")
			}()
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		require.Equal(t, int64(1), number(t, e, "CALL p()"))
	})
}
