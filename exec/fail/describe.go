package fail

import (
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lua"
)

// Describe returns the message and hint for a failure that a script reports by its code.
func Describe(code lang.Code, key, field, text string) (message, hint string) {
	k, f := lang.Quote(key), field
	switch code {
	case lang.CodeKeyNotFound:
		return "there is no document " + k, "SKIP MISSING omits keys that do not exist"
	case lang.CodeAlreadyExists:
		return "the document " + k + " exists", "ON CONFLICT SKIP, GET or SET …, or PUT to replace it"
	case lang.CodeUnique:
		return "the document " + lang.Quote(text) + " has the same " + f + " as " + k, ""
	case lang.CodeRestricted:
		return "the document " + lang.Quote(text) + " refers to " + k + " by " + f + ", which is ON DELETE RESTRICT", "delete it first, or make it refer to another document; within one ATOMIC the order does not matter"
	case lang.CodeDanglingRef:
		return f + " of " + k + " names " + lang.Quote(text) + ", which does not exist", "create it first; within one ATOMIC the order does not matter"
	case lang.CodeKeyConflict:
		return "two different documents are in the way of " + k + " (by its key and by " + f + ")", ""
	case lang.CodeRequired:
		return f + " of " + k + " may not be null", ""
	case lang.CodeCheckFailed:
		if f == "" {
			return "CHECK " + text + " does not hold for " + k, ""
		}
		return "CHECK " + text + " of " + f + " does not hold for " + k, ""
	case lang.CodeEnsureFailed:
		if text != "" {
			return text, "ENSURE " + f
		}
		return "ENSURE " + f + " does not hold", ""
	case lang.CodeBadValue:
		if text == lua.NoKey {
			return "the hash " + k + " lies where the document would, and has no " + f + ": it is none", "something else wrote it, or took the field out: look at it with HGETALL, and DEL it"
		}
		if f == "" {
			return "the key " + k + " holds another kind of value", "another program writes under this prefix: check with TYPE " + key
		}
		return "the stored " + f + " of " + k + " does not fit its type: " + lang.Quote(Clip(strings.TrimPrefix(text, codec.Misfit), 60)), "VERIFY lists all such documents"
	case lang.CodeTooLarge:
		switch {
		case text == "nested":
			return f + " of " + k + " would be nested more than 100 levels deep", ""
		case text != "":
			return f + " of " + k + " would have " + text + " bytes as JSON, but at most 1048576 can be stored", "keep what grows in a set<T>, a pqueue<T> or documents of its own"
		}
	case lang.CodeBadKey:
		return "a key has 1 to 1024 bytes; this one has " + strconv.Itoa(len(key)), ""
	case lang.CodeIndexedTooLong:
		return "the value of " + f + " of " + k + " is too long for an index: at most 1,024 bytes", ""
	case lang.CodeNeeds:
		return "the Search index " + k + " lacks documents that other programs wrote and Search cannot index", "find their keys first, with LET, and use the keys; VERIFY lists them"
	case lang.CodeBudget:
		if text == "bytes" {
			return "the statement would read more than one atomic step may: 64 MiB of documents", "narrow the predicate, or leave long fields out of it"
		}
		if text == "cascade" {
			return "CASCADE TTL leads from this statement's documents to more than one atomic step may change: 1,000 documents, chains of 16 refs, and 10,000 members of a collection",
				"set the expiration of fewer documents at once, or remove CASCADE TTL from a field that leads to many"
		}
		if text == "work" {
			m := "the statement asks for more work than one script may do: bytes and elements read, copied and created"
			if key != "" {
				m += "; it came to " + k
			}
			return m, "narrow the predicate, work in smaller parts, and avoid long texts and lists in conditions"
		}
		return "the statement would touch more than one atomic step may: 10,000 documents, 100,000 index entries and rounds of FOR",
			"narrow the predicate, add an index that serves it, or work in steps"
	case lang.CodeResultTooLarge:
		return "the block would return more than 16 MiB", "nothing was written; return less, or read it with a separate FIND"
	case lang.CodeDenied:
		return "the server's ACL does not allow " + f + " on " + k, "nothing was written"
	case lang.CodeKeyReused:
		return "the key of this ATOMIC KEY was used for another block: " + k + " holds its result", "use a new key; the same block returns the result again"
	case lang.CodeBadConversion:
		if f != "" {
			return lang.Quote(Clip(text, 60)) + " is no value of " + f + " of " + k, ""
		}
	}
	m, hint := faults(code)
	if f != "" {
		m += " in " + f
	}
	if key != "" {
		m += " of " + k
	}
	if text != "" {
		m += ": " + Clip(text, 200)
	}
	return m, hint
}

// faults returns the message and hint for an error in the evaluation of an expression in a script.
func faults(code lang.Code) (message, hint string) {
	switch code {
	case lang.CodeDivisionByZero:
		return "division by zero", "when(b = 0, null, a / b) returns null instead"
	case lang.CodeOverflow:
		return "a number is beyond the range of its type", "an int lies within ±9007199254740991, a datetime within the years 1 to 9999"
	case lang.CodeNotFinite:
		return "a float became infinite or NaN", ""
	case lang.CodeNegativeExponent:
		return "an int has no power with a negative exponent", "float(x) ** y is a float"
	case lang.CodeBadConversion:
		return "a value cannot be converted to the required type", ""
	case lang.CodeBadArgument:
		return "an argument has an invalid value", ""
	case lang.CodeStringTooLong:
		return "a string would be longer than 1 MiB", ""
	case lang.CodeIndexOutOfRange:
		return "the list has no such element", "append and insert make a list longer"
	case lang.CodeNullValue:
		return "null where a value is required", "coalesce(x, …) replaces null by another value"
	}
	return strings.ReplaceAll(string(code), "-", " "), ""
}

// Clip shortens a text for a message.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
