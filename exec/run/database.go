package run

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// Database is the state that runs of plans share.
type Database struct {
	Conn    *conn.Conn
	Binder  *bind.Binder
	Catalog *catalog.Catalog

	// Rooms has rooms of pages that were read.
	Rooms *sync.Pool

	refreshes *atomic.Int64 // number of reads that extended expirations
	known     *sync.Map     // names of models → *known
	begun     *sync.Map     // names of models → *beginnings
	voidings  *voidings
}

// New returns the state of a connection whose catalog is read.
func New(c *conn.Conn, held *catalog.Catalog) *Database {
	return &Database{Conn: c, Binder: bind.NewBinder(c.Keys, c.Caps), Catalog: held, Rooms: &sync.Pool{}, refreshes: &atomic.Int64{}, known: &sync.Map{}, begun: &sync.Map{}, voidings: &voidings{}}
}

// In returns the database of a partition.
func (db *Database) In(text string) *Database { return db.On(db.Conn.In(text)) }

// On returns the database of a connection that differs in its partition, or in what it reads from.
func (db *Database) On(c *conn.Conn) *Database {
	return &Database{Conn: c, Binder: db.Binder.In(c.Keys), Catalog: db.Catalog, Rooms: db.Rooms, refreshes: db.refreshes, known: db.known, begun: db.begun, voidings: db.voidings}
}

// room returns a room for a page.
func (db *Database) room() *document.Page {
	if p, ok := db.Rooms.Get().(*document.Page); ok {
		return p
	}
	return &document.Page{}
}

// giveRoom gives a room back. It is unknown whether a wrapped client uses a command after its reply has arrived.
func (db *Database) giveRoom(p *document.Page) {
	if db.Conn.Own() {
		p.Empty()
		db.Rooms.Put(p)
	}
}

// Instant returns the time of a statement.
func (db *Database) Instant() lang.DateTime { return lang.DateTime(db.Conn.Now().UnixMilli()) }

// Again waits before the next attempt of a statement on a model or procedure that lost a race, and reads the catalog: what was
// changed meanwhile may be another model, whose version the steps of the statement compare too.
func (db *Database) Again(ctx context.Context, t *conn.Turns, name string, sp lang.Span) error {
	more, err := t.Next(ctx)
	if err == nil && !more {
		err = fail.Errorf(lang.CodeStale, sp, "other clients keep changing %s", name)
	}
	if err == nil {
		_, err = db.Catalog.Reload(ctx)
	}
	return err
}
