// Package run executes plans: it sends their steps, reads the replies and gives the rows. A task is what all ways to do
// that share; above it stand reads by key, scans, searches and blocks, and above these the job that chooses one.
package run
