package catalog

import (
	"slices"

	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Definition is the stored definition of a model.
type Definition struct {
	Def string `json:"def"` // canonical MODEL statement
	ir.Names
	// Partitioned says that the model has PARTITION BY. The catalog then has another format.
	Partitioned bool `json:"partitioned,omitempty"`
	// Buckets is the number of buckets, if the model has PARTITION BY and there are several. So the version, which has a hash of the
	// definition, is never the same for another number.
	Buckets int `json:"buckets,omitempty"`
	// Leaving says that a DROP MODEL is finding out whether the model has documents in any bucket. No statement can use it meanwhile.
	Leaving  bool     `json:"leaving,omitempty"`
	Building []string `json:"building,omitempty"` // not yet in all documents: "ix:age", "uq:email", "f:level", "ck:age:age >= 0", "ref:team", "ft"
	// Changing is the ALTER MODEL that is converting the stored values of fields.
	Changing string `json:"changing,omitempty"`
	// Dropping are the names of stored fields and collections (the latter prefixed with "rql:c:") that documents may still have, and of indexes
	// (prefixed with "rql:ix:" or "rql:uq:") of which partitions may still have keys.
	Dropping []string `json:"dropping,omitempty"`
	Was      string   `json:"was,omitempty"` // with Building or Dropping: the last complete definition
	// WasPlaces are the Places of Was. A conversion moves fields, and a repeated statement is compared with the result of the
	// first one.
	WasPlaces map[string]string `json:"wasPlaces,omitempty"`
	Past      []string          `json:"past,omitempty"` // hashes of earlier definitions
	// Places are the stored names of fields, where they differ from the field's name. Aliases are earlier names of fields that
	// programs may still use; Renamed are those that they may no longer use.
	Places  map[string]string `json:"places,omitempty"`
	Aliases map[string]string `json:"aliases,omitempty"`
	Renamed map[string]string `json:"renamed,omitempty"`
	// Search is the Search index in use. Number 0 means that none was created, because some documents do not fit.
	Search *Search `json:"search,omitempty"`
	// Expires says that documents may expire. Shadow lists the columns that are copied to the shadow of such a document, in
	// order.
	Expires bool     `json:"expires,omitempty"`
	Shadow  []string `json:"shadow,omitempty"`
	// Touch names the models that this one newly references with ON DELETE. They get new versions together with it, so that
	// statements that delete their documents are planned again.
	Touch []string `json:"-"`
	// Reads names the other models for which the definition was checked: it is stored only if they are still the same.
	Reads []string `json:"-"`
	// Empty is the error if the model has documents: it is stored only while there are none. nil: they do not matter.
	Empty error `json:"-"`
	// Alone says that it is stored only if no definition has changed since the catalog was last read as a whole: others may have
	// begun to use what it takes away.
	Alone bool `json:"-"`
}

// Search describes in the catalog the Search index that plans use.
type Search struct {
	N      int64    `json:"n"`      // the number at the end of its name
	Fields []string `json:"fields"` // the arguments of FT.CREATE for each attribute
}

// MarkKeys is the Building mark while documents that existed before the model are added to the set of its keys.
const MarkKeys = "ids"

// MarkSearch is the Building mark of a Search index that is being created. The index has the number of the version that added the
// mark, which is never used again.
const MarkSearch = "ft"

// MarkIndex returns the Building mark of an index.
func MarkIndex(ix *ir.Index) string { return "ix:" + ix.Name }

// MarkUnique returns the Building mark of a unique index.
func MarkUnique(ix *ir.Index) string { return "uq:" + ix.Name }

// MarkField returns the Building mark of a field whose default is being written.
func MarkField(f *ir.Field) string { return "f:" + f.Name }

// MarkConvert returns the Building mark of a hidden field whose values are being computed.
func MarkConvert(f *ir.Field) string { return "cv:" + f.Name }

// complete reports whether the definition has no unfinished work.
func (d *Definition) complete() bool { return len(d.Building)+len(d.Dropping) == 0 }

// collectionMark is the prefix of collections in Dropping.
const collectionMark = "rql:c:"

// DropsOf lists the indexes of which the partitions, or buckets, of a model that loses them have keys.
func DropsOf(indexes, uniques []*ir.Index) []string {
	var out []string
	for _, ix := range indexes {
		out = append(out, keyspace.IndexMark+ix.Place())
	}
	for _, ix := range uniques {
		out = append(out, keyspace.UniqueMark+ix.Place())
		if ix.Global {
			out = append(out, keyspace.GlobalMark+ix.Place())
		}
	}
	return out
}

// Drops lists what documents may still store of fields that their model loses.
func Drops(m *ir.Model, fields []*ir.Field) []string {
	var out []string
	for _, f := range fields {
		switch {
		case f.Collection():
			out = append(out, collectionMark+f.Place())
		case m.JSON:
			out = append(out, f.Place())
		default:
			out = append(out, ir.PlaceNames(f.Columns)...)
		}
	}
	return out
}

// NewDefinition returns the definition for a changed model; was is nil for a new one. The mark that documents may expire is kept,
// and the list of shadow columns only grows.
func NewDefinition(was, now *ir.Model, search *Search) *Definition {
	d := &Definition{Def: now.Def, Names: now.Names, Partitioned: now.Part != nil, Reads: now.Others(), Search: search, Expires: now.TTL > 0 || was != nil && was.Expires}
	d.Alone = was != nil && now.Foreign && !was.Foreign // no backlink can use its indexes any more
	for _, t := range now.Targets() {
		if t != now.Name && (was == nil || !slices.Contains(was.Targets(), t)) {
			d.Touch = append(d.Touch, t)
		}
	}
	if now.Change != nil {
		d.Changing = lang.Print(now.Change)
	}
	d.Places, d.Aliases, d.Renamed = now.Places(), now.Aliases, now.Renamed
	if !d.Expires {
		return d
	}
	if was != nil {
		d.Shadow = slices.Clone(was.Kept)
	}
	for _, name := range ir.PlaceNames(ir.ShadowOf(now)) {
		if !slices.Contains(d.Shadow, name) {
			d.Shadow = append(d.Shadow, name)
		}
	}
	return d
}

// storedProcedure is the stored definition of a procedure.
type storedProcedure struct {
	Def string `json:"def"` // canonical PROCEDURE statement
}
