package args

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/rql-lang/rql/lang"
)

const overview = `RQL, a query language for Redis.

  rql                                      open the prompt (embedded server, empty, gone at the end)
  rql redis://localhost:6379               open the prompt on a server
  rql -c 'SHOW MODELS' redis://localhost   run statements and exit
  rql run seed.rql --url redis://localhost run a script
  rql help params                          explain a topic: formats params prompt servers statements status

Without a command and without -c, statements are read from standard input when it is no terminal.`

// printHelp prints the help of a command; the help of the program lists the
// commands and the common flags.
func printHelp(o kong.HelpOptions, ctx *kong.Context) error {
	if c := ctx.Selected(); c != nil && c.Name != string(Shell) {
		return kong.DefaultHelpPrinter(o, ctx)
	}
	var b strings.Builder
	b.WriteString(overview + "\n\nCommands:\n")
	flags := ctx.Model.Flags
	for _, c := range ctx.Model.Children {
		if c.Name == string(Shell) {
			flags = append(slices.Clone(c.Flags), flags...)
			continue
		}
		fmt.Fprintf(&b, "  %-26s %s\n", c.Name, c.Help)
	}
	b.WriteString("\nFlags:\n")
	for _, f := range flags {
		name := "    --" + f.Name
		if f.Short != 0 {
			name = fmt.Sprintf("-%c, --%s", f.Short, f.Name)
		}
		if f.PlaceHolder != "" && !f.IsBool() {
			name += " " + f.PlaceHolder
		}
		fmt.Fprintf(&b, "  %-26s %s\n", name, f.Help)
	}
	_, err := io.WriteString(ctx.Stdout, b.String())
	return wrapWrite(err)
}

// Help returns the example of rql run.
func (runCmd) Help() string {
	return `The whole file is parsed and checked before its first statement runs. The first statement that fails ends the script, and the error says how far it came; --keep-going goes on. Several files, and those that they INCLUDE, are checked together before the first one runs, unless one is longer than 1 MiB. A file may
begin with #!/usr/bin/env -S rql run.

Example:

    rql run seed.rql --url redis://localhost:6379 --param day=2001-01-31`
}

// Help returns the example of rql check.
func (checkCmd) Help() string {
	return `Every mistake of every file is shown. Each file may use the models that the others declare, and those of the server; a parameter without a value may have any. Migrations are checked by rql migrate check.

Example:

    rql check seed.rql reports/*.rql --url redis://localhost:6379

Of Go packages, the texts are checked that are constants in calls of package rql, with their parameters and the types that their rows are read into; what no index serves is a warning. The models are those that the packages declare (constants, and embedded *.rql files), or with --url or --data those of a server. Tests are left out. Warnings leave the exit status at 0.

    rql check ./...`
}

// Help returns the example of rql explain.
func (explainCmd) Help() string {
	return `Example:

    rql explain "FIND User WHERE age > 10 ORDER BY age LIMIT 5" --url redis://localhost:6379`
}

// Help returns the example of rql dump.
func (dumpCmd) Help() string {
	return `The dump is a script: MODELs, RESTORE statements with the documents in the order of their keys (ends, revisions, sets and queues too), and PROCEDUREs. Equal data give equal text. rql run makes it again, in any namespace of any server.

Each document is read in one moment, different documents are not: beside writers a dump is no picture of one instant. A file has its name only when it is complete; on standard output the last line is "-- end of the dump". Locks, records of ATOMIC KEY and of migrations are left out.

Example:

    rql dump -o shop.rql.gz redis://localhost:6379
    rql run shop.rql.gz --url redis://localhost:6380`
}

// Help returns the example of rql gen.
func (genCmd) Help() string {
	return `Each MODEL becomes a struct. Each statement below a comment -- name: becomes a function that takes its parameters and returns its rows; statements up to the next such comment belong to it, and the last one gives the rows. All is checked against the models in
the files; no server is asked.

    -- name: OrdersOf :many
    FIND Order WHERE customer = $customer RETURN id, total ORDER BY id;

:many all rows, :one exactly one, :maybe one or none, :page a FIND with LIMIT and AFTER $cursor, :iter rows one by one, :exec no rows but the result.

Example:

    rql gen -o shop/shop.gen.go shop/*.rql
    rql gen --check -o shop/shop.gen.go shop/*.rql`
}

// Help returns the example of rql adopt.
func (adoptCmd) Help() string {
	return `Documents that other programs made become a model where they are; nothing is written but the catalog, and that with --apply only.

Example:

    rql adopt --url redis://localhost:6379
    rql adopt 'user:{id}' User --url redis://localhost:6379 > user.rql
    rql adopt 'user:{id}' User --apply --url redis://localhost:6379`
}

// Help returns the example of rql caps.
func (capsCmd) Help() string {
	return `What RQL can use on a server is found by trying when it is opened, by its answers to this user; spec/servers.md says more of each.

Example:

    rql caps redis://localhost:6379`
}

// Help returns the example of rql lsp.
func (lspCmd) Help() string {
	return `An editor starts it for files *.rql. It shows mistakes with their corrections, completes, explains the word under the cursor, goes to where a model or field is declared, and lays files out. The models are those that the files of the opened folder declare, and with --url or --data those of a server too; both are read again when a file is saved.

Example:

    rql lsp
    rql lsp --url redis://localhost:6379`
}

// Help returns the example of rql mcp.
func (mcpCmd) Help() string {
	return `A program that works with a language model starts it. It has the tools list_models, explain and query, which change nothing: a text with a statement that changes something, or that calls a procedure, is refused as a whole before any of it is run. With --write there is execute too, for everything. No tool reads or writes files. Of each statement at most --max-rows rows are given, and at most 256 KiB of all; what is left out is said. A call ends after a minute.

Documents of a model with REFRESH ON READ live longer by being read here too: a user who may only read (rql doctor gives the rule) prevents that.

Example:

    rql mcp redis://localhost:6379
    rql mcp --write --ns shop redis://localhost:6379`
}

// Help returns the example of rql completion.
func (shellsCmd) Help() string {
	return `The words are those of the commands and their flags, the names of files and folders, formats and topics.

Example:

    source <(rql completion bash)                                   # in ~/.bashrc
    rql completion zsh > "${fpath[1]}/_rql"
    rql completion fish > ~/.config/fish/completions/rql.fish`
}

// Help returns the example of rql man.
func (manCmd) Help() string {
	return `Example:

    rql man > /usr/local/share/man/man1/rql.1
    rql man migrate up | man -l -`
}

// Help returns the example of rql fmt.
func (fmtCmd) Help() string {
	return `Keywords are written in capitals; each statement begins a line, and its clauses do where it has more than 100 columns; the types of fields stand below each other; what stands in a block or a model is indented by two blanks. Comments and the line breaks of the author stay. What is laid out means the same, and laying it out again changes nothing.

Without -l, -d and -w the result goes to standard output. A file that does not parse is left as it is (exit status 2).

Example:

    rql fmt -w migrations
    rql fmt -l . && rql check *.rql`
}

// Help returns the example of rql doctor.
func (doctorCmd) Help() string {
	return `It says what the server can do; whether documents can vanish (eviction, persistence); what a MODEL or ALTER left unfinished; indexes that are not there, or that nothing uses; keys that nothing refers to; the memory of each model; and the smallest ACL rules for a user of this database, to be pasted. Each finding comes with the statement or command that helps. What is wrong within single documents is said by VERIFY.

It only reads. All keys are walked over with SCAN, a thousand at a time; --quick leaves that out. With --format json the report is one object. The exit status is 4 where there is a problem, 0 where there are only warnings.

Example:

    rql doctor redis://localhost:6379`
}

// Help returns the example of rql help.
func (helpCmd) Help() string {
	return `Topics: formats, params, prompt, servers, statements, status.

Example:

    rql help servers`
}

// WriteHelp prints the help of a command or a topic; "" is the program's help.
func WriteHelp(out io.Writer, topic string) error {
	argv := []string{"--help"}
	if topic != "" {
		if text, ok := topics()[topic]; ok {
			_, err := io.WriteString(out, text)
			return wrapWrite(err)
		}
		known := false
		for _, c := range commands() {
			known = known || c == topic
		}
		if !known {
			return unknownTopic(topic)
		}
		argv = []string{topic, "--help"}
	}
	_, err := Parse(argv, out)
	if errors.Is(err, ErrHelp) {
		return nil
	}
	return err
}

func wrapWrite(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot print help: %w", err)
}

func unknownTopic(topic string) error {
	names := Topics()
	if near := lang.Nearest(topic, append(names, commands()...)); near != "" {
		return usagef("did you mean rql help "+near+"?", "there is no help on %q", topic)
	}
	return usagef("topics: "+strings.Join(names, ", ")+"; commands: "+strings.Join(commands(), ", "), "there is no help on %q", topic)
}

// Topics lists the topics of help, sorted.
func Topics() []string { return slices.Sorted(maps.Keys(topics())) }

// TopicTexts has the texts of the topics; the first line of each is its title.
func TopicTexts() map[string]string { return topics() }

func topics() map[string]string {
	return map[string]string{
		"servers": `Which server

  redis://user:password@host:6379/0   a Redis or Valkey server
  rediss://…                          the same over TLS
  unix:///path/to/redis.sock          a server on this machine
  cluster://host:7000,host:7001       a cluster, by some of its nodes; clusters:// over TLS
  sentinel://host:26379?master=NAME   the primary that Sentinels watch; sentinels:// over TLS
  dir:///path/to/directory            data in a directory, like --data: a private redis-server is started for it
  mem://                              the embedded server: empty at the start, gone at the end

The server is taken from the argument (rql URL), from --url, from --data, else from the environment:
RQL_URL, then REDIS_URL. With none the embedded server is used. What was chosen is said on standard error.
?ns=shop behind the address, or --ns shop, puts shop: in front of every key. On a cluster it is needed, and {shop}: is
put there, so that all keys lie in one slot, but for those of models with PARTITION BY: these are spread over 256 slots,
or as many as ?buckets=1024 says before the first of them. ?read_timeout=30s waits longer for an answer, ?retry=1m repeats for
longer what was not carried out while a slot moves or a replica takes over (10s; 0 never). ?wait=1 lets each change wait
until a replica has it; ?read=replica reads from the replicas of a cluster, which may be behind, and ?read=nearest from the
node that answers soonest.

A password need not stand in the address. Without one there it is the content of --password-file, else RQL_PASSWORD,
else REDISCLI_AUTH; -W asks for it, and so does a prompt that the server does not let in.

Over TLS the server's certificate must be that of the host, signed by an authority that this machine knows.
The address, flags and the environment say otherwise; a flag comes first, the environment last:

  ?ca=FILE            --tls-ca           RQL_TLS_CA           authorities that count instead
  ?cert=FILE          --tls-cert         RQL_TLS_CERT         certificate to show to the server
  ?key=FILE           --tls-key          RQL_TLS_KEY          its key, where that file does not hold it
  ?server_name=NAME   --tls-server-name  RQL_TLS_SERVER_NAME  whose certificate is expected
  ?insecure=true      --tls-insecure                          check none: for trying out

  rql -c 'SHOW MODELS' redis://localhost:6379
`,
		"params": `Parameters

--param NAME=VALUE gives $NAME its value. The value is read as RQL reads a literal (42, 2.5, 1h30m, 'text',
true, null, [1, 2]), and as text otherwise, so names and dates need no quotes. A number that must be text
is written in quotes of RQL: --param "zip='94107'".

  rql -c 'FIND User WHERE age > $min AND name = $name' --param min=30 --param name=Ann redis://localhost
`,
		"formats": `Formats of results (--format)

  table   aligned columns for people; cut to the width of a terminal, whole in a pipe
  jsonl   one JSON object a row
  json    one JSON object a statement: {"statement":1,"rows":[…],"count":N,"affected":N,"warnings":[…]}
  csv     a header and the rows of each statement, an empty line between two statements

  mermaid, dot, svg   a picture of the plan, with rql explain only

The plans of EXPLAIN and PROFILE are drawn as trees on a terminal; in json they are trees in "plan",
where a line whose numbers are far from the estimate has "off": true. Pictures outline it in red.
The default is table on a terminal and jsonl otherwise. Results go to standard output, everything else
to standard error. Datetimes are ISO 8601 in UTC; durations are written as in RQL (1h30m); bytes are
base64 in JSON and hexadecimal in tables and CSV; an int64 is text in JSON, since readers of JSON round it.
With json, errors are objects too: {"error":{"code":…,"message":…,"file":…,"line":N,"column":N,"statement":N,"outcome":…}},
each on a line of standard error. A change without rows says on standard error how many documents it changed.

  rql -c 'FIND User' --format csv redis://localhost > users.csv
`,
		"statements": statements(),
		"status": `Exit status

  0    done
  1    a statement failed
  2    wrong usage, or a script that does not parse or check: nothing was run
  3    no connection, or not let in
  4    found something: rql doctor a problem; rql fmt -l or -d, or rql migrate
       status --exit-code, something to be done
  5    outcome unknown: the connection broke after a write was sent
  130  interrupted

  rql check script.rql && rql run script.rql
`,
		"prompt": `The prompt

Enter runs what is complete and ends in ; or in an empty line; what changes, expires or drops documents that are
there (UPDATE, DELETE, EXPIRE, PERSIST, ALTER, DROP) needs the ; in any case. Otherwise Enter begins a line. What is
pasted is text: nothing in it runs before Enter.

` + PromptHelp() + `
The prompt shows the server, its database and the namespace; it is red for a server of another machine that can be
written to. DELETE other than by key, UPDATE with ALL, DROP, and what changes more than 1000 documents are asked about first,
with the number of documents; -y asks nothing. --read-only refuses whatever changes something.

  Tab  complete            ^C   drop the text, or stop the statement that runs
  Up, Down  lines, history ^R   search the history
  Alt-Enter  new line      ^X^E edit in $EDITOR
  ^A ^E ^W ^U ^K ^Y        as in a shell

History is kept in ~/.rql_history (RQL_HISTORY names another file; empty: none). A line that begins with a
blank is not kept, nor is one that seems to hold a password, secret or token.

  rql redis://localhost:6379
`,
	}
}

// statements lists the statements of the language.
func statements() string {
	var b strings.Builder
	b.WriteString("Statements\n\n")
	for _, s := range lang.Statements() {
		fmt.Fprintf(&b, "  %-10s %s\n", s.Head, s.Doc)
		if clauses := s.ClauseWords(); clauses != "" {
			fmt.Fprintf(&b, "  %-10s   %s\n", "", clauses)
		}
	}
	b.WriteString("\nThe clauses of a statement must be in the order shown.\n\n  rql -c 'FIND User WHERE age > 10 ORDER BY age' redis://localhost\n")
	return b.String()
}

// parseError converts kong's error to a usage error that names the remedy.
func parseError(err error, argv []string) error {
	var u *UsageError
	if errors.As(err, &u) {
		return u
	}
	var p *kong.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("command line: %w", err)
	}
	msg := p.Error()
	switch {
	case strings.HasPrefix(msg, "--format: "):
		return usagef("", "%s", strings.TrimPrefix(msg, "--format: "))
	case strings.HasPrefix(msg, "--command: "):
		return usagef("rql -c 'FIND User WHERE age > 10'", "no statement follows -c")
	case strings.Contains(msg, `expected "<file> ..."`):
		return usagef("rql "+argv[commandAt(argv)]+" FILE…, or - for standard input", "no script file is named")
	case strings.Contains(msg, `expected "<statement>"`):
		return usagef("rql explain 'FIND User WHERE age > 10'", "no statement is given")
	case strings.Contains(msg, "unexpected argument"):
		return usagef("put all of a statement in quotes: 'FIND User WHERE age > 10'", "%s", msg)
	}
	return usagef("rql help", "%s", msg)
}

// commandAt finds the word that selected the command.
func commandAt(argv []string) int {
	for i, a := range argv {
		for _, c := range commands() {
			if a == c {
				return i
			}
		}
	}
	return 0
}
