package report

import (
	"github.com/rql-lang/rql/lang"
)

// Feature is a part of the language that parses but is not built yet.
type Feature int

const (
	FeatRename Feature = iota
	FeatDryRun
	FeatOnDeleteCollection
	FeatPartition
	features // how many
)

// notBuiltNames has the name of each feature as messages show it. To build one,
// delete its line here, and its uses with the compiler's help.
var notBuiltNames = [features]string{
	FeatRename:             "ALTER MODEL … RENAME TO",
	FeatDryRun:             "ALTER MODEL … DRY RUN",
	FeatOnDeleteCollection: "ON DELETE of a set or a pqueue",
	FeatPartition:          "PARTITION BY",
}

// NotBuiltNames lists the parts of the language that are still refused with the
// code not-built.
func NotBuiltNames() []string { return append([]string(nil), notBuiltNames[:]...) }

// NotBuilt refuses a feature.
func (c *Reporter) NotBuilt(f Feature, sp lang.Span) {
	c.Errorf(lang.CodeNotBuilt, sp, "not built yet: %s", notBuiltNames[f])
}
