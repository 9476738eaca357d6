package exec_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
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

// A DROP FIELD that was interrupted is carried on by whoever changes the model next: no new field finds what is left of the old one.
func TestDropIsCarriedOn(t *testing.T) {
	for _, next := range []string{
		"ALTER MODEL A DROP FIELD n", // the same statement
		"MODEL A { id int KEY, s string }",
		"ALTER MODEL A ADD FIELD n int?",
		"MODEL A { id int KEY, s string, n int? }",
	} {
		t.Run(next, func(t *testing.T) {
			eachServer(t, func(t *testing.T, e *exec.Engine) {
				must(t, e, "MODEL A { id int KEY, s string, n int?, tags set<string> }; CREATE A [{ id: 1, s: 'a', n: 1, tags: ['x'] }, { id: 2, s: 'b', n: 2 }]")
				def := `{"def":"MODEL A {\n  id int KEY\n  s string\n}","dropping":["n","rql:c:tags"],"was":"MODEL A {\n  id int KEY\n  s string\n  n int?\n  tags set<string>\n}"}`
				require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "m:A", def, "v:A", "7-12345678", "next", 7).Err())
				require.NoError(t, e.Client().HDel(ctx, "A:1", "n").Err()) // the first step ran
				if next == "ALTER MODEL A DROP FIELD n" {
					next += ", DROP FIELD tags"
				}
				must(t, e, "CREATE A { id: 3, s: 'c' }")
				must(t, e, next)
				for _, key := range []string{"A:1", "A:2", "A:3"} {
					require.Zero(t, e.Client().HExists(ctx, key, "n").Val(), key)
				}
				require.Zero(t, e.Client().Exists(ctx, "rql:c:A:tags:1").Val())
				require.NotContains(t, e.Client().HGet(ctx, "rql:catalog", "m:A").Val(), "dropping")
				require.Empty(t, must(t, e, "VERIFY A").rows)
			})
		})
	}
}

// An ALTER that was interrupted while it adds is carried on by the same statement, and what it drops goes then.
func TestAlterIsCarriedOn(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL A { id int KEY, s string INDEX, n int? }; CREATE A [{ id: 1, s: 'a', n: 1 }, { id: 2, s: 'b', n: 2 }]")
		def := `{"def":"MODEL A {\n  id int KEY\n  s string INDEX\n  n int?\n  x int DEFAULT 4\n}","building":["f:x"],"was":"MODEL A {\n  id int KEY\n  s string INDEX\n  n int?\n}"}`
		require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "m:A", def, "v:A", "7-12345678", "next", 7).Err())
		require.EqualValues(t, 2, number(t, e, "COUNT A WHERE x = 4 AND n > 0"))
		must(t, e, "ALTER MODEL A DROP FIELD n, ADD FIELD x int DEFAULT 4, DROP INDEX s")
		require.Equal(t, map[string]string{"id": "1", "s": "a", "x": "4"}, e.Client().HGetAll(ctx, "A:1").Val())
		require.Zero(t, e.Client().Exists(ctx, "rql:ix:A:s").Val())
		must(t, e, "MODEL A { id int KEY, s string, x int DEFAULT 4 }")
	})
}

// Earlier names outlive an ALTER that was interrupted, and backlinks may go by them while it is under way.
func TestEarlierNamesAreCarriedOn(t *testing.T) {
	const names = `"places":{"by":"author"},"wasPlaces":{"by":"author"},"aliases":{"author":"by"},"renamed":{"old":"by"}`
	was := `MODEL A {\n  id int KEY\n  by ref<W> INDEX\n  s string\n}`
	for action, unfinished := range map[string]string{
		"ADD FIELD x int DEFAULT 4": `"def":"MODEL A {\n  id int KEY\n  by ref<W> INDEX\n  s string\n  x int DEFAULT 4\n}","building":["f:x"]`,
		"CHANGE FIELD s int":        `"def":"` + was + `","building":["cv:s~2"],"changing":"ALTER MODEL A CHANGE FIELD s int"`,
	} {
		t.Run(action, func(t *testing.T) {
			eachServer(t, func(t *testing.T, e *exec.Engine) {
				must(t, e, "MODEL W { id string KEY, list refs<A.author> }; MODEL A { id int KEY, author ref<W> INDEX, s string }; CREATE W { id: 'w' }; CREATE A { id: 1, author: 'w', s: '5' }")
				must(t, e, "ALTER MODEL A RENAME FIELD author TO by")
				def := `{` + unfinished + `,"was":"` + was + `",` + names + `}`
				require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "m:A", def, "v:A", "7-12345678", "next", 7).Err())
				require.EqualValues(t, 1, number(t, e, "FIND W RETURN count(list)"))
				must(t, e, "ALTER MODEL A "+action)
				require.EqualValues(t, 1, number(t, e, "COUNT A WHERE author = 'w'"))
				require.EqualValues(t, 1, number(t, e, "FIND W RETURN count(list WHERE author = 'w')"))
				require.Contains(t, e.Client().HGet(ctx, "rql:catalog", "m:A").Val(), `"renamed":{"old":"by"}`)
				require.Empty(t, must(t, e, "VERIFY A").rows)
			})
		})
	}
}

// A program with the definition before the one that is being built starts while that is half-built, and changes nothing.
func TestOlderWhileBuilding(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL A { id int KEY, s string }; CREATE A [{ id: 1, s: 'a' }, { id: 2, s: 'b' }]")
		def := `{"def":"MODEL A {\n  id int KEY\n  s string\n  x int INDEX DEFAULT 4\n}","building":["f:x","ix:x"],"was":"MODEL A {\n  id int KEY\n  s string\n}"}`
		require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "m:A", def, "v:A", "7-12345678", "next", 7).Err())
		r := must(t, e, "MODEL A { id int KEY, s string }")
		require.Len(t, r.warnings, 1)
		require.Equal(t, lang.CodeOlderModel, r.warnings[0].Code)
		require.Equal(t, def, e.Client().HGet(ctx, "rql:catalog", "m:A").Val())
		must(t, e, "CREATE A { id: 3, s: 'c' }; MODEL A { id int KEY, s string, x int INDEX DEFAULT 4 }")
		require.EqualValues(t, 3, number(t, e, "COUNT A WHERE x = 4"))
		sound(t, e)
	})
}

// Two programs that give the same ALTER at once are one.
func TestAlterTwice(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL A { id int KEY, s string, n int? }")
		for i := range 300 {
			must(t, e, fmt.Sprintf("CREATE A { id: %d, s: 'v', n: %d }", i, i))
		}
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			wg.Go(func() { _, errs[i] = try(e, "ALTER MODEL A ADD INDEX s, DROP FIELD n, ADD FIELD x int DEFAULT 4") })
		}
		wg.Wait()
		for _, err := range errs { // one that began when all was done already says so
			if err != nil {
				require.Contains(t, err.Error(), "already")
			}
		}
		require.EqualValues(t, 300, number(t, e, "COUNT A WHERE s = 'v' AND x = 4"))
		require.Empty(t, must(t, e, "VERIFY A").rows)
		require.Equal(t, map[string]string{"id": "7", "s": "v", "x": "4"}, e.Client().HGetAll(ctx, "A:7").Val())
	})
}

// A document is refused by the rules that its model has now, not by one that was dropped since the program read the catalog.
func TestDroppedCheckRefusesNobody(t *testing.T) {
	url, _ := testredis.Start(t)
	e, other := open(t, url), open(t, url)
	must(t, e, "MODEL A { id int KEY, n int CHECK n > 0, s string }; CREATE A { id: 1, n: 1, s: 'a' }")
	must(t, other, "CREATE A { id: 2, n: 2, s: 'b' }")
	require.Equal(t, lang.CodeCheckFailed, failure(t, other, "CREATE A { id: 3, n: -1, s: 'c' }").Code)
	must(t, e, "ALTER MODEL A DROP CHECK n > 0")
	must(t, other, "CREATE A { id: 3, n: -1, s: 'c' }")
	must(t, e, "ALTER MODEL A ADD CHECK (n < 5)")
	require.Equal(t, lang.CodeCheckFailed, failure(t, other, "CREATE A { id: 4, n: 7, s: 'd' }").Code)
}

// A required field is added only while there are no documents, whoever writes one at the same time: either the statement is refused, or the writer.
func TestRequiredFieldOfNoDocuments(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		for round := range 30 {
			name := fmt.Sprintf("A%d", round)
			must(t, e, "MODEL "+name+" { id int KEY, s string }")
			add := []string{"ALTER MODEL " + name + " ADD FIELD n int", "ALTER MODEL " + name + " ADD FIELD n int INDEX, DROP FIELD s", "MODEL " + name + " { id int KEY, s string, n int }"}[round%3]
			var wrote, added error
			var wg sync.WaitGroup
			wg.Go(func() { _, wrote = try(e, "CREATE "+name+" { id: 1, s: 'a' }") })
			wg.Go(func() { _, added = try(e, add) })
			wg.Wait()
			if added == nil {
				require.Error(t, wrote, add)
				require.Zero(t, number(t, e, "COUNT "+name))
			} else {
				require.Equal(t, lang.CodeModelChanged, runError(t, added, name).Code, add)
				require.NoError(t, wrote)
				require.EqualValues(t, 1, number(t, e, "COUNT "+name+" WHERE s = 'a'"))
			}
			require.Empty(t, must(t, e, "VERIFY "+name).rows)
		}
	})
}

// SET WRITERS RQL that was interrupted is carried on by the same statement, or taken back by UNDO.
func TestEnteringIsCarriedOn(t *testing.T) {
	const text = `MODEL A {\n  id string KEY\n  n int INDEX\n} KEYS 'a:{id}' WRITERS `
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		for _, end := range []string{"", " UNDO"} {
			require.NoError(t, e.Client().FlushAll(ctx).Err())
			must(t, e, "MODEL A { id string KEY, n int INDEX } KEYS 'a:{id}' WRITERS ANY")
			for _, id := range []string{"a:1", "a:2", "a:3"} {
				require.NoError(t, e.Client().HSet(ctx, id, "n", 5).Err())
			}
			def := `{"def":"` + text + `RQL","building":["ids","ix:n"],"was":"` + text + `ANY"}`
			require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "m:A", def, "v:A", "7-12345678", "next", 7).Err())
			must(t, e, "UPDATE A '1' SET n = 6")
			require.EqualValues(t, 2, number(t, e, "COUNT A WHERE n = 5"))
			must(t, e, "ALTER MODEL A SET WRITERS RQL"+end)
			require.NoError(t, e.Client().HSet(ctx, "a:4", "n", 5).Err())
			require.EqualValues(t, map[string]int{"": 2, " UNDO": 3}[end], number(t, e, "COUNT A WHERE n = 5"), end)
		}
	})
}
