package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec/doctor"
	"github.com/rql-lang/rql/internal/testredis"
)

// A problem is exit status 4, a warning 0; text and object say the same.
func TestDoctor(t *testing.T) {
	s := testredis.Run(t)
	run := func(args ...string) (int, string) {
		var out, said strings.Builder
		status := Main(append([]string{"doctor", s.URL}, args...), strings.NewReader(""), &out, &said)
		require.Empty(t, said.String())
		return status, out.String()
	}
	status, text := run()
	require.Zero(t, status)
	require.Contains(t, text, "warning: not-persistent: server: ")
	require.Contains(t, text, "\n  help: CONFIG SET appendonly yes")
	require.Contains(t, text, "\nACL SETUSER rql on >PASSWORD ")

	require.Zero(t, Main([]string{s.URL, "-q", "-c", "MODEL User { id string KEY, age int INDEX }; CREATE User { id: 'a', age: 3 }"}, strings.NewReader(""), &strings.Builder{}, &strings.Builder{}))
	s.Do("DEL", "rql:ix:User:age")
	status, text = run()
	require.Equal(t, 4, status)
	require.Contains(t, text, "\nproblem: lost-index: User: the index age has no entries")
	require.Contains(t, text, "\n  help: VERIFY User REPAIR\n")
	require.Regexp(t, `1 +1 +\d+ bytes +User`, text)

	status, text = run("--format", "json")
	require.Equal(t, 4, status)
	var r doctor.Report
	require.NoError(t, json.Unmarshal([]byte(text), &r))
	require.Contains(t, text, ">PASSWORD")
	require.Equal(t, "VERIFY User REPAIR", r.Findings[len(r.Findings)-1].Help)
}
