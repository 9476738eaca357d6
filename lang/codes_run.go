package lang

// Codes for errors of documents, keys and servers while a statement runs. Those
// of single values are in codes_eval.go.
const (
	CodeKeyNotFound    Code = "key-not-found"
	CodeAlreadyExists  Code = "already-exists"
	CodeBadKey         Code = "bad-key"
	CodeUnique         Code = "unique"
	CodeKeyConflict    Code = "key-conflict"
	CodeRequired       Code = "required"
	CodeCheckFailed    Code = "check-failed"
	CodeKeyReused      Code = "key-reused"
	CodeOtherPartition Code = "other-partition"
	CodeLockLost       Code = "lock-lost"
	CodeEnsureFailed   Code = "ensure-failed"
	CodeRestricted     Code = "restricted"
	CodeDanglingRef    Code = "dangling-ref"
	CodeBadCursor      Code = "bad-cursor"
	CodeBadParam       Code = "bad-param"
	CodeBudget         Code = "budget"
	CodeTooLarge       Code = "too-large"
	CodeResultTooLarge Code = "result-too-large"
	CodeNotEmpty       Code = "not-empty"
	CodeEmptyDocument  Code = "empty-document"
	CodeImport         Code = "import"
	CodeMisfit         Code = "misfit"
	CodeStale          Code = "stale"
	CodeCatalog        Code = "catalog"
	CodeMayMiss        Code = "may-miss"
	CodeWideScatter    Code = "wide-scatter"
	CodeNotReplicated  Code = "not-replicated"
	CodeMayMisread     Code = "may-misread"
	CodeMayEvict       Code = "may-evict"
	CodeMayDouble      Code = "may-double"
	CodeNotRefreshed   Code = "not-refreshed"
	CodeCascadeCut     Code = "cascade-cut"
	CodeOlderModel     Code = "older-model"
	CodeNoIndex        Code = "no-index"
	CodeSchemaMismatch Code = "schema-mismatch"
	CodeNeeds          Code = "needs"
	CodeConnection     Code = "connection"
	CodeBadURL         Code = "bad-url"
	CodeDenied         Code = "denied"
	CodeOutOfMemory    Code = "out-of-memory"
	CodeReadOnly       Code = "read-only"
	CodeBusy           Code = "busy"
	CodeOutcomeUnknown Code = "outcome-unknown"
	CodeCancelled      Code = "cancelled"
	CodeServer         Code = "server"
)

func runCodes() []CodeInfo {
	return []CodeInfo{
		{Code: CodeKeyNotFound, Section: sectionDocuments, Status: 1, Summary: "GET, UPDATE or COPY of a missing key, without SKIP MISSING"},
		{Code: CodeAlreadyExists, Section: sectionDocuments, Status: 1, Summary: "CREATE or COPY of an existing key"},
		{Code: CodeBadKey, Section: sectionDocuments, Status: 1, Summary: "a key that is empty or longer than 1,024 bytes, or a full key of another form than that of its model; status 2 if this is known before the run"},
		{Code: CodeUnique, Section: sectionDocuments, Status: 1, Summary: "another document holds the value of a UNIQUE field or group of fields: `Holder`, in the message too, is its key"},
		{Code: CodeKeyConflict, Section: sectionDocuments, Status: 1, Summary: "ON CONFLICT found two different existing documents for one new document"},
		{Code: CodeRequired, Section: sectionDocuments, Status: 2, Summary: "a required field is absent or null; status 1 if this is known only at run time"},
		{Code: CodeCheckFailed, Section: sectionDocuments, Status: 1, Summary: "a CHECK is violated"},
		{Code: CodeKeyReused, Section: sectionDocuments, Status: 1, Summary: "the key of an ATOMIC KEY was used for another block"},
		{Code: CodeOtherPartition, Section: sectionDocuments, Status: 1, Summary: "a statement or an ATOMIC would touch more than one partition of a model with PARTITION BY, or beside one a model without; nothing was sent; status 2 if this is known before the run"},
		{Code: CodeLockLost, Section: sectionDocuments, Status: 1, Summary: "the lease of a lock ended before the work it protected (DB.Lock in Go)"},
		{Code: CodeEnsureFailed, Section: sectionDocuments, Status: 1, Summary: "the condition of an ENSURE is not true; the message is its ELSE, and `Reason` its CODE"},
		{Code: CodeRestricted, Section: sectionDocuments, Status: 1, Summary: "another document refers to a deleted one with ON DELETE RESTRICT: `Holder`, in the message too, is its key"},
		{Code: CodeDanglingRef, Section: sectionDocuments, Status: 1, Summary: "a ref with ON DELETE names a document that does not exist"},
		{Code: CodeBadCursor, Section: sectionDocuments, Status: 1, Summary: "the value of AFTER is a cursor of another statement, or not a cursor"},
		{Code: CodeBadParam, Section: sectionDocuments, Status: 1, Summary: "a parameter's value does not fit where it is used, or a row does not fit the Go type it is read into"},
		{Code: CodeBudget, Section: sectionDocuments, Status: 1, Summary: "an ATOMIC, or a change with LIMIT, exceeds the bounds of a step, or a script exceeds its bound of work; nothing was written"},
		{Code: CodeTooLarge, Section: sectionDocuments, Status: 1, Summary: "too many documents, bytes, rows, fields or values in one statement or text"},
		{Code: CodeResultTooLarge, Section: sectionDocuments, Status: 1, Summary: "the rows of one Exec exceed 64 MiB (Stream has no such limit), or the result of an ATOMIC exceeds 16 MiB"},
		{Code: CodeNotEmpty, Section: sectionDocuments, Status: 1, Summary: "DROP MODEL while documents exist, or another model uses it (then status 2)"},
		{Code: CodeEmptyDocument, Section: sectionDocuments, Status: 1, Summary: "a hash of a model with KEYS or WRITERS ANY would lose its last field, and thus cease to exist"},
		{Code: CodeMisfit, Section: sectionDocuments, Status: 1, Summary: "ALTER MODEL cannot convert the values of some documents, whose number and keys the message has; nothing was changed"},
		{Code: CodeImport, Section: sectionDocuments, Status: 1, Summary: "a file cannot be read or written, the iterator of an `Insert` in Go cannot be read, or a record does not fit"},

		{Code: CodeStale, Section: sectionServer, Status: 1, Transient: true, Summary: "the catalog changed repeatedly while the statement was planned; nothing was changed"},
		{Code: CodeCatalog, Section: sectionServer, Status: 3, Summary: "the catalog is damaged, or has a newer format"},
		{Code: CodeMayMiss, Section: sectionServer, Status: 1, Summary: "warning: documents were found by an index that may be incomplete, as STALE allows"},
		{Code: CodeWideScatter, Section: sectionServer, Status: 0, Summary: "warning: a statement worked in more than 10,000 partitions"},
		{Code: CodeNotReplicated, Section: sectionServer, Status: 0, Summary: "warning: fewer replicas than `?wait=` asks for had a change within a second; it is made, and lost if the primary fails before they have it"},
		{Code: CodeMayMisread, Section: sectionServer, Status: 0, Summary: "warning of MODEL: the values that other programs stored fit their type and look like another: durations like nanoseconds, which `duration<ns>` reads, refs like the names of documents, which `ref<Model, key>` reads"},
		{Code: CodeMayEvict, Section: sectionServer, Status: 0, Summary: "warning of MODEL, and of `rql` when it connects: the server deletes keys when its memory is full"},
		{Code: CodeMayDouble, Section: sectionServer, Status: 0, Summary: "warning of IMPORT: the records have no key, and the model has documents: a second import of a file doubles them"},
		{Code: CodeNotRefreshed, Section: sectionServer, Status: 0, Summary: "warning of a read with REFRESH ON READ: the server refused to extend the expiration of the documents, which were read nonetheless"},
		{Code: CodeCascadeCut, Section: sectionServer, Status: 0, Summary: "warning of a read with REFRESH ON READ: CASCADE TTL leads to more documents than one statement follows, and the expiration of the rest was not extended"},
		{Code: CodeOlderModel, Section: sectionServer, Status: 0, Summary: "warning of MODEL: this is an earlier definition of the model, whose fields still exist; nothing was changed"},
		{Code: CodeNoIndex, Section: sectionServer, Status: 0, Summary: "warning of `rql check` on Go code: no index serves a condition or an order, so every document is read"},
		{Code: CodeSchemaMismatch, Section: sectionServer, Status: 1, Summary: "the models of the database lack something that the program's have (`SchemaCheck` in Go); the hint has the statements that bring it"},
		{Code: CodeNeeds, Section: sectionServer, Status: 1, Summary: "the server lacks a capability or command that the statement requires, or the program lacks the package for the URL"},
		{Code: CodeBadURL, Section: sectionServer, Status: 3, Summary: "a database URL that cannot be used; the message says what is wrong with it"},
		{Code: CodeConnection, Section: sectionServer, Status: 3, Transient: true, Summary: "the server cannot be reached, or a read was not answered in time and may still be running"},
		{Code: CodeDenied, Section: sectionServer, Status: 1, Summary: "the server denied access: a wrong password (then status 3) or a missing permission; nothing was changed"},
		{Code: CodeOutOfMemory, Section: sectionServer, Status: 1, Transient: true, Summary: "the server has reached maxmemory; nothing was changed"},
		{Code: CodeReadOnly, Section: sectionServer, Status: 1, Transient: true, Summary: "the server does not accept writes: a replica, a full disk, missing replicas; or the program was started with --read-only; nothing was changed"},
		{Code: CodeBusy, Section: sectionServer, Status: 1, Transient: true, Summary: "the server is running a long script or loading, or its cluster is moving these keys, for longer than the [retry time](engine.md#the-wire); nothing was changed"},
		{Code: CodeOutcomeUnknown, Section: sectionServer, Status: 5, Summary: "the connection broke after a write was sent, or there was no reply in time; read the data before repeating the write"},
		{Code: CodeCancelled, Section: sectionServer, Status: 130, Summary: "the context ended, or ^C was pressed; see the outcome"},
		{Code: CodeServer, Section: sectionServer, Status: 1, Summary: "the server replied with an error that has no other code"},
	}
}
