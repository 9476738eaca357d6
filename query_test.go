package rql_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
)

const queryModels = `
	MODEL Place { city string, zip int? };
	MODEL Item { id string KEY, n int INDEX, note string?, code string? UNIQUE, home Place?, extra json? };
	CREATE Item [{ id: 'a', n: 1, code: 'A', extra: { x: 1, y: 2 }, home: { city: 'Rome', zip: 1 } }, { id: 'b', n: 2 }, { id: 'c', n: 2 }]`

// refused asks that a call is refused before anything is sent: the commands of
// the server are the same after it.
func refused(t *testing.T, db *rql.DB, f func() error, message string) {
	t.Helper()
	before, err := rql.Query[map[string]any](t.Context(), db, `FIND Item`)
	require.NoError(t, err)
	err = f()
	var e *rql.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "bad-target", string(e.Code))
	require.Equal(t, rql.OutcomeNone, e.Outcome)
	require.ErrorContains(t, err, message)
	require.Equal(t, 1, e.Line)
	after, err := rql.Query[map[string]any](t.Context(), db, `FIND Item`)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func TestTargetsAreRefusedFirst(t *testing.T) {
	ctx, db := t.Context(), opened(t, queryModels)
	one := func(text string) func() error {
		return func() error { _, err := rql.One[struct{ N int }](ctx, db, text); return err }
	}
	refused(t, db, one(`UPDATE Item 'a' SET n += 1`), "UPDATE returns no rows")
	refused(t, db, one(`UPDATE Item 'a' SET n += 1; UPDATE Item 'b' SET n += 1 RETURN n, note`), "no field for the column note")
	refused(t, db, one(`UPDATE Item 'a' SET n += 1 RETURN note AS n`), "string, which int cannot hold")
	refused(t, db, one(`UPDATE Item WHERE n = 2 SET n += 1 RETURN n`), "may change many")
	refused(t, db, one(`UPDATE Item WHERE n = 2 LIMIT 2 SET n += 1 RETURN n`), "may change many")
	refused(t, db, one(`DELETE Item ALL RETURN n`), "may change many")
	refused(t, db, one(`CREATE Item [{ id: 'x', n: 1 }] RETURN n`), "may change many")
	refused(t, db, one(`ATOMIC < UPDATE Item 'a' SET n += 1 >`), "ATOMIC returns no rows")
	refused(t, db, func() error {
		_, err := rql.Query[struct{ Nn int }](ctx, db, `UPDATE Item 'a' SET n += 1 RETURN *`)
		return err
	}, "no column for the field Nn")
	refused(t, db, func() error {
		_, err := rql.Query[struct{ N, Note string }](ctx, db, `UPDATE Item 'a' SET n += 1 RETURN *`)
		return err
	}, "the column n is int, which string cannot hold")
	refused(t, db, func() error {
		_, err := rql.Query[struct{ Home struct{ Town string } }](ctx, db, `UPDATE Item 'a' SET n += 1 RETURN *`)
		return err
	}, "no member for the field Town")
	refused(t, db, func() error {
		_, err := rql.Query[struct {
			N  int
			N_ int //nolint:revive,staticcheck // that is the fault
		}](ctx, db, `UPDATE Item 'a' SET n += 1 RETURN *`)
		return err
	}, "are the same column")
	refused(t, db, func() error {
		_, err := rql.Query[chan int](ctx, db, `UPDATE Item 'a' SET n += 1 RETURN n`)
		return err
	}, "chan int")
	refused(t, db, func() error {
		_, err := rql.Query[map[*int]int](ctx, db, `UPDATE Item 'a' SET n += 1 RETURN n`)
		return err
	}, "keys of *int")

	// These change one at most.
	for _, text := range []string{
		`UPDATE Item WHERE id = 'a' AND n > 0 SET n += 1 RETURN n`, `UPDATE Item WHERE code = 'A' SET n += 1 RETURN n`,
		`UPDATE Item WHERE n > 0 ORDER BY id LIMIT 1 SET n += 1 RETURN *`, `CREATE Item { id: 'd', n: 9 }`, `COPY Item 'd' TIMES 1 SET id = 'e' RETURN n`,
	} {
		_, err := rql.One[struct{ N int }](ctx, db, text)
		require.NoError(t, err, text)
	}
	// The number of a LIMIT is not that of another text of the same shape.
	refused(t, db, one(`UPDATE Item WHERE n > 0 ORDER BY id LIMIT 3 SET n += 1 RETURN *`), "may change many")
}

// A field that a model gains does not break a program; only what a struct has is asked for.
func TestRowsAreReadLeniently(t *testing.T) {
	ctx, db := t.Context(), opened(t, queryModels)
	type old struct {
		ID   string
		Home *struct{ City string }
	}
	for range 2 {
		got, err := rql.One[old](ctx, db, `GET Item 'a'`)
		require.NoError(t, err)
		require.Equal(t, "Rome", got.Home.City)
		x, err := rql.One[struct{ Extra struct{ X int } }](ctx, db, `GET Item 'a'`)
		require.NoError(t, err)
		require.Equal(t, 1, x.Extra.X)
		_, err = db.Exec(ctx, `MODEL Item { id string KEY, n int INDEX, note string?, code string? UNIQUE, home Place?, extra json?, more int DEFAULT 7 }`)
		require.NoError(t, err)
	}
	_, err := rql.One[struct{ Extra struct{ X int } }](ctx, db, `GET Item 'a' RETURN extra`)
	require.ErrorContains(t, err, "the column extra has the member y")
	_, err = rql.One[old](ctx, db, `GET Item 'a' RETURN id, home`)
	require.ErrorContains(t, err, "the column home has the member zip")

	// A text that does not fit the value of another row is read where it fits.
	_, err = db.Exec(ctx, `UPDATE Item 'a' SET note = 'x'`)
	require.NoError(t, err)
	rows, err := rql.Query[struct{ ID string }](ctx, db, `FIND Item WHERE note IS NULL ORDER BY n DESC, id`)
	require.NoError(t, err)
	require.Len(t, rows, 2)
	n, err := rql.Query[struct{}](ctx, db, `FIND Item`)
	require.NoError(t, err)
	require.Len(t, n, 3)
	plan, err := rql.Query[string](ctx, db, `EXPLAIN FIND Item`)
	require.NoError(t, err)
	require.NotEmpty(t, plan)
	names, err := rql.Query[*string](ctx, db, `FIND Item RETURN note ORDER BY id`)
	require.NoError(t, err)
	require.Equal(t, "x", *names[0])
	require.Nil(t, names[1])
}

// Query gives the rows of the last statement only.
// PRINT gives a row like a bare value of a block; a text with INCLUDE is refused.
func TestPrint(t *testing.T) {
	ctx, db := t.Context(), opened(t, queryModels)
	n, err := rql.One[int](ctx, db, `PRINT (COUNT Item) + $n`, rql.Args{"n": 1})
	require.NoError(t, err)
	require.Equal(t, 4, n)
	row, err := rql.One[struct {
		N    int
		Note *string
	}](ctx, db, `LET i = GET Item 'b'; PRINT i.n AS n, i.note AS note`)
	require.NoError(t, err)
	require.Equal(t, 2, row.N)
	require.Nil(t, row.Note)
	_, err = db.Exec(ctx, `CREATE Item { id: 'z', n: 1 }; INCLUDE 'x.rql'`)
	require.ErrorIs(t, err, rql.CodeNotAllowed)
	n, err = rql.One[int](ctx, db, `COUNT Item`)
	require.NoError(t, err)
	require.Equal(t, 3, n)
}

func TestLastStatement(t *testing.T) {
	ctx, db := t.Context(), opened(t, queryModels)
	ids, err := rql.Query[string](ctx, db, `FIND Item WHERE n = 2 RETURN id; FIND Item WHERE n = 1 RETURN id`)
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, ids)
	n, err := rql.One[int](ctx, db, `UPDATE Item 'a' SET n = 5 RETURN note, n; COUNT Item WHERE n = 5`)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	u, err := rql.One[struct{ N int }](ctx, db, `ATOMIC < LET u = GET Item 'a'; RETURN { n: u.n } >`)
	require.NoError(t, err)
	require.Equal(t, 5, u.N)
}

// What happened is said, and is never "not found".
func TestTrueOutcome(t *testing.T) {
	ctx, db := t.Context(), opened(t, queryModels)
	outcome := func(err error, done int64) *rql.Error {
		t.Helper()
		var e *rql.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, done, e.Done)
		return e
	}
	_, err := rql.One[string](ctx, db, `UPDATE Item 'a' SET n += 1 RETURN note`) // null
	require.Equal(t, rql.OutcomeDone, outcome(err, 1).Outcome)
	require.ErrorContains(t, err, "carried out: 1 documents changed")
	_, err = rql.Query[string](ctx, db, `UPDATE Item ALL SET n += 1 RETURN note`)
	require.Equal(t, rql.OutcomeDone, outcome(err, 3).Outcome)
	_, err = rql.One[int](ctx, db, `ATOMIC < UPDATE Item 'a' SET n += 1; IF false THEN RETURN 1 END >`)
	require.NotErrorIs(t, err, rql.ErrNotFound)
	require.Equal(t, rql.OutcomeDone, outcome(err, 1).Outcome)
	_, _, err = rql.Maybe[int](ctx, db, `UPDATE Item 'a' SET n += 1; GET Item 'nobody' RETURN n`)
	require.ErrorIs(t, err, rql.ErrNotFound)
	require.Equal(t, rql.OutcomePartial, outcome(err, 1).Outcome)
	_, err = db.Exec(ctx, `UPDATE Item 'a' SET n += 1; GET Item 'nobody'`)
	require.Equal(t, rql.OutcomePartial, outcome(err, 1).Outcome)

	_, err = rql.One[int](ctx, db, `UPDATE Item WHERE id = 'nobody' SET n += 1 RETURN n`)
	require.ErrorIs(t, err, rql.ErrNotFound)
	require.Equal(t, rql.OutcomeNone, outcome(err, 0).Outcome)
	_, ok, err := rql.Maybe[int](ctx, db, `GET Item 'nobody' RETURN n`)
	require.NoError(t, err)
	require.False(t, ok)
	_, ok, err = rql.Maybe[int](ctx, db, `FIND Item WHERE n > 100 RETURN n`)
	require.NoError(t, err)
	require.False(t, ok)
	_, err = rql.One[int](ctx, db, `FIND Item RETURN n`)
	require.ErrorContains(t, err, "more than one row")
	require.Equal(t, rql.OutcomeNone, outcome(err, 0).Outcome)
}

func TestPages(t *testing.T) {
	ctx, db := t.Context(), opened(t, queryModels)
	var ids []string
	for cursor := any(nil); ; {
		p, err := rql.QueryPage[struct{ ID string }](ctx, db, `FIND Item ORDER BY n LIMIT 2 AFTER $c`, rql.Args{"c": cursor})
		require.NoError(t, err)
		for _, r := range p.Rows {
			ids = append(ids, r.ID)
		}
		if cursor = p.Cursor; p.Cursor == "" {
			break
		}
		// A struct with other fields goes on from the same cursor.
		all, err := rql.QueryPage[map[string]any](ctx, db, `FIND Item ORDER BY n LIMIT 2 AFTER $c`, rql.Args{"c": cursor})
		require.NoError(t, err)
		require.Equal(t, "c", all.Rows[0]["id"])
	}
	require.Equal(t, []string{"a", "b", "c"}, ids)
}

// loud panics, or fails, when it is read or written.
type loud struct{ how string }

func (l loud) MarshalText() ([]byte, error) {
	if l.how == "panic" {
		panic("loud")
	}
	return []byte("x"), errors.New("quiet")
}
func (l *loud) UnmarshalText([]byte) error { panic("loud") }

// Bad input is an error; nothing is leaked by it.
func TestBadInput(t *testing.T) {
	ctx, db := t.Context(), opened(t, queryModels)
	for _, bad := range []any{loud{"panic"}, loud{}, &loud{"panic"}, map[loud]int{{"panic"}: 1}, json.RawMessage("{"), json.Number("x"), make(chan int), map[any]int{1: 1, "1": 2}, func() {}} {
		_, err := db.Exec(ctx, `UPDATE Item 'a' SET extra = $x`, rql.Args{"x": bad})
		var e *rql.Error
		require.ErrorAs(t, err, &e, "%T", bad)
		require.Equal(t, "bad-param", string(e.Code), "%T", bad)
	}
	_, err := rql.Query[loud](ctx, db, `GET Item 'a' RETURN code`)
	require.ErrorContains(t, err, "panicked: loud")
	require.Panics(t, func() {
		for range rql.Stream[string](ctx, db, `FIND Item RETURN id`) {
			panic("mine")
		}
	})
	n := 0
	for _, err := range rql.Stream[string](ctx, db, `FIND Item RETURN id`) {
		require.NoError(t, err)
		n++
		break
	}
	require.Equal(t, 1, n)
	var none *rql.DB
	_, err = none.Exec(ctx, `COUNT Item`)
	require.ErrorIs(t, err, rql.ErrNoDatabase)
	_, err = rql.Query[int](ctx, none, `COUNT Item`)
	require.ErrorIs(t, err, rql.ErrNoDatabase)
	require.NoError(t, none.Close())
	_, err = rql.Query[int](ctx, db, ``)
	require.ErrorContains(t, err, "the text has no statement")
}

// A struct's fields without a tag are the fields of the model, whatever their case.
func TestNamesBothWays(t *testing.T) {
	ctx, db := t.Context(), opened(t, `MODEL Place { zip_no int }; MODEL Log { id int KEY, created_at int, userName string, places list<Place> DEFAULT [], place Place? }`)
	type place struct{ ZipNo int }
	type log struct {
		ID        int
		CreatedAt int
		Username  string
		Places    []place
		Place     *place
	}
	want := log{1, 2, "u", []place{{3}}, &place{4}}
	for i, text := range []string{`CREATE Log $d`, `PUT Log $d`, `ATOMIC < LET x = $d; PUT Log x >`, `CREATE Log [$d] ON CONFLICT GET`, `ATOMIC < FOR x IN $d DO PUT Log x END >`} {
		given := rql.Args{"d": want}
		if i == 4 {
			given["d"] = []log{want}
		}
		_, err := db.Exec(ctx, text, given)
		require.NoError(t, err, text)
		got, err := rql.One[log](ctx, db, `GET Log 1`)
		require.NoError(t, err)
		require.Equal(t, want, got, i)
	}
	_, err := db.Exec(ctx, `CREATE Log $d`, rql.Args{"d": map[string]any{"id": 2, "created_at": 1, "CreatedAt": 2, "userName": ""}})
	require.ErrorContains(t, err, "duplicate-field")
	type tagged struct {
		ID   int    `rql:"id"`
		Name int    `json:"created_at"`
		User string `rql:"username"`
	}
	_, err = rql.One[tagged](ctx, db, `GET Log 1`)
	require.ErrorContains(t, err, "no column for the field User")
}
