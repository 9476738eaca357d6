package exec

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// searchInfo is what FT.INFO says of a Search index.
type searchInfo struct {
	missing  bool
	building bool
	docs     int64 // documents that it holds
	failed   int64 // documents that could not be indexed
	reason   string
	key      string // one of them
}

// infoSearch is the command that asks for a Search index.
func infoSearch(ctx context.Context, name string) *redis.Cmd {
	return redis.NewCmd(ctx, "ft.info", name)
}

// readInfo reads the answer to FT.INFO.
func readInfo(cmd *redis.Cmd) (searchInfo, error) {
	var i searchInfo
	v, err := cmd.Result()
	if err != nil {
		if i.missing = conn.SaysMissing(err.Error()); i.missing {
			return i, nil
		}
		return i, conn.ServerError(err, false, "")
	}
	info := pairs(v)
	i.docs, i.failed = number(info["num_docs"]), number(info["hash_indexing_failures"])
	i.building = number(info["indexing"]) != 0 || number(info["backfill_in_progress"]) != 0
	errs := pairs(info["Index Errors"])
	if n := number(errs["indexing failures"]); n > i.failed {
		i.failed = n
	}
	i.reason, i.key = fmt.Sprint(errs["last indexing error"]), fmt.Sprint(errs["last indexing error key"])
	return i, nil
}

// pairs reads a map as either version of the protocol gives it.
func pairs(v any) map[string]any {
	out := map[string]any{}
	switch v := v.(type) {
	case []any:
		for i := 0; i+1 < len(v); i += 2 {
			out[fmt.Sprint(v[i])] = v[i+1]
		}
	case map[any]any:
		for k, x := range v {
			out[fmt.Sprint(k)] = x
		}
	}
	return out
}

// number reads a number in any of the forms that servers give it.
func number(v any) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case float64:
		return int64(v)
	case string:
		f, _ := strconv.ParseFloat(v, 64)
		return int64(f)
	}
	return 0
}

// Polling of an index that is being built: ever longer pauses, and an end when
// it holds no more documents for so long.
const (
	searchPause    = 2 * time.Millisecond
	searchMaxPause = 250 * time.Millisecond
	searchStands   = 2 * time.Minute
	searchSettles  = 2 * time.Second // how long the numbers of documents may differ while others write
)

// awaitSearch waits until a Search index holds every document. gone: somebody dropped it meanwhile.
func (r *runner) awaitSearch(ctx context.Context, m *ir.Model, name string) (gone bool, err error) {
	e := r.s.e
	name = e.conn.Keys.Prefix + name
	moved, last, pause := time.Now(), int64(-1), searchPause
	for {
		if err := fail.Ended(ctx); err != nil {
			return false, err
		}
		if m.Expires { // what is gone counts as listed until then
			if err := e.clearAway(ctx, m); err != nil {
				return false, err
			}
		}
		info, listed := infoSearch(ctx, name), redis.NewIntCmd(ctx, "zcard", e.conn.Keys.IDs(m))
		if err := e.conn.Pipeline(ctx, []redis.Cmder{listed, info}); err != nil {
			return false, err
		}
		i, err := readInfo(info)
		if err != nil || i.missing {
			return i.missing, err
		}
		if i.docs+i.failed != last {
			last, moved = i.docs+i.failed, time.Now()
		}
		r.searchProgress(m, i.docs, false)
		switch {
		case i.building:
			if time.Since(moved) > searchStands {
				return false, fail.Errorf(lang.CodeBusy, lang.Span{}, "the Search index of %s holds %d documents and gets no further", m.Name, i.docs).WithHint("the same MODEL again goes on")
			}
		case i.failed > 0 && (m.Foreign || i.docs < listed.Val()):
			return false, notIndexed(m, i)
		case m.Foreign || listed.Val() <= i.docs:
			r.searchProgress(m, i.docs, true)
			return false, nil
		case time.Since(moved) > searchSettles:
			return false, fail.Errorf(lang.CodeBadValue, lang.Span{}, "the Search index of %s holds %d of %d documents", m.Name, i.docs, listed.Val()).WithHint("VERIFY " + m.Name + " lists what does not fit")
		}
		if err := sleep(ctx, pause); err != nil {
			return false, err
		}
		pause = min(2*pause, searchMaxPause)
	}
}

// notIndexed is the error of documents that Search could not index.
func notIndexed(m *ir.Model, i searchInfo) *fail.Error {
	n := strconv.FormatInt(i.failed, 10) + " documents"
	if i.failed == 1 {
		n = "a document"
	}
	x := fail.Errorf(lang.CodeBadValue, lang.Span{}, "%s of %s could not be indexed by Search", n, m.Name)
	if i.key != "" && i.key != "N/A" && i.key != "<nil>" {
		x.Key = i.key
		x.Message += ", such as " + lang.Quote(fail.Clip(i.key, 60)) + ": " + fail.Clip(strings.TrimSpace(i.reason), 120)
	}
	return x.WithHint("VERIFY " + m.Name + " lists the documents that do not fit their types; INDEXED BY NATIVE needs no Search index")
}

func (r *runner) searchProgress(m *ir.Model, docs int64, done bool) {
	if f := r.s.o.Progress; f != nil {
		f(Progress{What: "Search index of " + m.Name, Rows: docs, Done: done})
	}
}

// sleep waits, or until the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fail.Ended(ctx)
	}
}
