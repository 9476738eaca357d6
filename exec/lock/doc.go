// Package lock holds locks with a lease, renews it while the work lasts, and numbers
// the holders.
package lock
