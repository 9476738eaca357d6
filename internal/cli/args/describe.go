package args

import (
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Description is what the program, or one of its commands, takes: what help, completion and manual pages are made of.
type Description struct {
	Name     string // with those of the commands above it: "migrate up"; "" of the program
	Help     string // one line
	Detail   string // paragraphs, with examples indented; or ""
	Flags    []Flag
	Args     []Arg
	Commands []Description
}

// Flag is an option.
type Flag struct {
	Name  string // without --
	Short string // one letter, or ""
	Value string // what stands for its value, such as FILE; "" of one that takes none
	Help  string
}

// Arg is an argument.
type Arg struct {
	Name     string
	Help     string
	Optional bool
	Many     bool
}

// Describe describes the program and all its commands.
func Describe() (*Description, error) {
	k, err := kong.New(&grammar{}, options(io.Discard)...)
	if err != nil {
		return nil, fmt.Errorf("command line: %w", err)
	}
	all := describe(k.Model.Node, "")
	all.Detail = overview
	for _, c := range k.Model.Children { // the prompt is the program without a command
		if c.Name == string(Shell) {
			d := describe(c, "")
			all.Flags, all.Args = append(d.Flags, all.Flags...), d.Args
		}
	}
	return &all, nil
}

func describe(n *kong.Node, name string) Description {
	d := Description{Name: name, Help: n.Help, Detail: n.Detail}
	for _, f := range n.Flags {
		if f.Hidden {
			continue
		}
		x := Flag{Name: f.Name, Help: f.Help}
		if f.Short != 0 {
			x.Short = string(f.Short)
		}
		if !f.IsBool() {
			x.Value = f.FormatPlaceHolder()
		}
		d.Flags = append(d.Flags, x)
	}
	for _, p := range n.Positional {
		d.Args = append(d.Args, Arg{Name: p.Name, Help: p.Help, Optional: !p.Required, Many: p.IsCumulative()})
	}
	for _, c := range n.Children {
		if !c.Hidden {
			below := c.Name
			if name != "" {
				below = name + " " + c.Name
			}
			d.Commands = append(d.Commands, describe(c, below))
		}
	}
	return d
}
