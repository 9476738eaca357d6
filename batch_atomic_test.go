package rql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/rqltest"
)

const everything = `
	MODEL City { name string, zip string? };
	MODEL Thing { id string KEY, home City?, i int? INDEX, l int64?, f float?, b bool?, d datetime?, u duration?, y bytes?, e enum('x', 'y')?,
		li list<datetime> DEFAULT [], m map<bytes> DEFAULT {}, r ref<Thing>?, j json?, g geo?, v vector<2>?, s set<string>, rev int REVISION };
	CREATE Thing { id: 'full', home: { name: 'Oslo', zip: null }, i: 3, l: $l, f: 0.1, b: true, d: $d, u: 3h, y: $y, e: 'x', li: [$d], m: { a: $y },
		r: 'full', j: { a: [1, 2.5, null, 'é'], b: {} }, g: point(1.5, 2), v: [1, 2.5] };
	UPDATE Thing 'full' SET s.add('one');
	CREATE Thing { id: 'bare', f: 1e300 };
	PROCEDURE half(n int) ATOMIC < IF $n > 1 THEN RETURN when($n > 5, null, $n / 2) END; UPDATE Thing 'bare' SET i = $n >;
	PROCEDURE pair(n int) ATOMIC < UPDATE Thing 'bare' SET i = 0; RETURN $n AS a, [$n, 2] AS b >`

// What a text gives in a batch that is one block is what it gives by itself.
func TestSendAtomicGivesTheSame(t *testing.T) {
	texts := []string{
		`FIND Thing`, `FIND Thing FETCH r, s ORDER BY id DESC`, `FIND Thing RETURN id, home.name, i * 2 AS twice, r.id AS other ORDER BY id`,
		`FIND Thing WHERE i > 100`, `GET Thing 'full'`, `GET Thing 'none' SKIP MISSING`, `GET Thing ('full', 'bare') RETURN id`,
		`COUNT Thing`, `EXISTS Thing 'none'`, `FIND Thing GROUP BY e RETURN e, count() AS n, max(l)`,
		`CREATE Thing { id: 'new' }`, `CREATE Thing [{ id: 'n1' }, { id: 'n2', i: 7 }] RETURN i`, `CREATE Thing { id: 'full' } ON CONFLICT SKIP`,
		`CREATE Thing { id: 'full', i: 9 } ON CONFLICT GET`, `CREATE Thing { id: 'full', i: 9 } ON CONFLICT SET i += 1 RETURN i, OLD.i AS was`,
		`PUT Thing { id: 'bare', li: [] } RETURN id, rev`, `UPDATE Thing 'full' SET i += 1`, `UPDATE Thing WHERE i > 0 SET f = 0.5 RETURN f`,
		`UPDATE Thing 'none' SKIP MISSING SET i = 1 RETURN i`, `UPDATE Thing ALL SET i = 5`, `DELETE Thing 'bare' RETURN *`, `DELETE Thing WHERE i = 3`, `DELETE Thing 'none'`,
		`COPY Thing 'full' SET id = 'copy' RETURN i, l`, `EXPIRE Thing 'full' AFTER 1h`, `PERSIST Thing 'full'`,
		`CALL half(1)`, `CALL half(4)`, `CALL half(10)`, `CALL pair(3)`, `ENSURE 1 = 1`,
		`LET n = COUNT Thing; UPDATE Thing 'full' SET i = n RETURN i`, `LET gone = DELETE Thing 'bare' RETURN id; COUNT Thing`,
		`UPDATE Thing 'full' SET i = 1 -- a comment`, ``, `FIND Thing WHERE id IN (FIND Thing WHERE b RETURN id) RETURN id`,
	}
	args := rql.Args{"l": int64(1<<63 - 1), "d": "2026-11-29T20:00:00.123Z", "y": []byte("\x00\xff")}
	for _, text := range texts {
		t.Run(text, func(t *testing.T) {
			alone, want := rqltest.New(t), &rql.Result{}
			together := rqltest.New(t)
			for _, db := range []*rql.DB{alone, together} {
				_, err := db.Exec(t.Context(), everything, args)
				require.NoError(t, err)
			}
			want, err := alone.Exec(t.Context(), text)
			require.NoError(t, err)
			b := together.Batch()
			first := rql.Queue[int](b, `COUNT Thing`)
			got, err := b.Exec(t.Context(), text)
			require.NoError(t, err)
			last := rql.Queue[*rql.Result](b, `UPDATE Thing ALL SET m = {}`)
			require.NoError(t, b.SendAtomic(t.Context()))
			describe := func(r *rql.Result) string {
				out := ""
				for _, s := range append(r.Statements(), r) {
					out += fmt.Sprintf("%s %q %#v %d %q\n", s.Kind, s.Columns, s.Rows, s.Affected, s.Cursor)
				}
				return out
			}
			require.Equal(t, describe(want), describe(got))
			n, err := first.Get()
			require.NoError(t, err)
			require.Equal(t, 2, n)
			all, err := last.Get()
			require.NoError(t, err)
			_, err = alone.Exec(t.Context(), `UPDATE Thing ALL SET m = {}`)
			require.NoError(t, err)
			require.Equal(t, rqltest.Dump(t, alone), rqltest.Dump(t, together))
			count, err := rql.One[int64](t.Context(), alone, `COUNT Thing`)
			require.NoError(t, err)
			require.Equal(t, count, all.Affected)
		})
	}
}

const atomicModels = `
	MODEL Account { id string KEY, n int CHECK n >= 0 };
	MODEL Note { text string INDEX };
	CREATE Account [{ id: 'a', n: 1 }, { id: 'b', n: 2 }];
	CREATE Note [{ text: 'one' }, { text: 'two' }]`

// Rows go into structs that need not have all columns, parameters of the same name have the value of their own text, and
// what a text sees is what those before it left.
func TestSendAtomic(t *testing.T) {
	rqltest.Each(t, func(t *testing.T, db *rql.DB) {
		ctx, b := t.Context(), db.Batch()
		before := rql.Queue[account](b, `GET Account $id`, rql.Args{"id": "a"})
		changed := rql.Queue[int](b, `UPDATE Account $id SET n += $n RETURN n`, rql.Args{"id": "b", "n": 40})
		after := rql.Queue[struct{ N int }](b, `FIND Account WHERE id = $id OR n = $id_2`, rql.Args{"id": "b", "id_2": 0})
		note := rql.Queue[string](b, `CREATE Note { text: $id } RETURN text`, rql.Args{"id": "three"})
		again, err := b.Exec(ctx, `LET x = COUNT Note; UPDATE Account 'a' SET n = x`)
		require.NoError(t, err)
		rql.Queue[*rql.Result](b, `LET x = COUNT Account; ENSURE x = 2`)
		gone := rql.Queue[account](b, `GET Account 'gone' SKIP MISSING`)
		require.NoError(t, b.SendAtomic(ctx))
		require.Zero(t, b.Len())
		got, err := before.Get()
		require.NoError(t, err)
		require.Equal(t, account{"a", 1}, got)
		n, err := changed.Get()
		require.NoError(t, err)
		require.Equal(t, 42, n)
		found, err := after.All()
		require.NoError(t, err)
		require.Equal(t, []struct{ N int }{{42}}, found)
		text, err := note.Get()
		require.NoError(t, err)
		require.Equal(t, "three", text)
		res, err := note.Result()
		require.NoError(t, err)
		require.Equal(t, int64(1), res.Affected)
		require.Equal(t, int64(1), again.Affected)
		require.Len(t, again.Statements(), 2)
		_, ok, err := gone.Maybe()
		require.NoError(t, err)
		require.False(t, ok)
		require.Contains(t, rqltest.Dump(t, db), `Account {"id":"a","n":3}`)
	}, atomicModels)
}

// What cannot be part of a block is refused before anything is sent, by an error that says which text it is and why.
func TestSendAtomicRefuses(t *testing.T) {
	ctx, db := t.Context(), rqltest.New(t, atomicModels, `MODEL Other { id string KEY, n int } WRITERS ANY`)
	for text, want := range map[string]struct {
		code rql.Code
		says string
	}{
		`MODEL More { id string KEY }`:                      {rql.CodeInAtomic, "not allowed inside ATOMIC"},
		`SHOW MODELS`:                                       {rql.CodeInAtomic, "not allowed inside ATOMIC"},
		`EXPLAIN COUNT Note`:                                {rql.CodeInAtomic, "not allowed inside ATOMIC"},
		`ATOMIC < COUNT Note >`:                             {rql.CodeInAtomic, "nested"},
		`FIND Other WHERE n > 1`:                            {rql.CodeNeeds, "found by their names"},
		`FIND Note ORDER BY id LIMIT 1 AFTER null`:          {rql.CodeNotAllowed, "AFTER"},
		"COUNT Note;\n  UPDATE Other WHERE n > 1 SET n = 2": {rql.CodeNeeds, "found by their names"},
	} {
		t.Run(text, func(t *testing.T) {
			b := db.Batch()
			first := rql.Queue[*rql.Result](b, `UPDATE Account 'a' SET n = 100`)
			bad := rql.Queue[*rql.Result](b, text)
			last := rql.Queue[*rql.Result](b, `COUNT Note`)
			sent := db.Stats().RoundTrips
			err := b.SendAtomic(ctx)
			require.ErrorIs(t, err, want.code)
			require.ErrorContains(t, err, want.says)
			require.ErrorContains(t, err, "text 2 of the batch")
			_, own := bad.Get()
			require.Equal(t, err, own)
			var e *rql.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, text, e.Source.Text)
			require.Equal(t, []int{1 + strings.Count(text, "\n"), strings.Count(text, ";")}, []int{e.Line, e.Statement})
			for _, q := range []*rql.Queued[*rql.Result]{first, last} {
				_, err := q.Get()
				require.ErrorIs(t, err, rql.CodeCancelled)
				require.NotErrorIs(t, err, want.code)
				require.ErrorContains(t, err, "text 2 failed")
			}
			require.LessOrEqual(t, db.Stats().RoundTrips-sent, int64(1), "the catalog may be read again before a refusal")
		})
	}
	require.Contains(t, rqltest.Dump(t, db), `{"id":"a","n":1}`)

	b := db.Batch()
	rql.Queue[*rql.Result](b, `UPDATE Account 'a' SET n = 100`)
	rql.Queue[account](b, `FIND Acount`)
	err := b.SendAtomic(ctx)
	require.ErrorIs(t, err, rql.CodeUnknownModel)
	require.ErrorContains(t, err, "text 2 of the batch")
	require.NoError(t, b.SendAtomic(ctx), "an empty one")
	require.ErrorIs(t, (*rql.Batch)(nil).SendAtomic(ctx), rql.ErrNoDatabase)
}

// Together the texts have the limits of one text: of statements, of words and signs, and of bytes.
func TestSendAtomicOfTooMany(t *testing.T) {
	ctx, db := t.Context(), rqltest.New(t, atomicModels)
	for name, x := range map[string]struct {
		n    int
		text string
	}{
		"statements that are checked": {3000, `UPDATE Account 'a' SET n = 7`},
		"statements":                  {lang.MaxStatements + 1, `UPDATE Account 'a' SET n = 7`},
		"words":                       {4, `UPDATE Account 'a' SET n = 7` + strings.Repeat(` + 1`, 900) + strings.Repeat(`; COUNT Note WHERE text IN ('a'`+strings.Repeat(`,'b'`, 990)+`)`, 20)},
		"bytes":                       {3, `UPDATE Account 'a' SET n = len('` + strings.Repeat("x", lang.MaxSource/2) + `')`},
	} {
		t.Run(name, func(t *testing.T) {
			b := db.Batch()
			for range x.n {
				rql.Queue[*rql.Result](b, x.text)
			}
			err := b.SendAtomic(ctx)
			var e *rql.Error
			require.ErrorAs(t, err, &e)
			require.Contains(t, []rql.Code{rql.CodeTooLong, rql.CodeTooLarge}, e.Code)
			require.Contains(t, e.Hint, "several batches")
			n, err := rql.One[int](ctx, db, `GET Account 'a' RETURN n`)
			require.NoError(t, err)
			require.Equal(t, 1, n)
		})
	}
}

// A text that fails undoes those before it.
func TestSendAtomicFails(t *testing.T) {
	rqltest.Each(t, func(t *testing.T, db *rql.DB) {
		want := rqltest.Dump(t, db)
		for text, code := range map[string]rql.Code{
			`UPDATE Account $id SET n -= 50`:                           rql.CodeCheckFailed,
			`GET Account 'none'; DELETE Account $id`:                   rql.CodeKeyNotFound,
			`CREATE Account { id: $id, n: 1 }`:                         rql.CodeAlreadyExists,
			`ENSURE (EXISTS Account $id) AND 1 = 2 ELSE 'no' CODE 'c'`: rql.CodeEnsureFailed,
			`CALL spend($id)`:                                          rql.CodeCheckFailed,
		} {
			b := db.Batch()
			rql.Queue[*rql.Result](b, `DELETE Note ALL`)
			rql.Queue[*rql.Result](b, `UPDATE Account $id SET n += 10`, rql.Args{"id": "a"})
			bad := rql.Queue[*rql.Result](b, text, rql.Args{"id": "b"})
			last := rql.Queue[int](b, `COUNT Note`)
			err := b.SendAtomic(t.Context())
			require.ErrorIs(t, err, code)
			var e *rql.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, rql.OutcomeNone, e.Outcome)
			require.Equal(t, text, e.Source.Text)
			require.Equal(t, 1, e.Line)
			if code == rql.CodeEnsureFailed {
				require.Equal(t, "c", e.Reason)
			}
			_, own := bad.Get()
			require.Equal(t, err, own)
			_, err = last.Get()
			require.ErrorIs(t, err, rql.CodeCancelled)
			require.Equal(t, want, rqltest.Dump(t, db))
		}
	}, atomicModels, `PROCEDURE spend(id string) ATOMIC < UPDATE Account $id SET n -= 50 >`)
}

// A row that does not fit its type is found after all texts were carried out, which its error says, whichever text changed something.
func TestSendAtomicWithMisfits(t *testing.T) {
	rqltest.Each(t, func(t *testing.T, db *rql.DB) {
		b := db.Batch()
		read := rql.Queue[int](b, `GET Account 'a' RETURN when(n > 100, n, null) AS n`)
		changed := rql.Queue[int](b, `UPDATE Account 'a' SET n += 1 RETURN when(n > 100, n, null) AS n`)
		last := rql.Queue[*rql.Result](b, `DELETE Note ALL`)
		err := b.SendAtomic(t.Context())
		for k, q := range []*rql.Queued[int]{read, changed} {
			_, own := q.Get()
			var e *rql.Error
			require.ErrorAs(t, own, &e)
			require.Equal(t, rql.CodeBadTarget, e.Code)
			require.Equal(t, rql.OutcomeDone, e.Outcome)
			require.Equal(t, int64(3), e.Done)
			require.ErrorContains(t, own, fmt.Sprintf("text %d of the batch", k+1))
			if k == 0 {
				require.Equal(t, own, err)
			}
		}
		res, err := last.Get()
		require.NoError(t, err)
		require.Equal(t, int64(2), res.Affected)

		rql.Queue[int](b, `GET Account 'a' RETURN when(n > 100, n, null) AS n`)
		var e *rql.Error
		require.ErrorAs(t, b.SendAtomic(t.Context()), &e)
		require.Equal(t, rql.OutcomeNone, e.Outcome, "nothing was changed")
	}, atomicModels)
}

// Another process changes the models: the batch is planned again, with rows of the columns that there are then.
func TestSendAtomicAfterChangedCatalog(t *testing.T) {
	url, _ := testredis.Start(t)
	ctx, db, other := t.Context(), openAt(t, url+"?ns=shared"), openAt(t, url+"?ns=shared")
	_, err := db.Exec(ctx, atomicModels)
	require.NoError(t, err)
	want := 1
	for _, change := range []string{
		`MODEL Account { id string KEY, n int CHECK n >= 0, m int DEFAULT 1 }`,
		`MODEL Account { m int DEFAULT 1, n int CHECK n >= 0, id string KEY, k string? INDEX }`,
		`ALTER MODEL Account RENAME FIELD m TO mm`,
		`ALTER MODEL Account DROP CHECK n >= 0`,
	} {
		_, err = other.Exec(ctx, change)
		require.NoError(t, err)
		b := db.Batch()
		rql.Queue[*rql.Result](b, `UPDATE Account 'a' SET n += 1`)
		a := rql.Queue[account](b, `GET Account 'a'`)
		whole := rql.Queue[*rql.Result](b, `FIND Account ORDER BY id LIMIT 1`)
		require.NoError(t, b.SendAtomic(ctx), change)
		want++
		got, err := a.Get()
		require.NoError(t, err)
		require.Equal(t, account{"a", want}, got)
		res, err := whole.Get()
		require.NoError(t, err)
		now, err := other.Exec(ctx, `FIND Account ORDER BY id LIMIT 1`)
		require.NoError(t, err)
		require.Equal(t, now.Columns, res.Columns)
		require.Equal(t, now.Rows, res.Rows)
	}
	_, err = other.Exec(ctx, `DROP MODEL Note ALL`)
	require.NoError(t, err)
	b := db.Batch()
	rql.Queue[*rql.Result](b, `UPDATE Account 'a' SET n = 0`)
	rql.Queue[*rql.Result](b, `COUNT Note`)
	require.ErrorIs(t, b.SendAtomic(ctx), rql.CodeUnknownModel)
	n, err := rql.One[int](ctx, db, `GET Account 'a' RETURN n`)
	require.NoError(t, err)
	require.Equal(t, want, n)
}

// Many texts are one round trip, and equal batches one script; rows may be long.
func TestSendAtomicOfMany(t *testing.T) {
	_, client := testredis.Start(t)
	ctx, db := t.Context(), wrap(t, client)
	_, err := db.Exec(ctx, atomicModels)
	require.NoError(t, err)
	counted := &trips{}
	client.AddHook(counted)
	for round := range 3 {
		b, sums := db.Batch(), []*rql.Queued[int]{}
		for i := range 500 {
			sums = append(sums, rql.Queue[int](b, fmt.Sprintf(`UPDATE Account 'a' SET n += %d RETURN n`, i%7), nil))
		}
		counted.single.Store(0)
		counted.pipelines.Store(0)
		scripts := db.Stats().Scripts
		require.NoError(t, b.SendAtomic(ctx))
		if round > 0 {
			require.Equal(t, int64(1), counted.single.Load()+counted.pipelines.Load())
			require.Equal(t, scripts, db.Stats().Scripts, "the server has the script")
		}
		last := 0
		for i, q := range sums {
			n, err := q.Get()
			require.NoError(t, err)
			if i > 0 {
				require.Equal(t, last+i%7, n)
			}
			last = n
		}
	}
	long := strings.Repeat("é", 100_000)
	_, err = db.Exec(ctx, `MODEL Text { id string KEY, t string }; CREATE Text { id: 'long', t: $t }`, rql.Args{"t": long})
	require.NoError(t, err)
	b := db.Batch()
	var all []*rql.Queued[string]
	for range 10 {
		all = append(all, rql.Queue[string](b, `GET Text 'long' RETURN t`))
	}
	require.NoError(t, b.SendAtomic(ctx))
	for _, q := range all {
		got, err := q.Get()
		require.NoError(t, err)
		require.True(t, got == long)
	}
	for range 100 {
		rql.Queue[string](b, `GET Text 'long' RETURN t`)
	}
	rql.Queue[*rql.Result](b, `UPDATE Account 'b' SET n = 99`)
	require.ErrorIs(t, b.SendAtomic(ctx), rql.CodeBudget)
	n, err := rql.One[int](ctx, db, `GET Account 'b' RETURN n`)
	require.NoError(t, err)
	require.Equal(t, 2, n)
}
