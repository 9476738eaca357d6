package rig

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/redis/go-redis/v9"
)

// Main runs a benchmark until it ends or is interrupted, and exits with status 1 if it fails.
func Main(name string, run func(ctx context.Context, args []string, out io.Writer) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// ServerCPU returns the CPU time that a server has taken, with all its threads.
func ServerCPU(ctx context.Context, c *redis.Client) (total time.Duration, err error) {
	info, err := c.InfoMap(ctx, "cpu").Result()
	if err != nil {
		return 0, fmt.Errorf("read the CPU time of the server: %w", err)
	}
	for _, name := range []string{"used_cpu_user", "used_cpu_sys"} {
		d, err := time.ParseDuration(info["CPU"][name] + "s")
		if err != nil {
			return 0, fmt.Errorf("read the CPU time of the server: %w", err)
		}
		total += d
	}
	return total, nil
}
