// Command withrql is a program that embeds RQL for a real server, to be weighed.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/rql-lang/rql"
)

func main() {
	ctx := context.Background()
	db, err := rql.Open(ctx, os.Args[1])
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	fmt.Println(rql.Query[map[string]any](ctx, db, `FIND User WHERE name = $name`, rql.Args{"name": os.Args[2]}))
}
