package exec_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// A CHECK that is added is obeyed by all who write from before the documents are asked: no document is left that breaks it.
func TestCheckIsMarkedFirst(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		for round := range 12 {
			name := fmt.Sprintf("A%d", round)
			must(t, e, "MODEL "+name+" { id int KEY, n int }")
			var wrote, defined error
			var wg sync.WaitGroup
			wg.Go(func() {
				for i := range 40 {
					if _, err := try(e, fmt.Sprintf("CREATE %s { id: %d, n: %d }", name, i, i-38)); err != nil {
						wrote = err
						return
					}
				}
			})
			wg.Go(func() { _, defined = try(e, "MODEL "+name+" { id int KEY, n int CHECK n >= 0 }") })
			wg.Wait()
			if defined == nil {
				require.Zero(t, number(t, e, "COUNT "+name+" WHERE n < 0"))
				require.Equal(t, lang.CodeCheckFailed, runError(t, wrote, name).Code)
			} else {
				require.Equal(t, lang.CodeCheckFailed, runError(t, defined, name).Code)
				require.Contains(t, defined.Error(), "'"+name+":0'")
				must(t, e, "CREATE "+name+" { id: 99, n: -1 }")
			}
			require.Empty(t, must(t, e, "VERIFY "+name).rows)
		}
	})
}

// A CHECK whose asking was interrupted is asked again, and the definition is complete only then.
func TestCheckIsCarriedOn(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL A { id int KEY, n int }; CREATE A { id: 1, n: -1 }")
		def := `{"def":"MODEL A {\n  id int KEY\n  n int CHECK n >= 0\n}","building":["ck:n:n >= 0"],"was":"MODEL A {\n  id int KEY\n  n int\n}"}`
		require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "m:A", def, "v:A", "7-12345678", "next", 7).Err())
		require.Equal(t, lang.CodeCheckFailed, failure(t, e, "CREATE A { id: 2, n: -2 }").Code)
		require.Equal(t, lang.CodeCheckFailed, failure(t, e, "MODEL A { id int KEY, n int CHECK n >= 0 }").Code)
		must(t, e, "CREATE A { id: 2, n: -2 }") // it was taken back
		must(t, e, "DELETE A ALL; MODEL A { id int KEY, n int CHECK n >= 0 }")
		require.Equal(t, lang.CodeCheckFailed, failure(t, e, "CREATE A { id: 2, n: -2 }").Code)
	})
}
