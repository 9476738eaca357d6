package catalog

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Definition is a model as the catalog holds it.
type Definition struct {
	Def      string   `json:"def"`                // canonical MODEL statement
	Building []string `json:"building,omitempty"` // "ix:age", "uq:email", "f:level", "ck:age:age >= 0", "ref:team", "ft": not in all documents yet
	// Changing is the ALTER MODEL that is storing values of fields in another form.
	Changing string   `json:"changing,omitempty"`
	Dropping []string `json:"dropping,omitempty"` // places and collections (named with "rql:c:" in front) that documents may still have
	Was      string   `json:"was,omitempty"`      // with Building or Dropping: the last definition that was whole
	// WasPlaces are the Places of Was: a conversion moves fields, and the statement that is given again is compared with what it made.
	WasPlaces map[string]string `json:"wasPlaces,omitempty"`
	Past      []string          `json:"past,omitempty"` // hashes of those before it
	// Places are the names that fields are stored under where these are not their own. Aliases are earlier names of fields, by which
	// programs may still ask for them, and Renamed those by which they may not.
	Places  map[string]string `json:"places,omitempty"`
	Aliases map[string]string `json:"aliases,omitempty"`
	Renamed map[string]string `json:"renamed,omitempty"`
	// Search is the Search index in use; with the number 0 none was made, because documents did not fit.
	Search *Search `json:"search,omitempty"`
	// Expires: documents may have ends. Shadow are the columns that the shadow of such a document keeps, in their order.
	Expires bool     `json:"expires,omitempty"`
	Shadow  []string `json:"shadow,omitempty"`
	// Touch names models to whose documents this one begins to refer with ON DELETE: they get new versions with it, so that
	// everybody who deletes their documents plans again and knows.
	Touch []string `json:"-"`
}

// Search is what the catalog says of the Search index that plans use.
type Search struct {
	N      int64    `json:"n"`      // the number at the end of its name
	Fields []string `json:"fields"` // what FT.CREATE was told of each attribute
}

// MarkKeys stands among what a definition is still building while the documents
// that were there before the model are entered in the set of its keys.
const MarkKeys = "ids"

// MarkSearch is the Building mark of a Search index that is being made. It has
// the number of the version that the mark was entered with, which is never used again.
const MarkSearch = "ft"

// MarkIndex is the Building mark of an index.
func MarkIndex(ix *ir.Index) string { return "ix:" + ix.Name }

// MarkUnique is the Building mark of unique values.
func MarkUnique(ix *ir.Index) string { return "uq:" + ix.Name }

// MarkField is the Building mark of a field whose default is being written.
func MarkField(f *ir.Field) string { return "f:" + f.Name }

// MarkConvert is the Building mark of a hidden field whose values are being computed.
func MarkConvert(f *ir.Field) string { return "cv:" + f.Name }

// complete reports a definition that nothing has to be done for any more.
func (d *Definition) complete() bool { return len(d.Building)+len(d.Dropping) == 0 }

// collectionMark is in front of a collection among what documents may still have.
const collectionMark = "rql:c:"

// Drops lists what documents may still have of fields that their model loses.
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

// NewDefinition is the definition of a model as it becomes from what it was, or nil: the mark that documents may have
// ends stays, and the list of what shadows keep only grows.
func NewDefinition(was, now *ir.Model, search *Search) *Definition {
	d := &Definition{Def: now.Def, Search: search, Expires: now.TTL > 0 || was != nil && was.Expires}
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

// storedProcedure is a procedure as the catalog holds it.
type storedProcedure struct {
	Def string `json:"def"` // canonical PROCEDURE statement
}
