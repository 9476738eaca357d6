package exec_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
)

// uuid() has another value for each document, also of a statement that takes several steps.
func TestUUIDInSteps(t *testing.T) {
	testredis.OneByOne(t)
	const documents = 2500
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL U { id int KEY, code string? UNIQUE }")
		for i := 0; i < documents; i += 250 {
			list := make([]string, 250)
			for j := range list {
				list[j] = fmt.Sprintf("{ id: %d }", i+j)
			}
			must(t, e, "CREATE U ["+strings.Join(list, ", ")+"]")
		}
		must(t, e, "UPDATE U ALL SET code = uuid()")
		for _, text := range []string{"FIND U RETURN code", "FIND U RETURN uuid() AS code", "FIND U WHERE uuid() != code RETURN uuid() AS code"} {
			seen := map[any]bool{}
			for _, row := range must(t, e, text).rows {
				seen[row[0]] = true
			}
			require.Len(t, seen, documents, text)
		}
	})
}
