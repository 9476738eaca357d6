package verify

import (
	"sync"
	"sync/atomic"
)

// seen counts what the concurrent scans have read.
type seen struct {
	n      atomic.Int64
	mu     sync.Mutex // tell is called by one scan at a time
	report func(int64)
}

// add adds n. A scan does not wait for another one to call tell.
func (s *seen) add(n int) {
	total := s.n.Add(int64(n))
	if s.mu.TryLock() {
		defer s.mu.Unlock()
		s.report(total)
	}
}
