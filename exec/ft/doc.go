// Package ft manages Search indexes: it creates, lists and drops them, waits until they are complete, and reads Search replies of
// both protocol versions.
package ft
