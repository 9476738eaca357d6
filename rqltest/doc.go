// Package rqltest gives tests databases of their own, with a clock that they
// can move:
//
//	func TestExpiry(t *testing.T) {
//		db := rqltest.New(t, `MODEL Cart { id string KEY } TTL 30m`)
//		_, err := db.Exec(t.Context(), `CREATE Cart { id: 'c1' }`)
//		…
//		err = db.Advance(t.Context(), time.Hour)
//		// the cart is gone
//	}
//
// [New] is a database of an embedded server, which needs nothing but the
// program. [On] is a namespace of its own on a running server, and [Each] runs a
// test on every server at hand. In all of them DB.Advance moves the clock that
// now(), DEFAULT now(), the time to live of documents and ATOMIC KEY … FOR go by.
// [Dump] is the content of a database as text, to be compared.
//
// In a bubble of testing/synctest, New gives a database that follows the
// bubble's clock, so time.Sleep moves it. A database of On, which is reached by a
// socket, does not work in a bubble.
package rqltest
