package rql

import "github.com/rql-lang/rql/lang"

// Code is the stable name of an error or a warning. It is itself an error, so programs can test for it with errors.Is(err,
// rql.CodeBadCursor). See spec/errors.md for the meaning of each code.
type Code = lang.Code

// Codes: Syntax.
const (
	CodeSyntax            = lang.CodeSyntax
	CodeClauseOrder       = lang.CodeClauseOrder
	CodeUnclosedString    = lang.CodeUnclosedString
	CodeUnclosedComment   = lang.CodeUnclosedComment
	CodeUnclosed          = lang.CodeUnclosed
	CodeBadEscape         = lang.CodeBadEscape
	CodeBadOperator       = lang.CodeBadOperator
	CodeBadNumber         = lang.CodeBadNumber
	CodeBadCharacter      = lang.CodeBadCharacter
	CodeBadUTF8           = lang.CodeBadUTF8
	CodeBadParameter      = lang.CodeBadParameter
	CodeTooDeep           = lang.CodeTooDeep
	CodeTooLong           = lang.CodeTooLong
	CodeChainedComparison = lang.CodeChainedComparison
	CodeNotRQL            = lang.CodeNotRQL
	CodeUnknownStatement  = lang.CodeUnknownStatement
	CodeOutsideAtomic     = lang.CodeOutsideAtomic
	CodeInAtomic          = lang.CodeInAtomic
	CodeMissingTarget     = lang.CodeMissingTarget
	CodeReservedWord      = lang.CodeReservedWord
	CodeGivenTwice        = lang.CodeGivenTwice
)

// Codes: Names, types and models.
const (
	CodeUnknownModel       = lang.CodeUnknownModel
	CodeUnknownField       = lang.CodeUnknownField
	CodeUnknownName        = lang.CodeUnknownName
	CodeUnknownFunction    = lang.CodeUnknownFunction
	CodeUnknownOperation   = lang.CodeUnknownOperation
	CodeUnknownType        = lang.CodeUnknownType
	CodeUnknownProcedure   = lang.CodeUnknownProcedure
	CodeBadOption          = lang.CodeBadOption
	CodeRecursion          = lang.CodeRecursion
	CodeBrokenProcedure    = lang.CodeBrokenProcedure
	CodeAmbiguousName      = lang.CodeAmbiguousName
	CodeDuplicateName      = lang.CodeDuplicateName
	CodeDuplicateColumn    = lang.CodeDuplicateColumn
	CodeDuplicateField     = lang.CodeDuplicateField
	CodeTypeMismatch       = lang.CodeTypeMismatch
	CodeWrongArguments     = lang.CodeWrongArguments
	CodeMissingParameter   = lang.CodeMissingParameter
	CodeUnusedParameter    = lang.CodeUnusedParameter
	CodeOptionalParameter  = lang.CodeOptionalParameter
	CodeMisplacedAggregate = lang.CodeMisplacedAggregate
	CodeMisplacedFunction  = lang.CodeMisplacedFunction
	CodeMisplacedOperation = lang.CodeMisplacedOperation
	CodeNotGrouped         = lang.CodeNotGrouped
	CodeNotReturned        = lang.CodeNotReturned
	CodeCorrelated         = lang.CodeCorrelated
	CodeBadPlace           = lang.CodeBadPlace
	CodeRevisionSet        = lang.CodeRevisionSet
	CodeUnusedReturn       = lang.CodeUnusedReturn
	CodeNoValue            = lang.CodeNoValue
	CodeBadModel           = lang.CodeBadModel
	CodeModelChanged       = lang.CodeModelChanged
	CodePartitionNeeded    = lang.CodePartitionNeeded
	CodePartitionChange    = lang.CodePartitionChange
	CodeNotAllowed         = lang.CodeNotAllowed
	CodeInclude            = lang.CodeInclude
	CodeNoIndex            = lang.CodeNoIndex
)

// Codes: Values.
const (
	CodeDivisionByZero   = lang.CodeDivisionByZero
	CodeOverflow         = lang.CodeOverflow
	CodeNotFinite        = lang.CodeNotFinite
	CodeNegativeExponent = lang.CodeNegativeExponent
	CodeBadConversion    = lang.CodeBadConversion
	CodeBadArgument      = lang.CodeBadArgument
	CodeInvalidUTF8      = lang.CodeInvalidUTF8
	CodeStringTooLong    = lang.CodeStringTooLong
	CodeIndexOutOfRange  = lang.CodeIndexOutOfRange
	CodeNullValue        = lang.CodeNullValue
	CodeBadValue         = lang.CodeBadValue
	CodeBadPattern       = lang.CodeBadPattern
	CodePatternTooBig    = lang.CodePatternTooBig
	CodeIndexedTooLong   = lang.CodeIndexedTooLong
	CodeBadTarget        = lang.CodeBadTarget
)

// Codes: Documents and the server.
const (
	CodeKeyNotFound    = lang.CodeKeyNotFound
	CodeAlreadyExists  = lang.CodeAlreadyExists
	CodeBadKey         = lang.CodeBadKey
	CodeUnique         = lang.CodeUnique
	CodeKeyConflict    = lang.CodeKeyConflict
	CodeRequired       = lang.CodeRequired
	CodeCheckFailed    = lang.CodeCheckFailed
	CodeKeyReused      = lang.CodeKeyReused
	CodeOtherPartition = lang.CodeOtherPartition
	CodeLockLost       = lang.CodeLockLost
	CodeRestricted     = lang.CodeRestricted
	CodeDanglingRef    = lang.CodeDanglingRef
	CodeEnsureFailed   = lang.CodeEnsureFailed
	CodeBadCursor      = lang.CodeBadCursor
	CodeBadParam       = lang.CodeBadParam
	CodeBudget         = lang.CodeBudget
	CodeTooLarge       = lang.CodeTooLarge
	CodeResultTooLarge = lang.CodeResultTooLarge
	CodeNotEmpty       = lang.CodeNotEmpty
	CodeEmptyDocument  = lang.CodeEmptyDocument
	CodeImport         = lang.CodeImport
	CodeMisfit         = lang.CodeMisfit
	CodeStale          = lang.CodeStale
	CodeCatalog        = lang.CodeCatalog
	CodeMayMiss        = lang.CodeMayMiss
	CodeWideScatter    = lang.CodeWideScatter
	CodeNotReplicated  = lang.CodeNotReplicated
	CodeMayMisread     = lang.CodeMayMisread
	CodeMayEvict       = lang.CodeMayEvict
	CodeMayDouble      = lang.CodeMayDouble
	CodeNotRefreshed   = lang.CodeNotRefreshed
	CodeCascadeCut     = lang.CodeCascadeCut
	CodeOlderModel     = lang.CodeOlderModel
	CodeSchemaMismatch = lang.CodeSchemaMismatch
	CodeNeeds          = lang.CodeNeeds
	CodeConnection     = lang.CodeConnection
	CodeBadURL         = lang.CodeBadURL
	CodeDenied         = lang.CodeDenied
	CodeOutOfMemory    = lang.CodeOutOfMemory
	CodeReadOnly       = lang.CodeReadOnly
	CodeBusy           = lang.CodeBusy
	CodeOutcomeUnknown = lang.CodeOutcomeUnknown
	CodeCancelled      = lang.CodeCancelled
	CodeServer         = lang.CodeServer
)

// Codes: Migrations.
const (
	CodeBadMigration     = lang.CodeBadMigration
	CodeMigrationEdited  = lang.CodeMigrationEdited
	CodeMigrationMissing = lang.CodeMigrationMissing
	CodeMigrationOrder   = lang.CodeMigrationOrder
	CodeMigrationLost    = lang.CodeMigrationLost
	CodeMigrationBusy    = lang.CodeMigrationBusy
	CodeMigrationBehind  = lang.CodeMigrationBehind
	CodeMigrationDrift   = lang.CodeMigrationDrift
	CodeNoDown           = lang.CodeNoDown
)
