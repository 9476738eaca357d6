package rql_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/rqltest"
)

type item struct {
	ID    string `rql:"id"`
	N     int
	Email *string `rql:",omitempty"`
}

// items gives n of them, and counts those that were taken.
func items(n int, taken *int) iter.Seq[item] {
	return func(yield func(item) bool) {
		for i := range n {
			if *taken++; !yield(item{ID: fmt.Sprintf("i%04d", i), N: i}) {
				return
			}
		}
	}
}

const itemModel = `MODEL Item { id string KEY, n int CHECK n < 5000, email string? UNIQUE }`

func TestInsert(t *testing.T) {
	rqltest.Each(t, func(t *testing.T, db *rql.DB) {
		ctx, taken := t.Context(), 0
		var told []int64
		in, err := rql.Insert(ctx, db, "Item", items(1001, &taken), rql.InsertOptions{Chunk: 400, Progress: func(d rql.Inserted) { told = append(told, d.Created) }})
		require.NoError(t, err)
		require.Equal(t, rql.Inserted{Read: 1001, Created: 1001}, in)
		require.Equal(t, []int64{400, 800, 1001}, told)
		n, err := rql.One[int](ctx, db, `COUNT Item`)
		require.NoError(t, err)
		require.Equal(t, 1001, n)

		more := append([]item{{ID: "new"}}, slices.Collect(items(3, &taken))...)
		in, err = rql.Insert(ctx, db, "Item", slices.Values(more), rql.InsertOptions{Skip: true})
		require.NoError(t, err)
		require.Equal(t, rql.Inserted{Read: 4, Created: 1, Skipped: 3}, in)
		in, err = rql.Insert(ctx, db, "Item", slices.Values(append(more, item{ID: "other"})), rql.InsertOptions{Replace: true})
		require.NoError(t, err)
		require.Equal(t, rql.Inserted{Read: 5, Created: 1, Replaced: 4}, in)

		// Rows of one statement become documents of another model.
		_, err = db.Exec(ctx, `MODEL Copy { id string KEY, n int, email string? }`)
		require.NoError(t, err)
		in, err = rql.InsertSeq2(ctx, db, "Copy", rql.Stream[map[string]any](ctx, db, `FIND Item WHERE n >= 500 RETURN id, n`), rql.InsertOptions{})
		require.NoError(t, err)
		require.Equal(t, int64(501), in.Created)
	}, itemModel)
}

// What was written before a failure is told, and is there.
func TestInsertFails(t *testing.T) {
	ctx, db, taken := t.Context(), rqltest.New(t, itemModel, `CREATE Item [{ id: 'i0025', n: 1 }, { id: 'mail', n: 1, email: 'a@x' }]`), 0
	count := func() int64 {
		n, err := rql.One[int64](ctx, db, `COUNT Item`)
		require.NoError(t, err)
		return n
	}
	in, err := rql.Insert(ctx, db, "Item", items(100, &taken), rql.InsertOptions{Chunk: 10})
	var e *rql.Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, rql.ErrExists)
	require.Equal(t, rql.OutcomePartial, e.Outcome)
	require.Equal(t, int64(20), e.Done)
	require.Equal(t, "Item:i0025", e.Key)
	require.Contains(t, e.Message, "(documents 21 to 30 were not written)")
	require.Equal(t, rql.Inserted{Read: 30, Created: 20}, in)
	require.Equal(t, 30, taken, "no more is taken")
	require.Equal(t, int64(22), count())

	// The iterator fails.
	broken := errors.New("the file ends here")
	in, err = rql.InsertSeq2(ctx, db, "Item", func(yield func(item, error) bool) {
		for i := range 15 {
			if !yield(item{ID: fmt.Sprint("x", i)}, nil) {
				return
			}
		}
		yield(item{}, broken)
	}, rql.InsertOptions{Chunk: 10})
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, err, rql.CodeImport)
	require.ErrorAs(t, err, &e)
	require.Equal(t, rql.OutcomePartial, e.Outcome)
	require.Equal(t, rql.Inserted{Read: 15, Created: 10}, in)
	require.Equal(t, int64(32), count())

	// The context ends between two chunks.
	limited, cancel := context.WithCancel(ctx)
	in, err = rql.Insert(limited, db, "Item", items(100, &taken), rql.InsertOptions{Chunk: 10, Skip: true, Progress: func(d rql.Inserted) {
		if d.Read == 40 {
			cancel()
		}
	}})
	require.ErrorIs(t, err, rql.CodeCancelled)
	require.ErrorAs(t, err, &e)
	require.Equal(t, rql.OutcomePartial, e.Outcome)
	require.Equal(t, in.Created, e.Done)

	for name, x := range map[string]struct {
		model string
		docs  iter.Seq[item]
		o     rql.InsertOptions
		db    rql.Runner
		code  error
	}{
		"no iterator":  {"Item", nil, rql.InsertOptions{}, db, rql.CodeBadArgument},
		"both":         {"Item", items(1, &taken), rql.InsertOptions{Skip: true, Replace: true}, db, rql.CodeBadArgument},
		"a bad chunk":  {"Item", items(1, &taken), rql.InsertOptions{Chunk: -1}, db, rql.CodeBadArgument},
		"no model":     {"Itm", items(1, &taken), rql.InsertOptions{}, db, rql.CodeUnknownModel},
		"an injection": {"Item {}; DELETE Item ALL; CREATE Item", items(1, &taken), rql.InsertOptions{}, db, rql.CodeUnknownModel},
		"a batch":      {"Item", items(1, &taken), rql.InsertOptions{}, db.Batch(), rql.CodeBadArgument},
		"no database":  {"Item", items(1, &taken), rql.InsertOptions{}, nil, rql.ErrNoDatabase},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := rql.Insert(ctx, x.db, x.model, x.docs, x.o)
			require.ErrorIs(t, err, x.code)
			require.Zero(t, in.Created)
		})
	}
}

// A chunk that is too large for one statement is sent in parts.
func TestInsertLargeDocuments(t *testing.T) {
	db := rqltest.New(t, `MODEL Big { id int KEY, body string }`)
	type big struct {
		ID   int
		Body string
	}
	body := strings.Repeat("x", 1<<20)
	in, err := rql.Insert(t.Context(), db, "Big", func(yield func(big) bool) {
		for i := range 40 {
			if !yield(big{i, body}) {
				return
			}
		}
	}, rql.InsertOptions{})
	require.NoError(t, err)
	require.Equal(t, rql.Inserted{Read: 40, Created: 40}, in)
}

func ExampleInsert() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	users := []User{{"dan", "Dan", 40}, {"ann", "Ann", 35}}
	in, err := rql.Insert(ctx, db, "User", slices.Values(users), rql.InsertOptions{Skip: true})
	fmt.Println(in.Created, in.Skipped, err)
	// Output:
	// 1 1 <nil>
}

// Documents of one model become those of another.
func ExampleInsertSeq2() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()
	if _, err := db.Exec(ctx, `MODEL Adult { id string KEY, full_name string }`); err != nil {
		log.Fatal(err)
	}
	in, err := rql.InsertSeq2(ctx, db, "Adult", rql.Stream[map[string]any](ctx, db, `FIND User WHERE age > 30 RETURN id, full_name`), rql.InsertOptions{})
	fmt.Println(in.Created, err)
	// Output:
	// 2 <nil>
}

func ExampleInsertOptions() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	users := []User{{"ann", "Ann Lee", 35}, {"dan", "Dan", 40}, {"eve", "Eve", 27}}
	_, err := rql.Insert(ctx, db, "User", slices.Values(users), rql.InsertOptions{Replace: true, Chunk: 2, Progress: func(in rql.Inserted) {
		fmt.Println(in.Read, "read,", in.Created, "new,", in.Replaced, "replaced")
	}})
	fmt.Println(err)
	// Output:
	// 2 read, 1 new, 1 replaced
	// 3 read, 2 new, 1 replaced
	// <nil>
}

func ExampleInserted() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	in, err := rql.Insert(ctx, db, "User", slices.Values([]User{{"ann", "Ann", 35}, {"fay", "Fay", 20}}), rql.InsertOptions{Chunk: 1})
	fmt.Println(in.Read, in.Created, errors.Is(err, rql.ErrExists))
	// Output:
	// 1 0 true
}
