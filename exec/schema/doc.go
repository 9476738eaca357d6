// Package schema executes the statements that change the catalog: MODEL, including its changes of existing documents, ALTER, DROP
// and PROCEDURE; and VERIFY … REPAIR, which rebuilds what is stored in addition to the documents.
package schema
