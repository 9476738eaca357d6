package exec

import (
	"crypto/sha1"
	"encoding/hex"

	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

// blockSum tells a block from another one under the same key.
func (r *runner) blockSum(step *planner.BlockStep) string {
	o := step.Once.X
	if o.In != nil {
		sum := sha1.Sum([]byte(o.In.Def))
		return hex.EncodeToString(sum[:])
	}
	return parser.Sum(r.src.Slice(respan(r.c.c.src, r.src, o.Body)))
}
