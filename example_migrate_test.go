package rql_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/rql-lang/rql"
)

func ExampleDB_Migrate() {
	ctx := context.Background()
	db, err := rql.Open(ctx, "mem://")
	if err != nil {
		panic(err)
	}
	defer db.Close()
	files := fstest.MapFS{ // in a program an embed.FS of a directory
		"0001_users.rql": {Data: []byte("MODEL User { id string KEY, name string }; CREATE User { id: 'ann', name: 'Ann' };")},
		"0002_age.rql":   {Data: []byte("ALTER MODEL User ADD FIELD age int?; UPDATE User ALL SET age = 30;")},
	}
	for range 2 { // the second call finds nothing to do
		done, err := db.Migrate(ctx, files, rql.MigrateOptions{})
		if err != nil {
			panic(err)
		}
		for _, m := range done {
			fmt.Println(m.File)
		}
	}
	ann, err := rql.One[map[string]any](ctx, db, "GET User 'ann'")
	fmt.Println(ann, err)
	// Output:
	// 0001_users.rql
	// 0002_age.rql
	// map[age:30 id:ann name:Ann] <nil>
}
