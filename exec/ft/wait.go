package ft

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// State is what FT.INFO reports about a Search index.
type State struct {
	Missing  bool
	Name     string // of the first that is missing, of several
	Building bool
	Docs     int64 // number of indexed documents
	Failed   int64 // documents that could not be indexed
	Reason   string
	Key      string // one of them
}

// Info returns the command that asks about a Search index.
func Info(ctx context.Context, name string) *redis.Cmd {
	return redis.NewCmd(ctx, "ft.info", name)
}

// Infos returns the commands that ask about the Search index of a model with a name, or about those in its buckets.
func Infos(ctx context.Context, c *conn.Conn, m *ir.Model, name string) (cmds []redis.Cmder) {
	for _, name := range Names(c, m, name) {
		cmds = append(cmds, Info(ctx, name))
	}
	return cmds
}

// ReadInfos reads the replies as those about one index. missing is how many are not there.
func ReadInfos(cmds []redis.Cmder) (all State, missing int, err error) {
	for _, cmd := range cmds {
		i, err := ReadInfo(cmd.(*redis.Cmd))
		if err != nil {
			return all, missing, err
		}
		if i.Missing {
			if missing++; !all.Missing {
				all.Missing, all.Name = true, cmd.Args()[1].(string)
			}
			continue
		}
		all.Building, all.Docs, all.Failed = all.Building || i.Building, all.Docs+i.Docs, all.Failed+i.Failed
		if i.Failed > 0 || all.Reason == "" {
			all.Reason, all.Key = i.Reason, i.Key
		}
	}
	return all, missing, nil
}

// ReadInfo reads the reply to FT.INFO.
func ReadInfo(cmd *redis.Cmd) (State, error) {
	var i State
	v, err := cmd.Result()
	if err != nil {
		if i.Missing = conn.SaysMissing(err.Error()); i.Missing {
			return i, nil
		}
		return i, conn.ServerError(err, false, "")
	}
	info := pairs(v)
	i.Docs, i.Failed = number(info["num_docs"]), number(info["hash_indexing_failures"])
	i.Building = number(info["indexing"]) != 0 || number(info["backfill_in_progress"]) != 0
	errs := pairs(info["Index Errors"])
	if n := number(errs["indexing failures"]); n > i.Failed {
		i.Failed = n
	}
	i.Reason, i.Key = fmt.Sprint(errs["last indexing error"]), fmt.Sprint(errs["last indexing error key"])
	return i, nil
}

// pairs reads a map in the form of either protocol version.
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

// number reads a number in any of the forms that servers use.
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

// Polling of an index that is being built: the pauses grow, and polling stops when the number of documents has not changed for
// searchStands.
const (
	searchPause    = 2 * time.Millisecond
	searchMaxPause = 250 * time.Millisecond
	searchStands   = 2 * time.Minute
	searchSettles  = 2 * time.Second // how long the numbers of documents may differ while there are concurrent writes
)

// Await waits until a Search index contains every document. gone says that the index was dropped meanwhile. tell is called with
// the number of documents indexed so far.
func Await(ctx context.Context, c *conn.Conn, m *ir.Model, name string, tell func(docs int64, done bool)) (gone bool, err error) {
	moved, last, pause := time.Now(), int64(-1), searchPause
	for {
		if err := fail.Ended(ctx); err != nil {
			return false, err
		}
		if m.Expires { // expired documents count as listed until they are cleared away
			if err := c.ClearAway(ctx, c, m.Name); err != nil {
				return false, err
			}
		}
		listed, err := Listed(ctx, c, m)
		if err != nil {
			return false, err
		}
		infos := Infos(ctx, c, m, name)
		if err := c.Wide().Pipeline(ctx, infos); err != nil {
			return false, err
		}
		i, _, err := ReadInfos(infos)
		if err != nil || i.Missing {
			return i.Missing, err
		}
		if i.Docs+i.Failed != last {
			last, moved = i.Docs+i.Failed, time.Now()
		}
		tell(i.Docs, false)
		switch {
		case i.Building:
			if time.Since(moved) > searchStands {
				return false, fail.Errorf(lang.CodeBusy, lang.Span{}, "the Search index of %s holds %d documents and makes no progress", m.Name, i.Docs).WithHint("run the same MODEL again to continue")
			}
		case i.Failed > 0 && (m.Foreign || i.Docs < listed):
			return false, notIndexed(m, i)
		case m.Foreign || listed <= i.Docs:
			tell(i.Docs, true)
			return false, nil
		case time.Since(moved) > searchSettles:
			return false, fail.Errorf(lang.CodeBadValue, lang.Span{}, "the Search index of %s holds %d of %d documents", m.Name, i.Docs, listed).WithHint("VERIFY " + m.Name + " lists what does not fit")
		}
		if err := sleep(ctx, pause); err != nil {
			return false, err
		}
		pause = min(2*pause, searchMaxPause)
	}
}

// Listed returns the number of documents of a model in all partitions; those that have expired count.
func Listed(ctx context.Context, c *conn.Conn, m *ir.Model) (int64, error) {
	return c.Sum(ctx, m, func(k keyspace.Keys) *redis.IntCmd { return redis.NewIntCmd(ctx, "zcard", k.IDs(m)) })
}

// notIndexed returns the error for documents that Search could not index.
func notIndexed(m *ir.Model, i State) *lang.Error {
	n := strconv.FormatInt(i.Failed, 10) + " documents"
	if i.Failed == 1 {
		n = "a document"
	}
	x := fail.Errorf(lang.CodeBadValue, lang.Span{}, "%s of %s could not be indexed by Search", n, m.Name)
	if i.Key != "" && i.Key != "N/A" && i.Key != "<nil>" {
		x.Key = i.Key
		x.Message += ", such as " + lang.Quote(fail.Clip(i.Key, 60)) + ": " + fail.Clip(strings.TrimSpace(i.Reason), 120)
	}
	return x.WithHint("VERIFY " + m.Name + " lists the documents that do not fit their types; INDEXED BY NATIVE needs no Search index")
}

// sleep waits for d, or until the context ends.
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
