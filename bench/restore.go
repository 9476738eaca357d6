package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rql-lang/rql/internal/cli"

	"github.com/rql-lang/rql/bench/rig"
)

// restoreTarget is the largest allowed ratio of a restore to a pipeline of the commands that write the same documents.
const restoreTarget = 2.0

// dumpRounds is how often the two alternate; each takes seconds.
const dumpRounds = 2

// effort is what a part of the run took: time, and CPU of the server and of this program.
type effort struct{ wall, server, client time.Duration }

func (c effort) String() string {
	return fmt.Sprintf("%8s   server %8s   program %8s", round(c.wall), round(c.server), round(c.client))
}

// restore measures a dump of -docs documents and running it again, beside a pipeline, and compares the dumps before and after.
func (b *bench) restore(ctx context.Context, o options, out io.Writer) error {
	const model = `MODEL User { id string KEY, name string, email string, rank int INDEX, city string INDEX, score float, banned bool, visits int }`
	if _, err := b.db.Exec(ctx, model); err != nil {
		return err
	}
	if err := b.importRows(ctx, "User", &users{n: o.docs}); err != nil {
		return err
	}
	first, second := filepath.Join(b.files, "1.rql"), filepath.Join(b.files, "2.rql")
	took, err := b.effort(ctx, func() error { return b.cli("-q", "dump", "-o", first, "--url", o.url, "--ns", space) })
	if err != nil {
		return err
	}
	size, err := sizeOf(first)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d documents, %d MB\n%-12s %s\n", o.docs, size>>20, "dump", took)
	var hand, rql [dumpRounds]effort
	for i := range dumpRounds {
		if hand[i], err = b.emptied(ctx, func() error { return b.handImport(ctx, "User", &users{n: o.docs}, false) }); err != nil {
			return err
		}
		if rql[i], err = b.emptied(ctx, func() error { return b.cli("-q", "run", first, "--url", o.url, "--ns", space) }); err != nil {
			return err
		}
		fmt.Fprintf(out, "%-12s %s\n%-12s %s   %.2f times\n", "pipeline", hand[i], "restore", rql[i], float64(rql[i].wall)/float64(hand[i].wall))
	}
	if took, err = b.effort(ctx, func() error { return b.cli("-q", "dump", "-o", second, "--url", o.url, "--ns", space) }); err != nil {
		return err
	}
	fmt.Fprintf(out, "%-12s %s\n", "dump again", took)
	if err := equalFiles(first, second); err != nil {
		return err
	}
	fmt.Fprintln(out, "both dumps are equal")
	ratio := leastWall(rql[:]).Seconds() / leastWall(hand[:]).Seconds()
	verdict := "met"
	if ratio > restoreTarget {
		verdict = "MISSED"
	}
	fmt.Fprintf(out, "restore: %.2f times the pipeline, the least of each; target ≤ %.1f: %s\n", ratio, restoreTarget, verdict)
	return nil
}

// emptied is the effort of work on an empty database.
func (b *bench) emptied(ctx context.Context, do func() error) (effort, error) {
	if err := b.clear(ctx, space+"*"); err != nil {
		return effort{}, err
	}
	return b.effort(ctx, do)
}

// effort measures work.
func (b *bench) effort(ctx context.Context, do func() error) (effort, error) {
	busy, err := rig.ServerCPU(ctx, b.hand)
	if err != nil {
		return effort{}, err
	}
	mine, start := rig.CPU(), time.Now()
	if err := do(); err != nil {
		return effort{}, err
	}
	c := effort{wall: time.Since(start), client: rig.CPU() - mine}
	now, err := rig.ServerCPU(ctx, b.hand)
	c.server = now - busy
	return c, err
}

// cli runs the program rql.
func (b *bench) cli(args ...string) error {
	var stderr strings.Builder
	if status := cli.Main(args, strings.NewReader(""), io.Discard, &stderr); status != 0 {
		return errors.New("rql " + strings.Join(args, " ") + ": " + stderr.String())
	}
	return nil
}

func leastWall(all []effort) time.Duration {
	least := all[0].wall
	for _, c := range all {
		least = min(least, c.wall)
	}
	return least
}

func sizeOf(file string) (int64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, fmt.Errorf("the size of the dump: %w", err)
	}
	return info.Size(), nil
}

// equalFiles is an error if two files differ.
func equalFiles(one, other string) error {
	a, err := os.ReadFile(one)
	if err != nil {
		return fmt.Errorf("compare the dumps: %w", err)
	}
	b, err := os.ReadFile(other)
	if err != nil {
		return fmt.Errorf("compare the dumps: %w", err)
	}
	if !bytes.Equal(a, b) {
		return errors.New("the dump of what was restored differs")
	}
	return nil
}
