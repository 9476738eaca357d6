// Package adopt finds documents that other programs created, and proposes models for them. It only reads.
package adopt
