package spec

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// explained is a backend that asks EXPLAIN of each statement that runs alone,
// and compares the indexes that it names with those that the server saw touched.
type explained struct {
	*engineBackend
	t     *testing.T
	lines chan string
	asked int
}

// indexKey is a key of an index, of unique values or of the keys of a model, as MONITOR shows it.
var indexKey = regexp.MustCompile(`"[^"]*rql:(ix|uq|ids):([A-Za-z0-9_]+)(?::([^"]+))?"`)

func (b *explained) Exec(ctx context.Context, text string, params map[string]any) ([]Result, error) {
	plan := b.plan(ctx, text, params)
	if plan == "" {
		return b.engineBackend.Exec(ctx, text, params)
	}
	b.until(ctx)
	out, err := b.engineBackend.Exec(ctx, text, params)
	touched := map[string]bool{}
	for _, line := range b.until(ctx) {
		// The keys that a script declares stand in its own line; what it touches, in those it sends.
		if strings.Contains(strings.ToLower(line), `"evalsha`) || strings.Contains(strings.ToLower(line), `"eval`) {
			continue
		}
		for _, m := range indexKey.FindAllStringSubmatch(line, -1) {
			model := b.modelOf(ctx, m[2])
			name := model + "(" + b.indexAt(ctx, model, m[3]) + ")"
			touched[map[string]string{"ix": name, "uq": name, "ids": "keys of " + model}[m[1]]] = true
		}
	}
	for name := range touched {
		if !strings.Contains(plan, name) {
			b.t.Errorf("%s\ntouched %s, which EXPLAIN does not name:\n%s", text, name, plan)
		}
	}
	if len(touched) > 0 {
		b.asked++
	}
	return out, err
}

// modelOf is the name of the model whose keys have a name: that of a renamed model is another one.
func (b *explained) modelOf(ctx context.Context, stored string) string {
	if name, err := b.raw.HGet(ctx, b.prefix+"rql:catalog", "n:"+stored).Result(); err == nil {
		return name
	}
	return stored
}

// indexAt is the name of the index that a key belongs to: one whose fields were
// renamed is stored under the names of before.
func (b *explained) indexAt(ctx context.Context, model, place string) string {
	var d struct{ Places map[string]string }
	text, _ := b.raw.HGet(ctx, b.prefix+"rql:catalog", "m:"+model).Result() // no definition has no such places
	_ = json.Unmarshal([]byte(text), &d)
	fields := strings.Split(place, ",")
	for i, f := range fields {
		for name, at := range d.Places {
			if at == f {
				fields[i] = name
			}
		}
	}
	return strings.Join(fields, ",")
}

// plan is what EXPLAIN says of a text that is one statement; "" where it takes none of the kind.
func (b *explained) plan(ctx context.Context, text string, params map[string]any) string {
	file := parser.Parse(lang.NewSource("", text))
	if len(file.Diags) > 0 || len(file.Stmts) != 1 {
		return ""
	}
	switch file.Stmts[0].(type) {
	case *lang.ExplainStmt, *lang.ModelStmt, *lang.AlterStmt, *lang.DropStmt, *lang.VerifyStmt: // schema statements have no plan
		return ""
	}
	out, err := b.engineBackend.Exec(ctx, "EXPLAIN "+text, params)
	if err != nil || len(out) == 0 {
		return ""
	}
	var lines []string
	for _, row := range out[len(out)-1].Rows {
		line := fmt.Sprint(row[0])
		if strings.TrimSpace(line) == "script:" {
			break
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// until gives the lines of MONITOR up to a marker that it sends.
func (b *explained) until(ctx context.Context) []string {
	b.t.Helper()
	const marker = "spec-marker"
	require.NoError(b.t, b.raw.Echo(ctx, marker).Err())
	var out []string
	for {
		select {
		case line := <-b.lines:
			if strings.Contains(line, marker) {
				return out
			}
			out = append(out, line)
		case <-time.After(10 * time.Second):
			b.t.Fatal("MONITOR is silent")
		}
	}
}

// Every index that a conformance statement reads or changes is one that EXPLAIN names.
func TestExplainNamesWhatIsTouched(t *testing.T) {
	t.Parallel()
	inner := startRedis(t).(*engineBackend)
	b := &explained{engineBackend: inner, t: t, lines: make(chan string, 1<<16)}
	ctx := t.Context()
	o := inner.raw.(*redis.Client).Options()
	conn, err := net.Dial(o.Network, o.Addr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = conn.Write([]byte("MONITOR\r\n"))
	require.NoError(t, err)
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "+OK\r\n", line)
	go func() {
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			b.lines <- line
		}
	}()
	scripts, err := Scripts("run")
	require.NoError(t, err)
	for _, s := range scripts {
		for _, c := range s.Cases {
			if c.unfit(b) != "" {
				continue
			}
			_ = s.each(ctx, c, b, func(*Block, outcome) {})
		}
	}
	t.Logf("%d statements touched an index", b.asked)
	require.Greater(t, b.asked, 300)
}
