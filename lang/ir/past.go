package ir

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// pastKept is how many earlier definitions of a model are remembered.
const pastKept = 64

// History are the hashes of the definitions that come before a new one: those of Past, and the one that is complete now.
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

// Knew reports whether the model had a definition before the one that it has now, or is being given.
func (m *Model) Knew(def string) bool {
	return def != m.Def && (def == m.Complete || slices.Contains(m.Past, hashOf(def)))
}

func hashOf(def string) string {
	sum := sha256.Sum256([]byte(def))
	return hex.EncodeToString(sum[:8])
}
