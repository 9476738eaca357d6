// Package importing carries out IMPORT: it reads the records of a file into batches of documents, and sends a few of
// them at a time.
package importing
