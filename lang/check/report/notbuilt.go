package report

import (
	"github.com/rql-lang/rql/lang"
)

// Feature is a part of the language that is parsed but not yet built.
type Feature int

const (
	FeatPartitionBacklink Feature = iota
	features                      // number of features
)

// notBuiltNames has the name of each feature for messages. To build one, delete its line here; the compiler finds its uses.
var notBuiltNames = [features]string{
	FeatPartitionBacklink: "refs<…> to documents that are not in the same partition",
}

// NotBuiltNames returns the parts of the language that are still rejected with the code not-built.
func NotBuiltNames() []string { return append([]string(nil), notBuiltNames[:]...) }

// NotBuilt rejects a feature.
func (c *Reporter) NotBuilt(f Feature, sp lang.Span) *lang.Diag {
	return c.Errorf(lang.CodeNotBuilt, sp, "not built yet: %s", notBuiltNames[f])
}
