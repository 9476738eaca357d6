package rqltest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/rqltest"
)

// t stands for the *testing.T of a test.
var t = &example{}

// A test's database, and its clock.
func ExampleNew() {
	defer t.end()
	ctx := context.Background()
	db := rqltest.New(t, `MODEL Session { id string KEY, owner string } TTL 30m`)
	_, err := db.Exec(ctx, `CREATE Session { id: 's1', owner: 'ann' }`)
	fmt.Println(err)
	fmt.Println(db.Advance(ctx, time.Hour))
	_, err = rql.One[map[string]any](ctx, db, `GET Session 's1'`)
	fmt.Println("gone:", errors.Is(err, rql.ErrNotFound))
	// Output:
	// <nil>
	// <nil>
	// gone: true
}

// Content is compared as text.
func ExampleDump() {
	defer t.end()
	db := rqltest.New(t, `MODEL User { id string KEY, name string, age int? }`,
		`CREATE User [{ id: 'u2', name: 'Bob' }, { id: 'u1', name: 'Ann', age: 30 }]`)
	fmt.Print(rqltest.Dump(t, db))
	// Output:
	// User {"id":"u1","name":"Ann","age":30}
	// User {"id":"u2","name":"Bob"}
}

// A test in a namespace of its own on a running server.
func ExampleOn() {
	var t *testing.T // of the test
	test := func() {
		db := rqltest.On(t, "redis://localhost:6379", `MODEL User { id string KEY }`)
		_, _ = db.Exec(t.Context(), `CREATE User { id: 'u1' }`)
	}
	_ = test
	// Output:
}

// A test that runs on the embedded server and on the others at hand.
func ExampleEach() {
	_ = func(t *testing.T) {
		rqltest.Each(t, func(t *testing.T, db *rql.DB) {
			if _, err := db.Exec(t.Context(), `CREATE User { id: 'u1' }`); err != nil {
				t.Fatal(err)
			}
		}, `MODEL User { id string KEY }`)
	}
	// Output:
}

// example is a test for the examples, which have none.
type example struct {
	testing.TB
	cleanups []func()
}

func (*example) Helper()               {}
func (*example) Fatal(args ...any)     { panic(fmt.Sprint(args...)) }
func (e *example) Cleanup(f func())    { e.cleanups = append(e.cleanups, f) }
func (*example) Errorf(string, ...any) {}
func (e *example) end() {
	for i := len(e.cleanups) - 1; i >= 0; i-- {
		e.cleanups[i]()
	}
	e.cleanups = nil
}
