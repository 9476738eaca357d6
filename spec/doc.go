// Package spec is the definition of RQL and its test suite: the language
// reference, and conformance scripts that state the result of every statement.
// README.md documents the scripts' format.
//
// Run runs the scripts on a Backend: the judge (package judge), the embedded
// server, a redis-server, or any other implementation of the interface. Every
// backend must return the same rows and the same error codes.
package spec
