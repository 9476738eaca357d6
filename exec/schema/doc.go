// Package schema carries out the statements that change the catalog: MODEL, with what the documents that are there
// lack of it, DROP, PROCEDURE, and VERIFY … REPAIR, which makes anew what is kept beside the documents.
package schema
