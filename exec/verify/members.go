package verify

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// membersCmd returns the command that reads all members of a collection with an index over them.
func membersCmd(key string, ix *ir.Index) []any {
	if ix.Of.Type.Kind == lang.KPQueue {
		return []any{"ZRANGE", key, "0", "-1"}
	}
	return []any{"SMEMBERS", key}
}

// texts returns the strings of a reply.
func texts(list []any) []string {
	var out []string
	for _, x := range list {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// entriesOf returns the index entries of a document for the members of a collection. Members that do not fit the type have none.
func (v *verifier) entriesOf(ix *ir.Index, row []any, members []string) []string {
	id, err := codec.KeyMember(row[v.m.KeyColumn().Slot], v.m.Key.Type)
	if err != nil {
		return nil
	}
	t := *ix.Of.Type.Elem
	out := make([]string, 0, len(members))
	for _, text := range members {
		if x, err := codec.Parse(text, t); err == nil {
			if m, err := codec.Member(x, t); err == nil {
				out = append(out, m+"\x00"+id)
			}
		}
	}
	return out
}

// holdsMember adds the command that asks whether the collection of a document has the member of an index entry.
func (v *verifier) holdsMember(r *reading, ix *ir.Index, id, entry string) {
	component, _, _ := strings.Cut(entry, "\x00")
	text := ""
	if x, err := codec.ParseMember(component, *ix.Of.Type.Elem); err == nil {
		text, _ = codec.Text(x, *ix.Of.Type.Elem)
	}
	command := "SISMEMBER"
	if ix.Of.Type.Kind == lang.KPQueue {
		command = "ZSCORE"
	}
	r.add(command, v.c.Keys.Collection(v.m, ix.Of, id), text)
}
