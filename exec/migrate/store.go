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

// State is what became of a migration.
type State string

// The states. Those of a file that no longer is what was carried out, or whose
// turn was before another one, are found by comparing.
const (
	Pending State = "pending"
	Running State = "running" // or killed: the next run goes on with it
	Failed  State = "failed"  // a statement; those before it have been carried out
	Done    State = "done"
	Undoing State = "undoing" // its DOWN part was begun
	Edited  State = "edited"  // done, and the file was changed since
	Missing State = "missing" // done, and there is no such file
	Late    State = "late"    // not done, though a later one is
)

// record is the state of a migration, as it is stored on the server.
type record struct {
	Name   string
	Sum    string
	Parts  []string // sums of the statements
	State  State
	Now    int64  // now() of its statements, in milliseconds
	By     string // who ran it, or took it as done
	At     string // when it ended, RFC 3339
	Millis int64  // how long it took
	Error  string `json:",omitempty"` // why it failed
	place  exec.Place
	names  string // what LET has bound
}

// fields of the hash beside one for each migration.
const (
	fieldFence  = "fence"
	fieldHolder = "holder" // who runs migrations now
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
				Message: "the field " + name + " of " + s.e.Migrations() + " does not hold what is known of a migration"}
		}
		r.place, r.names = place, fields[name+suffixNames]
		s.records[name] = r
	}
	return nil
}

// put keeps what is known of a migration, and with place where it stands too: while
// its statements run, their scripts keep that.
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

// anew makes the statements of a migration begin anew.
func (r *record) anew() { r.place, r.names = exec.Place{}, "" }

// forget makes a migration one that was never carried out.
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

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
