package lang

import (
	"slices"
	"sync"
)

// Code is the stable, kebab-case name of an error or a warning. It is an error
// itself: errors.Is(err, code) reports an *Error that has it.
type Code string

// Error is the name.
func (c Code) Error() string { return string(c) }

// CodeInfo is what the language says of a code. The exit status of the program
// and the tables of errors.md are what it says.
type CodeInfo struct {
	Code    Code
	Section string // of errors.md
	Summary string // one line
	// Status is with which exit status the program ends for it, where nothing else decides.
	Status int
	// Transient: nothing was changed, and the same call can succeed later.
	Transient bool
}

// Sections of errors.md.
const (
	sectionSyntax     = "Syntax"
	sectionNames      = "Names, types and models"
	sectionValues     = "Values"
	sectionDocuments  = "Documents"
	sectionServer     = "The server"
	sectionMigrations = "Migrations"
)

type codeRows struct {
	rows   []CodeInfo
	byCode map[Code]*CodeInfo
}

var codeTable = sync.OnceValue(func() *codeRows {
	t := &codeRows{rows: slices.Concat(parseCodes(), checkCodes(), evalCodes(), runCodes(), migrateCodes()), byCode: map[Code]*CodeInfo{}}
	for i := range t.rows {
		t.byCode[t.rows[i].Code] = &t.rows[i]
	}
	return t
})

// Codes lists every code, in the order of errors.md. The list belongs to the caller.
func Codes() []CodeInfo { return slices.Clone(codeTable().rows) }

// InfoOf is what the language says of a code; of one that is none, a failed statement.
func InfoOf(c Code) CodeInfo {
	if row := codeTable().byCode[c]; row != nil {
		return *row
	}
	return CodeInfo{Code: c, Status: 1}
}
