package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/rql-lang/rql"
)

// bucketDocs is how many documents get into more buckets, and bucketTenants in how many partitions they are.
const bucketDocs, bucketTenants = 100000, 1000

// moreBuckets measures how a database gets more buckets: by a dump that is run in a namespace with as many. The dump of that must be equal.
func (b *bench) moreBuckets(ctx context.Context, out io.Writer) (err error) {
	at := func(ns string, n int) string {
		return fmt.Sprintf("redis://%s?buckets=%d&ns=%s", b.hand.Options().Addr, n, url.QueryEscape(ns))
	}
	few, more := "{"+space+"}", "{"+space+"2}"
	db, err := rql.Open(ctx, at(few, 256))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close(), b.clear(ctx, "{"+space+"*")) }()
	if _, err := db.Exec(ctx, `MODEL Order { id int KEY, tenant string, at int INDEX, state enum('new', 'paid', 'sent') INDEX, note string } PARTITION BY tenant`); err != nil {
		return err
	}
	const each = bucketDocs / bucketTenants
	for tenant := range bucketTenants {
		list := make([]any, each)
		for i := range list {
			n := tenant*each + i
			list[i] = map[string]any{"id": n, "tenant": fmt.Sprintf("tenant-%05d", tenant), "at": n * 7919 % bucketDocs, "state": []string{"new", "paid", "sent"}[n%3], "note": strings.Repeat("x", 40)}
		}
		if _, err := db.Exec(ctx, `CREATE Order $docs`, rql.Args{"docs": list}); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "rqlbench")
	if err != nil {
		return fmt.Errorf("a folder for the dump: %w", err)
	}
	defer os.RemoveAll(dir)
	first, second := filepath.Join(dir, "1.rql"), filepath.Join(dir, "2.rql")
	dumped, err := b.effort(ctx, func() error { return b.cli("-q", "dump", "-o", first, "--url", at(few, 256)) })
	if err != nil {
		return err
	}
	ran, err := b.effort(ctx, func() error { return b.cli("-q", "run", first, "--url", at(more, 512)) })
	if err != nil {
		return err
	}
	if err := b.cli("-q", "dump", "-o", second, "--url", at(more, 512)); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d documents of %d partitions, from 256 buckets into 512\n%-12s %s\n%-12s %s\n", bucketDocs, bucketTenants, "dump", dumped, "run", ran)
	return equalFiles(first, second)
}
