// Package doctest tests the examples in documents: every RQL example is parsed,
// checked and run on the embedded server, in order, and its output is compared
// with the output shown in the document.
//
// An example is a fenced block whose first line says how it is tested:
//
//	```rql                 run as by the program rql; it must succeed
//	```rql min=30 to='b'   the same with parameters
//	```rql check           parsed and checked, not run
//	```go                  a whole program: built and run
//	```output              what the block before it printed; then it may also have failed.
//	                       A line of just … stands for any lines
//
// All examples of one document share a database. Other blocks are ignored.
package doctest

import (
	"fmt"
	"strings"
)

// Block is a fenced block of a document.
type Block struct {
	Line   int    // of its first line of text, from 1
	Kind   string // rql, go
	Mode   string // of rql: "" or check
	Params []string
	Text   string
	Output *string // of the output block after it; nil if there is none
	Got    string  // its output, once it has run

	outAt int // line of Output's first line, from 1
}

// Blocks returns the examples of a Markdown text.
func Blocks(text string) ([]*Block, error) {
	var out []*Block
	var open *Block
	var body []string
	for i, line := range strings.Split(text, "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case !fence && open != nil:
			body = append(body, line)
		case !fence:
		case open != nil:
			if info != "" {
				return nil, fmt.Errorf("line %d: a block inside a block", i+1)
			}
			for _, l := range body {
				open.Text += l + "\n"
			}
			var err error
			if out, err = appendBlock(out, open); err != nil {
				return nil, err
			}
			open = nil
		default:
			open, body = &Block{Line: i + 2}, nil
			if err := open.heading(info); err != nil {
				return nil, err
			}
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: a block has no end", open.Line)
	}
	return out, nil
}

// appendBlock adds an example, or gives the one before it its output.
func appendBlock(list []*Block, b *Block) ([]*Block, error) {
	switch b.Kind {
	case "rql", "go":
		return append(list, b), nil
	case "output":
		if len(list) == 0 || list[len(list)-1].Output != nil {
			return nil, fmt.Errorf("line %d: output of no example", b.Line)
		}
		list[len(list)-1].Output, list[len(list)-1].outAt = &b.Text, b.Line
	}
	return list, nil
}

// heading reads the words behind the fence.
func (b *Block) heading(info string) error {
	words := strings.Fields(info)
	if len(words) == 0 {
		return nil
	}
	b.Kind = words[0]
	for _, w := range words[1:] {
		switch {
		case b.Kind != "rql":
			return fmt.Errorf("line %d: %q says nothing of a block of %s", b.Line, w, b.Kind)
		case w == "check":
			b.Mode = w
		case strings.Contains(w, "="):
			b.Params = append(b.Params, w)
		default:
			return fmt.Errorf("line %d: what does %q mean?", b.Line, w)
		}
	}
	return nil
}
