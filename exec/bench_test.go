package exec

import (
	"context"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/planner"
)

const benchModels = `
MODEL User { id string KEY, name string, email string, rank int INDEX, city string INDEX, score float, banned bool DEFAULT false, visits int DEFAULT 0 };
MODEL Account { id string KEY, owner string, balance int INDEX }`

const benchTransfer = `ATOMIC <
  LET a = GET Account $from;
  ENSURE a.balance >= $amount ELSE 'insufficient funds';
  UPDATE Account $from SET balance -= $amount;
  UPDATE Account $to SET balance += $amount;
>`

// silent is a client that sends nothing once it is told so: every script has an empty reply, every other command none.
type silent struct {
	redis.UniversalClient
	on bool
}

var emptyReply any = []any{"+", int64(0), []any{}, []any{}, ""}

// Process answers a command without a server.
func (s *silent) Process(ctx context.Context, cmd redis.Cmder) error {
	if !s.on {
		return s.UniversalClient.Process(ctx, cmd)
	}
	if r, ok := cmd.(conn.Unrepeated); ok {
		cmd = r.Cmder
	}
	switch c := cmd.(type) {
	case *redis.Cmd:
		c.SetVal(emptyReply)
	case *conn.Write:
		c.SetVal(emptyReply)
	}
	return nil
}

// benchEngine has the models and a client that sends nothing.
func benchEngine(b *testing.B) *Engine {
	b.Helper()
	srv := miniredis.RunT(b)
	client := &silent{UniversalClient: redis.NewClient(&redis.Options{Addr: srv.Addr()})}
	b.Cleanup(func() { require.NoError(b, client.Close()) })
	e, err := Wrap(context.Background(), client, Options{})
	require.NoError(b, err)
	err = e.Run(context.Background(), benchModels, nil, func(*Rows) error { return nil })
	require.NoError(b, err)
	client.on = true
	return e
}

// BenchmarkCached is what a statement whose plan is known costs from its text
// and arguments to the command that would be sent, and taking an empty reply.
func BenchmarkCached(b *testing.B) {
	for _, x := range []struct {
		name, text string
		args       map[string]any
	}{
		{"update", `UPDATE User $id SET visits += 1`, map[string]any{"id": "u000017"}},
		{"transfer", benchTransfer, map[string]any{"from": "a00017", "to": "a00018", "amount": 3}},
		{"find", `FIND User WHERE rank >= $lo AND rank < $hi`, map[string]any{"lo": 1000, "hi": 1010}},
		{"find city", `FIND User WHERE city = $city LIMIT 10`, map[string]any{"city": "Berlin"}},
		{"create", `CREATE User { id: $id, name: $name, email: $email, rank: 7, city: 'Rome', score: 1.5 }`,
			map[string]any{"id": "u000017", "name": "Ann", "email": "ann@example.com"}},
	} {
		b.Run(x.name, func(b *testing.B) {
			e := benchEngine(b)
			ctx := context.Background()
			drop := func(*Rows) error { return nil }
			require.NoError(b, e.Run(ctx, x.text, x.args, drop))
			b.ReportAllocs()
			for b.Loop() {
				if err := e.Run(ctx, x.text, x.args, drop); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCold parses, checks and plans a text that was never seen.
func BenchmarkCold(b *testing.B) {
	for _, x := range []struct {
		name, text string
		args       map[string]any
	}{
		{"find", `FIND User WHERE rank > 10 AND NOT banned`, nil},
		{"find limit", `FIND User WHERE city = $city ORDER BY rank DESC LIMIT 10`, map[string]any{"city": "Berlin"}},
		{"update", `UPDATE User $id SET visits += 1`, map[string]any{"id": "u000017"}},
		{"transfer", benchTransfer, map[string]any{"from": "a00017", "to": "a00018", "amount": 3}},
		{"indexed", `UPDATE User $id SET rank = $rank`, map[string]any{"id": "u000017", "rank": 3}},
		{"create", `CREATE User { id: $id, name: $name, email: 'a@b', rank: 7, city: 'Rome', score: 1.5 }`, map[string]any{"id": "u000017", "name": "Ann"}},
		{"get", `GET User $id RETURN name, email`, map[string]any{"id": "u000017"}},
		{"delete", `DELETE User $id`, map[string]any{"id": "u000017"}},
		{"loop", `ATOMIC < FOR u IN (FIND User WHERE rank < $r) DO UPDATE User u.id SET visits += 1 END >`, map[string]any{"r": 3}},
	} {
		b.Run(x.name, func(b *testing.B) {
			e := benchEngine(b)
			b.ReportAllocs()
			for b.Loop() {
				prog, diags, _ := compile.Check(b.Context(), lang.NewSource("", x.text), x.args, check.Options{}, e.Schema())
				if diags.Err() != nil {
					b.Fatal(diags)
				}
				if _, err := planner.Build(prog.Stmts[0], prog, e.db.Conn.Caps); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
