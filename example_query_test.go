package rql_test

import (
	"context"
	"fmt"
	"log"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem"
)

// exampleDB is an embedded database with three users.
func exampleDB(ctx context.Context) *rql.DB {
	db, err := rql.Open(ctx, "mem://")
	if err != nil {
		log.Fatal(err)
	}
	_, err = db.Exec(ctx, `MODEL User { id string KEY, full_name string, age int INDEX, email string? UNIQUE };
		CREATE User [{ id: 'ann', full_name: 'Ann', age: 34 }, { id: 'bob', full_name: 'Bob', age: 19 }, { id: 'cid', full_name: 'Cid', age: 51 }]`)
	if err != nil {
		log.Fatal(err)
	}
	return db
}

// A User has a field for some of the model's: only these are asked for.
type User struct {
	ID       string
	FullName string // full_name
	Years    int    `rql:"age"`
}

func ExampleQuery() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	users, err := rql.Query[User](ctx, db, `FIND User WHERE age > $min ORDER BY age`, rql.Args{"min": 20})
	fmt.Println(users, err)
	names, err := rql.Query[string](ctx, db, `FIND User RETURN full_name ORDER BY full_name`)
	fmt.Println(names, err)
	// Output:
	// [{ann Ann 34} {cid Cid 51}] <nil>
	// [Ann Bob Cid] <nil>
}

func ExampleOne() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	years, err := rql.One[int](ctx, db, `UPDATE User 'bob' SET age += 1 RETURN age`)
	fmt.Println(years, err)
	_, err = rql.One[int](ctx, db, `UPDATE User WHERE age > 30 SET age += 1 RETURN age`)
	fmt.Println(err)
	// Output:
	// 20 <nil>
	// rql: bad-target: one row is expected from UPDATE, which may change many documents
}

func ExampleMaybe() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	u, ok, err := rql.Maybe[User](ctx, db, `GET User $id`, rql.Args{"id": "zoe"})
	fmt.Println(u.FullName, ok, err)
	// Output: false <nil>
}

func ExampleStream() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	for u, err := range rql.Stream[User](ctx, db, `FIND User`) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(u.ID)
		if u.ID == "bob" {
			break // the rest is not read
		}
	}
	// Output:
	// ann
	// bob
}

func ExampleQueryPage() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	for cursor := ""; ; {
		page, err := rql.QueryPage[User](ctx, db, `FIND User ORDER BY age LIMIT 2 AFTER $cursor`, rql.Args{"cursor": cursor})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(page.Rows)
		if cursor = page.Cursor; cursor == "" {
			break
		}
	}
	// Output:
	// [{bob Bob 19} {ann Ann 34}]
	// [{cid Cid 51}]
}

func ExamplePage() {
	show := func(p rql.Page[User]) { fmt.Println(len(p.Rows), "users, more:", p.Cursor != "") }
	show(rql.Page[User]{Rows: []User{{ID: "ann"}}, Cursor: "…"})
	// Output: 1 users, more: true
}

func ExampleRows() {
	ctx := context.Background()
	db := exampleDB(ctx)
	defer db.Close()

	res, err := db.Exec(ctx, `UPDATE User ALL SET age += 1 RETURN *`)
	if err != nil {
		log.Fatal(err)
	}
	users, err := rql.Rows[User](res)
	fmt.Println(res.Affected, len(users), err)
	// Output: 3 3 <nil>
}
