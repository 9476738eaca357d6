package spec

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/rql-lang/rql/lang"
)

// Script is one .rqlt file.
type Script struct {
	Path  string
	Given string // statements that run first in every case
	Cases []*Case

	lines []string // the file as read
}

// Case is one test of a script. It has its own database.
type Case struct {
	Name   string
	Line   int      // of its "# test:" line, from 1
	Needs  []string // capabilities a backend must have
	Only   []string // the only backends that run it; empty: all
	Given  string   // statements that run first, after the script's
	Blocks []*Block
}

// Block is a group of statements and the expected result of the last one.
type Block struct {
	Line      int // of the first line of Text, from 1
	Text      string
	Params    map[string]any
	CursorAs  string        // the parameter that receives the cursor of the block before
	Advance   time.Duration // how far the clock moves before the block
	Raw       [][]string    // commands of another program that are sent before the block, keys without the namespace
	Unordered bool          // rows may be in any order, whatever the statement says
	Pins      []Pin         // errors expected on single lines; Expect is empty then
	Expect    Expect
}

// Pin is an error that must be reported on one line of a block.
type Pin struct {
	Line int // of the block's text, from 1
	Code lang.Code
}

// Expect is the part under the "----" of a block.
type Expect struct {
	Line, End int // lines of the file, from 1: [Line, End)
	OK        bool
	NoRows    bool
	Rows      []Row
	Columns   []string
	Affected  *int64
	Cursor    *bool
	Warns     []lang.Code
	Error     *ExpectError
	Text      []string // of plan, state, types or print
	TextKind  string   // which of them; "" for none
}

// ExpectError is an expected error.
type ExpectError struct {
	Code    lang.Code
	Message string // a regular expression for the message; "" for any
}

// Row is a row of a result: its columns in order.
type Row []Cell

// Cell is one column of a row.
type Cell struct {
	Name  string
	Value any
}

// ReadScript reads a script. Anything that is not part of the format is an error.
func ReadScript(path, text string) (*Script, error) {
	r := &reader{script: &Script{Path: path, lines: strings.Split(text, "\n")}}
	for r.pos < len(r.script.lines) {
		if err := r.section(); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, r.pos+1, err)
		}
	}
	if err := r.endCase(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", path, len(r.script.lines), err)
	}
	if len(r.script.Cases) == 0 {
		return nil, fmt.Errorf("%s: no case", path)
	}
	return r.script, nil
}

// reader iterates over the lines of a script. r.pos is the current line, from
// 0.
type reader struct {
	script *Script
	pos    int
	cur    *Case
	block  *Block // directives and statements collected so far; nil between blocks
	text   []string
}

func isComment(line string) bool   { return strings.HasPrefix(line, "##") }
func isDirective(line string) bool { return strings.HasPrefix(line, "#") && !isComment(line) }

// section reads the current line and the lines that belong to it.
func (r *reader) section() error {
	line := r.script.lines[r.pos]
	switch {
	case isComment(line):
		r.pos++
		return nil
	case isDirective(line):
		return r.directive(line)
	case line == "----":
		return r.expectation()
	case r.cur == nil:
		if strings.TrimSpace(line) != "" {
			return fmt.Errorf("%q stands before the first \"# test:\"", line)
		}
		r.pos++
		return nil
	}
	return r.statement(line)
}

// statement takes one line of a block's text, and its pin.
func (r *reader) statement(line string) error {
	if len(r.text) == 0 && strings.TrimSpace(line) == "" {
		r.pos++
		return nil
	}
	b := r.open()
	if len(r.text) == 0 {
		b.Line = r.pos + 1
	}
	if m := pinned.FindStringSubmatchIndex(line); m != nil {
		for _, code := range strings.Fields(line[m[2]:m[3]]) {
			b.Pins = append(b.Pins, Pin{Line: len(r.text) + 1, Code: lang.Code(code)})
		}
		line = line[:m[0]]
	}
	r.text = append(r.text, line)
	r.pos++
	return nil
}

var pinned = regexp.MustCompile(`[ \t]+#! ([a-z0-9-]+(?: [a-z0-9-]+)*)[ \t]*$`)

func (r *reader) open() *Block {
	if r.block == nil {
		r.block = &Block{}
	}
	return r.block
}

// closeBlock ends the statements of a block.
func (r *reader) closeBlock() *Block {
	b := r.block
	b.Text = strings.TrimRight(strings.Join(r.text, "\n"), " \n")
	r.cur.Blocks = append(r.cur.Blocks, b)
	r.block, r.text = nil, nil
	return b
}

// endCase ends a case: only a block with pins may lack a "----".
func (r *reader) endCase() error {
	if r.cur == nil {
		return nil
	}
	if r.block != nil {
		if len(r.block.Pins) == 0 {
			return fmt.Errorf("the statements of case %q have no \"----\" and no \"#!\"", r.cur.Name)
		}
		r.closeBlock()
	}
	if len(r.cur.Blocks) == 0 {
		return fmt.Errorf("case %q is empty", r.cur.Name)
	}
	r.script.Cases = append(r.script.Cases, r.cur)
	r.cur = nil
	return nil
}
