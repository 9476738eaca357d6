package ir

// Work is what one action of ALTER MODEL does to the documents that are there.
type Work struct {
	Action string // its text
	How    How
	Fields []*Field // new ones, whose DEFAULT every document gets
	// Indexes and Uniques, of Define.Added, are those that every document is entered in.
	Indexes, Uniques []*Index
	Tests            []*Check // that the documents are asked for
	Empty            bool     // it is possible only without documents
	Convert          *Field   // the hidden field of Define.Added that is computed; nil: none is
	Drop             *Field   // of Define.Was, that is removed; nil: none is
	// Gone and GoneUniques, of Define.Was, are those whose keys are deleted.
	Gone, GoneUniques []*Index
}

// How says what happens to the documents. The greatest of several counts.
type How uint8

// What happens to documents.
const (
	HowCatalog How = iota // nothing: the definition changes
	HowRemove             // what they have of a field is removed
	HowTest               // they are read
	HowFill               // they get values, or entries in indexes
	HowConvert            // they get values in another form, and lose those before
)

// String is the word that DRY RUN shows.
func (h How) String() string {
	return [...]string{HowCatalog: "catalog", HowRemove: "remove", HowTest: "test", HowFill: "fill", HowConvert: "convert"}[h]
}

// JobColumns are the columns of SHOW JOBS.
func JobColumns() []string { return []string{"model", "work", "done", "of", "rate", "left"} }

// DryRunColumns are the columns of ALTER … DRY RUN.
func DryRunColumns() []string {
	return []string{"action", "how", "documents", "entries", "bytes", "seconds", "problem", "failing", "keys"}
}
