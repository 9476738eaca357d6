package spec

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"time"
	_ "unsafe" // for the compiled scripts of the embedded server
)

// compiled are the compiled scripts of every embedded server in this process. The server never removes one: of the scripts of all
// suites and random programs they take 15 GiB.
//
//go:linkname compiled github.com/alicebob/miniredis/v2.parsedScripts
var compiled sync.Map

// mostLive is how many bytes may be in use before the compiled scripts are removed. A server compiles what it still needs again.
const mostLive = 512 << 20

func init() {
	go func() {
		most := uint64(mostLive)
		for range time.Tick(100 * time.Millisecond) {
			if live() > most {
				compiled.Clear()
				runtime.GC() // otherwise the next collection would wait until as much again is in use
				most = max(mostLive, 2*live())
			}
		}
	}()
}

// live is how many bytes the last garbage collection left in use.
func live() uint64 {
	of := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(of)
	return of[0].Value.Uint64()
}
