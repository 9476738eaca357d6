// Package ft speaks with Search: it makes, lists, drops and awaits its indexes, and
// reads its replies in either version of the protocol.
package ft
