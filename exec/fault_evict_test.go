package exec_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// A server that may evict keys is warned of: in the program's log when it is opened, and by MODEL as it is then.
func TestEvictionIsWarnedOf(t *testing.T) {
	const model = "MODEL N { id int KEY, n int INDEX }"
	s := testredis.Run(t, "--maxmemory", "100mb")
	tests := []struct {
		policy, limit, text string
	}{
		{"noeviction", "100mb", ""},
		{"allkeys-lru", "100mb", "evicts any key when its memory is full (maxmemory-policy allkeys-lru)"},
		{"allkeys-random", "0", "once maxmemory is set"},
		{"volatile-ttl", "100mb", "ATOMIC KEY and locks"},
	}
	for _, tt := range tests {
		s.Do("CONFIG", "SET", "maxmemory", tt.limit, "maxmemory-policy", tt.policy)
		var log bytes.Buffer
		e, err := exec.Open(ctx, s.URL, exec.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		require.NoError(t, err)
		warnings := must(t, e, model).warnings
		if tt.text == "" {
			require.Empty(t, log.String())
			require.Empty(t, warnings)
		} else {
			require.Contains(t, log.String(), tt.text)
			require.Contains(t, log.String(), "may-evict")
			require.Contains(t, e.Eviction(), tt.text)
			require.Len(t, warnings, 1)
			require.Equal(t, lang.CodeMayEvict, warnings[0].Code)
			require.Contains(t, warnings[0].Text, tt.text)
		}
		// What MODEL says is of the moment; the same MODEL again says it again.
		s.Do("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
		require.Len(t, must(t, e, model).warnings, 1)
		s.Do("CONFIG", "SET", "maxmemory-policy", "noeviction")
		require.Empty(t, must(t, e, model).warnings)
		require.NoError(t, e.Close())
	}
	// Who may not ask is told nothing, and is kept from nothing.
	s.Do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	s.Do("ACL", "SETUSER", "limited", "reset", "on", ">pw", "~*", "+@all", "-info")
	var log bytes.Buffer
	e, err := exec.Open(ctx, s.URLOf("limited", "pw"), exec.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	require.NoError(t, err)
	require.Empty(t, must(t, e, "MODEL M { id int KEY }").warnings)
	require.Empty(t, log.String())
	require.NoError(t, e.Close())
}

// The first statement that gives a document of a model an end warns of a server that may evict it.
func TestEvictionOfDocumentsWithEnds(t *testing.T) {
	s := testredis.Run(t, "--maxmemory", "100mb", "--maxmemory-policy", "volatile-lru")
	e := open(t, s.URL)
	must(t, e, "MODEL N { id int KEY, n int INDEX }; CREATE N { id: 1, n: 1 }")
	warnings := must(t, e, "EXPIRE N 1 AFTER 1h").warnings
	require.Len(t, warnings, 1)
	require.Equal(t, lang.CodeMayEvict, warnings[0].Code)
	require.Contains(t, warnings[0].Text, "documents that expire can vanish earlier")
	require.Empty(t, must(t, e, "EXPIRE N 1 AFTER 1h").warnings)
}

// Opening takes no round trip more than it did: the question goes along with the others.
func TestEvictionCostsNoTrip(t *testing.T) {
	s := testredis.Run(t)
	s.Do("CONFIG", "RESETSTAT")
	open(t, s.URL)
	require.Contains(t, s.Do("INFO", "commandstats"), "cmdstat_info:calls=1,")
}
