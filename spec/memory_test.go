package spec

import (
	"runtime/metrics"
	"sync"
	_ "unsafe" // for the compiled scripts of the embedded server
)

// compiled are the compiled scripts of every embedded server in this process. The server never removes one: of the scripts of all
// suites and random programs they take 15 GiB.
//
//go:linkname compiled github.com/alicebob/miniredis/v2.parsedScripts
var compiled sync.Map

// mostLive is how many bytes may be in use before the compiled scripts are removed. A server compiles what it still needs again.
const mostLive = 1 << 30

// freeScripts removes the compiled scripts if the last garbage collection left more than mostLive in use.
func freeScripts() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if live[0].Value.Uint64() > mostLive {
		compiled.Clear()
	}
}
