package lang

import (
	"slices"
	"sync"
)

// Code is the stable, kebab-case name of an error or a warning. It is itself an error: errors.Is(err, code) reports whether err
// has it.
type Code string

// Error returns the name.
func (c Code) Error() string { return string(c) }

// CodeInfo describes a code. The exit status of the program and the tables of errors.md are derived from it.
type CodeInfo struct {
	Code    Code
	Section string // of errors.md
	Summary string // one line
	// Status is the program's exit status for the code, unless something else determines it.
	Status int
	// Transient says that nothing was changed, and the same call may succeed later.
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

// Codes returns every code, in the order of errors.md. The caller may modify the list.
func Codes() []CodeInfo { return slices.Clone(codeTable().rows) }

// OfDocument reports whether a code is the fault of values or documents: without them, the statement would have succeeded.
func (c Code) OfDocument() bool {
	section := InfoOf(c).Section
	return section == sectionValues || section == sectionDocuments
}

// InfoOf describes a code. For an unknown code, it returns a failed statement.
func InfoOf(c Code) CodeInfo {
	if row := codeTable().byCode[c]; row != nil {
		return *row
	}
	return CodeInfo{Code: c, Status: 1}
}
