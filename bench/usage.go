package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// usage is the time that the server has spent on commands since it started, in
// microseconds: INFO commandstats.
type usage struct{ scripts, plain float64 }

// usage reads it.
func (b *bench) usage(ctx context.Context) (usage, error) {
	text, err := b.hand.Info(ctx, "commandstats").Result()
	if err != nil {
		return usage{}, fmt.Errorf("read commandstats: %w", err)
	}
	var u usage
	for _, line := range strings.Split(text, "\n") {
		name, stats, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || name == "cmdstat_info" {
			continue
		}
		_, after, _ := strings.Cut(stats, "usec=")
		usec, _, _ := strings.Cut(after, ",")
		n, err := strconv.ParseFloat(usec, 64)
		if err != nil {
			return usage{}, fmt.Errorf("read commandstats: %w", err)
		}
		if strings.HasPrefix(name, "cmdstat_eval") {
			u.scripts += n
		} else {
			u.plain += n
		}
	}
	return u, nil
}

// since is the time spent after an earlier reading. A command that a script runs
// counts for itself and for the script, so it is the larger of the time of
// scripts and of that of all other commands; no figure needs much of both.
func (u usage) since(was usage) float64 {
	return max(u.scripts-was.scripts, u.plain-was.plain)
}
