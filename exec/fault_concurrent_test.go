package exec_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// together runs f in n goroutines and gives their errors.
func together(n int, f func(i int) error) []error {
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = f(i)
		}()
	}
	wg.Wait()
	return errs
}

// No change of a document is lost among many that change it at once.
func TestConcurrentIncrements(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL C { id string KEY, n int INDEX }; CREATE C { id: 'c', n: 0 }")
		turns := 200
		if !real(e) {
			turns = 40 // the embedded server is slower
		}
		for _, err := range together(50, func(int) error {
			for range turns {
				if _, err := try(e, "UPDATE C 'c' SET n += 1"); err != nil {
					return err
				}
			}
			return nil
		}) {
			require.NoError(t, err)
		}
		require.Equal(t, int64(50*turns), number(t, e, "GET C 'c' RETURN n"))
		require.Equal(t, int64(1), number(t, e, fmt.Sprintf("COUNT C WHERE n = %d", 50*turns)))
		sound(t, e)
	})
}

// Of several programs that create a document with the same unique value exactly one wins; the others are told.
func TestConcurrentUnique(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL U { id string KEY DEFAULT uuid(), email string UNIQUE, n int }")
		for round := range 20 {
			won := 0
			for _, err := range together(8, func(i int) error {
				_, err := try(e, "CREATE U { email: $e, n: $i }", map[string]any{"e": fmt.Sprintf("%d@x", round), "i": i})
				return err
			}) {
				if err == nil {
					won++
				} else {
					require.Equal(t, lang.CodeUnique, runError(t, err, "CREATE").Code)
				}
			}
			require.Equal(t, 1, won)
			// An upsert loses nothing.
			text := "CREATE U { email: $e, n: 1 } ON CONFLICT SET n += 1"
			for _, err := range together(8, func(int) error {
				_, err := try(e, text, map[string]any{"e": fmt.Sprintf("up%d@x", round)})
				return err
			}) {
				require.NoError(t, err)
			}
			require.Equal(t, int64(8), number(t, e, fmt.Sprintf("FIND U WHERE email = 'up%d@x' RETURN n", round)))
		}
		require.Equal(t, int64(40), number(t, e, "COUNT U"))
		sound(t, e)
	})
}

// Transfers between accounts keep the total, and nobody sees half of one.
func TestConcurrentTransfers(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL Account { id int KEY, balance int INDEX CHECK balance >= 0 }")
		must(t, e, "CREATE Account [{ id: 0, balance: 500 }, { id: 1, balance: 500 }, { id: 2, balance: 500 }, { id: 3, balance: 500 }]")
		text := `ATOMIC <
			LET a = GET Account $from;
			ENSURE a.balance >= $amount ELSE 'insufficient funds';
			UPDATE Account $from SET balance -= $amount;
			UPDATE Account $to SET balance += $amount;
			RETURN a.balance - $amount AS left
		>`
		refused := make([]int, 9)
		for _, err := range together(9, func(w int) error {
			for i := range 100 {
				if w == 8 {
					if _, err := try(e, "ATOMIC < LET xs = FIND Account; ENSURE sum(xs.balance) = 2000 ELSE 'half a transfer' >"); err != nil {
						return err
					}
					continue
				}
				_, err := try(e, text, map[string]any{"from": (w + i) % 4, "to": (w + i + 1 + i%3) % 4, "amount": 1 + (i*37+w*11)%300})
				if x, ok := err.(*exec.Error); ok && x.Code == lang.CodeEnsureFailed {
					refused[w]++
				} else if err != nil {
					return err
				}
			}
			return nil
		}) {
			require.NoError(t, err)
		}
		require.Equal(t, int64(2000), number(t, e, "FIND Account RETURN sum(balance) AS s"))
		sound(t, e)
	})
}
