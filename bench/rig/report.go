package rig

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Report is what a run of a benchmark found. Command bench/report makes tables and plots of several.
type Report struct {
	Name    string
	Date    time.Time
	Machine Machine
	Figures []Figure  `json:",omitempty"`
	Callers []Callers `json:",omitempty"`
}

// Machine is where it ran.
type Machine struct {
	CPU    string // the name of the processor, if the system tells it
	Cores  int
	System string
	Go     string
	Server string // name and version
}

// Figure compares RQL with code by hand.
type Figure struct {
	Name                  string
	Hand, RQL             time.Duration // medians
	Ratio, Low, High      float64       // the median of the ratios, and quartiles
	Target                float64
	HandServer, RQLServer float64 // microseconds of the server
}

// Callers is what a client reached with a number of concurrent callers.
type Callers struct {
	Job, Client string
	Callers     int
	PerSecond   float64
	P50, P99    time.Duration
}

// Write writes the report to a file, with date and machine.
func (r *Report) Write(ctx context.Context, path string, c *redis.Client) error {
	info, err := c.InfoMap(ctx, "server").Result()
	if err != nil {
		return fmt.Errorf("ask the server for its version: %w", err)
	}
	s := info["Server"]
	server := "Redis " + s["redis_version"]
	if v := s["valkey_version"]; v != "" {
		server = "Valkey " + v
	}
	r.Date = time.Now().UTC()
	r.Machine = Machine{CPU: processor(), Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Server: server}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// processor is the name of the processor; "" where there is no /proc/cpuinfo.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Round rounds a time to about three digits.
func Round(d time.Duration) time.Duration {
	switch {
	case d < 10*time.Microsecond:
		return d.Round(10 * time.Nanosecond)
	case d < time.Millisecond:
		return d.Round(100 * time.Nanosecond)
	}
	return d.Round(10 * time.Microsecond)
}
