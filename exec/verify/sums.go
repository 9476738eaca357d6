package verify

import "hash/maphash"

// Whether the entries of all documents are those that there are is compared by sums: one walk adds a number for each
// entry that a document has to have, another takes away one for each that there is. The numbers are hashes, and each is
// added to the sum of the document that it belongs to, so a sum that is not 0 names a few documents, and whoever
// writes meanwhile makes only these suspect.

// sumCount is how many sums there are.
const sumCount = 1 << 16

// sums are those of one walk.
type sums []uint64

// hasher makes the numbers of one VERIFY.
type hasher struct{ seed maphash.Seed }

func newHasher() hasher { return hasher{maphash.MakeSeed()} }

// at is the sum that the document of a key belongs to.
func (h hasher) at(id string) int { return int(maphash.String(h.seed, id) % sumCount) }

// entry is what identifies an entry of an index, or a value of a unique constraint and its holder.
type entered struct {
	index int
	text  string
	id    string
}

func (h hasher) of(e entered) uint64 { return maphash.Comparable(h.seed, e) }

// suspects are the sums that are not 0 when those of all walks are added.
func suspects(all []sums) (out []bool, any bool) {
	for i := range sumCount {
		n := uint64(0)
		for _, s := range all {
			n += s[i]
		}
		if n != 0 {
			if out == nil {
				out = make([]bool, sumCount)
			}
			out[i], any = true, true
		}
	}
	return out, any
}
