// Package doctor examines a database and its server: what the server can do, what endangers the documents, what was left
// unfinished, and what nothing refers to. It only reads.
package doctor
