package conn

import "github.com/rql-lang/rql/exec/keyspace"

// A bucket has a copy of the versions in the catalog, which its scripts compare. A MODEL that was killed, or runs, may not have changed
// all copies. Who finds one that is not what a plan was made for notes the bucket; the owner of the catalog then compares the copy with
// the catalog.

// Outdated notes that a statement was refused because its plan was made for another catalog.
func (c *Conn) Outdated() {
	if _, in := c.Keys.InBucket(); in {
		c.behind.Store(c.Keys.Prefix, c.Keys)
	}
}

// Behind returns the connections to the buckets that were noted since the last call.
func (c *Conn) Behind() (list []*Conn) {
	c.behind.Range(func(prefix, keys any) bool {
		if _, is := c.behind.LoadAndDelete(prefix); is {
			list = append(list, &Conn{Keys: keys.(keyspace.Keys), server: c.server})
		}
		return true
	})
	return list
}
