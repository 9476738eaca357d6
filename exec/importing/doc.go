// Package importing executes IMPORT: it reads the records of a file into batches of documents, and sends a few batches at a time.
package importing
