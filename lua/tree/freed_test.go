package tree

import (
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"
)

// A tree that is in use keeps no tree that was made before it.
func TestTreesAreFreed(t *testing.T) {
	var made []weak.Pointer[Node]
	var last *Node
	for range 200 {
		var w Writer
		w.W("local x=%s", Call(Name("f"), Str("a"), Table(Int(1), X("%s+1", Name("y")))))
		w.W("if %s then return x end", X("x==%s", Int(2)))
		last = w.Block()
		made = append(made, weak.Make(last))
	}
	runtime.GC()
	runtime.GC()
	for i, p := range made[:len(made)-1] {
		require.Nil(t, p.Value(), i)
	}
	runtime.KeepAlive(last)
}
