// Package lock holds locks with a lease, renews the lease while the work lasts, and gives each holder a fencing token.
package lock
