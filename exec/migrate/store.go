package migrate

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// State is the state of a migration.
type State string

// The states. Edited, Missing and Late are not stored but found by comparing the records with the files.
const (
	Pending State = "pending"
	Running State = "running" // or killed: the next run resumes it
	Failed  State = "failed"  // a statement failed; those before it have run
	Done    State = "done"
	Undoing State = "undoing" // its DOWN part has started
	Edited  State = "edited"  // done, but the file has changed since
	Missing State = "missing" // done, but there is no such file
	Late    State = "late"    // not done, although a later one is
)

// record is the state of a migration as stored on the server.
type record struct {
	Name   string
	Sum    string
	Parts  []string // hashes of the statements
	State  State
	Now    int64  // now() of its statements, in milliseconds
	Run    int64  `json:",omitempty"` // the run that began with the first statement, or with a corrected one
	By     string // who ran it, or recorded it as done
	At     string // when it ended, RFC 3339
	Millis int64  // how long it took
	Error  string `json:",omitempty"` // why it failed
	place  exec.Place
	names  string // the variables bound by LET
}

// Fields of the hash other than those of migrations.
const (
	fieldFence  = "fence"
	fieldHolder = "holder" // who is running migrations
	suffixPlace = ":at"
	suffixNames = suffixPlace + ":let"
)

// store reads and writes the states of migrations on the server.
type store struct {
	e       *exec.Engine
	fence   int64
	records map[string]*record // by version
	holder  string
}

func (s *store) load(ctx context.Context) error {
	fields, err := s.e.Checkpoints(ctx, s.e.Migrations())
	if err != nil {
		return err //nolint:wrapcheck // it is an error of RQL
	}
	s.records, s.holder = map[string]*record{}, fields[fieldHolder]
	for name, text := range fields {
		if name == fieldFence || name == fieldHolder || strings.Contains(name, ":") {
			continue
		}
		r := &record{}
		place, ok := exec.ParsePlace(fields[name+suffixPlace])
		if err := json.Unmarshal([]byte(text), r); err != nil || !ok {
			return &lang.Error{Code: lang.CodeBadValue, Statement: -1, Key: s.e.Migrations(), Field: name,
				Message: "the field " + name + " of " + s.e.Migrations() + " does not hold the state of a migration"}
		}
		r.place, r.names = place, fields[name+suffixNames]
		s.records[name] = r
	}
	return nil
}

// put stores the record of a migration. place says to store the position too: while the statements run, their scripts do that.
func (s *store) put(ctx context.Context, version string, r *record, place bool) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep a migration: %w", err)
	}
	pairs := []string{version, string(text)}
	if place {
		at := ""
		if r.place != (exec.Place{}) {
			at = r.place.String()
		}
		pairs = append(pairs, version+suffixPlace, at, version+suffixNames, r.names)
	}
	if err := s.write(ctx, pairs...); err != nil {
		return err
	}
	s.records[version] = r
	return nil
}

// anew makes a migration start from its first statement, in a run with that fencing number.
func (r *record) anew(run int64) { r.place, r.names, r.Run = exec.Place{}, "", run }

// forget removes the record of a migration.
func (s *store) forget(ctx context.Context, version string) error {
	if err := s.write(ctx, version, "", version+suffixPlace, "", version+suffixNames, ""); err != nil {
		return err
	}
	delete(s.records, version)
	return nil
}

func (s *store) write(ctx context.Context, pairs ...string) error {
	return s.e.Record(ctx, s.e.Migrations(), s.fence, pairs...) //nolint:wrapcheck // it is an error of RQL
}

// replicaMoment is how long the server is asked to wait at a time.
const replicaMoment = 100 * time.Millisecond

// replicated waits until enough replicas have all that was written.
func (s *store) replicated(ctx context.Context, o Options) error {
	if o.Replicas <= 0 {
		return nil
	}
	for end := time.Now().Add(o.ReplicaWait); ; {
		n, err := s.e.Replicated(ctx, s.e.Migrations(), s.fence, o.Replicas, min(replicaMoment, o.ReplicaWait), fieldHolder, o.By)
		switch {
		case err != nil:
			return err //nolint:wrapcheck // it is an error of RQL
		case n >= int64(o.Replicas):
			return nil
		case time.Now().After(end):
			return &lang.Error{Code: lang.CodeMigrationBehind, Statement: -1, Message: fmt.Sprintf("%d of %d replicas have what was written, after %s", n, o.Replicas, o.ReplicaWait),
				Hint: "rql migrate up continues behind the statement when they have caught up"}
		}
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
