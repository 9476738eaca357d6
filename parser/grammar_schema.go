package parser

import (
	"github.com/alecthomas/participle/v2/lexer"
)

// The clauses of the statements about models and procedures. The body of a
// model, a field and a type are hand-written (model.go).
type (
	modelGrammar struct {
		Name    name            `parser:"'MODEL' @@"`
		Extends *name           `parser:"( 'EXTENDS' @@ )?"`
		Body    modelBody       `parser:"@@"`
		Options []optionGrammar `parser:"@@*"`
	}
	optionGrammar struct {
		TTL       *operand    `parser:"  'TTL' @@"`
		Refresh   string      `parser:"    ( 'REFRESH' 'ON' @('READ'|'WRITE') )?"`
		Stored    string      `parser:"| 'STORED' 'AS' @('HASH'|'JSON')"`
		Indexed   string      `parser:"| 'INDEXED' 'BY' @('NATIVE'|'SEARCH')"`
		Keys      lexer.Token `parser:"| 'KEYS' @String"`
		Writers   string      `parser:"| 'WRITERS' @('RQL'|'ANY')"`
		Partition *name       `parser:"| 'PARTITION' 'BY' @@"`
		Tokens    []lexer.Token
	}
	alterGrammar struct {
		Model   name            `parser:"'ALTER' 'MODEL' @@"`
		Actions []actionGrammar `parser:"@@ ( ',' @@ )*"`
		DryRun  bool            `parser:"( @'DRY' 'RUN'"`
		Undo    bool            `parser:"| @'UNDO' )?"`
	}
	actionGrammar struct {
		Add    *addGrammar    `parser:"  'ADD' @@"`
		Drop   *undoGrammar   `parser:"| 'DROP' @@"`
		Rename *renameGrammar `parser:"| 'RENAME' @@"`
		Change *field         `parser:"| 'CHANGE' 'FIELD' @@"`
		Using  *expr          `parser:"    ( 'USING' @@ )?"`
		Set    *optionGrammar `parser:"| 'SET' @@"`
		Tokens []lexer.Token
	}
	addGrammar struct {
		Field  *field   `parser:"  'FIELD' @@"`
		Index  *columns `parser:"| 'INDEX' @@"`
		Unique *columns `parser:"| 'UNIQUE' @@"`
		Global bool     `parser:"    @'GLOBAL'?"`
		Check  *expr    `parser:"| 'CHECK' @@"`
	}
	undoGrammar struct {
		Field  *name    `parser:"  'FIELD' @@"`
		Index  *columns `parser:"| 'INDEX' @@"`
		Unique *columns `parser:"| 'UNIQUE' @@"`
		Global bool     `parser:"    @'GLOBAL'?"`
		Check  *expr    `parser:"| 'CHECK' @@"`
		TTL    bool     `parser:"| @'TTL'"`
		Alias  *name    `parser:"| 'ALIAS' @@"`
	}
	renameGrammar struct {
		Field *name `parser:"( 'FIELD' @@ )?"`
		To    name  `parser:"'TO' @@"`
	}
	columns struct {
		Paths []path `parser:"'(' @@ ( ',' @@ )* ')' | @@"`
	}
	dropGrammar struct {
		What string `parser:"'DROP' @('MODEL'|'PROCEDURE')"`
		Name name   `parser:"@@"`
		All  bool   `parser:"@'ALL'?"`
	}
	verifyGrammar struct {
		Model  name `parser:"'VERIFY' @@"`
		Repair bool `parser:"( @'REPAIR'"`
		Refs   bool `parser:"  @'REFS'? )?"`
	}
	adoptGrammar struct {
		Head string   `parser:"@'ADOPT'"`
		Of   *adopted `parser:"@@?"`
	}
	adopted struct {
		Pattern lexer.Token `parser:"@String"`
		Name    name        `parser:"'AS' @@"`
		Apply   bool        `parser:"@'APPLY'?"`
	}
	showGrammar struct {
		What   string `parser:"'SHOW' ( @('MODELS'|'PROCEDURES'|'JOBS')"`
		Stats  bool   `parser:"| @'STATS'"`
		Memory bool   `parser:"  @'MEMORY'?"`
		One    string `parser:"| @('MODEL'|'PROCEDURE'|'PARTITIONS')"`
		Name   *name  `parser:"  @@ )"`
	}
)
