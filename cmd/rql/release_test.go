package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// release is what the tests read of the configuration of goreleaser.
type release struct {
	Version int
	Before  struct{ Hooks []string }
	Builds  []struct {
		ID, Main, Binary                  string
		Env, Flags, Ldflags, Goos, Goarch []string
	}
	Nfpms   []struct{ Contents []struct{ Src, Dst string } }
	Dockers []struct {
		Ids, Images, Tags, Platforms []string
	} `yaml:"dockers_v2"`
	Rest map[string]any `yaml:",inline"`
}

func configuration(t *testing.T) release {
	t.Helper()
	text, err := os.ReadFile("../../.goreleaser.yaml")
	require.NoError(t, err)
	var r release
	require.NoError(t, yaml.Unmarshal(text, &r))
	return r
}

// What a release names is there: its targets, its files, and the pages that its hook makes.
func TestRelease(t *testing.T) {
	r := configuration(t)
	require.Equal(t, 2, r.Version)
	list, err := exec.Command("go", "tool", "dist", "list").Output()
	require.NoError(t, err)
	known := strings.Fields(string(list))
	for _, target := range targets(r) {
		require.Contains(t, known, target)
	}
	require.NotEmpty(t, r.Nfpms[0].Contents)
	made := regexp.MustCompile(`dist-pages/rql\.(\S+)`)
	for _, c := range r.Nfpms[0].Contents {
		if m := made.FindStringSubmatch(c.Src); m != nil {
			require.Contains(t, r.Before.Hooks[0], strings.TrimSuffix(m[1], ".gz"))
			continue
		}
		require.FileExists(t, filepath.Join("../..", c.Src))
	}
	require.NotEmpty(t, r.Dockers)
	image, err := os.ReadFile("../../Dockerfile")
	require.NoError(t, err)
	for _, d := range r.Dockers {
		require.Subset(t, targets(r), d.Platforms)
		require.Equal(t, []string{r.Builds[0].ID}, d.Ids)
		require.Contains(t, string(image), "COPY $TARGETPLATFORM/"+r.Builds[0].Binary+" ")
	}
	for key := range r.Rest {
		require.Contains(t, []string{"project_name", "checksum", "changelog", "archives"}, key)
	}
}

func targets(r release) (out []string) {
	for _, b := range r.Builds {
		for _, system := range b.Goos {
			for _, machine := range b.Goarch {
				out = append(out, system+"/"+machine)
			}
		}
	}
	slices.Sort(out)
	return out
}

// Every target of a release builds. It takes minutes: make cross sets RQL_CROSS.
func TestCross(t *testing.T) {
	if os.Getenv("RQL_CROSS") == "" {
		t.Skip("RQL_CROSS is not set: make cross builds every target of a release")
	}
	r := configuration(t)
	b := r.Builds[0]
	for _, target := range targets(r) {
		t.Run(target, func(t *testing.T) {
			system, machine, _ := strings.Cut(target, "/")
			args := slices.Concat([]string{"build", "-o", filepath.Join(t.TempDir(), b.Binary)}, b.Flags, []string{"-ldflags", strings.Join(b.Ldflags, " "), b.Main})
			cmd := exec.Command("go", args...)
			cmd.Dir = "../.."
			cmd.Env = append(append(os.Environ(), "GOOS="+system, "GOARCH="+machine), b.Env...)
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, string(out))
		})
	}
}
