package keyspace

import (
	"math/bits"
	"strconv"
	"strings"
	"sync/atomic"
)

// The partitions of a namespace in braces lie in buckets, whose keys have hash tags of their own: {shop.176eq} is bucket 176 of {shop}.
// Their number is one for the namespace. The catalog has it, so it is set when that is read.

// DefaultBuckets is the number of buckets of a namespace in braces, unless another is asked for. MaxBuckets is the greatest.
const (
	DefaultBuckets = 256
	MaxBuckets     = slots
)

// IsBuckets reports whether a namespace can have n buckets: a power of two.
func IsBuckets(n int) bool { return n >= 1 && n <= MaxBuckets && bits.OnesCount(uint(n)) == 1 }

// spread is a namespace in braces. What its keys have in front of the text in the braces, the text, and what they have behind it.
type spread struct {
	before, name, after string
	layout              atomic.Pointer[layout]
}

// layout are the prefixes of so many buckets, which are computed when they are first used.
type layout struct{ prefixes []atomic.Pointer[string] }

// spreadOf returns how the keys of a namespace are spread; nil if it is not in braces, and all its keys begin alike.
func spreadOf(ns string) *spread {
	before, rest, braced := strings.Cut(ns, "{")
	name, after, closed := strings.Cut(rest, "}")
	if !braced || !closed || name == "" {
		return nil
	}
	s := &spread{before: before + "{", name: name, after: "}" + after + ":"}
	s.divide(DefaultBuckets)
	return s
}

// divide sets the number of buckets.
func (s *spread) divide(n int) {
	if l := s.layout.Load(); l == nil || len(l.prefixes) != n {
		s.layout.Store(&layout{make([]atomic.Pointer[string], n)})
	}
}

// prefix returns what the keys of bucket i of n begin with.
func (s *spread) prefix(l *layout, i int) string {
	if p := l.prefixes[i].Load(); p != nil {
		return *p
	}
	p := s.before + Tag(s.name, i, len(l.prefixes)) + s.after
	l.prefixes[i].Store(&p)
	return p
}

// Tag returns the text in the braces of bucket i of n of a namespace: its name, a dot, the number, and the first letters that bring its
// slot into part i of n equal parts of the slots. So the buckets are spread evenly over nodes with equal shares.
func Tag(name string, i, n int) string {
	start := name + "." + strconv.Itoa(i)
	sum, per := crc(0, start), slots/n
	var letters [8]byte
	for size := 1; ; size++ {
		if found := search(sum, letters[:0], size, i*per, per); found != nil {
			return start + string(found)
		}
	}
}

// search returns the first text of so many letters with which the slot is one of n from low on; nil if there is none.
func search(sum uint16, text []byte, more, low, n int) []byte {
	if more == 0 {
		if at := int(sum)%slots - low; at >= 0 && at < n {
			return text
		}
		return nil
	}
	for c := byte('a'); c <= 'z'; c++ {
		if found := search(sum<<8^crcs[byte(sum>>8)^c], append(text, c), more-1, low, n); found != nil {
			return found
		}
	}
	return nil
}

// IsTag reports whether the text in the braces of a namespace looks like that of a bucket of another: shop.176eq.
func IsTag(name string) bool {
	rest := strings.TrimRight(name, "abcdefghijklmnopqrstuvwxyz")
	start := strings.TrimRight(rest, "0123456789")
	return rest != name && start != rest && len(start) > 1 && strings.HasSuffix(start, ".")
}

// Braced returns the text in the braces of a namespace; "" if it has none.
func Braced(ns string) string {
	if s := spreadOf(ns); s != nil {
		return s.name
	}
	return ""
}

// Divide sets the number of buckets of the namespace, for all its keys.
func (k Keys) Divide(n int) {
	if k.spread != nil {
		k.spread.divide(n)
	}
}

// Spreads reports whether the namespace is in braces, so that it may have several buckets.
func (k Keys) Spreads() bool { return k.spread != nil }

// Buckets returns the number of buckets. The only one has the keys of the namespace itself.
func (k Keys) Buckets() int {
	if k.spread == nil {
		return 1
	}
	return len(k.spread.layout.Load().prefixes)
}

// Bucket returns the keys of bucket i, of no partition.
func (k Keys) Bucket(i int) Keys {
	k.Cell = ""
	return k.in(i)
}

// in returns the keys in bucket i.
func (k Keys) in(i int) Keys {
	if k.spread == nil {
		return k
	}
	k.bucket = 0
	l := k.spread.layout.Load()
	if len(l.prefixes) == 1 {
		k.Prefix = k.spread.before + k.spread.name + k.spread.after
		return k
	}
	k.Prefix, k.bucket = k.spread.prefix(l, i%len(l.prefixes)), i+1
	return k
}

// Home returns the keys of the namespace itself.
func (k Keys) Home() Keys {
	if k.bucket > 0 {
		k.Prefix, k.bucket = k.spread.before+k.spread.name+k.spread.after, 0
	}
	k.Cell = ""
	return k
}

// Holding returns the keys of the bucket to which the name of a key belongs, or those of the namespace itself.
func (k Keys) Holding(name string) Keys {
	if b, ok := k.BucketAt(name); ok {
		return b
	}
	return k.Home()
}

// InBucket returns the number of the bucket whose keys they are; false if they are those of the namespace itself.
func (k Keys) InBucket() (int, bool) { return k.bucket - 1, k.bucket > 0 }

// Whole reports whether they are the keys of no partition and no bucket.
func (k Keys) Whole() bool { return k.Cell == "" && k.bucket == 0 }

// BucketOf returns the number of the bucket of a partition: the slot of its text, as it is in names of keys, in that many equal parts of
// the slots.
func BucketOf(cell string, n int) int {
	return slot(cell) >> (slotBits - bits.TrailingZeros(uint(n)))
}

// BucketsPattern returns the SCAN pattern for the names of all keys in buckets.
func (k Keys) BucketsPattern() string {
	s := k.spread
	return Escape(s.before+s.name+".") + "[0-9]*" + Escape(s.after) + "*"
}

// BucketAt returns the keys of the bucket to which the name of a key belongs; false if it belongs to none.
func (k Keys) BucketAt(name string) (Keys, bool) {
	s := k.spread
	if s == nil {
		return k, false
	}
	rest, ok := strings.CutPrefix(name, s.before+s.name+".")
	if !ok {
		return k, false
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 1 {
		return k, false
	}
	i, err := strconv.Atoi(rest[:end])
	if err != nil || i >= k.Buckets() || k.Buckets() == 1 {
		return k, false
	}
	b := k.Bucket(i)
	return b, strings.HasPrefix(name, b.Prefix)
}
