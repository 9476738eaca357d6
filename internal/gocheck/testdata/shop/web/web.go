// Package web has mistakes: each is marked by a comment in the line where it is.
package web

import (
	"context"

	"github.com/rql-lang/rql"

	"github.com/rql-lang/rql/internal/gocheck/testdata/shop/store"
)

const wrong = `
	FIND User
	WHERE nam = 'x'` // unknown-name

type tall struct {
	ID     string
	Height int
}

type args struct{ ID, Extra string }

func Wrong(ctx context.Context, db *rql.DB, name string) {
	var r rql.Runner = db
	_, _ = rql.Query[store.User](ctx, db, wrong)
	_, _ = rql.Query[store.User](ctx, db, `FIND User WHER age > 1`)                                 // syntax
	_, _ = rql.Query[tall](ctx, db, `GET User 'a'`)                                                 // bad-target
	_, _ = rql.Query[string](ctx, r, "GET User 'a' RETURN age")                                     // bad-target
	_, _ = rql.Query[store.User](ctx, db, `GET User $id`)                                           // missing-parameter
	_, _ = rql.Query[store.User](ctx, db, `GET User $id`, rql.Args{"id": "a", "ix": 1})             // unused-parameter
	_, _ = rql.Query[int](ctx, db, "COUNT User WHERE age > $min", rql.Args{"min": "a"})             // type-mismatch
	_, _ = rql.One[string](ctx, db, `UPDATE User ALL SET age = 1 RETURN id`)                        // bad-target
	_, _ = rql.Prepare[store.User, args](ctx, db, `GET User $id`)                                   // bad-param
	_, _ = db.Exec(ctx, "UPDATE User 'a' SET "+"name = 1")                                          // type-mismatch
	_, _ = rql.Query[store.User](ctx, db, "FIND User\n\tWHERE \u006eame = $n", rql.Args{"n": name}) // no-index
	_, _ = db.Batch().Exec(ctx, `UPDATE User ALL SET age = 1 WHERE`)                                // clause-order
	_ = rql.Queue[store.User](db.Batch(), `GET Usr 'a'`)                                            // unknown-model
	_, _ = rql.Do(ctx, r, `FIND User ORDER BY name LIMIT 3`)                                        // no-index
	for range rql.Stream[store.User](ctx, db, `FIND User RETURN id, name`) {                        // bad-target
	}
	_, _ = db.Exec(ctx, "FIND User WHERE name = '"+name+"'")
}
