// Package conn is the connection to a database: it reads the URL, finds out what the
// server can do, sends commands and scripts, and repeats what surely was not carried
// out. Errors of the client and answers of the server become errors of a statement here.
package conn
