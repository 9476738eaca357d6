package rql_test

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log"
	"testing/fstest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem"
)

func ExampleOpen() {
	ctx := context.Background()
	db, err := rql.Open(ctx, "mem://") // or redis://localhost:6379?ns=shop
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	fmt.Println(db.Ping(ctx))
	_, err = rql.Open(ctx, "redis:/localhost")
	fmt.Println(errors.Is(err, rql.CodeBadURL))
	// Output:
	// <nil>
	// true
}

func ExampleWrap() {
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer client.Close()
	db, err := rql.Wrap(client, rql.WithNamespace("shop")) // nothing is sent yet
	fmt.Println(db.Client() == client, err)

	ring := redis.NewRing(&redis.RingOptions{})
	defer ring.Close()
	_, err = rql.Wrap(ring)
	fmt.Println(errors.Is(err, rql.CodeNeeds))
	// Output:
	// true <nil>
	// true
}

//go:embed testdata/models
var models embed.FS

// Models from files in the program.
func ExampleWithModels() {
	ctx := context.Background()
	db, err := rql.Open(ctx, "mem://", rql.WithModels(models))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	names, err := rql.Query[string](ctx, db, `SHOW MODELS`)
	fmt.Println(names, err)
	// Output:
	// [Address Order User] <nil>
}

func ExampleWithModelText() {
	ctx := context.Background()
	db, err := rql.Open(ctx, "mem://", rql.WithModelText(`MODEL User { id string KEY, name string }`))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	n, err := rql.One[int](ctx, db, `COUNT User`)
	fmt.Println(n, err)
	// Output:
	// 0 <nil>
}

// A program that is newer than its database does not start.
func ExampleWithSchema() {
	ctx := context.Background()
	_, err := rql.Open(ctx, "mem://", rql.WithModelText(`MODEL User { id string KEY, name string }`), rql.WithSchema(rql.SchemaCheck))
	fmt.Println(err)
	// Output:
	// rql: schema-mismatch: the database lacks what this program needs: User: there is no such model
}

// A program on its own database applies its models, one that shares it compares them.
func ExampleSchemaMode() {
	ctx, shared := context.Background(), fstest.MapFS{"user.rql": {Data: []byte(`MODEL User { id string KEY }`)}}
	open := func(mode rql.SchemaMode) error {
		db, err := rql.Open(ctx, "mem://shop", rql.WithModels(shared), rql.WithSchema(mode))
		if err != nil {
			return err
		}
		defer db.Close()
		return db.Ping(ctx)
	}
	fmt.Println(open(rql.SchemaApply))
	// Output:
	// <nil>
}

// Code that takes its database from the context joins the batch of its caller.
func ExampleFromContext() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()
	visit := func(ctx context.Context, id string) error {
		r, err := rql.FromContext(ctx)
		if err != nil {
			return err
		}
		return r.Run(ctx, &rql.Call{Text: `UPDATE User $id SET age += 1`, Args: rql.Args{"id": id}})
	}

	fmt.Println(visit(rql.NewContext(ctx, db), "ann"))
	b := db.Batch()
	fmt.Println(visit(rql.NewContext(ctx, b), "ann"), visit(rql.NewContext(ctx, b), "bob"), b.Len())
	fmt.Println(b.Send(ctx))
	age, err := rql.One[int](ctx, db, `GET User 'ann' RETURN age`)
	fmt.Println(age, err)
	// Output:
	// <nil>
	// <nil> <nil> 2
	// <nil>
	// 36 <nil>
}

func ExampleWithMaxBlock() {
	ctx := context.Background()
	// Steps of about 2 ms, and pauses of the same length between them.
	db, err := rql.Open(ctx, "mem://", rql.WithMaxBlock(2*time.Millisecond), rql.WithDuty(0.5))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	res, err := db.Exec(ctx, `MODEL User { id int KEY, name string };
		ATOMIC < FOR i IN range(1, 100) DO CREATE User { id: i, name: 'Ann' } END >;
		UPDATE User ALL SET name = upper(name)`)
	fmt.Println(res.Affected, err)
	// Output:
	// 100 <nil>
}

func ExampleWithDuty() {
	ctx := context.Background()
	db, err := rql.Open(ctx, "mem://", rql.WithDuty(0.5))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	res, err := db.Exec(ctx, `MODEL User { id string KEY, age int }; CREATE User { id: 'ann', age: 36 }; UPDATE User ALL SET age += 1`)
	fmt.Println(res.Affected, err)
	// Output:
	// 1 <nil>
}

// The hooks of the client see each command, with the context of its call.
func ExampleWithOwnRoundTrips() {
	ctx := context.Background()
	own, err := rql.Open(ctx, "mem://")
	if err != nil {
		log.Fatal(err)
	}
	defer own.Close()
	client := own.Client() // in a program: redis.NewClient(…), with the hooks of its tracing
	db, err := rql.Wrap(client, rql.WithOwnRoundTrips())
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(ctx, `MODEL User { id string KEY, age int }; CREATE User { id: 'ann', age: 36 }`)
	fmt.Println(err)
	// Output:
	// <nil>
}

func ExampleWithTimeLimit() {
	ctx := context.Background()
	db, err := rql.Open(ctx, "mem://", rql.WithTimeLimit(time.Nanosecond))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(ctx, `SHOW MODELS`)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output:
	// true
}
