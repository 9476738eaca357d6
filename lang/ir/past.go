package ir

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// pastKept is the maximum number of earlier definitions in the history of a model.
const pastKept = 64

// History returns the hashes of the definitions before a new one: those of Past, and the current one if it is complete.
func (m *Model) History() []string {
	def := m.Complete
	if def == "" {
		def = m.Def
	}
	h := hashOf(def)
	past := slices.DeleteFunc(slices.Clone(m.Past), func(x string) bool { return x == h })
	past = append(past, h)
	return past[max(0, len(past)-pastKept):]
}

// Knew reports whether def is a definition that the model had before its current or new one.
func (m *Model) Knew(def string) bool {
	return def != m.Def && (def == m.Complete || slices.Contains(m.Past, hashOf(def)))
}

func hashOf(def string) string {
	sum := sha256.Sum256([]byte(def))
	return hex.EncodeToString(sum[:8])
}
