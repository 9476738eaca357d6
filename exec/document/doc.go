// Package document reads documents: the columns of a document with one command, the values by the types of the fields, and the
// names of documents that no set lists.
package document
