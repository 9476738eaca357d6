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
	patterns patternCache
}

// NewBinder makes a binder for the keys and the server of a connection.
func NewBinder(keys keyspace.Keys, caps planner.Caps) *Binder {
	return &Binder{keys: keys, caps: caps}
}

// Call is a script with the arguments of one run, and what it is bound to give.
type Call struct {
	script.Args
	Made rows.Source // rows of the documents that are written; nil where none are returned
}

// fixed is what the arguments of a plan's script are in every run: the command,
// the sum, the keys known beforehand, the prefix, the catalog's versions.
type fixed struct {
	schema *ir.Schema // whose versions they are
	args   []any
}

// The ends of a set of members. No member is below the empty string or begins
// with the byte ff, which UTF-8 does not have; unlike - and + they may change places when a walk goes backwards.
const (
	Lowest  = "["
	Highest = "(\xff"
)

// patternCache keeps the tables of patterns, which cost more to make than to send.
type patternCache struct {
	mu sync.Mutex
	m  map[string]string
}

// table is the table of a pattern; null gives "", which matches nothing.
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
