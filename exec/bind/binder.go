package bind

import (
	"sync"

	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/fulltext"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// Binder computes the arguments of plans for one database.
type Binder struct {
	keys     keyspace.Keys
	caps     planner.Caps
	patterns *patternCache
}

// NewBinder returns a binder for the keys and capabilities of a connection.
func NewBinder(keys keyspace.Keys, caps planner.Caps) *Binder {
	return &Binder{keys: keys, caps: caps, patterns: &patternCache{}}
}

// In returns the binder of a partition.
func (x *Binder) In(keys keyspace.Keys) *Binder {
	return &Binder{keys: keys, caps: x.caps, patterns: x.patterns}
}

// Call is a script with the arguments of one run, and the rows that binding them produced.
type Call struct {
	script.Args
	Made rows.Source // rows of the documents to write; nil if the statement returns none
	Key  any         // of the new document, if its DEFAULT was computed to know the partition; else nil
	Docs []Given     // documents to write in place of those of the statement; nil: those
	// Globals are the values of UNIQUEs GLOBAL of the documents to write.
	Globals []Global
	Bytes   int // approximate size of the documents to write
}

// Global is a value of a UNIQUE GLOBAL of a document.
type Global struct {
	Model      *ir.Model
	Unique     int // its place among the UNIQUEs
	Key, Value string
}

// fixed holds the arguments that are the same in every run: the command, the script's SHA1, the known keys, the prefix, and the
// catalog versions.
type fixed struct {
	schema *ir.Schema    // the schema with these versions
	keys   keyspace.Keys // that they have
	args   []any
}

// The ends of a sorted set. No member is below the empty string or begins with the byte ff, which is not valid in UTF-8. Unlike -
// and +, they can be swapped for a reverse scan.
const (
	Lowest  = "["
	Highest = "(\xff"
)

// patternCache caches the tables of patterns, which take longer to compute than to send.
type patternCache struct {
	mu sync.Mutex
	m  map[string]string
}

// table returns the table of a pattern; null gives "", which matches nothing.
func (c *patternCache) table(op string, v any) (string, error) {
	text, ok := v.(string)
	if !ok {
		return "", nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.m[op+"\x00"+text]; ok {
		return t, nil
	}
	var t string
	if lang.Op(op) == lang.OpSearch {
		t = fulltext.Parse(text).Table()
	} else {
		p, err := eval.CompilePattern(lang.Op(op), text)
		if err != nil {
			return "", err
		}
		t = p.Table()
	}
	if c.m == nil || len(c.m) >= 256 {
		c.m = map[string]string{}
	}
	c.m[op+"\x00"+text] = t
	return t, nil
}
