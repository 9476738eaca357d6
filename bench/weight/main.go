// Command weight prints what a program that embeds RQL is made of, beside one that uses go-redis alone:
//
//	go run ./bench/weight     # in the repository
package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// programs are what is weighed; each is a folder here.
var programs = []struct{ dir, what string }{
	{"withredis", "go-redis alone"},
	{"withrql", "RQL, for a server"},
	{"withmem", "RQL and the embedded server"},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "weight:", err)
		os.Exit(1)
	}
}

func run() error {
	tmp, err := os.MkdirTemp("", "weight")
	if err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	defer os.RemoveAll(tmp)
	fmt.Printf("%-28s %8s %9s %10s %14s\n", "program", "modules", "packages", "MB", "MB with -s -w")
	for _, p := range programs {
		pkg := "./bench/weight/" + p.dir
		list, err := output("list", "-deps", "-f", "{{.ImportPath}} {{with .Module}}{{.Path}}{{end}}", pkg)
		if err != nil {
			return err
		}
		lines, modules := strings.Split(strings.TrimSpace(list), "\n"), map[string]bool{}
		for _, line := range lines {
			if _, module, _ := strings.Cut(line, " "); module != "" {
				modules[module] = true
			}
		}
		whole, err := size(filepath.Join(tmp, p.dir), pkg)
		bare, err2 := size(filepath.Join(tmp, p.dir+"-bare"), pkg, "-ldflags=-s -w")
		if err := cmp.Or(err, err2); err != nil {
			return err
		}
		fmt.Printf("%-28s %8d %9d %10.1f %14.1f\n", p.what, len(modules), len(lines), whole, bare)
	}
	return nil
}

// size builds a program and gives its size in megabytes.
func size(file, pkg string, flags ...string) (float64, error) {
	if _, err := output(append(append([]string{"build", "-o", file}, flags...), pkg)...); err != nil {
		return 0, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return 0, fmt.Errorf("weigh a program: %w", err)
	}
	return float64(info.Size()) / 1e6, nil
}

// output is what the command go prints.
func output(args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", args[0], err)
	}
	return string(out), nil
}
