package script

import (
	"strconv"
	"strings"
)

// Guard makes a script that writes check the fencing token of its run first, and save the position of the run with its last
// command: the index of the next statement and, for a stepped change, where the next step begins.
type Guard struct {
	Key   string // a hash; its field "fence" holds the number of the run that may write
	Fence int64
	// Chain: the position itself is the fence, so each script of several that are sent together writes only if the one before it
	// has.
	Chain bool
	Field string // field of the hash that holds the position
	// Apart is what the fields begin with that hold the positions of the parts of a statement in partitions and buckets: see In.
	Apart string
	Begun bool   // an earlier run may have begun the statement
	Names string // the variables bound by LET; "" if they are saved already
	Place        // before the script
}

// ChainField is the field of a chain's guard: see Guard.Chain.
const ChainField = "fence"

// Place is the position of a run.
type Place struct {
	Statement     int
	Affected      int64 // documents that the statement's steps have changed so far
	Range, Cursor string
}

// String returns the form in which the position is saved.
func (p Place) String() string {
	return strconv.Itoa(p.Statement) + " " + strconv.FormatInt(p.Affected, 10) + " " + p.Range + " " + p.Cursor
}

// ParsePlace parses a saved position; "" is the start.
func ParsePlace(s string) (p Place, ok bool) {
	if s == "" {
		return p, true
	}
	parts := strings.SplitN(s, " ", 4)
	if len(parts) != 4 {
		return p, false
	}
	var err, err2 error
	p.Statement, err = strconv.Atoi(parts[0])
	p.Affected, err2 = strconv.ParseInt(parts[1], 10, 64)
	p.Range, p.Cursor = parts[2], parts[3]
	return p, err == nil && err2 == nil && p.Statement >= 0
}

// Next returns the position after the statement.
func (p Place) Next() Place { return Place{Statement: p.Statement + 1} }

// In returns the guard of the part of a statement in a partition, of which nothing is done: its position is in a hash in the same slot.
func (g *Guard) In(key, cell string) *Guard {
	return &Guard{Key: key, Fence: g.Fence, Field: g.Apart + cell, Place: Place{Statement: g.Statement}}
}

// words returns the words of a command, with the guard's key and arguments after its own.
func (g *Guard) words(b *Args) []any {
	out := make([]any, 0, len(b.Words)+9)
	out = append(out, b.Words[:b.Argv]...)
	out[2] = b.Argv - 3 + 1
	out = append(append(out, g.Key), b.Words[b.Argv:]...)
	if g.Chain {
		out = append(out, g.String(), ChainField)
	} else {
		out = append(out, g.Fence, g.Field)
	}
	return append(out, g.Statement, g.Next().String(), g.Affected, g.Range, g.Cursor, g.Names)
}

// Moved records a step: how many documents it changed, and where the next one begins.
func (g *Guard) Moved(affected int64, next Reply) {
	if g == nil {
		return
	}
	g.Affected, g.Names = g.Affected+affected, ""
	if len(next) == 2 {
		g.Range, g.Cursor = next.Str(0), next.Str(1)
	}
}
