// Command tenants keeps the orders of many shops in one database. The documents
// of a shop lie together, so that a purchase is one ATOMIC block; a report reads
// the documents of all shops. The same program runs on the embedded server, on a
// Redis server, and on a cluster, where the shops are spread over the nodes.
//
//	go run ./examples/tenants                              the embedded server
//	go run ./examples/tenants redis://localhost:6379       a Redis server
//	go run ./examples/tenants cluster://localhost:7000     a cluster
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem" // registers mem://
)

const models = `
MODEL Article {
  shop   string
  sku    string KEY
  price  int CHECK price > 0
  stock  int CHECK stock >= 0
} PARTITION BY shop;
MODEL Purchase {
  shop   string
  id     string KEY              -- given by the buyer, so that a purchase sent twice is carried out once
  item   ref<Article> INDEX
  total  int INDEX
  at     datetime DEFAULT now()
} PARTITION BY shop;
DELETE Purchase ALL;
DELETE Article ALL;
`

const purchase = `ATOMIC PARTITION $shop <
  LET a = GET Article $sku;
  ENSURE a.stock >= $n ELSE 'sold out';
  CREATE Purchase { id: $id, item: $sku, total: a.price * $n };
  UPDATE Article $sku SET stock -= $n;
  RETURN a.price * $n
>`

// Shop is one tenant of a database.
type Shop struct {
	db   *rql.DB
	name string
}

// Buy buys n pieces of an article and returns what they cost. A purchase with an id that the shop knows is ErrExists.
func (s *Shop) Buy(ctx context.Context, id, sku string, n int) (int, error) {
	return rql.One[int](ctx, s.db, purchase, rql.Args{"shop": s.name, "id": id, "sku": sku, "n": n})
}

// Sales are what a shop has sold.
type Sales struct {
	Shop      string
	Purchases int
	Total     int
}

func main() {
	url := "mem://"
	if len(os.Args) > 1 {
		url = os.Args[1]
	}
	if err := run(context.Background(), url, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string, out io.Writer) error {
	db, err := rql.Open(ctx, url, rql.WithNamespace("tenants"))
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer db.Close()
	if _, err := db.Exec(ctx, models); err != nil {
		return fmt.Errorf("set up: %w", err)
	}
	if err := sell(ctx, db, out); err != nil {
		return err
	}
	return report(ctx, db, out)
}

// sell lets ten shops sell the same kinds of tea. Their keys do not meet: each shop has an article 'green'.
func sell(ctx context.Context, db *rql.DB, out io.Writer) error {
	for i := range 10 {
		s := &Shop{db, fmt.Sprintf("shop-%d", i)}
		if _, err := db.Exec(ctx, `CREATE Article [{ shop: $shop, sku: 'green', price: 4, stock: 5 }, { shop: $shop, sku: 'black', price: 3, stock: 50 }]`, rql.Args{"shop": s.name}); err != nil {
			return fmt.Errorf("stock: %w", err)
		}
		for n := 1; n <= i; n++ {
			if _, err := s.Buy(ctx, fmt.Sprintf("p%d", n), "black", n); err != nil {
				return fmt.Errorf("buy: %w", err)
			}
		}
	}
	s := &Shop{db, "shop-3"}
	_, err := s.Buy(ctx, "p3", "black", 1)
	fmt.Fprintln(out, "the same purchase again:", errors.Is(err, rql.ErrExists))
	_, err = s.Buy(ctx, "p4", "green", 6)
	fmt.Fprintln(out, "more than there is:", errors.Is(err, rql.ErrEnsure))
	left, err := rql.One[int](ctx, db, `GET Article { shop: $shop, sku: 'black' } RETURN stock`, rql.Args{"shop": s.name})
	fmt.Fprintln(out, "black tea left in shop-3:", left)
	return err
}

// report reads the purchases of all shops.
func report(ctx context.Context, db *rql.DB, out io.Writer) error {
	best, err := rql.Query[Sales](ctx, db, `FIND Purchase GROUP BY shop RETURN shop, count() AS purchases, sum(total) AS total ORDER BY total DESC LIMIT 3`)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	for _, s := range best {
		fmt.Fprintf(out, "%s sold %d times, for %d\n", s.Shop, s.Purchases, s.Total)
	}
	largest, err := rql.Query[struct {
		Shop, ID string
		Total    int
	}](ctx, db, `FIND Purchase RETURN shop, id, total ORDER BY total DESC LIMIT 2`)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	for _, p := range largest {
		fmt.Fprintf(out, "%s of %s: %d\n", p.ID, p.Shop, p.Total)
	}
	n, err := rql.One[int](ctx, db, `COUNT Purchase`)
	fmt.Fprintln(out, "purchases of all shops:", n)
	return err
}
