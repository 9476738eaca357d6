package lua

import _ "embed"

//go:embed whole/define.lua
var defineText string

//go:embed whole/drop.lua
var dropText string

// Define is the script that changes a model's definition: see whole/define.lua.
func Define() *Script { return whole(defineText, Writes) }

// Drop is the script that takes a model out of the catalog: see whole/drop.lua.
func Drop() *Script { return whole(dropText, Deletes) }

func whole(text string, access Access) *Script {
	s := &Script{Text: text, Access: access}
	s.finish()
	return s
}
