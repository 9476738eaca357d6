package rql

import (
	"context"
	"io/fs"
	"time"

	"github.com/rql-lang/rql/exec/migrate"
)

// MigrateOptions are the options of Migrate.
type MigrateOptions struct {
	To         string        // the version of the last file to run; "" means all
	AllowOrder bool          // run a file even if a later one has already run
	Wait       time.Duration // how long to wait for another runner; 0 means five minutes
	By         string        // who runs them, for the record; "" means the user, the host and the process
	// Replicas is how many replicas must have what a statement wrote before the next one begins; 0 waits for none. They are waited
	// for one minute.
	Replicas int
}

// Migrated is a migration that a call of Migrate ran or completed.
type Migrated struct {
	File string
	Took time.Duration
}

// Migrate runs the migrations of a directory, such as an embed.FS, that have not run yet: files named 0001_users.rql, in order,
// each once. It does the same as the command rql migrate up, and both can be used on one database.
//
// Only one runner works at a time; another one waits for it and then finds nothing to do. A run that ends at any point, even if
// it is killed, is completed by the next one, and no statement changes a document twice. All files are checked before anything is
// sent.
//
// If Migrate fails, it also returns the migrations that ran. Errors: a *CheckError, or an *Error of a statement, or one whose
// code begins with migration-.
func (db *DB) Migrate(ctx context.Context, files fs.FS, o MigrateOptions) ([]Migrated, error) {
	if err := given(ctx); err != nil {
		return nil, err
	}
	set, err := migrate.Read(ctx, files)
	if err != nil {
		return nil, publicError(err)
	}
	e, err := db.ready(ctx)
	if err != nil {
		return nil, err
	}
	done, err := migrate.New(e, set, migrate.Options{To: o.To, AllowOrder: o.AllowOrder, Wait: o.Wait, By: o.By, Replicas: o.Replicas}).Up(ctx)
	out := make([]Migrated, len(done))
	for i, x := range done {
		out[i] = Migrated{File: x.File.Name, Took: x.Took}
	}
	if err != nil {
		return out, publicError(err)
	}
	return out, nil
}
