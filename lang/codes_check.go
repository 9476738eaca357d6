package lang

// The codes of names, types and models, which the checker reports before anything runs. If a value can be invalid in the same way
// at run time, the code is that of run time (codes_eval.go, codes_run.go).
const (
	CodeUnknownModel       Code = "unknown-model"
	CodeUnknownField       Code = "unknown-field"
	CodeUnknownName        Code = "unknown-name"
	CodeUnknownFunction    Code = "unknown-function"
	CodeUnknownOperation   Code = "unknown-operation"
	CodeUnknownType        Code = "unknown-type"
	CodeUnknownProcedure   Code = "unknown-procedure"
	CodeBadOption          Code = "bad-option"
	CodeRecursion          Code = "recursion"
	CodeBrokenProcedure    Code = "broken-procedure"
	CodeAmbiguousName      Code = "ambiguous-name"
	CodeDuplicateName      Code = "duplicate-name"
	CodeDuplicateColumn    Code = "duplicate-column"
	CodeDuplicateField     Code = "duplicate-field"
	CodeTypeMismatch       Code = "type-mismatch"
	CodeWrongArguments     Code = "wrong-arguments"
	CodeMissingParameter   Code = "missing-parameter"
	CodeUnusedParameter    Code = "unused-parameter"
	CodeOptionalParameter  Code = "optional-parameter"
	CodeMisplacedAggregate Code = "misplaced-aggregate"
	CodeMisplacedFunction  Code = "misplaced-function"
	CodeMisplacedOperation Code = "misplaced-operation"
	CodeNotGrouped         Code = "not-grouped"
	CodeNotReturned        Code = "not-returned"
	CodeCorrelated         Code = "correlated"
	CodeBadPlace           Code = "bad-place"
	CodeRevisionSet        Code = "revision-set"
	CodeUnusedReturn       Code = "unused-return"
	CodeNoValue            Code = "no-value"
	CodeBadModel           Code = "bad-model"
	CodeModelChanged       Code = "model-changed"
	CodePartitionNeeded    Code = "partition-needed"
	CodePartitionChange    Code = "partition-change"
	CodeNotAllowed         Code = "not-allowed"
	CodeInclude            Code = "include"
)

func checkCodes() []CodeInfo {
	return []CodeInfo{
		{Code: CodeUnknownModel, Section: sectionNames, Status: 2, Summary: "no model of that name"},
		{Code: CodeUnknownField, Section: sectionNames, Status: 2, Summary: "the model, row or object has no such field"},
		{Code: CodeUnknownName, Section: sectionNames, Status: 2, Summary: "a name that is neither a visible field nor a LET name"},
		{Code: CodeUnknownFunction, Section: sectionNames, Status: 2, Summary: "no function of that name"},
		{Code: CodeUnknownOperation, Section: sectionNames, Status: 2, Summary: "the type has no such operation in SET"},
		{Code: CodeUnknownType, Section: sectionNames, Status: 2, Summary: "neither a type nor a model"},
		{Code: CodeUnknownProcedure, Section: sectionNames, Status: 2, Summary: "no procedure of that name"},
		{Code: CodeBadOption, Section: sectionNames, Status: 2, Summary: "an option of WITH after IMPORT or EXPORT that does not exist, or has another value than it may have"},
		{Code: CodeRecursion, Section: sectionNames, Status: 2, Summary: "a procedure that would call itself, directly or through others"},
		{Code: CodeBrokenProcedure, Section: sectionNames, Status: 0, Summary: "warning: a change of a model or procedure makes a stored procedure invalid"},
		{Code: CodeAmbiguousName, Section: sectionNames, Status: 2, Summary: "a name that is both a field and a LET name"},
		{Code: CodeDuplicateName, Section: sectionNames, Status: 2, Summary: "a LET, FOR or AS name that is already in use"},
		{Code: CodeDuplicateColumn, Section: sectionNames, Status: 2, Summary: "two returned columns of the same name"},
		{Code: CodeDuplicateField, Section: sectionNames, Status: 2, Summary: "a duplicate field, also in a JSON record of an import"},
		{Code: CodeTypeMismatch, Section: sectionNames, Status: 2, Summary: "a value of the wrong type; the hint suggests a conversion"},
		{Code: CodeWrongArguments, Section: sectionNames, Status: 2, Summary: "too few or too many arguments"},
		{Code: CodeMissingParameter, Section: sectionNames, Status: 2, Summary: "`$name` was not given"},
		{Code: CodeUnusedParameter, Section: sectionNames, Status: 2, Summary: "a parameter was given that the program does not use"},
		{Code: CodeOptionalParameter, Section: sectionNames, Status: 2, Summary: "`$name?` where nothing can be left out, or beside `$name`"},
		{Code: CodeMisplacedAggregate, Section: sectionNames, Status: 2, Summary: "an aggregate where there are no groups"},
		{Code: CodeMisplacedFunction, Section: sectionNames, Status: 2, Summary: "a function that is not allowed in this context"},
		{Code: CodeMisplacedOperation, Section: sectionNames, Status: 2, Summary: "an operation outside SET"},
		{Code: CodeNotGrouped, Section: sectionNames, Status: 2, Summary: "after GROUP BY, a field that is neither a key nor inside an aggregate"},
		{Code: CodeNotReturned, Section: sectionNames, Status: 2, Summary: "ORDER BY an expression that is not returned, with GROUP BY or DISTINCT"},
		{Code: CodeCorrelated, Section: sectionNames, Status: 2, Summary: "a query in an expression uses the row of the enclosing statement"},
		{Code: CodeBadPlace, Section: sectionNames, Status: 2, Summary: "SET of something that cannot be set"},
		{Code: CodeRevisionSet, Section: sectionNames, Status: 2, Summary: "a value is assigned to a REVISION field; status 1 if it comes from a parameter"},
		{Code: CodeUnusedReturn, Section: sectionNames, Status: 2, Summary: "a statement in ATOMIC has a RETURN whose result is not used by LET"},
		{Code: CodeNoValue, Section: sectionNames, Status: 2, Summary: "LET of a statement that returns no rows"},
		{Code: CodeBadModel, Section: sectionNames, Status: 2, Summary: "an invalid model"},
		{Code: CodePartitionNeeded, Section: sectionNames, Status: 2, Summary: "a statement on a model with PARTITION BY does not say in which partition it works, or a text in place of a key is no full key; the hint shows how"},
		{Code: CodePartitionChange, Section: sectionNames, Status: 2, Summary: "SET of the field by which a model is partitioned"},
		{Code: CodeModelChanged, Section: sectionNames, Status: 2, Summary: "MODEL differs from the stored definition in a way that could lose data; status 1 if another program changed it concurrently"},
		{Code: CodeNotAllowed, Section: sectionNames, Status: 2, Summary: "valid, but not allowed in this context"},
		{Code: CodeInclude, Section: sectionNames, Status: 2, Summary: "the file of an INCLUDE cannot be read, includes itself, or is included too deep"},
	}
}
