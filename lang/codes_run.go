package lang

// Codes of what can go wrong with documents, keys and servers while a
// statement runs. What goes wrong with single values is in codes_eval.go.
const (
	// CodeKeyNotFound: GET, UPDATE, COPY, EXPIRE or PERSIST of a key that is not there, without SKIP MISSING.
	CodeKeyNotFound Code = "key-not-found"
	// CodeAlreadyExists: CREATE or COPY of a key that is there.
	CodeAlreadyExists Code = "already-exists"
	// CodeBadKey: an empty key, or one of more than 1 KB.
	CodeBadKey Code = "bad-key"
	// CodeUnique: another document holds the value of a UNIQUE field or group of fields.
	CodeUnique Code = "unique"
	// CodeKeyConflict: ON CONFLICT found two different documents in the way of one.
	CodeKeyConflict Code = "key-conflict"
	// CodeRequired: a field of a document that may not be null is absent or null.
	CodeRequired Code = "required"
	// CodeCheckFailed: a CHECK of a field or a model does not hold.
	CodeCheckFailed Code = "check-failed"
	// CodeEnsureFailed: the condition of an ENSURE does not hold.
	CodeEnsureFailed Code = "ensure-failed"
	// CodeBadCursor: AFTER got a cursor of another statement, or no cursor at all.
	CodeBadCursor Code = "bad-cursor"
	// CodeBadParam: a parameter's value does not fit where it is used.
	CodeBadParam Code = "bad-param"

	// CodeBudget: an ATOMIC, or a statement that is one step, would touch more documents than one step may.
	CodeBudget Code = "budget"
	// CodeTooLarge: too many documents or bytes in one statement.
	CodeTooLarge Code = "too-large"
	// CodeResultTooLarge: the rows of one Exec would exceed what it holds in memory.
	CodeResultTooLarge Code = "result-too-large"
	// CodeNotEmpty: DROP MODEL of a model that still has documents, or that another model refers to.
	CodeNotEmpty Code = "not-empty"

	// CodeKeyReused: the key of an ATOMIC KEY was used for another block, whose record still lives.
	CodeKeyReused Code = "key-reused"
	// CodeLockLost: a lock's lease ended before the work that it protected.
	CodeLockLost Code = "lock-lost"

	// CodeStale: the catalog changed again and again while the statement was planned.
	CodeStale Code = "stale"
	// CodeCatalog: the catalog in the server is of another format, or damaged.
	CodeCatalog Code = "catalog"
	// CodeEmptyDocument: other programs' document would lose its last field, and so be gone.
	CodeEmptyDocument Code = "empty-document"
	// CodeMayMiss (warning): documents were found by an index that may lack some, as STALE allows.
	CodeMayMiss Code = "may-miss"
	// CodeMayEvict (warning): the server deletes keys by itself when its memory is full.
	CodeMayEvict Code = "may-evict"
	// CodeNeeds: the server lacks a capability that the statement needs.
	CodeNeeds Code = "needs"
	// CodeConnection: the server cannot be reached; nothing was sent.
	CodeConnection Code = "connection"
	// CodeDenied: the server refused: wrong password or missing right.
	CodeDenied Code = "denied"
	// CodeOutOfMemory: the server is out of memory; nothing happened.
	CodeOutOfMemory Code = "out-of-memory"
	// CodeReadOnly: the server takes no writes at the moment (replica, disk, missing replicas); nothing happened.
	CodeReadOnly Code = "read-only"
	// CodeBusy: the server is busy with a long script, loading, or asks to try again; nothing happened.
	CodeBusy Code = "busy"
	// CodeOutcomeUnknown: the connection broke after a write was sent.
	CodeOutcomeUnknown Code = "outcome-unknown"
	// CodeCancelled: the context ended.
	CodeCancelled Code = "cancelled"
	// CodeImport: an imported file cannot be read, or a record of it does not fit.
	CodeImport Code = "import"
	// CodeServer: the server answered with an error that has no other code.
	CodeServer Code = "server"
)
