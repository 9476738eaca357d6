package script

import (
	"strconv"
	"strings"
)

// Guard makes a script that writes check the fence of its run first, and save the
// position of the run with its last command: the ordinal of the next statement
// and, for a statement that works in steps, where the next step begins.
type Guard struct {
	Key   string // a hash; its field fence holds the number of the run that may write
	Fence int64
	Field string // of the hash, for the position
	Names string // what LET has bound; "" if that is saved already
	Place        // before the script
}

// Place is the position of a run.
type Place struct {
	Statement     int
	Affected      int64 // of that statement, by the steps that were carried out
	Range, Cursor string
}

// String returns the form that is saved.
func (p Place) String() string {
	return strconv.Itoa(p.Statement) + " " + strconv.FormatInt(p.Affected, 10) + " " + p.Range + " " + p.Cursor
}

// ParsePlace parses a saved position; "" is the beginning.
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

// Next is the position after the statement.
func (p Place) Next() Place { return Place{Statement: p.Statement + 1} }

// words returns the words of a command, with the key and the arguments of the guard after its own.
func (g *Guard) words(b *Args) []any {
	out := make([]any, 0, len(b.Words)+9)
	out = append(out, b.Words[:b.Argv]...)
	out[2] = b.Argv - 3 + 1
	out = append(append(out, g.Key), b.Words[b.Argv:]...)
	return append(out, g.Fence, g.Field, g.Statement, g.Next().String(), g.Affected, g.Range, g.Cursor, g.Names)
}

// Moved follows a step that was carried out: how many documents it changed, and where the next one begins.
func (g *Guard) Moved(affected int64, next Reply) {
	if g == nil {
		return
	}
	g.Affected, g.Names = g.Affected+affected, ""
	if len(next) == 2 {
		g.Range, g.Cursor = next.Str(0), next.Str(1)
	}
}
