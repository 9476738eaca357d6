package pages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/internal/cli/args"
)

// Completion gives the script by which a shell completes the words of rql; "" for a shell that is not known.
func Completion(root *args.Description, shell string) string {
	var b strings.Builder
	switch shell {
	case "bash":
		bash(&b, root)
	case "zsh":
		zsh(&b, root)
	case "fish":
		fish(&b, root)
	}
	return b.String()
}

// quote writes a text for bash, zsh and fish, which read single quotes alike but for one within them.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// valued lists the names of flags that have a value of a kind, as they are written.
func valued(root *args.Description, of func(kind, []string) bool) (out []string) {
	seen := map[string]bool{}
	for _, d := range all(root) {
		for _, f := range d.Flags {
			if f.Value == "" || !of(valueOf(f.Value)) {
				continue
			}
			for _, name := range written(f) {
				if !seen[name] {
					seen[name] = true
					out = append(out, name)
				}
			}
		}
	}
	return out
}

func written(f args.Flag) []string {
	out := []string{"--" + f.Name}
	if f.Short != "" {
		out = append(out, "-"+f.Short)
	}
	return out
}

// find writes the loop that finds the command among the words before the cursor, for bash and zsh.
func find(b *strings.Builder, root *args.Description, loop string) {
	fmt.Fprintf(b, "  local cmd=\n  %s\n    case \"$cmd $word\" in\n", loop)
	for _, d := range all(root)[1:] {
		name := " " + d.Name
		if above, _, below := strings.Cut(d.Name, " "); below {
			name = above + " " + last(d.Name)
		}
		fmt.Fprintf(b, "    %s) cmd=%s ;;\n", quote(name), quote(d.Name))
	}
	b.WriteString("    esac\n  done\n")
}

// cases writes a case for the value of the flag in front, for bash and zsh; say writes what completes it.
func cases(b *strings.Builder, root *args.Description, say func(k kind, list []string) string) {
	b.WriteString("  case \"$prev\" in\n")
	seen := map[string]bool{}
	for _, d := range all(root) {
		for _, f := range d.Flags {
			k, list := valueOf(f.Value)
			key := string(k) + strings.Join(list, " ")
			if f.Value == "" || seen[key] {
				continue
			}
			seen[key] = true
			names := valued(root, func(x kind, l []string) bool { return string(x)+strings.Join(l, " ") == key })
			fmt.Fprintf(b, "  %s) %s; return ;;\n", strings.Join(names, "|"), say(k, list))
		}
	}
	b.WriteString("  esac\n")
}

func bash(b *strings.Builder, root *args.Description) {
	b.WriteString("# Completion of rql for bash, made by rql completion bash.\n_rql() {\n  local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\" word\n  local IFS=$'\\n'\n  COMPREPLY=()\n")
	find(b, root, `for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`)
	say := func(k kind, list []string) string {
		switch k {
		case files:
			return `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))`
		case folders:
			return `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur"))`
		case words:
			return "COMPREPLY=($(compgen -W $'" + strings.Join(list, `\n`) + `' -- "$cur"))`
		}
		return ":"
	}
	cases(b, root, say)
	b.WriteString("  case \"$cmd\" in\n")
	for _, d := range all(root) {
		var flags []string
		for _, f := range flagsOf(root, d) {
			flags = append(flags, written(f)...)
		}
		k, list := next(root, d)
		fmt.Fprintf(b, "  %s) if [[ $cur == -* ]]; then %s; else %s; fi ;;\n", quote(d.Name), say(words, flags), say(k, list))
	}
	b.WriteString("  esac\n}\ncomplete -F _rql rql\n")
}

func zsh(b *strings.Builder, root *args.Description) {
	b.WriteString("#compdef rql\n# Completion of rql for zsh, made by rql completion zsh.\n_rql() {\n  local word prev=\"${words[CURRENT-1]}\"\n  local -a list\n")
	find(b, root, `for word in "${(@)words[2,CURRENT-1]}"; do`)
	cases(b, root, func(k kind, list []string) string {
		switch k {
		case files:
			return "_files"
		case folders:
			return "_files -/"
		case words:
			return "compadd -- " + strings.Join(list, " ")
		}
		return ":"
	})
	b.WriteString("  case \"$cmd\" in\n")
	for _, d := range all(root) {
		fmt.Fprintf(b, "  %s)\n    if [[ $PREFIX == -* ]]; then\n      list=(", quote(d.Name))
		for _, f := range flagsOf(root, d) {
			for _, name := range written(f) {
				b.WriteString("\n        " + quote(name+":"+f.Help))
			}
		}
		b.WriteString(")\n      _describe -o flag list\n    else\n")
		switch k, list := next(root, d); {
		case len(d.Commands) > 0:
			b.WriteString("      list=(")
			for _, c := range d.Commands {
				b.WriteString("\n        " + quote(last(c.Name)+":"+c.Help))
			}
			b.WriteString(")\n      _describe command list\n")
		case k == words:
			b.WriteString("      compadd -- " + strings.Join(list, " ") + "\n")
		case k == files:
			b.WriteString("      _files\n")
		default:
			b.WriteString("      :\n")
		}
		b.WriteString("    fi ;;\n")
	}
	b.WriteString("  esac\n}\nif [[ $funcstack[1] == _rql ]]; then _rql \"$@\"; else compdef _rql rql; fi\n")
}

func fish(b *strings.Builder, root *args.Description) {
	b.WriteString("# Completion of rql for fish, made by rql completion fish.\ncomplete -c rql -f\n")
	for _, d := range all(root) {
		when := "__fish_use_subcommand"
		if d != root {
			when = ""
			for _, w := range strings.Fields(d.Name) {
				when += "; and __fish_seen_subcommand_from " + w
			}
			when = strings.TrimPrefix(when, "; and ")
			for _, c := range root.Commands { // rql migrate check is not rql check
				if slices.ContainsFunc(c.Commands, func(x args.Description) bool { return last(x.Name) == d.Name }) {
					when += "; and not __fish_seen_subcommand_from " + c.Name
				}
			}
		}
		var names []string
		for _, c := range d.Commands {
			names = append(names, last(c.Name))
		}
		free := when
		if d != root && len(names) > 0 {
			free += "; and not __fish_seen_subcommand_from " + strings.Join(names, " ")
		}
		for _, c := range d.Commands {
			fmt.Fprintf(b, "complete -c rql -n %s -a %s -d %s\n", quote(free), last(c.Name), quote(c.Help))
		}
		switch k, list := next(root, d); {
		case len(d.Commands) > 0:
		case k == words:
			fmt.Fprintf(b, "complete -c rql -n %s -a %s\n", quote(when), quote(strings.Join(list, " ")))
		case k == files:
			fmt.Fprintf(b, "complete -c rql -n %s -F\n", quote(when))
		}
		for _, f := range d.Flags {
			fishFlag(b, when, f, d == root && f.Name != "command")
		}
	}
}

func fishFlag(b *strings.Builder, when string, f args.Flag, everywhere bool) {
	b.WriteString("complete -c rql")
	if !everywhere {
		b.WriteString(" -n " + quote(when))
	}
	b.WriteString(" -l " + f.Name)
	if f.Short != "" {
		b.WriteString(" -s " + f.Short)
	}
	if f.Value != "" {
		switch k, list := valueOf(f.Value); k {
		case files:
			b.WriteString(" -r -F")
		case folders:
			b.WriteString(" -x -a '(__fish_complete_directories)'")
		case words:
			b.WriteString(" -x -a " + quote(strings.Join(list, " ")))
		default:
			b.WriteString(" -x")
		}
	}
	b.WriteString(" -d " + quote(f.Help) + "\n")
}
