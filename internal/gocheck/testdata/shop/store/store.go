// Package store has texts without mistakes.
package store

import (
	"context"
	"embed"
	"time"

	"github.com/rql-lang/rql"
)

//go:embed models.rql
var Models embed.FS

type base struct{ ID string }

type User struct {
	base
	Name  string
	Age   int
	Email *string
}

const byAge = `FIND User WHERE age > $min ` + order

const order = "ORDER BY age"

func Right(ctx context.Context, db *rql.DB, args rql.Args, since time.Time) error {
	if _, err := rql.Query[User](ctx, db, byAge, rql.Args{"min": 3}); err != nil {
		return err
	}
	if _, err := rql.One[int](ctx, db, `COUNT User WHERE age > $min`, args); err != nil {
		return err
	}
	if _, err := rql.Prepare[User, struct{ ID string }](ctx, db, `GET User $id`); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `UPDATE User $id SET name = $name`, rql.Args{"id": "a"}, args)
	return err
}
