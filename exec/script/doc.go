// Package script is the shape of a script's call: the words that are sent, and the
// reply that is read by position. It sends nothing.
package script
