package run

import (
	"sync/atomic"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
)

// Database is the state that runs of plans share.
type Database struct {
	Conn    *conn.Conn
	Binder  *bind.Binder
	Catalog *catalog.Catalog

	refreshes atomic.Int64 // number of reads that extended expirations
}

// Instant returns the time of a statement.
func (db *Database) Instant() lang.DateTime { return lang.DateTime(db.Conn.Now().UnixMilli()) }
