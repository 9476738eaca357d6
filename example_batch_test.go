package rql_test

import (
	"context"
	"embed"
	"fmt"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem"
)

// teashop opens a database with two models and some documents, for the examples.
func teashop() *rql.DB {
	ctx := context.Background()
	db, err := rql.Open(ctx, "mem://")
	if err != nil {
		panic(err)
	}
	_, err = db.Exec(ctx, `
		MODEL Product { id string KEY, name string, stock int CHECK stock >= 0 };
		MODEL Order { id string KEY, product ref<Product> INDEX, n int };
		CREATE Product [{ id: 'tea', name: 'Tea', stock: 3 }, { id: 'pot', name: 'Pot', stock: 1 }]`)
	if err != nil {
		panic(err)
	}
	return db
}

type Product struct {
	ID    string
	Name  string
	Stock int
}

// Several texts in one round trip, each with its own rows and its own error.
func ExampleBatch() {
	ctx, db := context.Background(), teashop()
	defer db.Close()
	b := db.Batch()
	tea := rql.Queue[Product](b, `GET Product 'tea'`)
	orders := rql.Queue[int](b, `COUNT Order`)
	sold := rql.Queue[int](b, `UPDATE Product 'pot' SET stock -= 2 RETURN stock`)
	fmt.Println(b.Len())
	_ = b.Send(ctx) // the first error, which each text has too
	fmt.Println(tea.Get())
	fmt.Println(orders.Get())
	_, err := sold.Get()
	fmt.Println(err)
	// Output:
	// 3
	// {tea Tea 3} <nil>
	// 0 <nil>
	// rql: check-failed: CHECK stock >= 0 of stock does not hold for 'Product:pot'
}

// All of the texts happen, or none.
func ExampleBatch_SendAtomic() {
	ctx, db := context.Background(), teashop()
	defer db.Close()
	sell := func(id string, n int) error {
		b := db.Batch()
		left := rql.Queue[int](b, `UPDATE Product $id SET stock -= $n RETURN stock`, rql.Args{"id": id, "n": n})
		rql.Queue[*rql.Result](b, `CREATE Order { id: $id, product: $product, n: $n }`, rql.Args{"id": "o-" + id, "product": id, "n": n})
		if err := b.SendAtomic(ctx); err != nil {
			return err
		}
		fmt.Println(left.Get())
		return nil
	}
	fmt.Println(sell("tea", 2))
	fmt.Println(sell("pot", 2))
	fmt.Println(rql.Query[string](ctx, db, `FIND Order RETURN id`))
	// Output:
	// 1 <nil>
	// <nil>
	// rql: check-failed: CHECK stock >= 0 of stock does not hold for 'Product:pot' (text 1 of the batch)
	// [o-tea] <nil>
}

// Code that runs on the database of its context joins a batch.
func ExampleDB_Batch() {
	ctx, db := context.Background(), teashop()
	defer db.Close()
	order := func(ctx context.Context, id string) error {
		_, err := rql.Exec(ctx, `CREATE Order { id: $id, product: 'tea', n: 1 }`, rql.Args{"id": id})
		return err
	}
	b := db.Batch()
	joining := rql.NewContext(ctx, b)
	fmt.Println(order(joining, "o1"), order(joining, "o2"))
	fmt.Println(rql.One[int](ctx, db, `COUNT Order`))
	fmt.Println(b.Send(ctx))
	fmt.Println(rql.One[int](ctx, db, `COUNT Order`))
	// Output:
	// <nil> <nil>
	// 0 <nil>
	// <nil>
	// 2 <nil>
}

// A *Result tells what a text changed.
func ExampleQueue() {
	ctx, db := context.Background(), teashop()
	defer db.Close()
	b := db.Batch()
	changed := rql.Queue[*rql.Result](b, `UPDATE Product 'tea' SET stock += 10`)
	names := rql.Queue[string](b, `FIND Product RETURN name ORDER BY name`)
	fmt.Println(b.Send(ctx))
	res, err := changed.Get()
	fmt.Println(res.Affected, err)
	fmt.Println(names.All())
	// Output:
	// <nil>
	// 1 <nil>
	// [Pot Tea] <nil>
}

// A document that may be missing.
func ExampleQueued() {
	ctx, db := context.Background(), teashop()
	defer db.Close()
	b := db.Batch()
	var cup *rql.Queued[Product] = rql.Queue[Product](b, `GET Product 'cup'`)
	_ = b.Send(ctx)
	_, ok, err := cup.Maybe()
	fmt.Println(ok, err)
	// Output: false <nil>
}

// limited lets a number of calls through.
type limited struct {
	rql.Runner
	left int
}

func (l *limited) Run(ctx context.Context, c *rql.Call) error {
	if l.left--; l.left < 0 {
		return fmt.Errorf("no more calls: %s", c.Text)
	}
	return l.Runner.Run(ctx, c)
}

// A program's own Runner around a database.
func ExampleRunner() {
	ctx, db := context.Background(), teashop()
	defer db.Close()
	r := &limited{Runner: db, left: 1}
	fmt.Println(rql.One[int](ctx, r, `COUNT Product`))
	fmt.Println(rql.One[int](ctx, r, `COUNT Order`))
	// Output:
	// 2 <nil>
	// 0 no more calls: COUNT Order
}

// fixed answers calls without a database.
type fixed struct{ rows [][]any }

func (f fixed) Run(_ context.Context, c *rql.Call) error {
	return c.Return(&rql.Result{Kind: "FIND", Columns: []string{"id", "name", "stock"}, Rows: f.rows})
}

// A program's own Runner in the place of a database, for a test.
func ExampleCall() {
	var r rql.Runner = fixed{[][]any{{"tea", "Tea", 3}}}
	fmt.Println(rql.Query[Product](context.Background(), r, `FIND Product`))
	// Output: [{tea Tea 3}] <nil>
}

// Do is DB.Exec on any Runner.
func ExampleDo() {
	ctx, db := context.Background(), teashop()
	defer db.Close()
	res, err := rql.Do(ctx, &limited{Runner: db, left: 1}, `DELETE Product 'pot'`)
	fmt.Println(res.Affected, err)
	// Output: 1 <nil>
}

//go:embed testdata/statements/*.rql
var statements embed.FS

// Statements of files, which are checked when the program starts.
func ExamplePrepareFiles() {
	ctx, db := context.Background(), teashop()
	defer db.Close()
	type order struct {
		ID string
		N  int
	}
	type newOrder struct {
		ID, Product string
		N           int
	}
	var texts struct {
		OrdersOf *rql.Prepared[order, struct{ Product string }]
		AddOrder *rql.Prepared[*rql.Result, newOrder]
	}
	if err := rql.PrepareFiles(ctx, db, &texts, statements); err != nil {
		panic(err)
	}
	_, err := texts.AddOrder.Exec(ctx, newOrder{ID: "o1", Product: "tea", N: 2})
	fmt.Println(err)
	fmt.Println(texts.OrdersOf.All(ctx, struct{ Product string }{"tea"}))
	// Output:
	// <nil>
	// [{o1 2}] <nil>
}
