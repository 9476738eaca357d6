package pages

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/internal/cli/args"
)

// Manual gives the manual page of a command, in the language of man(7); "" for one that is not known. The page of the program,
// whose name is "", has the texts of topics too.
func Manual(root *args.Description, name, version string, topics map[string]string) string {
	for _, d := range all(root) {
		if d.Name == name {
			return page(root, d, version, topics)
		}
	}
	return ""
}

func page(root, d *args.Description, version string, topics map[string]string) string {
	var b strings.Builder
	title := strings.TrimSpace("rql " + d.Name)
	help := d.Help
	if d == root {
		help = "a query language for Redis."
	}
	fmt.Fprintf(&b, ".TH %s 1 \"\" %s\n", strings.ToUpper(strings.ReplaceAll(title, " ", "\\-")), quoted(version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n.B %s\n", escape(strings.ReplaceAll(title, " ", "-")), escape(strings.TrimSuffix(help, ".")), escape(title))
	for i, c := range d.Commands {
		if i == 0 {
			b.WriteString("[\n")
		} else {
			b.WriteString("|\n")
		}
		fmt.Fprintf(&b, ".B %s\n", escape(last(c.Name)))
	}
	if len(d.Commands) > 0 {
		b.WriteString("]\n")
	}
	for _, a := range d.Args {
		text := strings.ToUpper(a.Name)
		if a.Many {
			text += " ..."
		}
		if a.Optional {
			text = "[" + text + "]"
		}
		fmt.Fprintf(&b, ".I %s\n", escape(text))
	}
	b.WriteString(".SH DESCRIPTION\n" + escape(help) + "\n")
	if d.Detail != "" && d != root {
		paragraphs(&b, d.Detail)
	}
	if len(d.Args) > 0 {
		b.WriteString(".SH ARGUMENTS\n")
		for _, a := range d.Args {
			fmt.Fprintf(&b, ".TP\n.I %s\n%s\n", escape(strings.ToUpper(a.Name)), escape(a.Help))
		}
	}
	if len(d.Commands) > 0 {
		b.WriteString(".SH COMMANDS\n")
		for _, c := range d.Commands {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", escape(last(c.Name)), escape(c.Help))
		}
	}
	flags(&b, "OPTIONS", own(root, d))
	if d == root {
		for _, name := range args.Topics() {
			title, text, _ := strings.Cut(topics[name], "\n")
			fmt.Fprintf(&b, ".SH %s\n.nf\n%s\n.fi\n", quoted(strings.ToUpper(title)), lines(strings.Trim(text, "\n")))
		}
	} else {
		b.WriteString(".SH SEE ALSO\n.BR rql (1),\nwhich has the options of all commands\n")
	}
	return b.String()
}

func flags(b *strings.Builder, title string, list []args.Flag) {
	if len(list) == 0 {
		return
	}
	b.WriteString(".SH " + title + "\n")
	for _, f := range list {
		b.WriteString(".TP\n")
		text := `\fB` + escape("--"+f.Name) + `\fR`
		if f.Short != "" {
			text = `\fB` + escape("-"+f.Short) + `\fR, ` + text
		}
		if f.Value != "" {
			text += ` \fI` + escape(f.Value) + `\fR`
		}
		fmt.Fprintf(b, "%s\n%s\n", text, escape(f.Help))
	}
}

// paragraphs writes a text; what is indented keeps its lines.
func paragraphs(b *strings.Builder, text string) {
	for _, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(p, " ") {
			fmt.Fprintf(b, ".PP\n.nf\n%s\n.fi\n", lines(p))
		} else {
			fmt.Fprintf(b, ".PP\n%s\n", lines(p))
		}
	}
}

func lines(text string) string {
	list := strings.Split(text, "\n")
	for i, l := range list {
		list[i] = escape(l)
	}
	return strings.Join(list, "\n")
}

// escape writes a line so that nothing in it is a request, and a minus is one.
func escape(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

func quoted(s string) string { return `"` + strings.ReplaceAll(escape(s), `"`, `\(dq`) + `"` }
