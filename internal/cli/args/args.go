// Package args parses the command line of the program rql: which command, which server, which output. It opens nothing and prints
// only help.
package args

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
)

// ErrHelp is returned by Parse after it printed the requested help.
var ErrHelp = errors.New("help was printed")

// UsageError is an invalid command line. Hint says what to write instead, or is
// "".
type UsageError struct {
	Message string
	Hint    string
}

// Error returns the message without the hint.
func (e *UsageError) Error() string { return e.Message }

func usagef(hint, format string, a ...any) *UsageError {
	return &UsageError{Message: fmt.Sprintf(format, a...), Hint: hint}
}

// Command names the command to run.
type Command string

// The commands. Shell is used when no command is given: it runs the statements
// of -c, or else of standard input.
const (
	Shell   Command = "shell"
	Run     Command = "run"
	Check   Command = "check"
	Explain Command = "explain"
	Adopt   Command = "adopt"
	Infer   Command = "infer"
	Caps    Command = "caps"
	Doctor  Command = "doctor"
	Fmt     Command = "fmt"
	LSP     Command = "lsp"
	MCP     Command = "mcp"
	Shells  Command = "completion"
	Man     Command = "man"
	Gen     Command = "gen"
	Migrate Command = "migrate"
	Dump    Command = "dump"
	Version Command = "version"
	Help    Command = "help"
)

// Args is a parsed command line.
type Args struct {
	Command    Command
	URL        string // of --url or the argument; "" when not given
	Data       string // directory of --data
	Namespace  string
	TLS        address.TLS
	Params     map[string]any
	Format     Format
	NoColor    bool
	Quiet      bool
	ReadOnly   bool
	Pace       conn.Pace // of --max-block and --duty
	Yes        bool      // no questions at a prompt
	Password   string    // file of --password-file, or ""
	Ask        bool      // ask for the password
	Statements []string  // of -c, or the statement of explain
	Files      []string  // of run, check and gen
	KeepGoing  bool
	DryRun     bool
	Analyze    bool   // explain --analyze
	Proposes   bool   // adopt writes a MODEL
	Model      string // of infer: the name of the model, or "" for that of the file
	Topic      string // of help and man; the shell of completion
	Out        string // of gen and dump: the file, or "" for standard output
	Package    string // of gen
	Compare    bool   // gen --check
	Migration  Migration
	Quick      bool // doctor --quick
	List       bool // of fmt: names of files that it would change
	Diff       bool // of fmt
	Write      bool // of fmt and mcp
	MaxRows    int  // of mcp
}

// grammar is the structure that kong fills.
type grammar struct {
	URL           string        `name:"url" placeholder:"URL" help:"Server: redis://, rediss://, unix://, cluster://, sentinel://, dir:// or mem://."`
	Data          string        `placeholder:"DIR" help:"Keep the data in DIR: start a private redis-server for it."`
	NS            string        `name:"ns" placeholder:"NAME" help:"Put NAME: in front of every key."`
	TLSCA         string        `name:"tls-ca" placeholder:"FILE" help:"Authorities that sign the server's certificate (PEM)."`
	TLSCert       string        `name:"tls-cert" placeholder:"FILE" help:"Certificate to show to the server (PEM)."`
	TLSKey        string        `name:"tls-key" placeholder:"FILE" help:"Its key (PEM), where --tls-cert does not hold it."`
	TLSServerName string        `name:"tls-server-name" placeholder:"NAME" help:"Expect the certificate of NAME, not of the host."`
	TLSInsecure   bool          `name:"tls-insecure" help:"Check no certificate: whoever is on the way can read and change everything."`
	Param         []string      `name:"param" sep:"none" placeholder:"NAME=VALUE" help:"Give the parameter $$NAME a value; may be repeated."`
	Format        Format        `placeholder:"FORMAT" help:"table, json, jsonl or csv; of a plan mermaid, dot or svg too. Default: table on a terminal, jsonl otherwise."`
	NoColor       bool          `help:"No colours; NO_COLOR in the environment says the same."`
	Quiet         bool          `short:"q" help:"No notes, counts and progress; errors and warnings still show."`
	ReadOnly      bool          `help:"Refuse statements that change something."`
	MaxBlock      time.Duration `placeholder:"TIME" help:"Long statements: occupy the server for at most about TIME at once (5ms)."`
	Duty          float64       `placeholder:"SHARE" help:"Long statements: occupy the server for at most this share of the time (0.5)."`
	Yes           bool          `short:"y" help:"At a prompt, ask nothing before statements that change much."`
	PasswordFile  string        `placeholder:"FILE" help:"File that holds the password; see rql help servers."`
	AskPassword   bool          `short:"W" help:"Ask for the password."`
	Help          helpFlag      `short:"h" help:"Show help."`
	Version       versionFlag   `short:"V" help:"Show the version."`

	Shell   shellCmd   `cmd:"" default:"withargs" hidden:""`
	Run     runCmd     `cmd:"" help:"Run script files."`
	Check   checkCmd   `cmd:"" help:"Parse and check script files, or the texts in Go packages; run nothing."`
	Explain explainCmd `cmd:"" help:"Show how a statement would run."`
	Gen     genCmd     `cmd:"" help:"Make Go code of models and named statements."`
	Adopt   adoptCmd   `cmd:"" help:"List the documents of other programs, or propose a model for some."`
	Infer   inferCmd   `cmd:"" help:"Propose a model for the records of a CSV, TSV, JSON or JSON Lines file."`
	Caps    capsCmd    `cmd:"" help:"Show what the server was found to do."`
	Fmt     fmtCmd     `cmd:"" help:"Lay script files out in one style."`
	Doctor  doctorCmd  `cmd:"" help:"Examine a database and its server; change nothing."`
	LSP     lspCmd     `cmd:"" name:"lsp" help:"Serve an editor: the Language Server Protocol on standard input and output."`
	MCP     mcpCmd     `cmd:"" name:"mcp" help:"Serve a language model: the Model Context Protocol on standard input and output."`
	Migrate migrateCmd `cmd:"" help:"Carry out numbered files of statements, each once."`
	Dump    dumpCmd    `cmd:"" help:"Write models, documents and procedures as a script that recreates them."`
	Shells  shellsCmd  `cmd:"" name:"completion" help:"Print what makes a shell complete the words of rql."`
	Man     manCmd     `cmd:"" help:"Print a manual page, for man -l."`
	Ver     struct{}   `cmd:"" name:"version" help:"Show the version."`
	HelpCmd helpCmd    `cmd:"" name:"help" help:"Explain a command or a topic."`
}

type shellCmd struct {
	Command []string `short:"c" sep:"none" placeholder:"STATEMENTS" help:"Run statements and exit; may be repeated, in one session."`
	Server  []string `arg:"" optional:"" name:"url" help:"Server to use."` // a list, to detect further words
}

type runCmd struct {
	KeepGoing bool     `help:"Go on with the next statement after one that failed."`
	DryRun    bool     `help:"Show the plans of what would run; change nothing."`
	Files     []string `arg:"" name:"file" help:"Script files; - is standard input."`
}

type checkCmd struct {
	Files []string `arg:"" name:"file" help:"Script files; - is standard input. Or folders of Go packages, or a pattern like ./..."`
}

type explainCmd struct {
	Analyze   bool   `help:"Run it too, and show what it did (PROFILE)."`
	Statement string `arg:"" help:"The statement, in quotes."`
}

type adoptCmd struct {
	Apply   bool   `help:"Test all documents, and declare the model."`
	Pattern string `arg:"" optional:"" help:"Pattern of the names, with the key in braces: user:{id}. Without it the patterns are listed."`
	Name    string `arg:"" optional:"" help:"Name of the model."`
}

type capsCmd struct {
	Server []string `arg:"" optional:"" name:"url" help:"Server to ask."`
}

type doctorCmd struct {
	Quick  bool     `help:"Do not walk over all keys: nothing is said of keys that nothing refers to."`
	Server []string `arg:"" optional:"" name:"url" help:"Server to examine."`
}

type lspCmd struct {
	Stdio bool `hidden:"" help:"Some editors say this; there is no other way."`
}

type mcpCmd struct {
	Write   bool     `help:"Let it change documents and models too."`
	MaxRows int      `default:"100" placeholder:"N" help:"How many rows of a statement it is given at most (100)."`
	Server  []string `arg:"" optional:"" name:"url" help:"Server to use."`
}

type shellsCmd struct {
	Shell string `arg:"" help:"bash, zsh or fish."`
}

type manCmd struct {
	Command []string `arg:"" optional:"" help:"The command; without one the page of rql itself."`
}

type fmtCmd struct {
	List  bool     `short:"l" help:"List the files that are laid out otherwise, and end with 4 if there are any."`
	Diff  bool     `short:"d" help:"Show what would be changed, and end with 4 if anything would."`
	Write bool     `short:"w" help:"Write the files."`
	Files []string `arg:"" optional:"" name:"file" help:"Script files, or folders with *.rql; - is standard input, which is read without any."`
}

type genCmd struct {
	Out     string   `short:"o" placeholder:"FILE" help:"Go file to write; standard output without it."`
	Package string   `placeholder:"NAME" help:"Name of the package; default: that of the folder of the Go file."`
	Check   bool     `help:"Write nothing: end with status 1 if the Go file is not what would be written."`
	Files   []string `arg:"" name:"file" help:"Files with MODEL statements and named statements."`
}

type dumpCmd struct {
	Out    string   `short:"o" placeholder:"FILE" help:"File to write, compressed if its name ends in .gz; standard output without it."`
	Server []string `arg:"" optional:"" name:"url" help:"Server to read."`
}

type helpCmd struct {
	Topic string `arg:"" optional:"" help:"A command or a topic."`
}

type helpFlag bool

// BeforeReset prints the help of the given command.
func (helpFlag) BeforeReset(ctx *kong.Context) error {
	if err := ctx.PrintUsage(false); err != nil {
		return fmt.Errorf("cannot print help: %w", err)
	}
	return ErrHelp
}

type versionFlag bool

var errVersion = errors.New("version asked for")

// BeforeReset ends parsing: --version is used alone.
func (versionFlag) BeforeReset() error { return errVersion }

// options are those of the parser of command lines.
func options(out io.Writer) []kong.Option {
	return []kong.Option{kong.Name("rql"), kong.NoDefaultHelp(), kong.Writers(out, out), kong.Exit(func(int) {}),
		kong.Help(printHelp), kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: 100})}
}

// Parse parses the arguments after the program's name. Help is printed to out,
// and ErrHelp is returned; every other error is a *UsageError.
func Parse(argv []string, out io.Writer) (*Args, error) {
	var g grammar
	k, err := kong.New(&g, options(out)...)
	if err != nil {
		return nil, fmt.Errorf("command line: %w", err)
	}
	argv = commandFirst(argv)
	ctx, err := k.Parse(argv)
	switch {
	case errors.Is(err, ErrHelp):
		return nil, ErrHelp
	case errors.Is(err, errVersion):
		return &Args{Command: Version}, nil
	case err != nil:
		return nil, parseError(err, argv)
	}
	a, err := g.args(strings.Fields(ctx.Command()))
	if err != nil {
		return nil, err
	}
	return a, a.validate()
}

// commandFirst accepts the server before the command, which is also common.
func commandFirst(argv []string) []string {
	if len(argv) < 2 || !strings.Contains(argv[0], "://") || !slices.Contains(commands(), argv[1]) {
		return argv
	}
	return append([]string{argv[1], "--url", argv[0]}, argv[2:]...)
}

// args copies the values for the given command.
func (g *grammar) args(command []string) (*Args, error) {
	params, err := ParseParams(g.Param)
	if err != nil {
		return nil, err
	}
	a := &Args{Command: Command(command[0]), URL: g.URL, Data: g.Data, Namespace: g.NS,
		TLS: address.TLS{CA: g.TLSCA, Cert: g.TLSCert, Key: g.TLSKey, ServerName: g.TLSServerName, Insecure: g.TLSInsecure}, Params: params,
		Format: g.Format, NoColor: g.NoColor, Quiet: g.Quiet,
		ReadOnly: g.ReadOnly, Pace: conn.Pace{MaxBlock: g.MaxBlock, Duty: g.Duty}, Yes: g.Yes, Password: g.PasswordFile, Ask: g.AskPassword}
	switch a.Command {
	case Shell:
		a.Statements = g.Shell.Command
		if err := a.takeServer(g.Shell.Server); err != nil {
			return nil, err
		}
	case Run:
		a.Files, a.KeepGoing, a.DryRun = g.Run.Files, g.Run.KeepGoing, g.Run.DryRun
	case Check:
		a.Files = g.Check.Files
	case Explain:
		a.Statements, a.Analyze = []string{g.Explain.Statement}, g.Explain.Analyze
	case Adopt:
		if err := a.adopt(g.Adopt); err != nil {
			return nil, err
		}
	case Infer:
		a.Files, a.Model = []string{g.Infer.File}, g.Infer.Name
	case Caps:
		if err := a.takeServer(g.Caps.Server); err != nil {
			return nil, err
		}
	case Doctor:
		a.Quick = g.Doctor.Quick
		if err := a.takeServer(g.Doctor.Server); err != nil {
			return nil, err
		}
	case Fmt:
		a.Files, a.List, a.Diff, a.Write = g.Fmt.Files, g.Fmt.List, g.Fmt.Diff, g.Fmt.Write
		if len(a.Files) == 0 {
			a.Files = []string{"-"}
		}
	case Gen:
		a.Files, a.Out, a.Package, a.Compare = g.Gen.Files, g.Gen.Out, g.Gen.Package, g.Gen.Check
	case Dump:
		a.Out = g.Dump.Out
		if err := a.takeServer(g.Dump.Server); err != nil {
			return nil, err
		}
	case Migrate:
		a.Migration = g.Migrate.take(command[1])
	case MCP:
		a.Write, a.MaxRows = g.MCP.Write, g.MCP.MaxRows
		if err := a.takeServer(g.MCP.Server); err != nil {
			return nil, err
		}
	case Shells:
		a.Topic = g.Shells.Shell
		if !slices.Contains(ShellNames(), a.Topic) {
			return nil, usagef("rql completion bash", "%q is no shell whose words are completed: %s are", a.Topic, strings.Join(ShellNames(), ", "))
		}
	case Man:
		a.Topic = strings.Join(g.Man.Command, " ")
	case Help:
		a.Topic = g.HelpCmd.Topic
	}
	return a, nil
}

// adopt builds the statement of rql adopt.
func (a *Args) adopt(c adoptCmd) error {
	const how = "rql adopt 'user:{id}' User"
	switch {
	case strings.Contains(c.Pattern, "://"):
		return usagef("rql adopt --url URL", "%q is a server, where a pattern is expected", address.Redact(c.Pattern))
	case c.Pattern == "" && c.Apply:
		return usagef(how+" --apply", "--apply needs a pattern and the name of a model")
	case c.Pattern != "" && c.Name == "":
		return usagef(how, "the name of the model is missing")
	case c.Pattern == "":
		a.Statements = []string{"ADOPT"}
		return nil
	}
	text := "ADOPT " + lang.Quote(c.Pattern) + " AS " + c.Name
	if c.Apply {
		text += " APPLY"
	}
	a.Statements, a.Proposes = []string{text}, true
	return nil
}

// takeServer finds the server among the words when there is no command.
func (a *Args) takeServer(words []string) error {
	if len(words) == 0 {
		return nil
	}
	s := words[0]
	if err := checkServer(s); err != nil {
		return err
	}
	if len(words) > 1 {
		hint := ""
		if len(a.Statements) > 0 {
			hint = "put all of the statement in quotes: rql -c 'FIND User WHERE age > 10'"
		}
		return usagef(hint, "unexpected argument %q behind the server", words[1])
	}
	if a.URL != "" {
		return usagef("give it once", "the server is given twice: --url and %q", address.Redact(s))
	}
	a.URL = s
	return nil
}

// validate rejects combinations that are not allowed.
func (a *Args) validate() error {
	if a.URL != "" && a.Data != "" {
		return usagef("choose one", "both a server and --data are given")
	}
	if a.Format.Picture() && a.Command != Explain {
		return usagef("rql explain --format "+string(a.Format)+" 'FIND …'", "the format %s shows plans only", a.Format)
	}
	if a.Pace.MaxBlock < 0 {
		return usagef("--max-block 5ms", "--max-block is below zero")
	}
	if !(a.Pace.Duty >= 0 && a.Pace.Duty <= 1) { // NaN is neither
		return usagef("--duty 0.5", "--duty is a share: above 0, and 1 at most")
	}
	if a.Command == Doctor && (a.Format == CSV || a.Format == Table) {
		return usagef("rql doctor --format json", "rql doctor writes text, or json")
	}
	if a.Command == MCP && (a.MaxRows < 1 || a.Write && a.ReadOnly) {
		return usagef("rql mcp --max-rows 100", "--max-rows is at least 1, and --write is not for --read-only")
	}
	if a.Command == Fmt && a.Write && slices.Contains(a.Files, "-") {
		return usagef("rql fmt -w FILE…", "-w writes files, and standard input is none")
	}
	if a.Compare && a.Out == "" {
		return usagef("rql gen --check -o FILE …", "--check needs the Go file to compare with")
	}
	if a.Command == Check && a.Go() && slices.ContainsFunc(a.Files, func(f string) bool { return !isGo(f) }) {
		return usagef("check them one after the other", "script files and Go packages are named together")
	}
	stdin := 0
	for _, f := range a.Files {
		switch {
		case f == "-":
			stdin++
		case strings.Contains(f, "://"):
			return usagef(fmt.Sprintf("rql %s --url URL FILE", a.Command), "%q is a server, where a script file is expected", address.Redact(f))
		}
	}
	if stdin > 1 {
		return usagef("", "standard input (-) can be read only once")
	}
	return nil
}

// Go reports whether the command checks Go packages.
func (a *Args) Go() bool { return slices.ContainsFunc(a.Files, isGo) }

// ShellNames are the shells that complete the words of rql.
func ShellNames() []string { return []string{"bash", "zsh", "fish"} }

// isGo reports whether a name is a pattern of packages, or a directory.
func isGo(name string) bool {
	if strings.HasSuffix(name, "...") {
		return true
	}
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
