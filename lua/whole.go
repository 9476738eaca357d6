package lua

import _ "embed"

//go:embed whole/define.lua
var defineText string

//go:embed whole/drop.lua
var dropText string

// Define is the script that changes a model's definition: see whole/define.lua.
func Define() *Script { return whole(defineText, Writes) }

//go:embed whole/procedure.lua
var procedureText string

// Procedure is the script that changes a procedure's definition: see whole/procedure.lua.
func Procedure() *Script { return whole(procedureText, Writes) }

//go:embed whole/lock.lua
var lockText string

//go:embed whole/renew.lua
var renewText string

//go:embed whole/unlock.lua
var unlockText string

// Lock, Renew and Unlock are the scripts of locks: see whole/lock.lua, renew.lua and unlock.lua.
func Lock() *Script { return whole(lockText, Writes) }

// Renew makes a lease longer.
func Renew() *Script { return whole(renewText, Writes) }

// Unlock gives locks back; it works on a full server too.
func Unlock() *Script { return whole(unlockText, Deletes) }

// Drop is the script that takes a model out of the catalog: see whole/drop.lua.
func Drop() *Script { return whole(dropText, Deletes) }

func whole(text string, access Access) *Script {
	s := &Script{Text: text, Access: access}
	s.finish()
	return s
}
