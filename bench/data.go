package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/importer"
	"github.com/rql-lang/rql/lang"
)

const (
	space     = "rqlbench" // namespace of RQL's keys
	handSpace = "rqlbenchh:"
	docs      = 20000
	accounts  = 2000
)

// models are the measured models: eight fields, a numeric index on rank, a text
// index on city.
const models = `
MODEL User { id string KEY, name string, email string, rank int INDEX, city string INDEX, score float,
  banned bool DEFAULT false, visits int DEFAULT 0 };
MODEL Load { id string KEY, name string, email string INDEX, rank int INDEX, city string INDEX, score float,
  banned bool DEFAULT false, visits int DEFAULT 0 };
MODEL Account { id string KEY, owner string, balance int INDEX, moves int DEFAULT 0 };
MODEL Queue { id string KEY, jobs pqueue<string> }`

// user is a document as a Go struct.
type user struct {
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	Email  string  `json:"email"`
	Rank   int64   `json:"rank"`
	City   string  `json:"city"`
	Score  float64 `json:"score"`
	Banned bool    `json:"banned"`
	Visits int64   `json:"visits"`
}

var cities = []string{"Berlin", "Paris", "Rome", "Oslo", "Madrid", "Vienna", "Lisbon", "Prague", "Dublin", "Warsaw"}

func userAt(i int) user {
	n := strconv.Itoa(i)
	return user{ID: fmt.Sprintf("u%06d", i), Name: "Name " + n, Email: "mail" + n + "@example.com", Rank: int64(i),
		City: cities[i*7%len(cities)], Score: float64(i%1000) / 8, Banned: i%20 == 0, Visits: int64(i % 50)}
}

// bench is a server with the same data twice: RQL's and that of the
// hand-written code.
type bench struct {
	hand   *redis.Client
	db     *rql.DB
	engine *exec.Engine
	files  string // directory of the files to be imported
	create *redis.Script
	move   *redis.Script
	many   *redis.Script
}

func newBench(ctx context.Context, url string) (*bench, error) {
	opt, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("the server's URL: %w", err)
	}
	opt.DisableIdentity = true
	b := &bench{hand: redis.NewClient(opt), create: redis.NewScript(createScript), move: redis.NewScript(moveScript), many: redis.NewScript(manyScript)}
	if err := b.clear(ctx, space+"*"); err != nil {
		return nil, err
	}
	if b.db, err = rql.Open(ctx, url, rql.WithNamespace(space)); err != nil {
		return nil, err
	}
	if b.engine, err = exec.Open(ctx, url, exec.Options{Namespace: space}); err != nil {
		return nil, err
	}
	if b.files, err = os.MkdirTemp("", "rqlbench"); err != nil {
		return nil, fmt.Errorf("make a directory: %w", err)
	}
	return b, nil
}

// close removes the data.
func (b *bench) close() error {
	err := b.clear(context.Background(), space+"*")
	for _, x := range []io.Closer{b.db, b.engine, b.hand} {
		if cerr := x.Close(); err == nil {
			err = cerr
		}
	}
	if rerr := os.RemoveAll(b.files); err == nil {
		err = rerr
	}
	return err
}

// clear removes the keys that match a pattern.
func (b *bench) clear(ctx context.Context, pattern string) error {
	it := b.hand.Scan(ctx, 0, pattern, 2000).Iterator()
	var keys []string
	flush := func() error {
		if len(keys) == 0 {
			return nil
		}
		err := b.hand.Del(ctx, keys...).Err()
		keys = keys[:0]
		return err
	}
	for it.Next(ctx) {
		if keys = append(keys, it.Val()); len(keys) == 2000 {
			if err := flush(); err != nil {
				return fmt.Errorf("remove keys: %w", err)
			}
		}
	}
	if err := it.Err(); err != nil {
		return fmt.Errorf("look for keys: %w", err)
	}
	return flush()
}

// load declares the models and writes the same documents both ways.
func (b *bench) load(ctx context.Context) error {
	if _, err := b.db.Exec(ctx, models); err != nil {
		return err
	}
	if err := b.importRows(ctx, "User", &users{n: docs}); err != nil {
		return err
	}
	if err := b.handImport(ctx, "User", &users{n: docs}, false); err != nil {
		return err
	}
	if err := b.fillQueues(ctx); err != nil {
		return err
	}
	p := b.hand.Pipeline()
	var list []any
	for i := range accounts {
		id := accountID(i)
		list = append(list, map[string]any{"id": id, "owner": "Owner " + id, "balance": 1000000 + i})
		p.HSet(ctx, handSpace+"Account:"+id, "id", id, "owner", "Owner "+id, "balance", 1000000+i, "moves", 0)
		p.ZAdd(ctx, handSpace+"ids:Account", redis.Z{Member: id})
		p.ZAdd(ctx, handSpace+"ix:Account:balance", redis.Z{Score: float64(1000000 + i), Member: id})
	}
	if _, err := p.Exec(ctx); err != nil {
		return fmt.Errorf("load accounts by hand: %w", err)
	}
	_, err := b.db.Exec(ctx, `CREATE Account $list`, rql.Args{"list": list})
	return err
}

func accountID(i int) string { return fmt.Sprintf("a%05d", i%accounts) }

// importRows runs IMPORT on records in memory or in a file.
func (b *bench) importRows(ctx context.Context, model string, src exec.RowSource) error {
	s := b.engine.NewSession(exec.SessionOptions{Program: true, OpenImport: func(name string, o lang.FileOptions) (exec.RowSource, error) {
		if src == nil {
			return importer.Open(b.files, name, nil, o)
		}
		return src, nil
	}})
	return s.Run(ctx, lang.NewSource("", "IMPORT 'users.json' INTO "+model), nil, func(r *exec.Rows) error { return r.Err() })
}

// writeFile writes the documents as one JSON array.
func (b *bench) writeFile() error {
	list := make([]user, docs)
	for i := range list {
		list[i] = userAt(i)
	}
	text, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("write the documents as JSON: %w", err)
	}
	if err := os.WriteFile(b.path(), text, 0o600); err != nil {
		return fmt.Errorf("write the file to be imported: %w", err)
	}
	return nil
}

func (b *bench) path() string { return b.files + "/users.json" }

// users supplies documents one by one, to IMPORT and to the hand-written code.
type users struct{ i, n int }

// Columns is nil: each record names its own.
func (u *users) Columns() []string { return nil }

// Next returns the next record.
func (u *users) Next() (map[string]any, exec.Pos, error) {
	x, ok := u.next()
	if !ok {
		return nil, exec.Pos{}, io.EOF
	}
	return map[string]any{"id": x.ID, "name": x.Name, "email": x.Email, "rank": x.Rank, "city": x.City, "score": x.Score,
		"banned": x.Banned, "visits": x.Visits}, exec.Pos{Line: u.i, Col: 1}, nil
}

func (u *users) next() (user, bool) {
	if u.i == u.n {
		return user{}, false
	}
	u.i++
	return userAt(u.i - 1), true
}

// Bytes is unknown.
func (u *users) Bytes() (read, total int64) { return 0, 0 }

// Close does nothing.
func (u *users) Close() error { return nil }
