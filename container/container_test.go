package container

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/rql-lang/rql"
)

// The images that RQL is proved on: the oldest Redis it knows, newer ones with
// and without modules, and Valkey.
var images = []string{"redis:7.0", "redis:7.4", "redis:8", "redis/redis-stack-server:latest", "valkey/valkey:8"}

// needsDocker skips a test where Docker does not answer.
func needsDocker(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	defer func() {
		if r := recover(); r != nil { // there is nothing that looks like Docker at all
			t.Skipf("Docker does not answer: %v", r)
		}
	}()
	provider, err := testcontainers.ProviderDocker.GetProvider()
	if err == nil {
		err = provider.Health(ctx)
	}
	if err != nil {
		t.Skipf("Docker does not answer: %v", err)
	}
}

// start starts a server and gives its URL.
func start(t *testing.T, image string) string {
	t.Helper()
	c, err := testcontainers.Run(t.Context(), image, testcontainers.WithExposedPorts("6379/tcp"),
		testcontainers.WithWaitStrategy(wait.ForListeningPort("6379/tcp"), wait.ForLog("Ready to accept connections")))
	testcontainers.CleanupContainer(t, c)
	require.NoError(t, err)
	url, err := c.PortEndpoint(t.Context(), "6379/tcp", "redis")
	require.NoError(t, err)
	return url
}

func TestImages(t *testing.T) {
	needsDocker(t)
	for _, image := range images {
		t.Run(image, func(t *testing.T) {
			url := start(t, image)
			db, err := rql.Open(t.Context(), url)
			require.NoError(t, err)
			require.NoError(t, db.Close())
			conformance(t, url)
		})
	}
}

// conformance carries every script of package spec out on a server: its own
// test for the servers that RQL_TEST_URLS names.
func conformance(t *testing.T, url string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "-run", "^TestServers$", "./spec")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "RQL_TEST_URLS="+url)
	out, err := cmd.CombinedOutput()
	var lines []string
	for _, line := range strings.Split(string(out), "\n") {
		if err != nil || strings.Contains(line, "blocks ran") {
			lines = append(lines, line)
		}
	}
	t.Log(strings.Join(lines, "\n"))
	require.NoError(t, err)
	require.NotEmpty(t, lines, "no script ran")
}

// The test that the images are given to is there, also where no image can be started.
func TestConformanceIsReached(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "test", "-list", "^TestServers$", "./spec")
	cmd.Dir = ".."
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "TestServers\n")
}
