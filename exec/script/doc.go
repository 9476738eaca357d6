// Package script defines the form of a script call: the words that are sent, and the reply, which is read by position. It sends
// nothing.
package script
