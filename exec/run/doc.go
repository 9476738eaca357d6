// Package run executes plans: it sends their steps, reads the replies and returns the rows. A task is the state common to all
// kinds of steps; reads by key, scans, searches and blocks build on it, and a job chooses among these.
package run
