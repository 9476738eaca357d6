package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// bucketNotes is how many documents are written under the Search indexes of buckets.
const bucketNotes = 20000

// searchBuckets prints what many Search indexes on a server cost: each is of the documents of a bucket.
func (b *bench) searchBuckets(ctx context.Context, out io.Writer) error {
	fmt.Fprintf(out, "\n%-16s %10s %10s %14s %14s %16s\n", "Search indexes", "create µs", "KB each", "write µs a doc", "count µs each", "server's scan s")
	for _, n := range []int{1, 85, 256, 1024} {
		if err := b.searchBucket(ctx, out, n); err != nil {
			return err
		}
	}
	return nil
}

func bucketIndex(i int) string { return fmt.Sprintf("%s:ft:%d", space, i) }

// createIndexes creates n indexes, each for the documents of a bucket.
func (b *bench) createIndexes(ctx context.Context, n int, more ...any) error {
	return b.piped(ctx, n, func(i int) []any {
		args := append([]any{"FT.CREATE", bucketIndex(i), "PREFIX", 1, fmt.Sprintf("%s:b%d:", space, i), "STOPWORDS", 0}, more...)
		return append(args, "SCHEMA", "tenant", "TAG", "SEPARATOR", "\x01", "CASESENSITIVE", "kind", "TAG", "SEPARATOR", "\x01", "CASESENSITIVE", "n", "NUMERIC", "m", "NUMERIC", "body", "TEXT", "NOSTEM")
	})
}

// piped sends n commands, some hundred at a time.
func (b *bench) piped(ctx context.Context, n int, of func(i int) []any) error {
	for at := 0; at < n; at += 500 {
		pipe := b.hand.Pipeline()
		for i := at; i < min(at+500, n); i++ {
			pipe.Do(ctx, of(i)...)
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return fmt.Errorf("send to Search: %w", err)
		}
	}
	return nil
}

// searchBucket measures n indexes.
func (b *bench) searchBucket(ctx context.Context, out io.Writer, n int) error {
	timed := func(count int, f func() error) (float64, error) {
		was, err := b.usage(ctx)
		if err == nil {
			err = f()
		}
		if err != nil {
			return 0, err
		}
		now, err := b.usage(ctx)
		return now.since(was) / float64(count), err
	}
	before, err := b.memory(ctx)
	if err != nil {
		return err
	}
	create, err := timed(n, func() error { return b.createIndexes(ctx, n, "SKIPINITIALSCAN") })
	if err != nil {
		return err
	}
	after, err := b.memory(ctx)
	if err != nil {
		return err
	}
	write, err := timed(bucketNotes, func() error {
		return b.piped(ctx, bucketNotes, func(i int) []any {
			return []any{"HSET", fmt.Sprintf("%s:b%d:%d", space, i%n, i), "tenant", fmt.Sprint("t", i%n), "kind", string(rune('a' + i%3)), "n", i % 100, "m", i % 7, "body", fmt.Sprint("red fox ", i%50)}
		})
	})
	if err != nil {
		return err
	}
	count, err := timed(2000, func() error {
		return b.piped(ctx, 2000, func(i int) []any {
			return []any{"FT.SEARCH", bucketIndex(i % n), "(@kind:{$k}) (@n:[$a $b])", "LIMIT", 0, 0, "PARAMS", 6, "k", "a", "a", 3, "b", 9, "TIMEOUT", 0, "DIALECT", 2}
		})
	})
	if err != nil {
		return err
	}
	scan := "not measured"
	if err := b.dropIndexes(ctx, n); err == nil && n <= 85 {
		scan, err = b.scanned(ctx, n)
		if err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%-16d %10.0f %10.1f %14.1f %14.1f %16s\n", n, create, float64(after-before)/float64(n)/1000, write, count, scan)
	return b.clear(ctx, space+":b*")
}

func (b *bench) dropIndexes(ctx context.Context, n int) error {
	return b.piped(ctx, n, func(i int) []any { return []any{"FT.DROPINDEX", bucketIndex(i)} })
}

// scanned returns how long it takes the server to find the documents that there are for n new indexes.
func (b *bench) scanned(ctx context.Context, n int) (string, error) {
	start := time.Now()
	if err := b.createIndexes(ctx, n); err != nil {
		return "", err
	}
	for i := 0; i < n; {
		info, err := b.hand.Do(ctx, "FT.INFO", bucketIndex(i)).Result()
		if err != nil {
			return "", fmt.Errorf("ask about an index: %w", err)
		}
		if strings.Contains(fmt.Sprint(info), "indexing:0") || strings.Contains(fmt.Sprint(info), "indexing 0") {
			i++
			continue
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Sprintf("%.1f", time.Since(start).Seconds()), b.dropIndexes(ctx, n)
}
