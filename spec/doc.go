// Package spec is the definition of RQL and its proof: the language reference,
// and conformance scripts that say what every statement gives. README.md
// documents the scripts' format.
//
// Run carries the scripts out on a Backend: the judge (package judge), the
// embedded server, a redis-server, or whatever else implements the interface.
// Every backend must give the same rows and the same error codes.
package spec
