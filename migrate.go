package rql

import (
	"context"
	"io/fs"
	"time"

	"github.com/rql-lang/rql/exec/migrate"
)

// MigrateOptions are the choices of Migrate.
type MigrateOptions struct {
	To         string        // the version of the last file to carry out; "" is all
	AllowOrder bool          // carry out a file whose turn was before one that was carried out
	Wait       time.Duration // how long to wait for another runner; 0 is five minutes
	By         string        // who carries them out, for the record; "" is the user, the host and the process
}

// Migrated is a migration that a call of Migrate carried out or completed.
type Migrated struct {
	File string
	Took time.Duration
}

// Migrate carries out the migrations of a directory, such as an embed.FS, that
// were not carried out yet: files named 0001_users.rql, in order, each once. It
// is what the command rql migrate up does, and both can be used on one database.
//
// One runner works at a time; another one waits for it and then finds nothing to
// do. A run that ends anywhere, killed too, is completed by the next one, and no
// statement changes a document twice. All files are checked before anything is
// sent.
//
// The migrations that were carried out are returned with an error too. Errors: a
// *CheckError, or an *Error of a statement or with a code whose name begins with
// migration-.
func (db *DB) Migrate(ctx context.Context, files fs.FS, o MigrateOptions) ([]Migrated, error) {
	set, err := migrate.Load(ctx, files)
	if err != nil {
		return nil, publicError(err)
	}
	e, err := db.ready(ctx)
	if err != nil {
		return nil, err
	}
	done, err := migrate.New(e, set, migrate.Options{To: o.To, AllowOrder: o.AllowOrder, Wait: o.Wait, By: o.By}).Up(ctx)
	out := make([]Migrated, len(done))
	for i, x := range done {
		out[i] = Migrated{File: x.File.Name, Took: x.Took}
	}
	if err != nil {
		return out, publicError(err)
	}
	return out, nil
}
