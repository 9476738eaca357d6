package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// fileTarget is the largest allowed ratio of IMPORT and EXPORT to a loop of pipelines over the same file.
const fileTarget = 2.0

// fileRounds is how often the two alternate.
const fileRounds = 3

// transfer measures IMPORT and EXPORT of a CSV file of -docs records, beside loops that read and write the same file by hand.
func (b *bench) transfer(ctx context.Context, o options, out io.Writer) error {
	const model = `MODEL User { id string KEY, name string, email string, rank int INDEX, city string INDEX, score float, banned bool, visits int }`
	in, copied := filepath.Join(b.files, "users.csv"), filepath.Join(b.files, "copy.csv")
	if err := writeCSV(in, o.docs); err != nil {
		return err
	}
	size, err := sizeOf(in)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d records, %d MB\n", o.docs, size>>20)
	say := func(what string, hand, rql func() error, clear bool) error {
		var best [2]effort
		for i := range fileRounds {
			for side, do := range []func() error{hand, rql} {
				if o.side == "rql" && side == 0 || o.side == "hand" && side == 1 {
					continue
				}
				measure := b.effort
				if clear {
					measure = b.emptied
				}
				stop := make(chan uint64)
				peak := heapPeak(stop)
				took, err := measure(ctx, do)
				close(stop)
				if err != nil {
					return err
				}
				if i == 0 || took.wall < best[side].wall {
					best[side] = took
				}
				fmt.Fprintf(out, "%-8s %-5s %s   heap %d MB\n", what, []string{"hand", "RQL"}[side], took, <-peak>>20)
			}
		}
		ratio := best[1].wall.Seconds() / best[0].wall.Seconds()
		verdict := "met"
		if ratio > fileTarget {
			verdict = "MISSED"
		}
		fmt.Fprintf(out, "%s: %.2f times by hand, the least of each; target ≤ %.1f: %s\n", what, ratio, fileTarget, verdict)
		return nil
	}
	if err := say("import",
		func() error { return b.handLoad(ctx, in) },
		func() error {
			return b.cli("-q", "-c", model+"; IMPORT '"+in+"' INTO User", "--url", o.url, "--ns", space)
		}, true); err != nil {
		return err
	}
	if err := b.handLoad(ctx, in); err != nil {
		return err
	}
	return say("export",
		func() error { return b.handSave(ctx, copied) },
		func() error {
			return b.cli("-q", "-c", "EXPORT FIND User TO '"+copied+"'", "--url", o.url, "--ns", space)
		}, false)
}

// heapPeak samples the heap of this program until stop is closed, and then sends the most that was seen.
func heapPeak(stop <-chan uint64) <-chan uint64 {
	out := make(chan uint64, 1)
	go func() {
		var most uint64
		for t := time.NewTicker(50 * time.Millisecond); ; {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-stop:
				t.Stop()
				out <- most
				return
			case <-t.C:
			}
		}
	}()
	return out
}

var csvHeader = []string{"id", "name", "email", "rank", "city", "score", "banned", "visits"}

// writeCSV writes a file of n users.
func writeCSV(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the file to be imported: %w", err)
	}
	defer f.Close()
	w := csv.NewWriter(f)
	w.Write(csvHeader) //nolint:errcheck // Error says it
	for i := range n {
		u := userAt(i)
		w.Write([]string{u.ID, u.Name, u.Email, strconv.FormatInt(u.Rank, 10), u.City, strconv.FormatFloat(u.Score, 'g', -1, 64), strconv.FormatBool(u.Banned), strconv.FormatInt(u.Visits, 10)}) //nolint:errcheck // Error says it
	}
	w.Flush()
	return w.Error()
}

// handLoad reads a CSV file and writes its records in pipelines.
func (b *bench) handLoad(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the file: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReader(f))
	if _, err := r.Read(); err != nil {
		return fmt.Errorf("read the header: %w", err)
	}
	var bad error
	err = b.handWrite(ctx, "User", func() (u user, ok bool) {
		row, err := r.Read()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				bad = err
			}
			return u, false
		}
		u = user{ID: row[0], Name: row[1], Email: row[2], City: row[4]}
		var errs [4]error
		u.Rank, errs[0] = strconv.ParseInt(row[3], 10, 64)
		u.Score, errs[1] = strconv.ParseFloat(row[5], 64)
		u.Banned, errs[2] = strconv.ParseBool(row[6])
		u.Visits, errs[3] = strconv.ParseInt(row[7], 10, 64)
		bad = errors.Join(errs[:]...)
		return u, bad == nil
	}, false)
	return errors.Join(err, bad)
}

// handSave reads all documents in pipelines and writes a CSV file.
func (b *bench) handSave(ctx context.Context, path string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("create the file: %w", err)
	}
	defer f.Close()
	w := csv.NewWriter(bufio.NewWriter(f))
	w.Write(csvHeader) //nolint:errcheck // Error says it
	cursor := uint64(0)
	for {
		var page []string
		if page, cursor, err = b.hand.ZScan(ctx, handSpace+"ids:User", cursor, "", 1000).Result(); err != nil {
			return fmt.Errorf("read the ids: %w", err)
		}
		p := b.hand.Pipeline()
		var list []*redis.SliceCmd
		for i := 0; i < len(page); i += 2 {
			list = append(list, p.HMGet(ctx, handKey("User", page[i]), csvHeader...))
		}
		if _, err := p.Exec(ctx); err != nil {
			return fmt.Errorf("read documents: %w", err)
		}
		for _, c := range list {
			row := make([]string, len(csvHeader))
			for i, v := range c.Val() {
				row[i], _ = v.(string)
			}
			w.Write(row) //nolint:errcheck // Error says it
		}
		if cursor == 0 {
			w.Flush()
			return w.Error()
		}
	}
}
