package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
)

// starts are what a program does when it starts, with so many models in the database: it connects and reads a document.
func (b *bench) starts(ctx context.Context, url string) ([]*figure, error) {
	opt, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("the server's URL: %w", err)
	}
	var out []*figure
	for _, n := range []int{1, 10, 100} { // the definitions of all models are read and parsed
		ns, models := fmt.Sprintf("%s-%d", space, n), make([]string, n)
		for i := range models {
			models[i] = fmt.Sprintf("MODEL Start%d { id string KEY, name string, email string UNIQUE, rank int INDEX, city string INDEX, made datetime }", i)
		}
		text := strings.Join(models, ";\n")
		open := func(ctx context.Context, before string) error {
			db, err := rql.Open(ctx, url, rql.WithNamespace(ns))
			if err != nil {
				return err
			}
			if before != "" {
				_, err = db.Exec(ctx, before)
			}
			if err == nil {
				r, gerr := db.Exec(ctx, `GET Start0 'a'`)
				err = rows(r, gerr, 1)
			}
			return errors.Join(err, db.Close())
		}
		db, err := rql.Open(ctx, url, rql.WithNamespace(ns))
		if err != nil {
			return nil, err
		}
		_, err = db.Exec(ctx, text+"; PUT Start0 { id: 'a', name: 'Ann', email: 'ann@x', rank: 1, city: 'Oslo', made: now() }")
		if err = errors.Join(err, db.Close()); err != nil {
			return nil, err
		}
		hand := func(ctx context.Context) error {
			c := redis.NewClient(opt)
			defer c.Close()
			doc, err := c.HGetAll(ctx, ns+":Start0:a").Result()
			if err == nil && len(doc) != 6 {
				err = errNotThere
			}
			return err
		}
		out = append(out, &figure{name: fmt.Sprintf("start, %d in the catalog: open, GET", n), hand: hand,
			rql: func(ctx context.Context) error { return open(ctx, "") }},
			&figure{name: fmt.Sprintf("start, %d in the catalog: open, MODEL, GET", n), hand: hand,
				rql: func(ctx context.Context) error { return open(ctx, text) }})
	}
	return out, nil
}
