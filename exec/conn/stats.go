package conn

// Stats are figures of a connection since it was opened.
type Stats struct {
	Open, Idle int   // connections to servers, and those of them that no call uses
	RoundTrips int64 // round trips
	Texts      int64 // scripts that were sent with their text, since the server did not have them
}

// Stats gives the figures of now.
func (c *Conn) Stats() Stats {
	s := Stats{RoundTrips: c.trips.Load(), Texts: c.texts.Load()}
	if c.pool != nil {
		s.Open, s.Idle = c.pool.size()
	}
	p := c.client.PoolStats()
	s.Open, s.Idle = s.Open+int(p.TotalConns), s.Idle+int(p.IdleConns)
	return s
}

// size is how many connections there are, and how many of them are free.
func (p *pool) size() (open, idle int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.turns) + len(p.free), len(p.free)
}
