package spec

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/internal/wire"
)

var record = flag.String("record", "", "the redis:// URL of a server with Search and JSON: make recordings/ anew there")

// recorded are the cells that are recorded, with every script of suites/run: as statements are
// planned, and with Search asked wherever it can serve.
var recorded = []string{"search", "search-first", "json+search", "json+search-first"}

// TestRecordings plays what was recorded on a server with Search and JSON: what
// RQL sends must be what it sent then, and what it makes of the answers what the scripts say.
func TestRecordings(t *testing.T) {
	scripts, err := Scripts("run")
	require.NoError(t, err)
	for _, name := range recorded {
		files, err := filepath.Glob(filepath.Join("recordings", name, "*.txt"))
		require.NoError(t, err)
		for _, file := range files {
			path := "suites/run/" + strings.TrimSuffix(filepath.Base(file), ".txt") + ".rqlt"
			if slices.ContainsFunc(scripts, func(s *Script) bool { return s.Path == path }) {
				continue
			}
			require.NotEmpty(t, *record, "%s is of a script that is gone", file)
			require.NoError(t, os.Remove(file))
		}
		for _, s := range scripts {
			path := strings.TrimSuffix(strings.TrimPrefix(s.Path, "suites/run/"), ".rqlt")
			t.Run(name+"/"+path, func(t *testing.T) {
				// What is random is the same each time; and so the commands are.
				cryptotest.SetGlobalRandom(t, 1)
				file := filepath.Join("recordings", name, path+".txt")
				if *record != "" {
					recordScript(t, name, s, file)
					return
				}
				playScript(t, name, s, file)
			})
		}
	}
}

// recordingNS is the namespace of every case that is recorded.
const recordingNS = "rec1"

// recordedCell is the cell of that name.
func recordedCell(name string) cell {
	return cell{json: strings.HasPrefix(name, "json"), able: true, index: "SEARCH", search: true}
}

// recordScript runs the cases of a script on the server of -record and writes down what was said.
func recordScript(t *testing.T, name string, s *Script, file string) {
	opt, err := redis.ParseURL(*record)
	require.NoError(t, err)
	raw := redis.NewClient(opt)
	defer raw.Close()
	tape := &wire.Tape{Prefix: recordingNS + ":"}
	server, err := wire.Record(tape, opt.Addr)
	require.NoError(t, err)
	defer server.Close()
	for _, c := range s.Cases {
		require.NoError(t, testredis.Empty(t.Context(), raw, recordingNS+":"))
		tape.Begin(c.Name)
		tapedCase(t, server.URL(), name, s, c)
	}
	require.NoError(t, testredis.Empty(t.Context(), raw, recordingNS+":"))
	if t.Failed() {
		return
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	f, err := os.Create(file)
	require.NoError(t, err)
	_, err = tape.WriteTo(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// playScript runs the cases of a script on their recording.
func playScript(t *testing.T, name string, s *Script, file string) {
	f, err := os.Open(file)
	require.NoError(t, err, "it was never recorded: go test ./spec -run TestRecordings -record URL")
	defer f.Close()
	tape, err := wire.ReadTape(f)
	require.NoError(t, err)
	behind, err := exec.Open(t.Context(), "mem://", exec.Options{})
	require.NoError(t, err)
	defer behind.Close()
	server, err := wire.Replay(tape, behind.Client().(*redis.Client).Options().Addr)
	require.NoError(t, err)
	defer server.Close()
	was := tape.Names()
	for _, c := range s.Cases {
		t.Run(c.Name, func(t *testing.T) {
			require.Contains(t, was, c.Name, "it was never recorded: go test ./spec -run TestRecordings -record URL")
			require.NoError(t, behind.Client().FlushAll(t.Context()).Err())
			tape.Begin(c.Name)
			tapedCase(t, server.URL(), name, s, c)
			require.NoError(t, tape.End(), "record it again on a server with Search and JSON: go test ./spec -run TestRecordings -record URL")
		})
	}
}

// tapedBackend is a server whose part is recorded, or played.
type tapedBackend struct{ *engineBackend }

func (tapedBackend) State(context.Context) ([]string, error) { return nil, ErrUnsupported }
func (tapedBackend) Finish(context.Context) error            { return nil }

// tapedCase runs one case.
func tapedCase(t *testing.T, at, name string, s *Script, c *Case) {
	opt, err := redis.ParseURL(at)
	require.NoError(t, err)
	b := tapedBackend{&engineBackend{name: name, url: at, namespace: "rec%d", raw: redis.NewClient(opt), cell: recordedCell(name)}}
	b.options = []rql.Option{func(o *exec.Options) { o.SearchFirst = strings.HasSuffix(name, "-first") }}
	for _, err := range s.run(t.Context(), c, b, &Tally{}) {
		t.Error(err)
	}
	require.NoError(t, b.Close())
}
