package lua

import _ "embed"

// defineText is the one script that changes the catalog.
//
//go:embed whole/define.lua
var defineText string

// Define is the script that changes a model's definition: see whole/define.lua.
func Define() *Script {
	s := &Script{Text: defineText, Access: Writes}
	s.finish()
	return s
}
