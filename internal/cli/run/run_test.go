package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/lang"
)

func TestStatus(t *testing.T) {
	failed := &exec.Error{Code: lang.CodeUnique}
	unknown := &exec.Error{Code: lang.CodeOutcomeUnknown, Outcome: exec.OutcomeUnknown}
	tests := []struct {
		err  error
		want int
	}{
		{nil, 0},
		{failed, 1},
		{errors.New("disk full"), 1},
		{&args.UsageError{}, 2},
		{&SourceError{Source: &Source{}, Cause: &exec.CheckError{}}, 2},
		{&OpenError{Cause: &exec.Error{Code: lang.CodeDenied}}, 3},
		{&exec.Error{Code: lang.CodeConnection}, 3},
		{&exec.Error{Code: lang.CodeDenied}, 1},
		{&SourceError{Cause: errors.Join(failed, unknown)}, 5},
		{fmt.Errorf("reading: %w", context.Canceled), 130},
		{&exec.Error{Code: lang.CodeCancelled}, 130},
		{&Printed{Status: 5}, 5},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, Status(tt.err), "%v", tt.err)
	}
}

func printed(err error) string {
	var b strings.Builder
	(&Output{Err: &b}).Error(err)
	return b.String()
}

func TestErrorsSayWhatIsDone(t *testing.T) {
	s := NewSource("a.rql", ".", "COUNT A;\nCOUNT B;\nCOUNT C;")
	at := func(n int, o exec.Outcome) error {
		return &SourceError{Source: s, Cause: &exec.Error{Code: "x", Message: "m", Source: s.Source, Span: s.File.Stmts[n].Span(), Statement: n, Outcome: o, Done: 40}}
	}
	stepped := at(0, exec.OutcomeUnknown)
	stepped.(*SourceError).Cause.(*exec.Error).InDoubt = 1000
	tests := []struct {
		err  error
		want string
	}{
		{at(0, exec.OutcomeNone), "  statement 1 did nothing\n"},
		{at(1, exec.OutcomeNone), "  statement 2 did nothing; statement 1 is done\n"},
		{at(2, exec.OutcomePartial), "  statement 3 stopped after 40 rows; what it had done stays; statements 1 to 2 are done\n"},
		{at(2, exec.OutcomeUnknown), "  statement 3 was sent, but there was no reply: it was applied once or not at all; statements 1 to 2 are done\n"},
		{stepped, "  statement 1: 40 rows are certainly done; there was no reply to its last step: at most 1000 rows more were changed, or none\n"},
		{&OpenError{Server: "redis://h", Cause: &exec.Error{Code: "connection", Message: "cannot reach redis://u:p@h", Hint: "start it"}},
			"rql: cannot open redis://h: cannot reach redis://u:***@h\n  hint: start it\n"},
	}
	for _, tt := range tests {
		require.True(t, strings.HasSuffix(printed(tt.err), tt.want), printed(tt.err))
	}
}

func TestErrorsOfAPartSayWhatIsDone(t *testing.T) {
	s := NewSource("a.rql", ".", "FIND A RETURN x;")
	s.Before = 1000
	diags := lang.Diags{lang.Errorf(lang.CodeUnknownName, s.File.Stmts[0].Span(), "no x")}
	err := &SourceError{Source: s, Cause: lang.NewCheckError(s.Source, diags)}
	require.Equal(t, StatusFailed, Status(err))
	require.Contains(t, printed(err), "  statements 1 to 1000 are done; none after them was run\n")
}

func TestHeadingAndStatements(t *testing.T) {
	s := NewSource("a.rql", ".", "-- Title\n-- and more\nFIND A; COUNT B;\n-- away\n\nCOUNT C;\n  -- near\n  COUNT D")
	var headings, parts []string
	for i := range s.File.Stmts {
		headings = append(headings, s.Heading(i))
	}
	require.Equal(t, []string{"Title\nand more", "", "", "near"}, headings)
	require.Empty(t, s.Heading(9))
	for i, part := range s.split() {
		require.Len(t, part.File.Stmts, 1)
		require.Equal(t, i, part.Before)
		require.Equal(t, headings[i], part.Heading(0))
		line, col := part.Position(part.File.Stmts[0].Span().Start)
		parts = append(parts, fmt.Sprintf("%d:%d %s", line, col, part.Slice(part.File.Stmts[0].Span())))
	}
	require.Equal(t, []string{"3:1 FIND A", "3:9 COUNT B", "6:1 COUNT C", "8:3 COUNT D"}, parts)
}

func TestLongScriptsComeInParts(t *testing.T) {
	one := "-- count\nCOUNT A WHERE name = 'x';\n"
	n := lang.MaxSource/len(one) + 1000
	file := t.TempDir() + "/long.rql"
	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat(one, n)), 0o600))
	scripts, err := Files(t.Context(), []string{file}, nil)
	require.NoError(t, err)
	require.True(t, scripts[0].Long())
	for range 2 { // checked first, then run
		count := 0
		require.NoError(t, scripts[0].Each(t.Context(), func(part *Source) error {
			require.Empty(t, part.File.Diags)
			require.Equal(t, count, part.Before)
			for i := range part.File.Stmts {
				require.Equal(t, "count", part.Heading(i))
			}
			count += len(part.File.Stmts)
			return nil
		}))
		require.Equal(t, n, count)
	}
	require.False(t, NewScript("short", ".", one).Long())
}

func TestStdinStopsWithTheContext(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err = Stdin(ctx, r)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestWarnings(t *testing.T) {
	var b strings.Builder
	(&Output{Err: &b, Quiet: true}).Warnings([]exec.Warning{{Code: "bad-value", Text: "not an int", Key: "User:1", Field: "age", Count: 3}})
	require.Equal(t, "warning: bad-value: not an int (key 'User:1', field age) [3 times]\n", b.String())
}

// A file of many short statements is shorter than the parser's limit in bytes, and beyond its limit of statements.
func TestManyStatementsComeInParts(t *testing.T) {
	text := "MODEL T { id int KEY };\n" + strings.Repeat("CREATE T { id: 1 };\n", 10_000)
	require.Less(t, len(text), lang.MaxSource)
	s := NewScript("seed", ".", text)
	require.True(t, s.Long())
	statements := 0
	require.NoError(t, s.Each(t.Context(), func(part *Source) error {
		statements += len(part.File.Stmts)
		return part.File.Diags.Err()
	}))
	require.Equal(t, 10_001, statements)
	require.NoError(t, Precheck(t.Context(), []*Script{s}, nil))

	bad := NewScript("seed", ".", text+"CREATE T {")
	var found *exec.CheckError
	require.ErrorAs(t, Precheck(t.Context(), []*Script{bad}, nil), &found, "found before anything runs")

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, Precheck(ended, []*Script{s}, nil), context.Canceled)
}
