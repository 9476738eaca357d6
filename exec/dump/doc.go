// Package dump writes a database as a text of RQL that makes it again: MODEL, RESTORE and PROCEDURE statements, in an order
// and a form that depend on the data alone.
package dump
