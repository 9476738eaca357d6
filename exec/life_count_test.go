package exec_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// stay is a time in which a document exists: certainly from sure[0] to sure[1], and at most from maybe[0] to maybe[1], in milliseconds.
type stay struct{ sure, maybe [2]float64 }

// clockMS is the time of this machine, which is also that of a server on it.
func clockMS() float64 { return float64(time.Now().UnixNano()) / 1e6 }

// countedWrites are statements about the document $i.
var countedWrites = []struct {
	text        string
	makes, gone bool // afterwards it exists in any case, or in none
}{
	{text: "PUT S { id: $i, n: $n } TTL $d", makes: true},
	{text: "CREATE S { id: $i, n: $n } TTL $d", makes: true},
	{text: "EXPIRE S $i SKIP MISSING AFTER $d"},
	{text: "PUT S { id: $i, n: $n }", makes: true},
	{text: "PERSIST S $i SKIP MISSING"},
	{text: "DELETE S $i SKIP MISSING", gone: true},
	{text: "DELETE S $i SKIP MISSING", gone: true},
}

// writeCounted runs random ones of countedWrites about a document and returns when it existed.
func writeCounted(t *testing.T, e *exec.Engine, id int, stays []stay) []stay {
	w := countedWrites[rand.IntN(len(countedWrites))]
	args := map[string]any{"i": id, "n": rand.IntN(9), "d": time.Duration(1+rand.IntN(60)) * time.Millisecond}
	life := math.Inf(1)
	if strings.Contains(w.text, "$d") {
		life = float64(args["d"].(time.Duration)) / 1e6
	}
	for _, name := range []string{"n", "d"} {
		if !strings.Contains(w.text, "$"+name) {
			delete(args, name)
		}
	}
	start := clockMS()
	r, err := try(e, w.text, args)
	end := clockMS()
	if err != nil {
		if code := codeIn(err); code != lang.CodeAlreadyExists && code != lang.CodeStale {
			t.Errorf("%s: %v", w.text, err)
		}
		return stays
	}
	if n := len(stays); n > 0 {
		stays[n-1].sure[1] = min(stays[n-1].sure[1], start)
		stays[n-1].maybe[1] = min(stays[n-1].maybe[1], end)
	}
	if w.gone || !w.makes && r.affected == 0 {
		return stays
	}
	return append(stays, stay{[2]float64{end, start + life - 2}, [2]float64{start, end + life + 2}})
}

// COUNT by plain commands, beside writers that create documents with lives of milliseconds, change and delete them, gives the number of
// documents at some moment between its begin and its end, by the clock of the server.
func TestCountBesideLives(t *testing.T) {
	t.Parallel()
	url, _ := testredis.Start(t)
	must(t, open(t, url), "MODEL S { id int KEY, n int INDEX }; CREATE S { id: -1, n: 0 } TTL 1h; DELETE S -1")
	const each = 4
	var over atomic.Bool
	var wg sync.WaitGroup
	stays := make([][]stay, 2*each)
	for w := range 2 {
		e := open(t, url)
		wg.Go(func() {
			for !over.Load() {
				id := w*each + rand.IntN(each)
				stays[id] = writeCounted(t, e, id, stays[id])
				time.Sleep(rand.N(8 * time.Millisecond))
			}
		})
	}
	type look struct{ start, end, n float64 }
	var looks []look
	e := open(t, url)
	for until := time.Now().Add(1500 * time.Millisecond); time.Now().Before(until); {
		for _, text := range []string{"COUNT S", "COUNT S WHERE n >= 0"} {
			start := clockMS()
			n := number(t, e, text)
			looks = append(looks, look{start, clockMS(), float64(n)})
		}
	}
	over.Store(true)
	wg.Wait()
	exact := 0
	for _, l := range looks {
		least, most := 0.0, 0.0
		for _, list := range stays {
			sure, maybe := 0.0, 0.0
			for _, s := range list {
				if s.sure[0] <= l.start && s.sure[1] >= l.end {
					sure = 1
				}
				if s.maybe[0] <= l.end && s.maybe[1] >= l.start {
					maybe = 1
				}
			}
			least, most = least+sure, most+maybe
		}
		if least == most {
			exact++
		}
		require.True(t, least <= l.n && l.n <= most, "COUNT gave %v, and there were %v to %v documents", l.n, least, most)
	}
	_, scripts, _ := strings.Cut(e.Client().Info(ctx, "commandstats").Val(), "cmdstat_evalsha_ro:calls=")
	scripts, _, _ = strings.Cut(scripts, ",")
	n, err := strconv.Atoi(scripts)
	require.NoError(t, err)
	t.Logf("%d COUNTs, %d of them where the number is known, %d by a script", len(looks), exact, n)
	require.Positive(t, exact)
	require.Less(t, n, len(looks))
}
