package run

import (
	"sync/atomic"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
)

// Database is what runs of plans share.
type Database struct {
	Conn    *conn.Conn
	Binder  *bind.Binder
	Catalog *catalog.Catalog

	refreshes atomic.Int64 // reads that raised ends
}

// Instant is the time of a statement.
func (db *Database) Instant() lang.DateTime { return lang.DateTime(db.Conn.Now().UnixMilli()) }
