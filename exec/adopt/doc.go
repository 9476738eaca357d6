// Package adopt finds the documents that other programs made, and proposes models for them. It only reads.
package adopt
