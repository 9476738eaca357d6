package rql

// Stats are figures of a database, for metrics. Counts are those since it was
// opened.
type Stats struct {
	Connections int   // to servers; of a wrapped client those of its pool
	Idle        int   // connections that no call uses
	RoundTrips  int64 // round trips
	Scripts     int64 // scripts that were sent with their text, since the server did not have them; others are sent by their SHA-1
	Texts       int   // texts in the cache of checked and planned ones
	Programs    int   // in the same cache, of texts that differ only in their literals
	Hits        int64 // texts that were found in the cache
	Misses      int64 // texts that were checked and planned
}

// Stats gives the figures of now. They are zero before the first call on a
// wrapped client. Nothing is sent.
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
