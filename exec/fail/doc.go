// Package fail makes the errors of a run: their wording, their hints, and what a failed step left behind. It knows codes and
// values, but no server.
package fail
