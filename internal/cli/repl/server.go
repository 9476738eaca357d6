package repl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// connect connects to another server; if that fails, the current one is kept.
func (p *prompter) connect(ctx context.Context, url string) (string, error) {
	if url == "" {
		return "", usage("c")
	}
	r, place, closeAll, err := p.o.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	if p.close != nil {
		p.close()
	}
	r.Params = p.runner.Params
	p.runner, p.o.Place, p.close = r, place, closeAll
	p.guard(context.WithoutCancel(ctx))
	return "", nil
}

func (p *prompter) conninfo(ctx context.Context, _ string) (string, error) {
	e := p.runner.Engine()
	fmt.Fprintf(p.o.Out, "server      %s\n", lang.Visible(p.o.Server))
	if info, err := e.Client().Info(ctx, "server").Result(); err == nil {
		for line := range strings.Lines(info) {
			for _, name := range []string{"redis_version", "valkey_version", "redis_mode", "uptime_in_days"} {
				v, ok := strings.CutPrefix(strings.TrimSpace(line), name+":")
				if !ok {
					continue
				}
				if name == "uptime_in_days" {
					name, v = "uptime", "days: "+v
				}
				fmt.Fprintf(p.o.Out, "%-11s %s\n", strings.ReplaceAll(strings.TrimPrefix(name, "redis_"), "_", " "), lang.Visible(v))
			}
		}
	}
	if ns := e.Namespace(); ns != "" {
		fmt.Fprintf(p.o.Out, "namespace   %s\n", lang.Visible(ns))
	}
	if e.Reload(ctx) == nil {
		fmt.Fprintf(p.o.Out, "models      %d\n", len(e.Schema().Names()))
	}
	if p.runner.ReadOnly {
		fmt.Fprintln(p.o.Out, "read-only   statements that change something are rejected")
	}
	return "", nil
}

// maxKeys is the number of keys that are listed.
const maxKeys = 40

func (p *prompter) keys(ctx context.Context, pattern string) (string, error) {
	if pattern == "" {
		pattern = p.own("*")
	}
	list, more, err := p.scan(ctx, pattern, maxKeys)
	if own := p.own(pattern); err == nil && len(list) == 0 && own != pattern {
		list, more, err = p.scan(ctx, own, maxKeys)
	}
	if err != nil {
		return "", err
	}
	for _, k := range list {
		fmt.Fprintln(p.o.Out, "  "+lang.Visible(k))
	}
	switch {
	case more:
		p.out.Note("(%d keys, there are more)", len(list))
	case len(list) == 1:
		p.out.Note("(1 key)")
	default:
		p.out.Note("(%d keys)", len(list))
	}
	return "", nil
}

// own is the name of a key, or a pattern, in the namespace.
func (p *prompter) own(name string) string {
	ns := p.runner.Engine().Namespace()
	if ns == "" || strings.HasPrefix(name, ns+":") {
		return name
	}
	return ns + ":" + name
}

// scan reads at most n keys; more reports whether there are others.
func (p *prompter) scan(ctx context.Context, pattern string, n int) (list []string, more bool, err error) {
	var cursor uint64
	for {
		keys, next, err := p.runner.Engine().Client().Scan(ctx, cursor, pattern, 500).Result()
		if err != nil {
			return nil, false, fmt.Errorf("cannot list keys: %w", err)
		}
		list = append(list, keys...)
		slices.Sort(list)
		list = slices.Compact(list)
		if len(list) > n {
			return list[:n], true, nil
		}
		if cursor = next; cursor == 0 {
			return list, false, nil
		}
	}
}

// peekMembers is the number of members of a key that are shown.
const peekMembers = 20

func (p *prompter) peek(ctx context.Context, key string) (string, error) {
	if key == "" {
		return "", usage("peek")
	}
	key = strings.Trim(key, `'"`)
	c := p.runner.Engine().Client()
	kind, err := c.Type(ctx, key).Result()
	if own := p.own(key); err == nil && kind == "none" && own != key {
		key = own
		kind, err = c.Type(ctx, key).Result()
	}
	if err != nil {
		return "", fmt.Errorf("cannot look at %s: %w", key, err)
	}
	if kind == "none" {
		return "", &args.UsageError{Message: "there is no key " + lang.Visible(key), Hint: `\keys lists them`}
	}
	life := "for ever"
	if d, err := c.PTTL(ctx, key).Result(); err == nil && d > 0 {
		life = d.Round(time.Millisecond).String() + " left"
	}
	fmt.Fprintf(p.o.Out, "%s, %s\n", kind, life)
	last := strconv.Itoa(peekMembers - 1)
	command := map[string][]any{
		"string": {"getrange", key, 0, 4095}, "hash": {"hscan", key, 0, "count", peekMembers}, "list": {"lrange", key, 0, last},
		"set": {"sscan", key, 0, "count", peekMembers}, "zset": {"zrange", key, 0, last, "withscores"}, "ReJSON-RL": {"json.get", key},
		"stream": {"xrange", key, "-", "+", "count", peekMembers},
	}[kind]
	if command == nil {
		return "", nil
	}
	return "", p.send(ctx, command, func(reply any) any {
		if scan, ok := reply.([]any); ok && len(scan) == 2 && (kind == "hash" || kind == "set") {
			return scan[1] // without the cursor
		}
		return reply
	})
}

// redis sends a command unchanged.
func (p *prompter) redis(ctx context.Context, line string) (string, error) {
	if line == "" {
		return "", usage("redis")
	}
	if p.runner.ReadOnly {
		return "", &args.UsageError{Message: `\redis could change something, and this session only reads`}
	}
	words, err := splitWords(line)
	if err != nil {
		return "", err
	}
	command := make([]any, len(words))
	for i, w := range words {
		command[i] = w
	}
	return "", p.send(ctx, command, func(reply any) any { return reply })
}

func (p *prompter) send(ctx context.Context, command []any, pick func(reply any) any) error {
	reply, err := p.runner.Engine().Client().Do(ctx, command...).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return &args.UsageError{Message: "the server answers: " + err.Error()}
	}
	var b strings.Builder
	writeReply(&b, pick(reply), "")
	_, err = fmt.Fprint(p.o.Out, b.String())
	return err
}

// writeReply writes a reply of the server as redis-cli does.
func writeReply(b *strings.Builder, reply any, indent string) {
	switch r := reply.(type) {
	case nil:
		b.WriteString("(nil)\n")
	case []any:
		if len(r) == 0 {
			b.WriteString("(empty)\n")
		}
		for i, x := range r {
			if i > 0 {
				b.WriteString(indent)
			}
			n := strconv.Itoa(i+1) + ") "
			b.WriteString(n)
			writeReply(b, x, indent+strings.Repeat(" ", len(n)))
		}
	case map[any]any:
		var list []any
		for k, v := range r {
			list = append(list, k, v)
		}
		writeReply(b, list, indent)
	case int64:
		fmt.Fprintf(b, "(integer) %d\n", r)
	case string:
		fmt.Fprintf(b, "%s\n", lang.Quote(r))
	default:
		fmt.Fprintf(b, "%s\n", lang.Visible(fmt.Sprint(r)))
	}
}

// splitWords splits a command into words; quotes protect spaces.
func splitWords(line string) (words []string, err error) {
	var word strings.Builder
	var quote rune
	begun := false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, begun = r, true
		case quote == 0 && r == ' ':
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 {
		return nil, &args.UsageError{Message: "a quote is not closed"}
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}

// shell runs a shell command.
func (p *prompter) shell(_ context.Context, line string) (string, error) {
	if line == "" {
		return "", usage("!")
	}
	cmd := exec.Command("sh", "-c", line)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = p.o.In, p.o.Out, p.o.Out, os.Environ()
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		p.out.Note("exit status %d", exit.ExitCode())
	} else if err != nil {
		return "", fmt.Errorf("cannot run a shell: %w", err)
	}
	return "", nil
}

// keysPatience is how long completion waits for keys of documents.
const keysPatience = 150 * time.Millisecond

// someKeys returns some keys of documents that begin with a prefix.
func (p *prompter) someKeys(m *ir.Model, prefix string) []string {
	ctx, stop := context.WithTimeout(context.Background(), keysPatience)
	defer stop()
	key := ""
	for _, f := range m.Fields {
		if f.Key && f.Type.Kind == lang.KString {
			key = f.Name
		}
	}
	if key == "" {
		return nil
	}
	list, err := p.runner.Rows(ctx, "FIND "+m.Name+" WHERE @"+key+" STARTS WITH $prefix RETURN @"+key+" LIMIT "+strconv.Itoa(maxKeys), map[string]any{"prefix": prefix})
	if err != nil {
		return nil
	}
	return list
}
