package rql_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem"
)

func ExampleError_parts() {
	ctx := context.Background()
	db, err := rql.Open(ctx, "mem://")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(ctx, `MODEL Ticket { id int KEY, tenant string, title string } PARTITION BY tenant;
		CREATE Ticket { tenant: 'bolt', id: 1, title: 'Lamp' }`)
	if err != nil {
		log.Fatal(err)
	}
	_, err = db.Exec(ctx, `CREATE Ticket [{ tenant: 'acme', id: 1, title: 'Door' }, { tenant: 'bolt', id: 1, title: 'Door' }]`)
	var e *rql.Error
	if errors.As(err, &e) {
		fmt.Println(e.Outcome, e.Done)
		for _, p := range e.Parts {
			fmt.Println(p.Partition, p.Code, p.Outcome, p.Done)
		}
	}
	// Output:
	// partial 1
	// acme  none 1
	// bolt already-exists none 0
}
