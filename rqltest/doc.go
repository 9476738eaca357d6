// Package rqltest gives tests databases of their own, with a clock that they can move:
//
//	func TestExpiry(t *testing.T) {
//		db := rqltest.New(t, `MODEL Cart { id string KEY } TTL 30m`)
//		_, err := db.Exec(t.Context(), `CREATE Cart { id: 'c1' }`)
//		…
//		err = db.Advance(t.Context(), time.Hour)
//		// the cart is gone
//	}
//
// [New] returns a database on an embedded server, which needs nothing but the program. [On] uses a namespace of its own on a
// running server, and [Each] runs a test on every available server. In all of them, DB.Advance moves the clock for now(), DEFAULT
// now(), the lifetime of documents and ATOMIC KEY … FOR. [Dump] returns the content of a database as text, for comparison.
//
// In a testing/synctest bubble, New returns a database that follows the bubble's clock, so time.Sleep moves it. A database of On
// is reached through a socket and does not work in a bubble.
package rqltest
