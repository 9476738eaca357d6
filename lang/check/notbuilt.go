package check

import "github.com/rql-lang/rql/lang"

// feature is a part of the language that parses but is not built yet.
type feature int

const (
	featTTL feature = iota
	featAlter
	featOnDelete
	featCascadeTTL
	featPartition
	featExport
	featDown
	features // how many
)

// notBuiltNames has the name of each feature as messages show it. To build one,
// delete its line here, and its uses with the compiler's help.
var notBuiltNames = [features]string{
	featTTL:        "TTL, EXPIRE and PERSIST",
	featAlter:      "ALTER MODEL",
	featOnDelete:   "ON DELETE",
	featCascadeTTL: "CASCADE TTL",
	featPartition:  "PARTITION BY",
	featExport:     "EXPORT",
	featDown:       "DOWN",
}

// NotBuilt lists the parts of the language that the checker still refuses with
// the code not-built.
func NotBuilt() []string { return append([]string(nil), notBuiltNames[:]...) }

// notBuilt refuses a feature.
func (c *checker) notBuilt(f feature, sp lang.Span) {
	c.errorf(lang.CodeNotBuilt, sp, "not built yet: %s", notBuiltNames[f])
}
