// Package conn is the connection to a database: it parses the URL, probes the capabilities of the server, sends commands and
// scripts, and retries what was certainly not executed. It converts errors of the client and error replies to errors of a
// statement.
package conn
