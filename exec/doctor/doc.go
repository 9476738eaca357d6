// Package doctor examines a database and its server: the server's capabilities, risks for the documents, unfinished work, and
// orphans. It only reads.
package doctor
