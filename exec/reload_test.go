package exec_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// A program that reads only what has changed of the catalog knows the same as one that reads all of it.
func TestReloadKnowsWhatALoadKnows(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		require.NoError(t, e.Client().FlushAll(ctx).Err())
		var before *ir.Model
		for i, text := range []string{
			"MODEL Address { street string }; MODEL Place { at Address, note string }; MODEL Team { id string KEY }; MODEL User { id string KEY, home Place?, team ref<Team>?, age int }; MODEL Other { id string KEY, a int }",
			"MODEL Address { street string, zip string DEFAULT '' }",
			"MODEL User { id string KEY, home Place?, team ref<Team>?, age int INDEX }",
			"MODEL Team { id string KEY, boss ref<User>? }",
			"DROP MODEL User", // Team names it
			"MODEL Team { id string KEY }; DROP MODEL User",
			"DROP MODEL Team; MODEL Team { id int KEY }; MODEL User { id string KEY, team ref<Team>? }",
			"CREATE Team { id: 1 }; CREATE User { id: 'u', team: 1 }; EXPIRE User 'u' AFTER 1h",
			"PROCEDURE p() ATOMIC < FIND User; >",
		} {
			other, err := exec.Wrap(ctx, e.Client(), exec.Options{})
			require.NoError(t, err)
			_ = other.Run(ctx, text, nil, func(r *exec.Rows) error { return nil })      // DROP MODEL User may be refused
			_ = e.Run(ctx, "COUNT Nothing", nil, func(*exec.Rows) error { return nil }) // an unknown name makes it look again
			fresh, err := exec.Wrap(ctx, e.Client(), exec.Options{})
			require.NoError(t, err)
			require.Equal(t, described(fresh.Schema()), described(e.Schema()), "%d: %s", i, text)
			if m := e.Schema().Model("Other"); i > 0 {
				require.Same(t, before, m, "nothing of it has changed")
			} else {
				before = m
			}
		}
	})
}

// SHOW reads the catalog: what another program has declared, changed or dropped meanwhile is in what it returns.
func TestShowReadsTheCatalog(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		other, err := exec.Wrap(ctx, e.Client(), exec.Options{})
		require.NoError(t, err)
		must(t, e, "MODEL A { id int KEY }")
		shows := func(text string, want ...[]any) {
			t.Helper()
			require.ElementsMatch(t, want, must(t, e, text).rows)
		}
		must(t, other, "MODEL A { id int KEY, n int? }; MODEL B { id int KEY }; PROCEDURE p() ATOMIC < FIND A >")
		shows("SHOW MODELS", []any{"A"}, []any{"B"})
		must(t, other, "MODEL C { id int KEY }; CREATE C { id: 1 }")
		require.Len(t, must(t, e, "SHOW STATS").rows, 3)
		must(t, other, "MODEL A { id int KEY, n int?, m int? }")
		shows("SHOW MODEL A", []any{"MODEL A {\n  id int KEY\n  n int?\n  m int?\n}"})
		shows("SHOW PROCEDURES", []any{"p"})
		must(t, other, "PROCEDURE q() ATOMIC < FIND B >; PROCEDURE p() ATOMIC < FIND C >")
		shows("SHOW PROCEDURES", []any{"p"}, []any{"q"})
		must(t, other, "PROCEDURE p() ATOMIC < FIND B >")
		require.Contains(t, must(t, e, "SHOW PROCEDURE p").rows[0][0], "FIND B")
		must(t, other, "DROP PROCEDURE p; DROP PROCEDURE q; DROP MODEL B")
		for text, code := range map[string]lang.Code{"SHOW PROCEDURE p": lang.CodeUnknownProcedure, "SHOW MODEL B": lang.CodeUnknownModel} {
			_, err = try(e, text)
			var mistakes *exec.CheckError
			require.ErrorAs(t, err, &mistakes, text)
			require.Equal(t, code, mistakes.Diags[0].Code)
		}
		shows("SHOW MODELS", []any{"A"}, []any{"C"})
	})
}

// described tells all that the models of a schema say.
func described(s *ir.Schema) map[string]string {
	out := map[string]string{}
	for m := range s.Models() {
		text := fmt.Sprint(m.Version, m.Def, m.Expires, m.Unlisted, m.Complete, m.Past, len(m.Shadow), m.Kept)
		for _, f := range m.Fields {
			text += fmt.Sprintf(" %s %+v", f.Name, f.Type)
			if f.Emb != nil {
				text += " in " + f.Emb.Def
			}
			for _, c := range f.Columns {
				text += fmt.Sprint(" ", c.Name, c.Stored())
			}
			if f.Type.Elem != nil {
				text += fmt.Sprintf(" of %+v", *f.Type.Elem)
			}
		}
		out[m.Name] = text
	}
	return out
}
