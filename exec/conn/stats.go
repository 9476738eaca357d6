package conn

// Stats are counters since the connection was opened.
type Stats struct {
	Open, Idle int   // network connections, and how many of them are idle
	RoundTrips int64 // round trips; one that calls share counts for each of them
	Texts      int64 // scripts sent with their text because the server did not have them
}

// Stats returns the current counters.
func (c *Conn) Stats() Stats {
	s := Stats{RoundTrips: c.trips.Load(), Texts: c.texts.Load()}
	if c.pool != nil {
		s.Open, s.Idle = c.pool.size()
	}
	p := c.client.PoolStats()
	s.Open, s.Idle = s.Open+int(p.TotalConns), s.Idle+int(p.IdleConns)
	return s
}

// size returns how many connections are open and how many of them are idle.
func (p *pool) size() (open, idle int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.turns) + len(p.free), len(p.free)
}
