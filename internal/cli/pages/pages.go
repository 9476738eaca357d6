// Package pages writes what other programs show of the command line of rql: completion for shells, and manual pages. All
// of it is made of the tables that the command line is parsed by.
package pages

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/internal/cli/args"
)

// kind is what completes a value.
type kind string

// The kinds of values.
const (
	nothing kind = ""
	files   kind = "file"
	folders kind = "folder"
	words   kind = "words"
)

// valueOf says what completes the value of a flag or an argument, by the word that stands for it.
func valueOf(name string) (kind, []string) {
	switch strings.ToLower(name) {
	case "file":
		return files, nil
	case "dir":
		return folders, nil
	case "format":
		return words, append(args.Formats(), string(args.Mermaid), string(args.Dot), string(args.SVG))
	case "shell":
		return words, args.ShellNames()
	}
	return nothing, nil
}

// all lists a description and those of all commands below it.
func all(d *args.Description) []*args.Description {
	out := []*args.Description{d}
	for i := range d.Commands {
		out = append(out, all(&d.Commands[i])...)
	}
	return out
}

// next lists the words that may follow the name of a command: its commands, or what its arguments are.
func next(root, d *args.Description) (kind, []string) {
	var list []string
	for _, c := range d.Commands {
		list = append(list, last(c.Name))
	}
	switch {
	case d.Name == "help":
		for _, c := range root.Commands {
			list = append(list, c.Name)
		}
		list = append(list, args.Topics()...)
	case d.Name == "man":
		for _, c := range root.Commands {
			list = append(list, c.Name)
		}
	case len(list) == 0 && len(d.Args) > 0:
		return valueOf(d.Args[0].Name)
	}
	if len(list) == 0 {
		return nothing, nil
	}
	slices.Sort(list)
	return words, slices.Compact(list)
}

// last is the last word of a name.
func last(name string) string { return name[strings.LastIndexByte(name, ' ')+1:] }

// own are the flags of a command, with those of the command above it.
func own(root, d *args.Description) []args.Flag {
	out := slices.Clone(d.Flags)
	if parent, _, below := strings.Cut(d.Name, " "); below {
		for _, c := range root.Commands {
			if c.Name == parent {
				out = append(out, c.Flags...)
			}
		}
	}
	return out
}

// flagsOf are those of a command, with those of the program.
func flagsOf(root, d *args.Description) []args.Flag {
	out := own(root, d)
	for _, f := range root.Flags {
		if d != root && f.Name == "command" { // -c takes the place of a command
			continue
		}
		if !slices.ContainsFunc(out, func(x args.Flag) bool { return x.Name == f.Name }) {
			out = append(out, f)
		}
	}
	return out
}
