package verify

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// searchTries is how often to compare the number of documents in a Search index with the number listed.
const searchTries = 5

// Search returns the problems of a model's Search index. They are those of the definition that m is. over is the number of listed
// documents, in all partitions, that have expired.
func Search(ctx context.Context, c *conn.Conn, m *ir.Model, over int) ([]Finding, error) {
	v := (&verifier{c: c, ctx: ctx, m: m, over: over}).walk()
	err := v.search()
	return v.list, err
}

// search checks that the Search index of the model exists, is complete, and is the only one.
func (v *verifier) search() error {
	ix := v.m.Search
	if !v.c.Caps.Search {
		if ix != nil {
			v.found(v.c.Keys.Prefix+ix.Name, "the catalog names a Search index, but the server has no Search that this user may use", false)
		}
		return nil
	}
	keep, next := ft.NumberOf(v.m.Version)+1, ""
	if ix != nil {
		keep, next = ft.NumberIn(ix.Name), ix.Next
	}
	names, err := ft.Listing(v.ctx, v.c, v.m)
	if err != nil {
		return err
	}
	for _, name := range ft.Idle(v.c.Keys, names, v.m.StoredName(), keep) {
		v.found(name, "a Search index that nothing uses: run the same MODEL again to drop it", false)
	}
	if next != "" {
		v.found(v.c.Keys.Prefix+next, "the Search index is still being built: run the same MODEL again to continue", false)
	}
	if ix == nil {
		return nil
	}
	listed, err := ft.Listed(v.ctx, v.c, v.m)
	if err != nil {
		return err
	}
	infos := ft.Infos(v.ctx, v.c, v.m, ix.Name)
	if err := v.c.Wide().Pipeline(v.ctx, infos); err != nil {
		return err
	}
	i, missing, err := ft.ReadInfos(infos)
	if err != nil {
		return err
	}
	documents := listed - int64(v.over)
	for try := 0; try < searchTries && !i.Missing && !v.m.Foreign && i.Docs < documents; try++ {
		if i, documents, err = v.counted(ix); err != nil {
			return err
		}
	}
	name, again := v.c.Keys.Prefix+ix.Name, ": run the same MODEL again to rebuild it"
	switch {
	case ix.Building || i.Building:
		v.found(name, "the Search index is still being built: run the same MODEL again to continue", false)
	case missing > 1:
		v.found(i.Name, "the Search index is not there, nor are those of "+strconv.Itoa(missing-1)+" other buckets"+again, false)
	case i.Missing:
		v.found(i.Name, "the Search index is not there"+again, false)
	case v.m.Foreign && i.Failed > 0, !v.m.Foreign && i.Docs < documents:
		v.found(name, v.uncounted(i, documents), false)
	}
	return nil
}

// counted returns the state of a Search index, and the number of documents that it should hold: those that are listed and have not
// expired by then. A document may be written between the two.
func (v *verifier) counted(ix *ir.SearchIndex) (ft.State, int64, error) {
	infos, now := ft.Infos(v.ctx, v.c, v.m, ix.Name), redis.NewTimeCmd(v.ctx, "time")
	listed, err := v.beside(append(slices.Clip(infos), now)...)
	if err != nil {
		return ft.State{}, 0, err
	}
	until := strconv.FormatInt(now.Val().UnixMilli(), 10)
	due, err := v.c.Sum(v.ctx, v.m, func(k keyspace.Keys) *redis.IntCmd {
		return redis.NewIntCmd(v.ctx, "zcount", k.Ends(v.m), "-inf", until)
	})
	if err != nil {
		return ft.State{}, 0, err
	}
	i, _, err := ft.ReadInfos(infos)
	return i, listed - max(int64(v.over), due), err
}

// beside returns the number of documents that are listed, as near to other commands as possible, since documents are written meanwhile: in
// the same round trip or, where they are listed in several sets, the less of before and after.
func (v *verifier) beside(cmds ...redis.Cmder) (int64, error) {
	if !v.c.Keys.Divides(v.m) {
		listed := redis.NewIntCmd(v.ctx, "zcard", v.c.Keys.IDs(v.m))
		err := v.c.Pipeline(v.ctx, append([]redis.Cmder{listed}, cmds...))
		return listed.Val(), err
	}
	before, err := ft.Listed(v.ctx, v.c, v.m)
	if err != nil {
		return 0, err
	}
	if err := v.c.Wide().Pipeline(v.ctx, cmds); err != nil {
		return 0, err
	}
	after, err := ft.Listed(v.ctx, v.c, v.m)
	return min(before, after), err
}

// uncounted says how many documents a Search index lacks, and why.
func (v *verifier) uncounted(i ft.State, listed int64) string {
	text := "the Search index holds " + strconv.FormatInt(i.Docs, 10) + " of " + strconv.FormatInt(listed, 10) + " documents"
	if v.m.Foreign {
		text = strconv.FormatInt(i.Failed, 10) + " documents could not be indexed by Search"
	}
	if i.Failed > 0 && i.Key != "" && i.Key != "N/A" {
		text += ", such as " + lang.Quote(fail.Clip(i.Key, 60)) + ": " + fail.Clip(strings.TrimSpace(i.Reason), 120)
	}
	return text
}
