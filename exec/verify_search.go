package exec

import (
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// search asks that the Search index of the model is there, is whole, and is the only one.
func (v *verifier) search() error {
	ix := v.m.Search
	if !v.e.conn.Caps.Search {
		if ix != nil {
			v.problem(v.e.conn.Keys.Prefix+ix.Name, "the catalog names a Search index, and the server has no Search that this user may ask")
		}
		return nil
	}
	list, listed := v.e.listSearch(v.ctx), redis.NewIntCmd(v.ctx, "zcard", v.e.conn.Keys.IDs(v.m))
	cmds := []redis.Cmder{list, listed}
	var info *redis.Cmd
	keep, next := numberOf(v.m.Version)+1, ""
	if ix != nil {
		info = infoSearch(v.ctx, v.e.conn.Keys.Prefix+ix.Name)
		cmds, keep, next = append(cmds, info), numberIn(ix.Name), ix.Next
	}
	if err := v.e.conn.Pipeline(v.ctx, cmds); err != nil {
		return err
	}
	for _, name := range v.e.idle(list.Val(), v.m.Name, keep) {
		v.problem(name, "a Search index that nothing uses: the same MODEL again drops it")
	}
	if next != "" {
		v.problem(v.e.conn.Keys.Prefix+next, "the Search index is still being built: the same MODEL again goes on")
	}
	if info == nil {
		return nil
	}
	i, err := readInfo(info)
	if err != nil {
		return err
	}
	documents := listed.Val() - int64(len(v.over))
	name, again := v.e.conn.Keys.Prefix+ix.Name, ": the same MODEL again makes it anew"
	switch {
	case ix.Building || i.building:
		v.problem(name, "the Search index is still being built: the same MODEL again goes on")
	case i.missing:
		v.problem(name, "the Search index is not there"+again)
	case v.m.Foreign && i.failed > 0, i.docs < documents:
		v.problem(name, v.uncounted(i, documents))
	}
	return nil
}

// uncounted says how many documents a Search index lacks, and why.
func (v *verifier) uncounted(i searchInfo, listed int64) string {
	text := "the Search index holds " + strconv.FormatInt(i.docs, 10) + " of " + strconv.FormatInt(listed, 10) + " documents"
	if v.m.Foreign {
		text = strconv.FormatInt(i.failed, 10) + " documents could not be indexed by Search"
	}
	if i.failed > 0 && i.key != "" && i.key != "N/A" {
		text += ", such as " + lang.Quote(fail.Clip(i.key, 60)) + ": " + fail.Clip(strings.TrimSpace(i.reason), 120)
	}
	return text
}
