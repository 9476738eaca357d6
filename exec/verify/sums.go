package verify

import "hash/maphash"

// Sums show whether the index entries match the documents. One scan adds a number for each entry that a document must have;
// another subtracts one for each entry that exists. The numbers are hashes, and each goes to the sum to which its document is
// assigned. So a sum other than 0 names a few documents, and concurrent writes make only their own documents suspect.

// sumCount is the number of sums.
const sumCount = 1 << 16

// sums are the sums of one scan.
type sums []uint64

// hasher computes the hashes of one VERIFY.
type hasher struct{ seed maphash.Seed }

func newHasher() hasher { return hasher{maphash.MakeSeed()} }

// at returns the index of the sum to which a document key is assigned.
func (h hasher) at(id string) int { return int(maphash.String(h.seed, id) % sumCount) }

// entered identifies an index entry, or a value of a unique index and its holder.
type entered struct {
	index int
	text  string
	id    string
}

func (h hasher) of(e entered) uint64 { return maphash.Comparable(h.seed, e) }

// suspects returns which of the sums over all scans are not 0.
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
