package verify

import (
	"sync"
	"sync/atomic"
)

// seen counts what the walks, which run side by side, have looked at.
type seen struct {
	n      atomic.Int64
	mu     sync.Mutex // tell is called by one walk at a time
	report func(int64)
}

// add counts n more. A walk does not wait for another one to tell.
func (s *seen) add(n int) {
	total := s.n.Add(int64(n))
	if s.mu.TryLock() {
		defer s.mu.Unlock()
		s.report(total)
	}
}
