package lang

// The errors of names, types and models: what the checker reports before
// anything runs. Where a value is wrong in the same way as one that is only
// known later, the code is the one of run time (codes_eval.go, codes_run.go).
const (
	// CodeUnknownModel: no model of that name.
	CodeUnknownModel Code = "unknown-model"
	// CodeUnknownField: the model, row or object has no member of that name.
	CodeUnknownField Code = "unknown-field"
	// CodeUnknownName: a bare name that is neither a visible field nor a LET name.
	CodeUnknownName Code = "unknown-name"
	// CodeUnknownFunction: no function of that name.
	CodeUnknownFunction Code = "unknown-function"
	// CodeUnknownOperation: the field's type has no operation of that name in SET.
	CodeUnknownOperation Code = "unknown-operation"
	// CodeUnknownType: a type that is neither of the language nor a model.
	CodeUnknownType Code = "unknown-type"
	// CodeAmbiguousName: a bare name that is both a field and a LET name.
	CodeAmbiguousName Code = "ambiguous-name"
	// CodeDuplicateName: a LET, FOR or AS name that is taken already.
	CodeDuplicateName Code = "duplicate-name"
	// CodeDuplicateColumn: two returned columns of the same name.
	CodeDuplicateColumn Code = "duplicate-column"
	// CodeDuplicateField: a field stands twice in a model or an object.
	CodeDuplicateField Code = "duplicate-field"
	// CodeTypeMismatch: an operand, argument or value of a type that does not go there.
	CodeTypeMismatch Code = "type-mismatch"
	// CodeWrongArguments: a function or operation with too few or too many arguments.
	CodeWrongArguments Code = "wrong-arguments"
	// CodeMissingParameter: $name was not given.
	CodeMissingParameter Code = "missing-parameter"
	// CodeUnusedParameter: a parameter was given that the text does not use.
	CodeUnusedParameter Code = "unused-parameter"
	// CodeMisplacedAggregate: an aggregate over rows where there is no group of rows.
	CodeMisplacedAggregate Code = "misplaced-aggregate"
	// CodeMisplacedFunction: a function where it has no meaning: range() outside FOR, now() in CHECK.
	CodeMisplacedFunction Code = "misplaced-function"
	// CodeMisplacedOperation: an operation such as tags.pop() outside SET.
	CodeMisplacedOperation Code = "misplaced-operation"
	// CodeNotGrouped: after GROUP BY, a field that is neither a key nor inside an aggregate.
	CodeNotGrouped Code = "not-grouped"
	// CodeNotReturned: ORDER BY something that GROUP BY or DISTINCT has left no trace of.
	CodeNotReturned Code = "not-returned"
	// CodeCorrelated: a query in an expression reads the row of the statement around it.
	CodeCorrelated Code = "correlated"
	// CodeBadPlace: SET of something that cannot be set.
	CodeBadPlace Code = "bad-place"
	// CodeRevisionSet: a value is given for the REVISION of a model, which only writes raise.
	CodeRevisionSet Code = "revision-set"
	// CodeUnusedReturn: RETURN of a statement in ATOMIC that no LET or FOR takes.
	CodeUnusedReturn Code = "unused-return"
	// CodeNoValue: LET of a statement that gives no row.
	CodeNoValue Code = "no-value"
	// CodeUnknownProcedure: no procedure of that name.
	CodeUnknownProcedure Code = "unknown-procedure"
	// CodeRecursion: a procedure that would call itself, directly or through others.
	CodeRecursion Code = "recursion"
	// CodeBrokenProcedure (warning): a change of a model or procedure after which a stored procedure is wrong.
	CodeBrokenProcedure Code = "broken-procedure"
	// CodeBadModel: a model that cannot be: its keys, attributes or rules contradict each other.
	CodeBadModel Code = "bad-model"
	// CodeModelChanged: MODEL differs from the stored model in a way that could lose data or fail on existing rows.
	CodeModelChanged Code = "model-changed"
	// CodeNotAllowed: right in itself, but not here.
	CodeNotAllowed Code = "not-allowed"
	// CodeNotBuilt: a part of the language that is not built yet.
	CodeNotBuilt Code = "not-built"
)
