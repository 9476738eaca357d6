package spec

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	_ "github.com/rql-lang/rql/mem"
)

// engineBackend is the library on a server: every case opens a database with a
// namespace of its own.
type engineBackend struct {
	name string
	url  string // the server, without a query
	// namespace of a case, with %d for its number; in braces it is spread over buckets
	namespace string
	raw       redis.UniversalClient
	own       bool // the server is ours alone: no other key may appear on it
	alike     bool // it differs little from another backend, on which everything runs
	cases     int
	db        *rql.DB
	prefix    string
	space     keyspace.Keys
	cell      cell
	first     bool          // Search is asked wherever it can serve
	flat      bool          // scripts are flat from the first run of a plan
	beside    *exec.Engine  // of the embedded server: another connection, for plain commands
	shift     time.Duration // how much later now() is than the machine's clock
}

// embedded is the library on the embedded server, a fresh one for each case.
func embedded() Backend {
	return &engineBackend{name: "embedded", url: "mem://", namespace: "spec%d", cell: cell{able: true}}
}

// embeddedJSON is the same with every model STORED AS JSON that does not say otherwise.
func embeddedJSON() *engineBackend {
	return &engineBackend{name: "embedded json", url: "mem://", namespace: "spec%d", cell: cell{json: true, able: true, every: 1}}
}

func (b *engineBackend) Name() string         { return b.name }
func (b *engineBackend) Has(what string) bool { return b.cell.has(what) }

func (b *engineBackend) Reset(ctx context.Context) error {
	if err := b.closeDB(); err != nil {
		return err
	}
	b.cases++
	b.shift = 0
	ns := fmt.Sprintf(b.namespace, b.cases)
	b.prefix, b.space = ns+":", keyspace.New(ns)
	b.space.Divide(buckets)
	if b.raw == nil && b.beside == nil { // the embedded server has a name, so that plain commands reach it too
		b.url += fmt.Sprintf("spec-%p", b)
		var err error
		if b.beside, err = exec.Open(ctx, b.url, exec.Options{}); err != nil {
			return err
		}
	}
	if b.beside != nil {
		if err := b.beside.Client().FlushAll(ctx).Err(); err != nil {
			return err
		}
	}
	var options []rql.Option
	if b.raw != nil {
		options = append(options, rql.WithClock(func() time.Time { return time.Now().Add(b.shift) }))
	}
	ctx = conn.WithSearch(ctx, b.first, false)
	if b.flat {
		ctx = conn.WithFlatFirst(ctx)
	}
	settings := "?ns=" + url.QueryEscape(ns)
	if b.space.Spreads() {
		settings += fmt.Sprint("&buckets=", buckets)
	}
	db, err := rql.Open(ctx, b.url+settings, options...)
	b.db = db
	return err
}

// buckets is the number of buckets of a namespace in braces.
const buckets = 8

// within returns the name of a key of the case without its namespace, or that of a bucket; false if it is another's.
func (b *engineBackend) within(key string) (string, bool) {
	if in, ok := b.space.BucketAt(key); ok {
		return strings.TrimPrefix(key, in.Prefix), true
	}
	return strings.CutPrefix(key, b.prefix)
}

func (b *engineBackend) ours(key string) bool {
	_, is := b.within(key)
	return is
}

// Command sends a plain command.
func (b *engineBackend) Command(ctx context.Context, args []string) error {
	all := make([]any, len(args))
	for i, a := range args {
		all[i] = a
	}
	all[1] = b.prefix + args[1]
	if err := b.plain().Do(ctx, all...).Err(); err != redis.Nil {
		return err
	}
	return nil
}

// plain is the server without the library.
func (b *engineBackend) plain() redis.UniversalClient {
	if b.raw != nil {
		return b.raw
	}
	return b.beside.Client()
}

func (b *engineBackend) closeDB() error {
	if b.db == nil {
		return nil
	}
	err := b.db.Close()
	b.db = nil
	return err
}

func (b *engineBackend) Exec(ctx context.Context, text string, params map[string]any) ([]Result, error) {
	args := rql.Args{}
	for k, v := range params {
		args[k] = toGo(v)
	}
	res, err := b.db.Exec(ctx, b.cell.declared(text), args)
	var out []Result
	if res != nil {
		for _, r := range res.Statements() {
			out = append(out, b.cell.result(b.unprefixed(fromResult(r))))
		}
	}
	return out, fromError(err)
}

// unprefixed takes the namespace out of the names of keys that VERIFY gives.
func (b *engineBackend) unprefixed(r Result) Result {
	if r.Kind == "VERIFY" {
		for _, row := range r.Rows {
			for i, v := range row {
				if text, ok := v.(string); ok {
					text = strings.ReplaceAll(text, b.prefix, "")
					for i := range b.space.Buckets() {
						text = strings.ReplaceAll(text, b.space.Bucket(i).Prefix, "")
					}
					row[i] = text
				}
			}
		}
	}
	return r
}

// Advance moves the clock of the embedded server. The time of a real one cannot
// be moved: whatever ends does so sooner instead, and now() is sent later.
func (b *engineBackend) Advance(ctx context.Context, d time.Duration) error {
	if b.beside != nil {
		return b.beside.Advance(d)
	}
	b.shift += d
	keys, err := b.keys(ctx)
	if err != nil {
		return err
	}
	keys = slices.DeleteFunc(keys, func(k string) bool { return !b.ours(k) })
	if !b.space.Spreads() {
		return testredis.Sooner(ctx, b.raw, keys, d)
	}
	for _, k := range keys {
		if err := testredis.Sooner(ctx, b.raw, []string{k}, d); err != nil {
			return err
		}
	}
	return nil
}

// State lists every key of the namespace but the catalog, whose versions differ from run to run.
func (b *engineBackend) State(ctx context.Context) ([]string, error) {
	keys, err := b.keys(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, k := range keys {
		name, ours := b.within(k)
		if !ours || name == "rql:catalog" {
			continue
		}
		line, err := b.describe(ctx, k)
		if err != nil {
			return nil, err
		}
		out = append(out, printable(name)+line)
	}
	return out, nil
}

func (b *engineBackend) keys(ctx context.Context) ([]string, error) {
	var out []string
	var mu sync.Mutex
	list := func(ctx context.Context, c redis.Cmdable) error {
		it := c.Scan(ctx, 0, "*", 1000).Iterator()
		for it.Next(ctx) {
			mu.Lock()
			out = append(out, it.Val())
			mu.Unlock()
		}
		return it.Err()
	}
	if c, many := b.raw.(*redis.ClusterClient); many {
		err := c.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return list(ctx, node) })
		return out, err
	}
	return out, list(ctx, b.plain())
}

// Finish asks that every key lies in the case's namespace, and removes them.
func (b *engineBackend) Finish(ctx context.Context) error {
	if b.raw == nil {
		return nil
	}
	if err := b.cell.dropIndexes(ctx, b.raw, b.ours); err != nil {
		return err
	}
	keys, err := b.keys(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if !b.ours(k) {
			if b.own {
				err = errors.Join(err, fmt.Errorf("the key %q lies outside the namespace", k))
			}
			continue
		}
		if e := b.raw.Unlink(ctx, k).Err(); e != nil {
			return e
		}
	}
	return err
}

func (b *engineBackend) Close() error {
	err := b.closeDB()
	if b.beside != nil {
		err = errors.Join(err, b.beside.Close())
	}
	if b.raw != nil {
		err = errors.Join(err, b.raw.Close())
	}
	return err
}

func fromResult(r *rql.Result) Result {
	out := Result{Kind: r.Kind, Columns: r.Columns, Affected: r.Affected, Cursor: r.Cursor}
	for _, row := range r.Rows {
		values := make([]any, len(row))
		for i, v := range row {
			values[i] = fromGo(v)
		}
		out.Rows = append(out.Rows, values)
	}
	for _, w := range r.Warnings {
		out.Warnings = append(out.Warnings, w.Code)
	}
	return out
}

func fromError(err error) error {
	var many *rql.CheckError
	if errors.As(err, &many) {
		out := make(Errors, len(many.Errors))
		for i, e := range many.Errors {
			out[i] = oneError(e)
		}
		return out
	}
	var one *rql.Error
	if errors.As(err, &one) {
		return oneError(one)
	}
	return err
}

func oneError(e *rql.Error) *Error {
	message := e.Message
	if e.Reason != "" { // as the judge says it
		message += " [" + e.Reason + "]"
	}
	return &Error{Code: lang.Code(e.Code), Stmt: e.Statement, Line: e.Line, Message: message}
}

// toGo gives a value the form in which programs pass it.
func toGo(v any) any {
	switch v := v.(type) {
	case lang.Bytes, lang.Geo, lang.Vector, lang.DateTime, lang.Duration:
		return codec.ToGo(v)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = toGo(x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = toGo(x)
		}
		return out
	}
	return v
}

// fromFloats gives the bytes of a vector.
func fromFloats(v []float32) lang.Vector {
	var out []byte
	for _, f := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(f))
	}
	return lang.Vector(out)
}

// fromGo is the inverse of toGo.
func fromGo(v any) any {
	switch v := v.(type) {
	case []byte:
		return lang.Bytes(v)
	case [2]float64:
		g, _ := codec.MakeGeo(v[0], v[1])
		return g
	case []float32:
		return fromFloats(v)
	case time.Time:
		return lang.DateTime(v.UnixMilli())
	case time.Duration:
		return lang.Duration(v.Milliseconds())
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = fromGo(x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = fromGo(x)
		}
		return out
	}
	return v
}
