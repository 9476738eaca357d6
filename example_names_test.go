package rql_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strings"
	"testing/fstest"
	"time"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem"
)

// exampleOpen opens an embedded database with options.
func exampleOpen(opts ...rql.Option) *rql.DB {
	db, err := rql.Open(context.Background(), "mem://", opts...)
	if err != nil {
		log.Fatal(err)
	}
	return db
}

func ExampleArgs() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	_, err := db.Exec(ctx, `CREATE User $user`, rql.Args{"user": User{ID: "dan", FullName: "Dan", Years: 40}})
	fmt.Println(err)
	names, err := rql.Query[string](ctx, db, `FIND User WHERE id IN $ids RETURN full_name ORDER BY full_name`, rql.Args{"ids": []string{"dan", "ann"}})
	fmt.Println(names, err)
	// Output:
	// <nil>
	// [Ann Dan] <nil>
}

func ExampleDB() {
	ctx := context.Background()
	db := exampleOpen(rql.WithModelText(`MODEL Report { id string KEY, body string DEFAULT '', fence int DEFAULT 0 }`))
	defer db.Close()

	_, err := db.Exec(ctx, `CREATE Report { id: 'r1' }`)
	fmt.Println(err)
	err = db.Lock(ctx, "Report", "r1", func(ctx context.Context, fence int64) error {
		_, err := db.Exec(ctx, `ATOMIC < LET r = GET Report 'r1'; ENSURE $fence >= r.fence ELSE 'too late'; UPDATE Report 'r1' SET body = 'done', fence = $fence >`,
			rql.Args{"fence": fence})
		return err
	})
	fmt.Println(err)
	// Output:
	// <nil>
	// <nil>
}

func ExampleLockKey() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	err := db.LockAll(ctx, func(_ context.Context, fence int64) error {
		fmt.Println("both are locked:", fence > 0)
		return nil
	}, rql.LockKey{Model: "User", ID: "ann"}, rql.LockKey{Model: "User", ID: "bob"})
	fmt.Println(err)
	// Output:
	// both are locked: true
	// <nil>
}

// The texts of a program can be run by the package's own Exec.
func ExampleExec() {
	db := exampleDB(context.Background())
	defer db.Close()
	ctx := rql.NewContext(context.Background(), db)

	res, err := rql.Exec(ctx, `FIND User WHERE age < 40 RETURN id, age ORDER BY id; COUNT User`)
	fmt.Println(res.Rows, err)
	for _, s := range res.Statements() {
		fmt.Println(s.Kind, s.Columns, s.Rows)
	}
	// Output:
	// [[3]] <nil>
	// FIND [id age] [[ann 34] [bob 19]]
	// COUNT [count] [[3]]
}

func ExampleNewContext() {
	db := exampleDB(context.Background())
	defer db.Close()
	ctx := rql.NewContext(context.Background(), db)

	r, err := rql.FromContext(ctx)
	fmt.Println(r == rql.Runner(db), err)
	// Output:
	// true <nil>
}

func ExampleResult() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	res, err := db.Exec(ctx, `UPDATE User WHERE age > 30 SET age += 1`)
	fmt.Println(res.Kind, res.Affected, err)
	res, err = db.Exec(ctx, `FIND User RETURN id ORDER BY id LIMIT 2`)
	fmt.Println(res.Columns, res.Rows, res.Cursor != "", err)
	// Output:
	// UPDATE 2 <nil>
	// [id] [[ann] [bob]] true <nil>
}

func ExampleWarning() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	_, err := db.Exec(ctx, `MODEL Note { id string KEY }; MODEL Note { id string KEY, text string? }`)
	fmt.Println(err)
	res, err := db.Exec(ctx, `MODEL Note { id string KEY }`)
	for _, w := range res.Warnings {
		fmt.Println(w.Code, w.Statement, w.Count, err)
	}
	// Output:
	// <nil>
	// older-model 0 1 <nil>
}

func ExampleCode() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	_, err := db.Exec(ctx, `CREATE User { id: 'ann', full_name: 'Ann', age: 1 }`)
	switch {
	case errors.Is(err, rql.CodeAlreadyExists): // or its other name, ErrExists
		fmt.Println("she is there already")
	case errors.Is(err, rql.CodeUnique):
		fmt.Println("somebody has that address")
	case err != nil:
		log.Fatal(err)
	}
	// Output:
	// she is there already
}

func ExampleError() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	_, err := db.Exec(ctx, `ATOMIC < LET u = GET User 'bob'; ENSURE u.age >= 21 ELSE 'too young' CODE 'age' >`)
	var e *rql.Error
	if errors.As(err, &e) {
		fmt.Println(e.Code, e.Reason, e.Message, e.Line, e.Outcome)
	}
	text, err := json.Marshal(map[string]any{"error": e, "code": e.Code})
	fmt.Println(string(text), err)
	// Output:
	// ensure-failed age too young 1 none
	// {"code":"ensure-failed","error":"rql: ensure-failed: too young"} <nil>
}

// Everything that is wrong with a text is known before anything is sent.
func ExampleCheckError() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	_, err := db.Exec(ctx, "FIND User WHERE agee > 3;\nCOUNT Usr")
	var ce *rql.CheckError
	if errors.As(err, &ce) {
		for _, e := range ce.Errors {
			fmt.Printf("%d:%d %s: %s\n", e.Line, e.Col, e.Code, e.Hint)
		}
	}
	// Output:
	// 1:17 unknown-name: did you mean age?
	// 2:7 unknown-model: did you mean User?
}

// The outcome says whether a failed call can be repeated.
func ExampleOutcome() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	_, err := db.Exec(ctx, `UPDATE User 'ann' SET age += 1; UPDATE User 'nobody' SET age += 1`)
	var e *rql.Error
	if errors.As(err, &e) {
		switch e.Outcome {
		case rql.OutcomeNone:
			fmt.Println("nothing happened")
		case rql.OutcomePartial:
			fmt.Println("a part is done, documents:", e.Done)
		case rql.OutcomeUnknown:
			fmt.Println("it is done, or not: read before you repeat it")
		case rql.OutcomeDone:
			fmt.Println("it is done, only its rows did not fit")
		}
	}
	// Output:
	// a part is done, documents: 1
}

func ExampleOption() {
	opts := []rql.Option{rql.WithNamespace("shop"), rql.WithClientName("checkout")}
	if os.Getenv("DEBUG_RQL_EXAMPLE") != "" {
		opts = append(opts, rql.WithLogger(slog.Default()))
	}
	db := exampleOpen(opts...)
	defer db.Close()
	fmt.Println(db.Ping(context.Background()))
	// Output:
	// <nil>
}

// All keys begin with the name.
func ExampleWithNamespace() {
	ctx := context.Background()
	db := exampleOpen(rql.WithNamespace("shop"), rql.WithModelText(`MODEL User { id string KEY }`))
	defer db.Close()
	_, err := db.Exec(ctx, `CREATE User { id: 'ann' }`)
	n, found := db.Client().Exists(ctx, "shop:User:ann").Result()
	fmt.Println(err, n, found)
	// Output:
	// <nil> 1 <nil>
}

func ExampleWithClientName() {
	db := exampleOpen(rql.WithClientName("checkout")) // CLIENT LIST shows it
	defer db.Close()
	fmt.Println(db.Ping(context.Background()))
	// Output:
	// <nil>
}

func ExampleWithRetry() {
	db := exampleOpen(rql.WithRetry(2 * time.Second)) // while a slot moves, or a replica takes over
	defer db.Close()
	fmt.Println(db.Ping(context.Background()))
	// Output:
	// <nil>
}

func ExampleWithClock() {
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	db := exampleOpen(rql.WithClock(func() time.Time { return noon }))
	defer db.Close()
	now, err := rql.One[time.Time](context.Background(), db, `ATOMIC < RETURN now() >`)
	fmt.Println(now, err)
	// Output:
	// 2026-01-02 12:00:00 +0000 UTC <nil>
}

func ExampleWithLogger() {
	ctx := context.Background()
	var out bytes.Buffer
	h := slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})
	db := exampleOpen(rql.WithLogger(slog.New(h)), rql.WithModelText(`MODEL User { id string KEY }`))
	defer db.Close()
	out.Reset()
	_, err := db.Exec(ctx, `FIND User WHERE id = 'secret'`)
	fmt.Println(strings.Contains(out.String(), `text="FIND User WHERE id = ?" kind=FIND models=[User]`), strings.Contains(out.String(), "secret"), err)
	// Output:
	// true false <nil>
}

func ExampleMigrateOptions() {
	db := exampleOpen()
	defer db.Close()
	files := fstest.MapFS{"0001_users.rql": {Data: []byte("MODEL User { id string KEY };")}, "0002_items.rql": {Data: []byte("MODEL Item { id string KEY };")}}
	done, err := db.Migrate(context.Background(), files, rql.MigrateOptions{To: "0001"})
	fmt.Println(len(done), err)
	// Output:
	// 1 <nil>
}

func ExampleMigrated() {
	db := exampleOpen()
	defer db.Close()
	done, err := db.Migrate(context.Background(), fstest.MapFS{"0001_users.rql": {Data: []byte("MODEL User { id string KEY };")}}, rql.MigrateOptions{})
	for _, m := range done {
		fmt.Println(m.File, m.Took > 0)
	}
	fmt.Println(err)
	// Output:
	// 0001_users.rql true
	// <nil>
}
