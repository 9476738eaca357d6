// Package lsp is the language server of RQL: diagnostics with their corrections, completion, hover, definitions and
// layout, for editors, over the Language Server Protocol on standard input and output.
//
// The transport is github.com/sourcegraph/jsonrpc2. The few messages that are spoken have types of their own here: the
// Go library of all of them (go.lsp.dev/protocol) was last released in 2022, and brings a logger and a JSON library along.
package lsp
