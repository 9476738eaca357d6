package rql

// Stats are statistics of a database, for metrics. Counters start when it is opened.
type Stats struct {
	Connections int   // open network connections; for a wrapped client, those of its pool
	Idle        int   // connections that no call uses
	RoundTrips  int64 // round trips; one that calls share counts for each of them
	Scripts     int64 // scripts sent with their text because the server did not have them; others are sent by their SHA-1
	Texts       int   // texts in the cache of checked and planned texts
	Programs    int   // programs in the cache; texts that differ only in their literals share one
	Hits        int64 // texts found in the cache
	Misses      int64 // texts checked and planned
}

// Stats returns the current statistics. They are zero before the first call on a wrapped client. It sends nothing.
func (db *DB) Stats() Stats {
	if db == nil {
		return Stats{}
	}
	e := db.engine.Load()
	if e == nil {
		return Stats{}
	}
	s := e.Stats()
	return Stats{Connections: s.Conn.Open, Idle: s.Conn.Idle, RoundTrips: s.Conn.RoundTrips, Scripts: s.Conn.Texts,
		Texts: s.Cache.Texts, Programs: s.Cache.Programs, Hits: s.Cache.Hits, Misses: s.Cache.Misses}
}
